/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pytypes_many.c: thousands of types, each with its own name behind a long
   common prefix.  How many others each is compared with cannot be seen from
   outside, so the module is included here, and its tables are looked at. */

#include "../../leakgrind/python/lg_pytypes.c"

#include "check.h"

enum { N = 5000, NAME_SZB = 128, MAX_TYPE_SZB = 512 };

static char names[N][NAME_SZB];
/* The last one is "type". */
static char images[N + 1][MAX_TYPE_SZB] __attribute__((aligned(16)));

static const void* at(void* opaque, Addr a, SizeT szB)
{
    (void)opaque;
    (void)szB;
    return a < 4096 ? NULL : (const void*)a;
}

static const LgPyMem mem = {NULL, at, NULL};

static void put_type(const LgPyLayout* l, UInt i, const char* name, Addr flags)
{
    const struct {
        UInt offset;
        Addr value;
    } fields[] = {{l->ob_type, (Addr)images[N]},
                  {l->tp_name, (Addr)name},
                  {l->tp_basicsize, 16},
                  {l->tp_flags, flags}};

    assert_true(l->sizeof_PyTypeObject <= MAX_TYPE_SZB);
    for (UInt f = 0; f < sizeof fields / sizeof fields[0]; f++)
        memcpy(images[i] + fields[f].offset, &fields[f].value, sizeof(Addr));
}

static void make_types(const LgPyLayout* l)
{
    put_type(l, N, "type", TPFLAGS_TYPE_SUBCLASS);
    for (UInt i = 0; i < N; i++) {
        snprintf(names[i], NAME_SZB, "%0100d.%u", 0, i);
        put_type(l, i, names[i], 0);
    }
}

/* The most slots in a row that are used: no key is compared with more. */
static UInt longest_run(Bool (*isUsed)(const LgPyTypes*, UInt),
                        const LgPyTypes* t, UInt nSlots)
{
    UInt run = 0, longest = 0;

    for (UInt i = 0; i < 2 * nSlots; i++) { /* twice: a run may go round */
        run = isUsed(t, i % nSlots) ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static Bool is_name(const LgPyTypes* t, UInt i)
{
    return t->numbers.slots[i] != 0;
}

static Bool is_address(const LgPyTypes* t, UInt i)
{
    return t->slots[i].address != 0;
}

static void compared_with_few(void)
{
    enum { MAX_RUN = 64 };
    const LgPyLayout* l = lg_pylayout_for(0x030B0000);
    LgPyTypes*        t = lg_pytypes_new();

    make_types(l);
    for (UInt round = 0; round < 2; round++) {
        lg_pytypes_begin(t, &mem, l, (Addr)images[N]);
        for (UInt i = 0; i < N; i++) {
            Addr       block[2] = {1, (Addr)images[i]};
            LgPyObject got;

            assert_true(lg_pytypes_recognise(t, (Addr)block, sizeof block,
                                             &got));
            assert_eq(got.type, i + 1);
            assert_str(lg_pytypes_name(t, got.type), names[i]);
            if (i % 500 == 0)
                lg_pytypes_check(t);
        }
        expect_eq(lg_pytypes_count(t), N);
    }
    UInt byName = longest_run(is_name, t, t->numbers.nSlots);
    UInt byAddress = longest_run(is_address, t, t->nSlots);
    printf("compared with %u names and %u addresses at most\n", byName,
           byAddress);
    expect_true(byName < MAX_RUN);
    expect_true(byAddress < MAX_RUN);
    lg_pytypes_delete(t);
}

int main(void)
{
    check_run(compared_with_few);
    return check_done();
}
