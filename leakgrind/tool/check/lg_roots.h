/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_roots.h: where the search for pointers starts.

   The roots are the registers and live stacks of all threads, and all readable
   and writable memory of the program outside its heap; but not devices, the
   dead parts of stacks, and pages that were never touched. */

#ifndef LG_ROOTS_H
#define LG_ROOTS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_vocab.h"

typedef struct {
    void* opaque;
    /* A register of thread tid (its name is for messages). */
    void (*word)(void* opaque, ThreadId tid, const HChar* reg, UWord value);
    /* Memory [lo, hi). */
    void (*range)(void* opaque, Addr lo, Addr hi);
} LgRootVisitor;

/* Where the running thread is, which decides what of it is alive. */
typedef enum {
    LgAnywhere,
    LgAtCall, /* a function has just been entered: only the registers that it
                 must preserve are alive */
    LgAtExit  /* the program has ended: the stack of the thread that called
                 exit() is alive from exit's caller upwards */
} LgMoment;

/* Visits all roots of the classes that --roots names. */
void lg_roots_visit(const LgRootVisitor* v, LgMoment moment);

/* For LgMarkHost: the first readable address from `a` on; the highest address
   of all if there is none. */
Addr lg_roots_readable_from(void* opaque, Addr a);

#endif
