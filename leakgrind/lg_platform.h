/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_platform.h: everything that base/, engine/ and python/ may ask of their
   surroundings.

   The pure modules (base/, engine/, python/) include this file, their own headers
   and pub_tool_basics.h, and nothing else.  Two implementations exist:
   tool/host/lg_platform_vg.c inside Valgrind, and tests/unit/platform_native.c for
   unit tests, fuzz targets and native experiments.  A port of the pure
   modules to other surroundings means writing these functions again.

   Besides these, a pure module may use memcpy, memmove and memset only
   ("make check" holds the objects to that); they are declared here, because
   inside Valgrind there is no string.h. */

#ifndef LG_PLATFORM_H
#define LG_PLATFORM_H

#include "pub_tool_basics.h"

void* memcpy(void* to, const void* from, SizeT n);
void* memmove(void* to, const void* from, SizeT n);
void* memset(void* to, Int byte, SizeT n);

/* memcpy of a few bytes, whose number the compiler knows, as loads and stores.
   (With -fno-builtin memcpy is always a call, and Valgrind's copies a word in
   halves, for which whoever reads the word then has to wait.) */
#define lg_copy(to, from, n) __builtin_memcpy((to), (from), (n))

/* Memory for bookkeeping.  Never returns NULL: running out of memory ends
   the run with a message.  `who` names the purpose in memory profiles.
   Contents are undefined. */
void* lg_plat_alloc(const HChar* who, SizeT szB);
void* lg_plat_realloc(const HChar* who, void* p, SizeT szB);
void  lg_plat_free(void* p); /* NULL is allowed */

/* Whole pages straight from the kernel: zero-filled, and costing nothing
   until touched.  For arrays of megabytes and more.  `szB` of the unmap must
   be that of the map. */
void* lg_plat_map(SizeT szB);
void  lg_plat_unmap(void* p, SizeT szB);

/* Runs fn(arg) while catching faults (SIGSEGV, SIGBUS) that its reads cause.
   Returns True when fn came to its end.  Returns False when a read faulted:
   fn was left at once, and *faultAddr is the address that could not be read.
   What fn keeps in memory stays as it was at the fault; what it keeps in
   local variables is gone.  fn may run others under guard: a fault is caught
   by the innermost guard.  Afterwards signals are blocked and handled as they
   were before. */
Bool lg_plat_guarded(void (*fn)(void* arg), void* arg, Addr* faultAddr);

/* In-place sort, not necessarily stable. */
void lg_plat_sort(void* base, SizeT n, SizeT elemSzB,
                  Int (*cmp)(const void* a, const void* b));

/* printf into a buffer; always terminates it.  Returns the length the whole
   text has (as snprintf does).  Only %s %d %u %lu %llu %lx %c and the flag '
   (thousands) may be relied on. */
UInt lg_plat_snprintf(HChar* buf, UInt szB, const HChar* fmt, ...)
    PRINTF_CHECK(3, 4);

/* Milliseconds since some fixed point; 0 where the clock cannot be read. */
UInt lg_plat_millis(void);

/* For our own bugs only, never for bad input. */
void lg_plat_assert_fail(const HChar* expr, const HChar* file, Int line,
                         const HChar* fn) __attribute__((noreturn));

#define lg_assert(e)                                                          \
    ((void)(LIKELY(e) ||                                                      \
            (lg_plat_assert_fail(#e, __FILE__, __LINE__, __func__), 0)))

#endif
