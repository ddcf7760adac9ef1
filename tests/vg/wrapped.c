/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wrapped.c: wraps functions, as valgrind.h has it.  The first call of each comes
   from the dynamic linker, which has just looked it up. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "valgrind.h"

static int nCalls;

int  I_WRAP_SONAME_FNNAME_ZU(libcZdsoZa, getppid)(void);
long I_WRAP_SONAME_FNNAME_ZU(libcZdsoZa, labs)(long);

int I_WRAP_SONAME_FNNAME_ZU(libcZdsoZa, getppid)(void)
{
    OrigFn fn;
    int    result;

    VALGRIND_GET_ORIG_FN(fn);
    CALL_FN_W_v(result, fn);
    nCalls++;
    return result;
}

long I_WRAP_SONAME_FNNAME_ZU(libcZdsoZa, labs)(long n)
{
    OrigFn fn;
    long   result;

    VALGRIND_GET_ORIG_FN(fn);
    CALL_FN_W_W(result, fn, n);
    nCalls++;
    return result;
}

int main(void)
{
    for (int i = 0; i < 2; i++) {
        int parent = getppid();
        long n = labs(-5 - i);
        printf("%s %ld\n",
               parent == syscall(SYS_getppid) ? "right" : "wrong", n);
    }
    printf("%d calls were wrapped\n", nCalls);
    return 0;
}
