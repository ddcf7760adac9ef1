/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytstate.h: where CPython keeps the current thread state.

   It is in a variable without a name that a stripped binary would have: a
   field of _PyRuntime up to 3.11, whose offset differs between machines, and a
   thread-local variable since 3.12.  Yet each CPython exports a function that
   does nothing but read it (_PyThreadState_UncheckedGet, since 3.13
   PyThreadState_GetUnchecked), and its few instructions say where.  What does
   not look like that is not guessed: then the function must be called. */

#ifndef LG_PYTSTATE_H
#define LG_PYTSTATE_H

#include "lg_pymem.h"

typedef enum { LgPyAmd64, LgPyArm64 } LgPyMachine;

typedef struct {
    Bool isKnown;
    Bool isThreadLocal;
    Addr at; /* address; thread-local: offset from the thread pointer (FS on
                amd64, TPIDR_EL0 on arm64) */
} LgPyTState;

/* By the function at `accessor`. */
LgPyTState lg_pytstate_find(const LgPyMem* mem, LgPyMachine machine,
                            Addr accessor);

#endif
