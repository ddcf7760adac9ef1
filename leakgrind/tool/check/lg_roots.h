/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_roots.h: where the search for pointers starts.

   Registers of all threads, their live stacks, and all readable and writable
   memory of the program that is not its heap.  Devices are left alone, dead
   parts of stacks are left out, pages that were never touched are not read. */

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

/* Where the running thread stands, which tells what it still needs. */
typedef enum {
    LgAnywhere,
    LgAtCall, /* a function has just been entered: of the registers, only those
                 count that it must keep */
    LgAtExit  /* the program is over: the thread that called exit() counts from
                 exit's caller upwards */
} LgMoment;

/* Visits all roots of the classes in --roots. */
void lg_roots_visit(const LgRootVisitor* v, LgMoment moment);

/* The first address from `a` on that the program may read; the last address
   of all if there is none.  For LgMarkHost. */
Addr lg_roots_readable_from(void* opaque, Addr a);

#endif
