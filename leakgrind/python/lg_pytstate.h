/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytstate.h: where CPython keeps the current thread state.

   A stripped binary has no symbol for it: up to 3.11 it is in a field of
   _PyRuntime, whose offset differs between machines, and since 3.12 in a
   thread-local variable.  But each CPython exports a function that only
   reads it (_PyThreadState_UncheckedGet, since 3.13
   PyThreadState_GetUnchecked), and the few instructions of that function say
   where it is.  If they are not understood, the place is not known, and the
   function must be called instead. */

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

/* Reads the instructions of the function at `accessor`. */
LgPyTState lg_pytstate_find(const LgPyMem* mem, LgPyMachine machine,
                            Addr accessor);

#endif
