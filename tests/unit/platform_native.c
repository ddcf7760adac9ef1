/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform_native.c: lg_platform.h on an ordinary Linux process, for unit
   tests, fuzz targets and measurements of the pure modules. */

#include <execinfo.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../../leakgrind/lg_platform.h"

static void die(const char* what, SizeT szB)
{
    fprintf(stderr, "platform_native: no memory: %s, %lu bytes\n", what, szB);
    abort();
}

void* lg_plat_alloc(const HChar* who, SizeT szB)
{
    void* p = malloc(szB == 0 ? 1 : szB);
    if (p == NULL)
        die(who, szB);
    return p;
}

void* lg_plat_realloc(const HChar* who, void* p, SizeT szB)
{
    p = realloc(p, szB == 0 ? 1 : szB);
    if (p == NULL)
        die(who, szB);
    return p;
}

void lg_plat_free(void* p)
{
    free(p);
}

void* lg_plat_map(SizeT szB)
{
    void* p = mmap(NULL, szB, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        die("map", szB);
    return p;
}

void lg_plat_unmap(void* p, SizeT szB)
{
    if (munmap(p, szB) != 0)
        die("unmap", szB);
}

typedef struct Guard Guard;
struct Guard {
    sigjmp_buf    env;
    Guard*        outer;
    volatile Addr faultAddr;
};

static Guard* innermost;

static void on_fault(int sig, siginfo_t* info, void* context)
{
    (void)context;
    if (innermost == NULL) {
        signal(sig, SIG_DFL); /* our own bug: let it happen */
        return;
    }
    innermost->faultAddr = (Addr)info->si_addr;
    siglongjmp(innermost->env, 1);
}

Bool lg_plat_guarded(void (*fn)(void* arg), void* arg, Addr* faultAddr)
{
    struct sigaction catch, oldSegv, oldBus;
    Guard            g;
    volatile Bool    isThrough;

    g.outer = innermost;
    memset(&catch, 0, sizeof(catch));
    catch.sa_sigaction = on_fault;
    catch.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &catch, &oldSegv);
    sigaction(SIGBUS, &catch, &oldBus);
    innermost = &g;
    isThrough = sigsetjmp(g.env, 1) == 0;
    if (isThrough)
        fn(arg);
    else
        *faultAddr = g.faultAddr;
    innermost = g.outer;
    sigaction(SIGSEGV, &oldSegv, NULL);
    sigaction(SIGBUS, &oldBus, NULL);
    return isThrough;
}

void lg_plat_sort(void* base, SizeT n, SizeT elemSzB,
                  Int (*cmp)(const void* a, const void* b))
{
    qsort(base, n, elemSzB, cmp);
}

UInt lg_plat_snprintf(HChar* buf, UInt szB, const HChar* fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(buf, szB, fmt, args);
    va_end(args);
    return n < 0 ? 0 : (UInt)n;
}

UInt lg_plat_millis(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (UInt)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

void lg_plat_assert_fail(const HChar* expr, const HChar* file, Int line,
                         const HChar* fn)
{
    void* frames[32];
    fprintf(stderr, "%s:%d: %s: assertion failed: %s\n", file, line, fn, expr);
    backtrace_symbols_fd(frames, backtrace(frames, 32), 2);
    abort();
}
