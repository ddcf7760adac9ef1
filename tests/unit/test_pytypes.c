/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pytypes.c: objects and types made by hand, from copies of those of a real
   CPython: torn ones, and what merely looks like them.  test_pytypes_blocks.c
   has all of CPython's own, test_pytypes_names.c what they are called,
   test_pytypes_many.c how long it takes. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include "cpython.h"
#include "ownmaps.h"

#include "../../leakgrind/python/lg_pytypes.h"

static LgPyTypes* types;

/* --- Torn types --------------------------------------------------------------- */

static char image[8][sizeof(PyHeapTypeObject)] __attribute__((aligned(16)));

static void put(Addr at, SizeT offset, Addr value)
{
    memcpy((void*)(at + offset), &value, sizeof value);
}

static Bool is_object(Addr type, Addr pyTypeType)
{
    Addr       block[16] = {1, type};
    LgPyObject got;

    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, pyTypeType);
    Bool isObject = lg_pytypes_recognise(types, (Addr)block, sizeof block,
                                         &got);
    lg_pytypes_check(types);
    return isObject;
}

/* A copy of object's type; the others of `image` are copies of type itself. */
static Addr fresh_type(void)
{
    memcpy(image[0], &PyBaseObject_Type, sizeof(PyTypeObject));
    for (int i = 1; i < 8; i++)
        memcpy(image[i], &PyType_Type, sizeof(PyTypeObject));
    return (Addr)image[0];
}

static void cyclic_and_torn(void)
{
    const LgPyLayout* l = cpython_layout;
    Addr              pyType = (Addr)&PyType_Type;
    Addr              a = fresh_type();

    expect_true(is_object(a, pyType));
    expect_true(is_object(a, 0));
    /* Metatypes: a pair, a ring, one that is its own, one too many. */
    put(a, l->ob_type, (Addr)image[1]);
    put((Addr)image[1], l->ob_type, (Addr)image[2]);
    expect_true(is_object(a, pyType));
    put((Addr)image[2], l->ob_type, (Addr)image[1]);
    expect_false(is_object(a, pyType));
    expect_false(is_object(a, 0));
    put((Addr)image[1], l->ob_type, (Addr)image[1]);
    expect_false(is_object(a, pyType));
    expect_true(is_object(a, 0)); /* it is called "type", as good as that */
    put((Addr)image[1], l->tp_name, (Addr) "typo");
    expect_false(is_object(a, 0));
    fresh_type();
    for (int i = 0; i < 7; i++)
        put((Addr)image[i], l->ob_type, (Addr)image[i + 1]);
    expect_false(is_object(a, pyType));
    put(a, l->ob_type, a);
    expect_false(is_object(a, pyType));

    /* A ring of bases ends. */
    fresh_type();
    put(a, l->tp_base, a);
    expect_true(is_object(a, pyType));
    put(a, l->tp_base, (Addr)image[1]);
    put((Addr)image[1], l->tp_base, a);
    expect_true(is_object(a, pyType));
    put(a, l->tp_base, ~(Addr)7);
    expect_true(is_object(a, pyType));

    static const Addr nonsense[] = {0, 1, 8, 4096, (Addr)1 << 46,
                                    ~(Addr)0, ~(Addr)7, (Addr)1 << 63};
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        expect_false(is_object(nonsense[i], pyType));
        fresh_type();
        put(a, l->ob_type, nonsense[i]);
        expect_false(is_object(a, pyType));
        fresh_type();
        put(a, l->tp_name, nonsense[i]);
        expect_false(is_object(a, pyType));
    }
    fresh_type();
    put(a, l->tp_basicsize, 0);
    expect_false(is_object(a, pyType));
    put(a, l->tp_basicsize, ~(Addr)0);
    expect_false(is_object(a, pyType));
    put(a, l->tp_basicsize, 18 * sizeof(Addr));
    expect_false(is_object(a, pyType)); /* does not fit */
    fresh_type();
    put(a, l->tp_itemsize, ~(Addr)0);
    expect_false(is_object(a, pyType));
    fresh_type();
    put((Addr)image[0], l->tp_name, (Addr) "");
    expect_false(is_object(a, pyType));
    put((Addr)image[0], l->tp_name, (Addr) "a\nb");
    expect_false(is_object(a, pyType));
}

/* A head that is in no list, in one, and in one that does not know of it. */
static void gc_heads(void)
{
    Addr       other[2] = {0, 0};
    Addr       block[8] = {0, 0, 1, (Addr)&PyList_Type};
    LgPyObject got;

    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, (Addr)&PyType_Type);
    expect_true(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    expect_eq(got.objOff, 16);
    block[0] = (Addr)other;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    other[1] = (Addr)block | 3; /* the low bits are flags */
    expect_true(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    block[0] = ~(Addr)7;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    /* The list has forgotten it: as the last one, behind another; alone. */
    other[0] = other[1] = (Addr)other;
    Addr before[2] = {(Addr)block, (Addr)other};
    block[0] = (Addr)other;
    block[1] = (Addr)before;
    expect_true(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    before[0] = (Addr)other;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    block[1] = (Addr)other | 2;
    expect_true(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    block[1] = (Addr)other - 8;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    /* An object without a head does not stand behind one, nor the reverse. */
    block[0] = 1;
    block[1] = (Addr)&PyList_Type;
    block[2] = block[3] = 0;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    block[1] = 0;
    block[2] = 1;
    block[3] = (Addr)&PyLong_Type;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
}

/* A table of keys to the byte, whose index and first hash look like an object
   behind a pre-header and a GC head.  Before 3.11 there is no pre-header, and
   from 3.13 on no such table among objects. */
static void keys_of_a_dict(void)
{
    const LgPyLayout* l = cpython_layout;
    if (l->preheaderFlags == 0 || l->keysInMem)
        return;
    Addr              a = fresh_type();
    Addr              keys[20] = {1, 0, 0, 1, 1, a};
    LgPyObject        got;
    SizeT             szB = l->dk_entries + 8 + 5 * 24;

    put(a, l->tp_flags, Py_TPFLAGS_HAVE_GC | (1 << 4)); /* MANAGED_DICT */
    put(a, l->tp_basicsize, 16);
    keys[2] = 0; /* no list */
    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, (Addr)&PyType_Type);
    expect_true(lg_pytypes_recognise(types, (Addr)keys, szB, &got));
    ((UChar*)keys)[l->dk_log2_size] = 3;
    ((UChar*)keys)[l->dk_log2_index_bytes] = 3;
    expect_false(lg_pytypes_recognise(types, (Addr)keys, szB, &got));
    expect_true(lg_pytypes_recognise(types, (Addr)keys, szB - 24, &got));
}

static void small_blocks(void)
{
    Addr       block[4] = {1, (Addr)&PyBaseObject_Type, 0, 0};
    LgPyObject got;

    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, (Addr)&PyType_Type);
    expect_true(lg_pytypes_recognise(types, (Addr)block, 16, &got));
    for (SizeT szB = 0; szB < 16; szB++)
        expect_false(lg_pytypes_recognise(types, (Addr)block, szB, &got));
    block[0] = (Addr)1 << 50;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 16, &got));
    expect_false(lg_pytypes_recognise(types, 8, 64, &got));
    expect_str(lg_pytypes_name(types, 0), "");
    expect_str(lg_pytypes_name(types, ~0u), "");
}

int main(void)
{
    cpython_start(NULL);
    types = lg_pytypes_new();
    check_run(cyclic_and_torn);
    check_run(gc_heads);
    check_run(keys_of_a_dict);
    check_run(small_blocks);
    lg_pytypes_delete(types);
    return check_done();
}

#endif
