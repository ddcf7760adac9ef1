/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pybalance.c: which reference was never given back, for the bugs that
   extensions have.  And on random changes: as many remain as nobody holds. */

#include "../../leakgrind/python/lg_pybalance.h"
#include "check.h"

/* Functions. */
enum { LOOP = 1, TUPLE_DEALLOC, LIST_APPEND, SCALE, GET, BUILD, DEALLOC };

static void expect_left(const LgPySite* sites, const LgPyChange* changes,
                        UInt n, Long unheld, ULong held, const ULong* expected)
{
    ULong left[16];
    lg_pybalance(sites, changes, n, unheld, held, left);
    for (UInt i = 0; i < n; i++)
        if (!expect_eq(left[i], expected[i]))
            printf("  change %u\n", i);
}

/* x = Item(); scale_items(x), which forgets a Py_DECREF; a module holds x. */
static void argument(void)
{
    const LgPySite   sites[] = {{LgPySiteInterpreter, LOOP, False},
                                {LgPySiteInline, SCALE, False}};
    const LgPyChange changes[] = {{0, 30, 29}, {1, 9, 2}};
    expect_left(sites, changes, 2, 7, 1, (const ULong[]){0, 7});
}

/* Py_BuildValue("O", PyLong_FromLong(...)): the tuple gives its own back. */
static void build_value(void)
{
    const LgPySite   sites[] = {{LgPySiteNew, BUILD, False},
                                {LgPySiteCalled, BUILD, False},
                                {LgPySiteInterpreter, TUPLE_DEALLOC, False}};
    const LgPyChange changes[] = {{0, 1, 0}, {1, 1, 0}, {2, 0, 1}};
    expect_left(sites, changes, 3, 1, 0, (const ULong[]){1, 0, 0});
}

/* PyList_Append(list, PyLong_FromLong(...)), and the list still holds it. */
static void append_new(void)
{
    const LgPySite   sites[] = {{LgPySiteNew, BUILD, False},
                                {LgPySiteCalled, BUILD, False}};
    const LgPyChange changes[] = {{0, 1, 0}, {1, 1, 0}};
    expect_left(sites, changes, 2, 1, 1, (const ULong[]){1, 0});
}

/* A getter returns references, which the loop gives back; SCALE keeps 7. */
static void getter(void)
{
    const LgPySite   sites[] = {{LgPySiteInline, GET, False},
                                {LgPySiteInline, SCALE, False},
                                {LgPySiteInterpreter, LOOP, False}};
    const LgPyChange changes[] = {{0, 100, 0}, {1, 7, 0}, {2, 21, 120}};
    expect_left(sites, changes, 3, 7, 1, (const ULong[]){0, 7, 0});
}

/* BUILD returns a new object, and SCALE takes a reference to it: it is the
   interpreter that gives back what was returned. */
static void returned_new(void)
{
    const LgPySite   sites[] = {{LgPySiteNew, BUILD, False},
                                {LgPySiteInline, SCALE, False},
                                {LgPySiteInterpreter, LOOP, False}};
    const LgPyChange changes[] = {{0, 1, 0}, {1, 1, 0}, {2, 2, 3}};
    expect_left(sites, changes, 3, 1, 0, (const ULong[]){0, 1, 0});
}

/* item = PySequence_GetItem(...); ...; Py_DECREF(item), which one path of five
   forgets. */
static void got_item(void)
{
    const LgPySite   sites[] = {{LgPySiteInterpreter, LOOP, False},
                                {LgPySiteCalled, SCALE, False},
                                {LgPySiteInline, SCALE, False}};
    const LgPyChange changes[] = {{0, 2, 1}, {1, 25, 0}, {2, 0, 20}};
    expect_left(sites, changes, 3, 5, 1, (const ULong[]){0, 5, 0});
}

/* What one function of the extension took, its deallocator has given back. */
static void deallocator(void)
{
    const LgPySite   sites[] = {{LgPySiteInline, GET, False},
                                {LgPySiteInline, DEALLOC, False},
                                {LgPySiteCalled, SCALE, False}};
    const LgPyChange changes[] = {{0, 3, 0}, {1, 0, 3}, {2, 3, 0}};
    expect_left(sites, changes, 3, 3, 0, (const ULong[]){0, 0, 3});
}

/* A deallocator that does not release its heap type, which a module holds. */
static void heap_type(void)
{
    const LgPySite   sites[] = {{LgPySiteNew, BUILD, False},
                                {LgPySiteCalled, SCALE, False},
                                {LgPySiteInterpreter, LOOP, False}};
    const LgPyChange changes[] = {{0, 1, 0}, {1, 9, 0}, {2, 4, 2}};
    expect_left(sites, changes, 3, 9, 3, (const ULong[]){0, 9, 0});
}

/* The object was in a list and on the value stack when the watch began, and two
   references were missing already. */
static void watched_late(void)
{
    const LgPySite   sites[] = {{LgPySiteBefore, 0, False},
                                {LgPySiteInline, SCALE, False},
                                {LgPySiteInterpreter, LOOP, False}};
    const LgPyChange changes[] = {{0, 5, 0}, {1, 3, 0}, {2, 6, 8}};
    expect_left(sites, changes, 3, 5, 1, (const ULong[]){2, 3, 0});
}

/* Which of two is to blame, objects that have died can tell. */
static void learned(void)
{
    LgPySite sites[] = {{LgPySiteInline, GET, False},
                        {LgPySiteInline, SCALE, False},
                        {LgPySiteInterpreter, LOOP, False}};
    const LgPyChange changes[] = {{0, 1, 0}, {1, 1, 0}, {2, 1, 1}};
    sites[0].isReturned = True;
    expect_left(sites, changes, 3, 1, 1, (const ULong[]){0, 1, 0});
    sites[0].isReturned = False;
    sites[1].isReturned = True;
    expect_left(sites, changes, 3, 1, 1, (const ULong[]){1, 0, 0});
}

static void released_too_often(void)
{
    LgPySite         sites[] = {{LgPySiteInterpreter, LOOP, False},
                                {LgPySiteInterpreter, LIST_APPEND, False},
                                {LgPySiteInline, SCALE, False},
                                {LgPySiteInline, DEALLOC, True}};
    const LgPyChange changes[] = {
        {0, 9, 11}, {1, 2, 0}, {2, 1, 3}, {3, 0, 5}};
    expect_left(sites, changes, 4, -2, 1, (const ULong[]){0, 0, 2, 0});
    expect_left(sites, changes, 4, -4, 1, (const ULong[]){0, 0, 2, 2});
}

/* All changes are known: then what remains is what nobody holds. */
static void sums(void)
{
    for (int run = 0; run < 20000; run++) {
        LgPySite   sites[12];
        LgPyChange changes[12];
        ULong      left[12], sum = 0, plus = 0, minus = 0;
        UInt       n = 1 + (UInt)rand() % 12;
        for (UInt i = 0; i < n; i++) {
            sites[i] = (LgPySite){(LgPySiteClass)(rand() %
                                                  LG_N_PY_SITE_CLASSES),
                                  1 + (UInt)rand() % 4, rand() % 4 == 0};
            changes[i] = (LgPyChange){i, (ULong)rand() % 5, (ULong)rand() % 5};
            plus += changes[i].plus;
            minus += changes[i].minus;
        }
        if (plus < minus)
            continue;
        ULong held = plus > minus ? (ULong)rand() % (plus - minus + 1) : 0;
        lg_pybalance(sites, changes, n, (Long)(plus - minus - held), held,
                     left);
        for (UInt i = 0; i < n; i++) {
            expect_true(left[i] <= changes[i].plus);
            sum += left[i];
        }
        if (!expect_eq(sum, plus - minus - held))
            return;
    }
}

int main(void)
{
    srand(1);
    check_run(argument);
    check_run(build_value);
    check_run(append_new);
    check_run(getter);
    check_run(returned_new);
    check_run(got_item);
    check_run(deallocator);
    check_run(heap_type);
    check_run(watched_late);
    check_run(learned);
    check_run(released_too_often);
    check_run(sums);
    return check_done();
}
