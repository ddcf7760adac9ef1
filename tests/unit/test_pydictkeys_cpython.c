/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pydictkeys_cpython.c: the tables behind the dicts of a real CPython,
   entry by entry. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include "cpython.h"
#include "cpython_hooks.h"

#include "../../leakgrind/python/lg_pydictkeys.h"

static struct {
    unsigned nDicts, nEntries, nSplit, nWithHashes, nWithout, nParked;
} seen;

/* --- Blocks that tables of keys come from ---------------------------------- */

enum { MAX_BLOCKS = 1 << 22 };
static struct {
    Addr  start;
    SizeT szB;
} blocks[MAX_BLOCKS]; /* an open hash; szB 0: it was freed */

static unsigned slot_of(Addr a)
{
    unsigned i = (unsigned)(a * 0x9E3779B97F4A7C15ULL >> 32) % MAX_BLOCKS;
    while (blocks[i].start != 0 && blocks[i].start != a)
        i = (i + 1) % MAX_BLOCKS;
    return i;
}

static void came(void* p, size_t szB)
{
    unsigned i = slot_of((Addr)p);
    blocks[i].start = (Addr)p;
    blocks[i].szB = szB;
}

static void gone(void* p)
{
    unsigned i = slot_of((Addr)p);
    if (blocks[i].start != 0)
        blocks[i].szB = 0;
}

/* --- Comparing -------------------------------------------------------------- */

static Addr word(Addr a)
{
    Addr w;
    memcpy(&w, (void*)a, sizeof w);
    return w;
}

/* The value of entry i: beside its key, or in the array of one that shares its
   keys. */
static Addr value_of(Addr values, Addr i, Addr inEntry)
{
    return values == 0 ? inEntry
                       : word(values + cpython_layout->dictvalues_values +
                              i * sizeof(Addr));
}

/* compare(dict): every entry that CPython tells of, in order, is in ours, and no
   other has a value. */
static PyObject* compare(PyObject* self, PyObject* dict)
{
    const LgPyLayout* l = cpython_layout;
    LgPyDictKeys      keys, same;
    Addr              at = word((Addr)dict + l->ma_keys), i = 0, key, value;
    Addr              values = word((Addr)dict + l->ma_values);
    PyObject *        k, *v;

    (void)self;
    if (!expect_true(lg_pydictkeys_read(&cpython_mem, l, at, &keys)))
        Py_RETURN_NONE;
    seen.nDicts++;
    seen.nSplit += values != 0;
    *(keys.hasHashes ? &seen.nWithHashes : &seen.nWithout) += 1;
    for (Py_ssize_t pos = 0; values == 0 && PyDict_Next(dict, &pos, &k, &v);) {
        do
            if (!expect_true(lg_pydictkeys_entry(&cpython_mem, &keys, i++,
                                                 &key, &value)))
                Py_RETURN_NONE;
        while (value_of(values, i - 1, value) == 0);
        expect_eq(key, (Addr)k);
        expect_eq(value, (Addr)v);
        seen.nEntries++;
    }
    for (; values == 0 && i < keys.nEntries; i++) {
        expect_true(lg_pydictkeys_entry(&cpython_mem, &keys, i, &key, &value));
        expect_eq(value, 0);
    }
    /* In a dict that shares its keys, the order is another. */
    for (i = 0; values != 0 && i < keys.nEntries; i++) {
        expect_true(lg_pydictkeys_entry(&cpython_mem, &keys, i, &key, &value));
        v = key == 0 ? NULL : PyDict_GetItemWithError(dict, (PyObject*)key);
        expect_eq(value_of(values, i, value), (Addr)v);
        seen.nEntries++;
    }
    expect_false(lg_pydictkeys_entry(&cpython_mem, &keys, keys.nEntries, &key,
                                     &value));
    unsigned slot = slot_of(at);
    if (blocks[slot].start == at && blocks[slot].szB > 0) {
        expect_true(lg_pydictkeys_fit(&cpython_mem, l, at, blocks[slot].szB,
                                      &same));
        expect_eq(same.szB, blocks[slot].szB);
        expect_false(lg_pydictkeys_is_parked(&cpython_mem, l, at));
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"compare", compare, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};

static void dicts(void)
{
    cpython_run(
        "import gc, json, re, argparse, email.message, lg\n"
        "class Item:\n"
        "    def __init__(self, n):\n"
        "        for i in range(n): setattr(self, 'a%d' % i, i)\n"
        "keep = [vars(Item(n)) for n in range(28)]\n"
        "some = [Item(3) for i in range(100)]\n"
        "for item in some[::3]: del item.a1\n"
        "keep += [vars(item) for item in some]\n"
        "for n in list(range(40)) + [84, 85, 86, 170, 171, 300, 21845, 21846,\n"
        "                            50000, 100000]:\n"
        "    keep.append({i: str(i) for i in range(n)})\n"
        "    keep.append({str(i): i for i in range(n)})\n"
        "    gone = {str(i): i for i in range(n)}\n"
        "    for i in range(0, n, 2): del gone[str(i)]\n"
        "    keep.append(gone)\n"
        "    gone = {(i,): i for i in range(n)}\n"
        "    for i in range(0, n, 3): del gone[(i,)]\n"
        "    keep.append(gone)\n"
        "    keep.append(dict.fromkeys(range(n)))\n"
        "for d in keep: lg.compare(d)\n"
        "for o in gc.get_objects():\n"
        "    if isinstance(o, dict): lg.compare(o)\n");
    printf("%u dicts, %u entries, %u share keys, %u with hashes\n",
           seen.nDicts, seen.nEntries, seen.nSplit, seen.nWithHashes);
    expect_true(seen.nDicts > 500);
    expect_true(seen.nEntries > 500000);
    expect_true(seen.nSplit > 20);
    if (cpython_layout->dk_size == LG_PY_NONE)
        expect_true(seen.nWithout > 300);
    expect_true(seen.nWithHashes > 100);
}

/* Tables of dicts that are no more, in the free list; each is a block that was
   not freed. */
static void parked(void)
{
    cpython_run("gc.collect()\n"
                "many = [{'a': i} for i in range(200)]\n"
                "del many\n");
    for (unsigned i = 0; i < MAX_BLOCKS; i++) {
        LgPyDictKeys keys;
        if (blocks[i].szB > 0 &&
            lg_pydictkeys_fit(&cpython_mem, cpython_layout, blocks[i].start,
                              blocks[i].szB, &keys))
            seen.nParked += lg_pydictkeys_is_parked(&cpython_mem,
                                                    cpython_layout,
                                                    blocks[i].start);
    }
    printf("%u tables are parked\n", seen.nParked);
    expect_true(seen.nParked >= 40 && seen.nParked <= 80);
}

/* Headers that cannot be. */
static void nonsense(void)
{
    const LgPyLayout* l = cpython_layout;
    Addr              image[64];
    LgPyDictKeys      keys;
    PyObject*         dict = PyDict_New();

    assert_eq(PyDict_SetItemString(dict, "key", Py_None), 0);
    memset(image, 0, sizeof image);
    memcpy(image, (void*)word((Addr)dict + l->ma_keys), l->dk_entries + 8);
    expect_true(lg_pydictkeys_read(&cpython_mem, l, (Addr)image, &keys));
    image[l->dk_nentries / 8] = 6; /* of at most 5 */
    expect_false(lg_pydictkeys_read(&cpython_mem, l, (Addr)image, &keys));
    image[l->dk_nentries / 8] = ~(Addr)0;
    expect_false(lg_pydictkeys_read(&cpython_mem, l, (Addr)image, &keys));
    image[l->dk_nentries / 8] = 1;
    static const Addr sizes[] = {0, 7, 9, 12, ~(Addr)0, (Addr)1 << 63,
                                 (Addr)1 << 48, 0x0303FF, 0x03FF03, 0xFF0303};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        image[1] = sizes[i];
        if (i < 7 ? l->dk_size != LG_PY_NONE : l->dk_size == LG_PY_NONE)
            expect_false(
                lg_pydictkeys_read(&cpython_mem, l, (Addr)image, &keys));
    }
    expect_false(lg_pydictkeys_read(&cpython_mem, l, 8, &keys));
    Py_DECREF(dict);
}

int main(void)
{
    cpython_hook(PY_VERSION_HEX >= 0x030D0000 ? PYMEM_DOMAIN_MEM
                                              : PYMEM_DOMAIN_OBJ,
                 (CpythonHooks){NULL, came, gone});
    cpython_start(methods);
    check_run(dicts);
    check_run(parked);
    check_run(nonsense);
    expect_eq(Py_FinalizeEx(), 0);
    return check_done();
}

#endif
