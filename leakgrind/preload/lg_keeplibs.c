/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_keeplibs.c: no library goes away between the end of the program and the
   leak check.

   Before the check, Valgrind has the C library free its own blocks
   (--run-libc-freeres).  When it closes a library of its own then (libgcc_s,
   with which threads end, or a name service), the dynamic linker has already
   forgotten who needs whom, and unmaps whatever was loaded because another
   library needs it.  The pointers in there would be lost, and the names of its
   functions.

   So from then on the dynamic linker's munmap does nothing.  Where Valgrind
   finds no symbols of the dynamic linker (Debian's libc6-dbg has them), all is as
   without this. */

#include <stddef.h>

#include "valgrind.h"

#define FREERES I_WRAP_SONAME_FNNAME_ZU(libcZdsoZa, __libc_freeres)
#define MUNMAP  I_WRAP_SONAME_FNNAME_ZU(ldZhlinuxZa, munmap)

void FREERES(void);
int  MUNMAP(void* start, size_t szB);

static int isEnding;

void FREERES(void)
{
    OrigFn fn;

    VALGRIND_GET_ORIG_FN(fn);
    isEnding = 1;
    CALL_FN_v_v(fn);
}

int MUNMAP(void* start, size_t szB)
{
    OrigFn fn;
    int    result = 0;

    VALGRIND_GET_ORIG_FN(fn);
    if (!isEnding)
        CALL_FN_W_WW(result, fn, start, szB);
    return result;
}
