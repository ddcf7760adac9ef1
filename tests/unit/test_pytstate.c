/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pytstate.c: the forms that compilers give to the function that reads
   the current thread state; and that of the CPython which is installed. */

#include "check.h"

#include "../../leakgrind/python/lg_pytstate.h"

#ifdef LG_WITH_PYTHON
#include "cpython.h"
#endif

/* Code at CODE, and a word (of a GOT) at GOT. */
enum { CODE = 0x400000, GOT = 0x500010 };
#define GOT_WORD ((Addr)0x7001000)

typedef struct {
    const UChar* bytes;
    UInt         n;
} Code;

static const void* code_at(void* opaque, Addr a, SizeT szB)
{
    static const Addr got = GOT_WORD;
    const Code*       c = opaque;

    if (a == GOT && szB == sizeof got)
        return &got;
    return a >= CODE && a + szB <= CODE + c->n ? c->bytes + (a - CODE) : NULL;
}

static LgPyTState find_in(LgPyMachine machine, const void* bytes, UInt n)
{
    Code    c = {bytes, n};
    LgPyMem mem = {&c, code_at, NULL};
    return lg_pytstate_find(&mem, machine, CODE);
}

#define expect_at(machine, bytes, where)                                      \
    do {                                                                      \
        LgPyTState t_ = find_in(machine, bytes, sizeof bytes);                \
        expect_true(t_.isKnown);                                              \
        expect_false(t_.isThreadLocal);                                       \
        expect_eq(t_.at, where);                                              \
    } while (0)
#define expect_local(machine, bytes, where)                                   \
    do {                                                                      \
        LgPyTState t_ = find_in(machine, bytes, sizeof bytes);                \
        expect_true(t_.isKnown);                                              \
        expect_true(t_.isThreadLocal);                                        \
        expect_eq(t_.at, where);                                              \
    } while (0)
#define expect_unknown(machine, bytes)                                        \
    expect_false(find_in(machine, bytes, sizeof bytes).isKnown)

static void amd64_global(void)
{
    /* mov 0x434a89(%rip),%rax; ret */
    const UChar direct[] = {0x48, 0x8B, 0x05, 0x89, 0x4A, 0x43, 0x00, 0xC3};
    expect_at(LgPyAmd64, direct, CODE + 7 + 0x434A89);
    /* endbr64; lea -0x100(%rip),%rax; mov 0x238(%rax),%rax; ret */
    const UChar lea[] = {0xF3, 0x0F, 0x1E, 0xFA, 0x48, 0x8D, 0x05,
                         0x00, 0xFF, 0xFF, 0xFF, 0x48, 0x8B, 0x80,
                         0x38, 0x02, 0x00, 0x00, 0xC3};
    expect_at(LgPyAmd64, lea, CODE + 11 - 0x100 + 0x238);
    /* mov GOT(%rip),%rax; mov 0x240(%rax),%rax; ret */
    const UChar got[] = {0x48, 0x8B, 0x05, 0x09, 0x00, 0x10, 0x00, 0x48,
                         0x8B, 0x80, 0x40, 0x02, 0x00, 0x00, 0xC3};
    expect_at(LgPyAmd64, got, GOT_WORD + 0x240);
    /* the same with an offset of one byte, and of none */
    const UChar got8[] = {0x48, 0x8B, 0x05, 0x09, 0x00, 0x10,
                          0x00, 0x48, 0x8B, 0x40, 0xF8, 0xC3};
    expect_at(LgPyAmd64, got8, GOT_WORD - 8);
    const UChar got0[] = {0x48, 0x8B, 0x05, 0x09, 0x00, 0x10,
                          0x00, 0x48, 0x8B, 0x00, 0xC3};
    expect_at(LgPyAmd64, got0, GOT_WORD);
}

static void amd64_thread_local(void)
{
    /* endbr64; mov %fs:-0x18,%rax; ret */
    const UChar direct[] = {0xF3, 0x0F, 0x1E, 0xFA, 0x64, 0x48, 0x8B,
                            0x04, 0x25, 0xE8, 0xFF, 0xFF, 0xFF, 0xC3};
    expect_local(LgPyAmd64, direct, (Addr)-0x18);
    /* mov GOT(%rip),%rax; mov %fs:(%rax),%rax; ret */
    const UChar got[] = {0x48, 0x8B, 0x05, 0x09, 0x00, 0x10, 0x00, 0x64,
                         0x48, 0x8B, 0x00, 0xC3};
    expect_local(LgPyAmd64, got, GOT_WORD);
}

static void arm64_global(void)
{
    /* bti c; adrp x0, .+0x12345000; ldr x0, [x0, #0x250]; ret */
    const UInt direct[] = {0xD503245F, 0xB0091A20, 0xF9412800, 0xD65F03C0};
    expect_at(LgPyArm64, direct, (Addr)CODE + 0x12345000 + 0x250);
    /* adrp x1, .-0x1000; add x1, x1, #0x120; ldr x0, [x1, #0x250]; ret */
    const UInt add[] = {0xF0FFFFE1, 0x91048021, 0xF9412820, 0xD65F03C0};
    expect_at(LgPyArm64, add, CODE - 0x1000 + 0x120 + 0x250);
}

static void arm64_thread_local(void)
{
    /* mrs x0, tpidr_el0; add x0, x0, #0, lsl #12; add x0, x0, #0x18;
       ldr x0, [x0]; ret */
    const UInt code[] = {0xD53BD040, 0x91400000, 0x91006000, 0xF9400000,
                         0xD65F03C0};
    expect_local(LgPyArm64, code, 0x18);
}

static void other_code(void)
{
    /* push %rax; ... */
    const UChar push[] = {0x50, 0x48, 0x8B, 0x05, 0, 0, 0, 0, 0xC3};
    expect_unknown(LgPyAmd64, push);
    /* a function that goes on where it cannot be read */
    const UChar cut[] = {0x48, 0x8B, 0x05, 0x89, 0x4A};
    expect_unknown(LgPyAmd64, cut);
    /* ret alone; an address and no load */
    const UChar nothing[] = {0xC3};
    expect_unknown(LgPyAmd64, nothing);
    const UChar address[] = {0x48, 0x8D, 0x05, 0x00, 0xFF, 0xFF, 0xFF, 0xC3};
    expect_unknown(LgPyAmd64, address);
    /* a load through a word that cannot be read */
    const UChar loads[] = {0x48, 0x8B, 0x05, 0, 0, 0, 0x10, 0x48,
                           0x8B, 0x00, 0xC3};
    expect_unknown(LgPyAmd64, loads);
    /* endbr64 without end */
    UChar endless[64];
    for (UInt i = 0; i < sizeof endless; i += 4)
        memcpy(&endless[i], "\xF3\x0F\x1E\xFA", 4);
    expect_unknown(LgPyAmd64, endless);
    /* stp x29, x30, [sp, #-16]! */
    const UInt stp[] = {0xA9BF7BFD, 0xD65F03C0};
    expect_unknown(LgPyArm64, stp);
    const UInt ret[] = {0xD65F03C0};
    expect_unknown(LgPyArm64, ret);
}

#ifdef LG_WITH_PYTHON
/* What offsets of thread-local variables are from.  (gcc has
   __builtin_thread_pointer for amd64 since version 11.) */
static Addr thread_pointer(void)
{
    Addr p;
#if defined(__aarch64__)
    __asm__("mrs %0, tpidr_el0" : "=r"(p));
#else
    __asm__("mov %%fs:0, %0" : "=r"(p));
#endif
    return p;
}

/* A library whose variable is found by a call is allowed not to be known. */
static void installed(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    Addr accessor = (Addr)PyThreadState_GetUnchecked;
#else
    Addr accessor = (Addr)_PyThreadState_UncheckedGet;
#endif
#if defined(__aarch64__)
    LgPyMachine machine = LgPyArm64;
#else
    LgPyMachine machine = LgPyAmd64;
#endif
    LgPyTState t = lg_pytstate_find(&cpython_mem, machine, accessor);
    Addr       thread = thread_pointer();

    cpython_start(NULL);
    if (t.isKnown) {
        expect_eq(*(Addr*)(t.at + (t.isThreadLocal ? thread : 0)),
                  (Addr)PyThreadState_Get());
    } else {
        expect_true(PY_VERSION_HEX >= 0x030C0000);
    }
}
#endif

int main(void)
{
    check_run(amd64_global);
    check_run(amd64_thread_local);
    check_run(arm64_global);
    check_run(arm64_thread_local);
    check_run(other_code);
#ifdef LG_WITH_PYTHON
    check_run(installed);
#endif
    return check_done();
}
