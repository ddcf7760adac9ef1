/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pyprove.c: proves a layout on a running CPython, on one whose lists and
   tables are elsewhere, and with each word changed in turn; and the lists of 3.13
   and 3.14 on made-up memory. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include <pthread.h>

#include "cpython.h"
#include "cpython_hooks.h"
#include "ownmaps.h"

#include "../../leakgrind/python/lg_pydebugoffsets.h"
#include "../../leakgrind/python/lg_pyprove.h"

extern char _PyRuntime[];

/* --- Memory in which one word may be another -------------------------------- */

static struct {
    Addr at;
    Addr word;
    Bool isOn;
} changed;

static const void* at_changed(void* opaque, Addr a, SizeT szB)
{
    static char  copies[8][8192];
    static UInt  next;
    const void*  p = ownmaps_mem.at(opaque, a, szB);
    const Addr   lo = changed.at, hi = changed.at + sizeof changed.word;

    if (p == NULL || !changed.isOn || a >= hi || a + szB <= lo ||
        szB > sizeof copies[0])
        return p;
    char* copy = copies[next++ % 8];
    memcpy(copy, p, szB);
    for (Addr b = lo; b < hi; b++)
        if (b >= a && b < a + szB)
            copy[b - a] = ((char*)&changed.word)[b - lo];
    return copy;
}

static const LgPyMem mem = {NULL, at_changed, NULL};

static Addr word_at(Addr a)
{
    Addr word;
    memcpy(&word, (void*)a, sizeof word);
    return word;
}

static void change(Addr at, Addr word)
{
    changed.at = at;
    changed.word = word;
    changed.isOn = True;
}

static void change_int(Addr at, Int n)
{
    Addr word = word_at(at);
    memcpy(&word, &n, sizeof n);
    change(at, word);
}

static void change_back(void)
{
    changed.isOn = False;
}

/* --- The blocks ------------------------------------------------------------- */

enum { N_SLOTS = 1 << 20 };
static Addr blocks[N_SLOTS];
static Bool isIn[N_SLOTS];

static UInt slot_of(Addr a)
{
    UInt i = (UInt)(a * 0x9E3779B97F4A7C15ULL >> 44);
    while (blocks[i] != 0 && blocks[i] != a)
        i = (i + 1) % N_SLOTS;
    return i;
}

static void came(void* p, size_t szB)
{
    UInt i = slot_of((Addr)p);
    (void)szB;
    blocks[i] = (Addr)p;
    isIn[i] = True;
}

static void gone(void* p)
{
    isIn[slot_of((Addr)p)] = False;
}

static Bool is_block(void* unused, Addr a)
{
    (void)unused;
    for (Addr before = 0; before <= 32; before += 16)
        if (isIn[slot_of(a - before)])
            return True;
    return False;
}

/* --- Proofs ----------------------------------------------------------------- */

static LgPyLayout layout;

static LgPyProof proof(const LgPyLayout* l)
{
    return (LgPyProof){
        &mem, l,
        {(Addr)&PyType_Type, (Addr)&PyTuple_Type, (Addr)&PyList_Type,
         (Addr)&PyDict_Type, (Addr)&PyFloat_Type, (Addr)&PyUnicode_Type,
         (Addr)&PyBytes_Type, (Addr)&PyCode_Type},
        is_block, NULL};
}

static void types(void)
{
    LgPyProof p = proof(&layout);

    expect_true(lg_pyprove_types(&p));
    for (UInt i = 0; i < LG_PY_N_STATIC_TYPES; i++) {
        Addr type = p.types[i];
        p.types[i] = (Addr)&PyLong_Type;
        expect_false(lg_pyprove_types(&p));
        p.types[i] = type + 4;
        expect_false(lg_pyprove_types(&p));
        p.types[i] = 0;
        expect_eq(lg_pyprove_types(&p), i != LgPyTypeType);
        p.types[i] = type;
        UInt fields[] = {layout.ob_type, layout.tp_name, layout.tp_basicsize,
                         layout.tp_itemsize};
        for (UInt f = 0; f < 4; f++) {
            change(type + fields[f], 8);
            if (f < 3)
                expect_false(lg_pyprove_types(&p));
            change(type + fields[f], ~(Addr)0);
            expect_false(lg_pyprove_types(&p));
        }
        change_back();
    }
    change((Addr)&PyType_Type + layout.tp_flags, 0);
    expect_false(lg_pyprove_types(&p));
    change_back();
}

/* A layout in which one field is elsewhere. */
static void moved_types(void)
{
#define FIELD(name) offsetof(LgPyLayout, name)
    static const size_t fields[] = {
        FIELD(ob_type), FIELD(tp_name), FIELD(tp_basicsize),
        FIELD(unicode_data), FIELD(bytes_data), FIELD(ma_values),
        FIELD(sizeof_PyObject)};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (int by = -8; by <= 16; by += 8) {
            LgPyLayout l = layout;
            LgPyProof  p = proof(&l);
            *(UInt*)((char*)&l + fields[i]) += (UInt)by;
            if (!expect_eq(lg_pyprove_types(&p), by == 0))
                printf("  field %zu, %d\n", i, by);
        }
    LgPyLayout l;
    LgPyProof  p = proof(&l);
    if (lg_pylayout_with_trace_refs(&layout, &l))
        expect_false(lg_pyprove_types(&p));
}

static Addr thread_pointer(void)
{
    return (Addr)pthread_self(); /* on arm64 a little less than it */
}

static void states(void)
{
    static const size_t fields[] = {
        FIELD(runtime_interpreters_head), FIELD(interp_threads_head),
        FIELD(tstate_interp), FIELD(tstate_thread_id)};
    LgPyProof p = proof(&layout);
    Addr      runtime = (Addr)_PyRuntime, tstate = (Addr)PyThreadState_Get();
    Addr      interp = word_at(tstate + layout.tstate_interp);
    Addr      thread = thread_pointer();

    expect_true(lg_pyprove_states(&p, runtime, tstate, thread));
    expect_true(lg_pyprove_states(&p, runtime, tstate, thread + 1000));
    expect_true(lg_pyprove_states(&p, runtime, tstate, 0));
    expect_false(lg_pyprove_states(&p, runtime, tstate, thread - 8));
    expect_false(lg_pyprove_states(&p, runtime, tstate, thread + 4096));
    expect_false(lg_pyprove_states(&p, runtime, tstate + 8, thread));
    expect_false(lg_pyprove_states(&p, runtime, tstate + 1, thread));
    expect_false(lg_pyprove_states(&p, runtime, 0, thread));
    expect_false(lg_pyprove_states(&p, runtime - 8, tstate, thread));
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (int by = -8; by <= 8; by += 16) {
            if (i == 0 && by > 0)
                continue; /* there is the main interpreter: this one */
            LgPyLayout l = layout;
            LgPyProof  moved = proof(&l);
            *(UInt*)((char*)&l + fields[i]) += (UInt)by;
            expect_false(lg_pyprove_states(&moved, runtime, tstate, thread));
        }
    Addr words[] = {runtime + layout.runtime_interpreters_head,
                    interp + layout.interp_threads_head,
                    tstate + layout.tstate_interp,
                    tstate + layout.tstate_thread_id};
    for (size_t i = 0; i < 4; i++) {
        Addr nonsense[] = {0, 1, 8, ~(Addr)7, runtime, tstate + 8};
        for (size_t k = 0; k < 6; k++) {
            change(words[i], nonsense[k]);
            expect_false(lg_pyprove_states(&p, runtime, tstate, thread));
        }
    }
    /* A ring that the interpreter is not in. */
    change(runtime + layout.runtime_interpreters_head, (Addr)&changed.at);
    expect_false(lg_pyprove_states(&p, runtime, tstate, thread));
    change_back();
}

/* --- Lists up to 3.12 --------------------------------------------------------- */

static LgPyAnswer keys_at(const LgPyProof* p, UInt k, Addr interp, Int by)
{
    (void)k;
    return lg_pyprove_keys(p, interp, by);
}

static LgPyAnswer floats_at(const LgPyProof* p, UInt k, Addr interp, Int by)
{
    (void)k;
    return lg_pyprove_floats(p, interp, by);
}

static Addr interpreter(void)
{
    return word_at((Addr)PyThreadState_Get() + layout.tstate_interp);
}

/* Finds it where it is, and by as much as the layout is beside it. */
static void expect_found(LgPyProveAt at, size_t field, size_t other)
{
    for (int by = -96; by <= 96; by += 8) {
        LgPyLayout l = layout;
        LgPyProof  p = proof(&l);
        Int        found = 1;
        *(UInt*)((char*)&l + field) -= (UInt)by;
        if (other != field)
            *(UInt*)((char*)&l + other) -= (UInt)by;
        expect_true(lg_pyprove_search(&p, at, 0, interpreter(), &found));
        expect_eq(found, by);
    }
}

static void keys(void)
{
    LgPyProof p = proof(&layout);

    if (layout.interp_keys_free_list == LG_PY_NONE)
        return;
    cpython_run("x = [{'k%d' % i: 1} for i in range(60)]; del x[5:]");
    Addr interp = interpreter();
    Addr list = interp + layout.interp_keys_free_list;
    Addr numfree = interp + layout.interp_keys_numfree;
    Int  n = (Int)word_at(numfree);
    expect_true(n > 20 && n <= 80);
    expect_eq(lg_pyprove_keys(&p, interp, 0), LgPyProven);
    expect_found(keys_at, FIELD(interp_keys_free_list),
                 FIELD(interp_keys_numfree));
    for (Int i = 0; i < 80; i++) {
        Addr nonsense[] = {1, ~(Addr)7, 0, (Addr)Py_None, (Addr)&changed};
        for (size_t k = 0; k < 5; k++) {
            change(list + 8 * (Addr)i, nonsense[k]);
            expect_eq(lg_pyprove_keys(&p, interp, 0),
                      k < 2 || i < n ? LgPyWrong : LgPyProven);
        }
    }
    Int counts[] = {-1, 81, 1 << 30, 0};
    for (size_t k = 0; k < 4; k++) {
        change_int(numfree, counts[k]);
        expect_eq(lg_pyprove_keys(&p, interp, 0), k < 3 ? LgPyWrong : LgPyEmpty);
    }
    /* A table that somebody refers to, and a block that is no more. */
    Addr table = word_at(list + 8);
    change(table, 1);
    expect_eq(lg_pyprove_keys(&p, interp, 0), LgPyWrong);
    change_back();
    gone((void*)table);
    expect_eq(lg_pyprove_keys(&p, interp, 0), LgPyWrong);
    came((void*)table, 0);
}

static void floats(void)
{
    LgPyProof p = proof(&layout);

    if (layout.interp_float_free_list == LG_PY_NONE)
        return;
    cpython_run("x = [float(i) for i in range(200, 240)]; del x");
    Addr interp = interpreter();
    Addr first = interp + layout.interp_float_free_list;
    Addr numfree = interp + layout.interp_float_numfree;
    Int  n = (Int)word_at(numfree);
    expect_true(n >= 40 && n <= 100);
    expect_eq(lg_pyprove_floats(&p, interp, 0), LgPyProven);
    expect_found(floats_at, FIELD(interp_float_free_list),
                 FIELD(interp_float_numfree));
    for (Int other = -1; other <= 101; other++) {
        change_int(numfree, other);
        expect_eq(lg_pyprove_floats(&p, interp, 0),
                  other == n ? LgPyProven : LgPyWrong);
    }
    Addr at = first;
    for (Int i = 0; i < n; i++) {
        Addr nonsense[] = {0, 1, ~(Addr)7, word_at(first), (Addr)Py_None};
        for (size_t k = 0; k < 5; k++) {
            change(at, nonsense[k]);
            if (i > 0 || k != 3)
                expect_eq(lg_pyprove_floats(&p, interp, 0), LgPyWrong);
        }
        change_back();
        at = word_at(at) + layout.ob_type;
    }
}

/* --- Tables ----------------------------------------------------------------- */

static void tables(void)
{
    LgPyProof p = proof(&layout);
    Int       by;

    cpython_run("import re, enum\n"
                "class A:\n"
                "    def f(self): return self.f\n"
                "a = A()\n"
                "for i in range(100): a.f(); [].append; ''.join\n");
    for (UInt k = 0; k < LG_PY_MAX_BORROWED; k++) {
        if (layout.borrowed[k].n == 0)
            continue;
        Addr interp = interpreter(), at = interp + layout.borrowed[k].at;
        expect_eq(lg_pyprove_borrowed(&p, k, interp, 0), LgPyProven);
        expect_true(lg_pyprove_search(&p, lg_pyprove_borrowed, k, interp, &by));
        expect_eq(by, 0);
        for (UInt i = 0; i < layout.borrowed[k].n;
             i++, at += layout.borrowed[k].strideB) {
            Bool hasName = layout.borrowed[k].strideB > 8;
            if (word_at(at) == 0)
                continue;
            change(at, word_at(at) | 1);
            expect_eq(lg_pyprove_borrowed(&p, k, interp, 0), LgPyWrong);
            change(hasName ? at - 8 : at, (Addr)&changed);
            expect_eq(lg_pyprove_borrowed(&p, k, interp, 0), LgPyWrong);
            change(hasName ? at - 8 : at, (Addr)Py_None);
            if (hasName)
                expect_eq(lg_pyprove_borrowed(&p, k, interp, 0), LgPyWrong);
        }
        change_back();
        LgPyLayout l = layout;
        LgPyProof  moved = proof(&l);
        l.borrowed[k].at -= 8;
        expect_true(lg_pyprove_search(&moved, lg_pyprove_borrowed, k, interp,
                                      &by));
        expect_eq(by, 8);
    }
}

/* --- Lists from 3.13 on -------------------------------------------------------- */

/* A state with the lists of a version, in blocks that are made up. */
static struct {
    LgPyLayout l;
    LgPyProof  p;
    UChar*     state;
    Addr       parked[256][8];
    UInt       nParked;
} made;

enum { STATE_SZB = 0x10000 };

static void begin_made(ULong version)
{
    const LgPyLayout* row = lg_pylayout_for(version);

    assert_true(row != NULL);
    memset(&made, 0, sizeof made);
    made.l = *row;
    made.p = proof(&made.l);
    made.state = calloc(1, STATE_SZB);
    assert_true(made.state != NULL);
}

static void end_made(void)
{
    for (UInt i = 0; i < made.nParked; i++)
        gone(made.parked[i]);
    free(made.state);
}

/* One more in the list at place i of count k. */
static void park(UInt k, UInt i, const void* type)
{
    const LgPyPlaces* p = &made.l.freeListCounts[k];
    UChar* count = made.state + p->at + i * p->strideB;
    Addr*  parked = made.parked[made.nParked++];
    Addr*  first = (Addr*)(count + p->firstB +
                          (Int)i * (p->firstStrideB - (Int)p->strideB));

    came(parked, sizeof made.parked[0]);
    if (p->nSlots > 0) {
        ((Addr*)count)[(Int)*(UInt*)count - (Int)p->nSlots] = (Addr)parked;
    } else {
        parked[1] = (Addr)type;
        if (type == &PyTuple_Type)
            parked[2] = i - p->firstTuples + 1;
        if (p->link != LG_PY_NONE)
            parked[p->link / sizeof(Addr)] = *first;
        *first = (Addr)parked;
    }
    ++*(UInt*)count;
}

static LgPyAnswer counts_at(const LgPyProof* p, UInt k, Addr state, Int by)
{
    (void)k;
    return lg_pyprove_counts(p, state, by);
}

static LgPyAnswer of_made(void)
{
    return lg_pyprove_counts(&made.p, (Addr)made.state, 0);
}

static void expect_made_found(void)
{
    Int  by;
    UInt at[LG_PY_MAX_FREE_LIST_COUNTS];

    for (int d = -96; d <= 96; d += 8) {
        for (UInt k = 0; k < LG_PY_MAX_FREE_LIST_COUNTS; k++) {
            at[k] = made.l.freeListCounts[k].at;
            made.l.freeListCounts[k].at -= (UInt)d;
        }
        expect_true(lg_pyprove_search(&made.p, counts_at, 0, (Addr)made.state,
                                      &by));
        expect_eq(by, d);
        for (UInt k = 0; k < LG_PY_MAX_FREE_LIST_COUNTS; k++)
            made.l.freeListCounts[k].at = at[k];
    }
}

/* Any word of the lists changed to what it cannot be. */
static void expect_each_word_refused(UInt lo, UInt hi)
{
    for (UInt at = lo; at < hi; at += 8) {
        Addr a = (Addr)made.state + at;
        change(a, 0x123456789ABCDEF1);
        if (!expect_eq(of_made(), LgPyWrong))
            printf("  %#x\n", at);
        if (word_at(a) == 0)
            continue;
        change(a, 0); /* the head or the length of a list that has some */
        expect_eq(of_made(), LgPyWrong);
    }
    change_back();
}

static void lists_of_3_14(void)
{
    begin_made(0x030E08F0);
    const LgPyPlaces* p = &made.l.freeListCounts[0];
    expect_eq(of_made(), LgPyEmpty);
    park(0, 0, &PyFloat_Type);
    park(0, 0, &PyFloat_Type);
    expect_eq(of_made(), LgPyEmpty); /* any list might be that one */
    park(0, 5, &PyTuple_Type);
    expect_eq(of_made(), LgPyProven);
    park(0, 5, &PyTuple_Type);
    park(0, 38, &PyFloat_Type);
    expect_eq(of_made(), LgPyProven);
    expect_made_found();
    expect_each_word_refused(p->at - 8, p->at - 8 + 39 * 16);
    change((Addr)made.state + p->at + 16, ~(Addr)0); /* closed */
    expect_eq(of_made(), LgPyProven);
    change((Addr)made.state + p->at + 5 * 16, ~(Addr)0); /* yet has some */
    expect_eq(of_made(), LgPyWrong);
    change((Addr)made.state + p->at + 16, ~(Addr)1);
    expect_eq(of_made(), LgPyWrong);
    change_back();
    made.parked[3][2]--; /* a tuple of another size */
    expect_eq(of_made(), LgPyWrong);
    made.parked[3][2]++;
    made.parked[3][1] = (Addr)&PyFloat_Type;
    expect_eq(of_made(), LgPyWrong);
    end_made();
}

static void lists_of_3_13(void)
{
    begin_made(0x030D05F0);
    expect_eq(of_made(), LgPyEmpty);
    park(0, 0, &PyFloat_Type);
    park(2, 0, NULL);
    park(5, 0, NULL);
    expect_eq(of_made(), LgPyEmpty);
    park(1, 3, &PyTuple_Type);
    expect_eq(of_made(), LgPyProven);
    park(1, 3, &PyTuple_Type);
    park(1, 0, &PyTuple_Type);
    for (UInt i = 0; i < 80; i++)
        park(4, 0, NULL);
    expect_eq(of_made(), LgPyProven);
    expect_made_found();
    const LgPyPlaces* p = made.l.freeListCounts;
    Addr              state = (Addr)made.state;
    for (UInt k = 0; k < LG_PY_MAX_FREE_LIST_COUNTS; k++)
        for (UInt i = 0; i < p[k].n; i++) {
            Addr at = state + p[k].at + i * p[k].strideB;
            Int  n = (Int)word_at(at), wrong[] = {-2, 5000, n == 0 ? 1 : 0};
            for (UInt w = 0; w < 3; w++) {
                change_int(at, wrong[w]);
                if (w < 2 || (k != 2 && k != 4) || n == 0)
                    expect_eq(of_made(), LgPyWrong);
            }
            change_int(at, -1);
            expect_eq(of_made() == LgPyWrong,
                      n > 0 && p[k].nSlots == 0);
        }
    change(state + p[2].at - 8, 12345); /* beyond the length, but no pointer */
    expect_eq(of_made(), LgPyWrong);
    change(state + p[2].at - 80 * 8, (Addr)Py_None);
    expect_eq(of_made(), LgPyWrong);
    change_back();
    made.parked[3][1] = (Addr)&PyFloat_Type;
    expect_eq(of_made(), LgPyWrong);
    end_made();
}

/* CPython's own, if it has such lists. */
static void lists_of_this(void)
{
    LgPyProof p = proof(&layout);

    if (layout.freeListCounts[0].n == 0 || layout.areFreeListsInTState)
        return;
    cpython_run("x = [(float(i), (i,), [i]) for i in range(50)]; del x");
    expect_eq(lg_pyprove_counts(&p, interpreter(), 0), LgPyProven);
}

int main(void)
{
    cpython_prepare();
    cpython_hook(PYMEM_DOMAIN_MEM, (CpythonHooks){NULL, came, gone});
    cpython_hook(PYMEM_DOMAIN_OBJ, (CpythonHooks){NULL, came, gone});
    cpython_start(NULL);
    layout = *cpython_layout;
    if (PY_VERSION_HEX >= 0x030D0000)
        assert_eq(lg_pydebugoffsets_apply((const UChar*)_PyRuntime,
                                          LG_PY_DEBUG_OFFSETS_SZB,
                                          cpython_layout, &layout),
                  LgPyOffsetsApplied);
    check_run(types);
    check_run(moved_types);
    check_run(states);
    check_run(keys);
    check_run(floats);
    check_run(tables);
    check_run(lists_of_this);
    check_run(lists_of_3_14);
    check_run(lists_of_3_13);
    return check_done();
}

#endif
