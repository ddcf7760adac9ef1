/*
   leakgrind.h: requests that a program makes of leakgrind.

   This file alone (not the rest of leakgrind, which is under the GNU General
   Public License) is under the following licence, so that any program may
   include it.

   SPDX-License-Identifier: BSD-3-Clause

   Copyright (C) 2026 The leakgrind developers.

   Redistribution and use in source and binary forms, with or without
   modification, are permitted provided that the following conditions are
   met:

   1. Redistributions of source code must retain the above copyright notice,
      this list of conditions and the following disclaimer.

   2. Redistributions in binary form must reproduce the above copyright
      notice, this list of conditions and the following disclaimer in the
      documentation and/or other materials provided with the distribution.

   3. Neither the name of the copyright holder nor the names of its
      contributors may be used to endorse or promote products derived from
      this software without specific prior written permission.

   THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
   AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
   IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE
   ARE DISCLAIMED.  IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE
   LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR
   CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF
   SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
   INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
   CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE)
   ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
   POSSIBILITY OF SUCH DAMAGE.
*/

/* If the program does not run under leakgrind, the macros do nothing and cost
   a few instructions.  leakgrind also handles the requests of memcheck.h that
   concern leaks and blocks, so programs with these need no changes. */

#ifndef LEAKGRIND_H
#define LEAKGRIND_H

#include "valgrind.h"

/* Compiled programs contain these numbers: never change one; add new ones at
   the end. */
typedef enum {
    LG_USERREQ__DO_LEAK_CHECK = VG_USERREQ_TOOL_BASE('L', 'G'),
    LG_USERREQ__COUNT_LEAKS,
    LG_USERREQ__IS_LEAKGRIND,
    LG_USERREQ__WATCH,
    LG_USERREQ__REFERENCES, /* for leakgrind.py */
    LG_USERREQ__WHY,        /* likewise */
    LG_USERREQ__RETAINED,   /* likewise */
    LG_USERREQ__BEGIN_GROWTH,
    LG_USERREQ__END_GROWTH,
    LG_USERREQ__SNAPSHOT,
    LG_USERREQ__PRINT_WHY
} Lg_ClientRequest;

/* 1 when the program runs under leakgrind, else 0. */
#define LEAKGRIND_RUNNING                                                     \
    (unsigned)VALGRIND_DO_CLIENT_REQUEST_EXPR(                                \
        0, LG_USERREQ__IS_LEAKGRIND, 0, 0, 0, 0, 0)

/* Make a leak check now, and report all loss records / those that have grown
   since the last check / those that have grown or shrunk / those that are new /
   only the summary. */
#define LEAKGRIND_DO_LEAK_CHECK                                               \
    VALGRIND_DO_CLIENT_REQUEST_STMT(LG_USERREQ__DO_LEAK_CHECK, 0, 0, 0, 0, 0)
#define LEAKGRIND_DO_ADDED_LEAK_CHECK                                         \
    VALGRIND_DO_CLIENT_REQUEST_STMT(LG_USERREQ__DO_LEAK_CHECK, 0, 1, 0, 0, 0)
#define LEAKGRIND_DO_CHANGED_LEAK_CHECK                                       \
    VALGRIND_DO_CLIENT_REQUEST_STMT(LG_USERREQ__DO_LEAK_CHECK, 0, 2, 0, 0, 0)
#define LEAKGRIND_DO_NEW_LEAK_CHECK                                           \
    VALGRIND_DO_CLIENT_REQUEST_STMT(LG_USERREQ__DO_LEAK_CHECK, 0, 3, 0, 0, 0)
#define LEAKGRIND_DO_QUICK_LEAK_CHECK                                         \
    VALGRIND_DO_CLIENT_REQUEST_STMT(LG_USERREQ__DO_LEAK_CHECK, 1, 0, 0, 0, 0)

/* Make a leak check now that goes to the data file (--out-file) alone, with this
   label (a const char*).  1 if it was written; 0 if there is no data file, or the
   program does not run under leakgrind. */
#define LEAKGRIND_SNAPSHOT(label)                                             \
    (unsigned)VALGRIND_DO_CLIENT_REQUEST_EXPR(0, LG_USERREQ__SNAPSHOT,        \
                                              (label), 0, 0, 0, 0)

/* Print why the block is still there whose address is the bitwise complement of this
   one: the shortest path from a root.  (The address itself, on a stack or in a
   register, would be the shortest path.) */
#define LEAKGRIND_WHY(complement)                                             \
    VALGRIND_DO_CLIENT_REQUEST_STMT(LG_USERREQ__PRINT_WHY, (complement), 0,   \
                                    0, 0, 0)

/* The result of the last leak check, in bytes or in blocks.  All zero before
   the first check, and if the program does not run under leakgrind. */
typedef struct {
    unsigned long definite;
    unsigned long indirect;
    unsigned long possible;
    unsigned long reachable;
    unsigned long suppressed;
} LeakgrindCounts;

/* Record from now on who takes and gives back references to this PyObject, as
   --py-watch does.  1 if it is watched; 0 if its references are not counted, or
   if the program does not run under leakgrind. */
#define LEAKGRIND_WATCH(object)                                               \
    (unsigned)VALGRIND_DO_CLIENT_REQUEST_EXPR(0, LG_USERREQ__WATCH, (object), \
                                              0, 0, 0, 0)

/* Fills the two LeakgrindCounts that bytes and blocks point to. */
#define LEAKGRIND_COUNT_LEAKS(bytes, blocks)                                  \
    do {                                                                      \
        LeakgrindCounts _lg_zero = {0, 0, 0, 0, 0};                           \
        *(bytes) = *(blocks) = _lg_zero;                                      \
        VALGRIND_DO_CLIENT_REQUEST_STMT(LG_USERREQ__COUNT_LEAKS, (bytes),     \
                                        (blocks), 0, 0, 0);                   \
    } while (0)

#endif
