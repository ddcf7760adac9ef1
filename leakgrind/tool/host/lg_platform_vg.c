/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_platform_vg.c: lg_platform.h inside Valgrind. */

#include "pub_tool_basics.h"
#include "pub_tool_vki.h"
#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_libcproc.h"
#include "pub_tool_libcsetjmp.h"
#include "pub_tool_libcsignal.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_signals.h"

#include "../../lg_platform.h"
#include "lg_compat.h"
#include "lg_kernel.h"

void* lg_plat_alloc(const HChar* who, SizeT szB)
{
    return VG_(malloc)(who, szB);
}

void* lg_plat_realloc(const HChar* who, void* p, SizeT szB)
{
    return VG_(realloc)(who, p, szB);
}

void lg_plat_free(void* p)
{
    if (p != NULL)
        VG_(free)(p);
}

/* Below this, a table fits the TLB. */
#define HUGE_FROM_SZB ((SizeT)8 << 20)

void* lg_plat_map(SizeT szB)
{
    void* p = lg_compat_shadow_alloc(VG_PGROUNDUP(szB));
    if (p == NULL)
        lg_compat_out_of_memory("leakgrind's tables", szB);
    /* Large tables are read all over: fewer, larger pages mean fewer misses
       in the TLB.  Where the kernel has none to give, nothing is lost. */
    if (szB >= HUGE_FROM_SZB && lg_kernel_allows_all())
        lg_compat_madvise((Addr)p, VG_PGROUNDUP(szB), LG_MADV_HUGEPAGE);
    return p;
}

void lg_plat_unmap(void* p, SizeT szB)
{
    VG_(am_munmap_valgrind)((Addr)p, VG_PGROUNDUP(szB));
}

/* How the processor calculates is as the kernel sets it for the handler of a
   signal, when that is left by a jump; translated code wants it as it was. */
#if defined(VGA_amd64)
typedef struct {
    UShort x87;
    UInt   sse;
} FpControl;

static void get_fp_control(FpControl* fp)
{
    __asm__ volatile("fnstcw %0\n\tstmxcsr %1" : "=m"(fp->x87), "=m"(fp->sse));
}

static void set_fp_control(const FpControl* fp)
{
    __asm__ volatile("fldcw %0\n\tldmxcsr %1" : : "m"(fp->x87), "m"(fp->sse));
}
#elif defined(VGA_arm64)
typedef ULong FpControl;

static void get_fp_control(FpControl* fp)
{
    __asm__ volatile("mrs %0, fpcr" : "=r"(*fp));
}

static void set_fp_control(const FpControl* fp)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(*fp));
}
#endif

typedef struct Guard Guard;
struct Guard {
    VG_MINIMAL_JMP_BUF(jmpbuf);
    Guard*        outer; /* NULL: none is in force around this one */
    volatile Addr faultAddr;
    Bool          wasInCode;
    FpControl     fp;
};

/* Valgrind runs one thread at a time, so one stack of guards is enough. */
static Guard* innermost;

/* Signals under guard.  A fault while its signal is blocked ends the process;
   and blocked it may be, where gdb's command stops a thread that waits in a
   system call: there, the mask is the program's. */
static vki_sigset_t guardedMask;

/* The core's variable: does translated code run?  A search that is called from
   there is not part of it, but the core does not allow to catch faults then. */
extern Bool VG_(in_generated_code);

static void on_guarded_fault(Int sigNo, Addr addr)
{
    (void)sigNo;
    if (innermost == NULL)
        return; /* the core takes it for what it is, a fault of ours */
    /* While a handler runs, all signals are blocked, and leaving it by a jump
       would keep them so. */
    VG_(sigprocmask)(VKI_SIG_SETMASK, &guardedMask, NULL);
    innermost->faultAddr = addr;
    VG_MINIMAL_LONGJMP(innermost->jmpbuf);
}

static UWord signal_bit(Int sigNo)
{
    return (UWord)1 << (sigNo - 1);
}

/* Makes way for faults; returns the mask as it was. */
static vki_sigset_t unblock_faults(void)
{
    const UWord  faults = signal_bit(VKI_SIGSEGV) | signal_bit(VKI_SIGBUS);
    vki_sigset_t set, before;

    VG_(memset)(&set, 0, sizeof set);
    set.sig[0] = faults;
    VG_(sigprocmask)(VKI_SIG_UNBLOCK, &set, &before);
    guardedMask = before;
    guardedMask.sig[0] &= ~faults;
    return before;
}

static Bool is_guarded_mask(const vki_sigset_t* mask)
{
    return mask->sig[0] == guardedMask.sig[0];
}

/* Runs fn under a guard within those that are in force. */
static Bool run_guarded(void (*fn)(void* arg), void* arg, Addr* faultAddr)
{
    Guard g;
    Bool  isThrough;

    g.outer = innermost;
    get_fp_control(&g.fp);
    g.wasInCode = VG_(in_generated_code);
    VG_(in_generated_code) = False;
    innermost = &g;
    isThrough = VG_MINIMAL_SETJMP(g.jmpbuf) == 0;
    if (isThrough)
        fn(arg);
    else {
        set_fp_control(&g.fp);
        *faultAddr = g.faultAddr;
    }
    innermost = g.outer;
    VG_(in_generated_code) = g.wasInCode;
    return isThrough;
}

Bool lg_plat_guarded(void (*fn)(void* arg), void* arg, Addr* faultAddr)
{
    if (innermost != NULL)
        return run_guarded(fn, arg, faultAddr);

    vki_sigset_t    mask = unblock_faults();
    fault_catcher_t before = VG_(set_fault_catcher)(on_guarded_fault);
    Bool            isThrough = run_guarded(fn, arg, faultAddr);

    VG_(set_fault_catcher)(before);
    if (!is_guarded_mask(&mask))
        VG_(sigprocmask)(VKI_SIG_SETMASK, &mask, NULL);
    return isThrough;
}

void lg_plat_sort(void* base, SizeT n, SizeT elemSzB,
                  Int (*cmp)(const void* a, const void* b))
{
    VG_(ssort)(base, n, elemSzB, cmp);
}

UInt lg_plat_snprintf(HChar* buf, UInt szB, const HChar* fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    UInt n = VG_(vsnprintf)(buf, (Int)szB, fmt, args);
    va_end(args);
    return n;
}

UInt lg_plat_millis(void)
{
    return lg_kernel_allows_files() ? VG_(read_millisecond_timer)() : 0;
}

void lg_plat_assert_fail(const HChar* expr, const HChar* file, Int line,
                         const HChar* fn)
{
    VG_(assert_fail)(/*isCore*/ False, expr, file, line, fn, "");
}
