/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_preload.c: leakgrind's own part of the library that Valgrind loads into
   every program that runs under leakgrind.

   The other part is Valgrind's replacement of malloc and the like, linked in
   whole.  This code runs in the guest, on the simulated CPU and inside a
   foreign program.  So it prints nothing, allocates nothing, and calls no libc
   function that the program might have replaced. */

#include "lg_config.h"

#include "../lg_guest.h"
#include "lg_preload.h"

/* Names the build in a core dump, in gdb and in the output of strings(1). */
extern const char lg_preload_version[];
const char lg_preload_version[] = PACKAGE_STRING;

extern __attribute__((weak)) char Py_InitializeFromConfig[], Py_FinalizeEx[],
    Py_Exit[], Py_EndInterpreter[], __libc_freeres[], malloc[], PyObject_Init[],
    PyObject_InitVar[], _Py_NewReference[];

/* Here, away from its callers, so that no compiler knows what they call. */
void* lg_py_note(void* p, LgGuestWord what, LgGuestWord szB, const void* old,
                 const void* tstate)
{
    (void)what;
    (void)szB;
    (void)old;
    (void)tstate;
    return p;
}

__attribute__((constructor)) static void say_hello(void)
{
    static LgGuestHooks hooks;

    hooks.note       = (LgGuestWord)lg_py_note;
    hooks.free       = (LgGuestWord)lg_py_hook_free;
    hooks.initialize = (LgGuestWord)Py_InitializeFromConfig;
    hooks.finalize   = (LgGuestWord)Py_FinalizeEx;
    hooks.exit       = (LgGuestWord)Py_Exit;
    hooks.endSub     = (LgGuestWord)Py_EndInterpreter;
    hooks.freeres    = (LgGuestWord)__libc_freeres;
    hooks.malloc     = (LgGuestWord)malloc;
    hooks.initObject    = (LgGuestWord)PyObject_Init;
    hooks.initVarObject = (LgGuestWord)PyObject_InitVar;
    hooks.newReference  = (LgGuestWord)_Py_NewReference;
    hooks.atInit     = (LgGuestWord)lg_py_at_init;
    hooks.initEntry  = (LgGuestWord)&lg_py_init_entry;
    lg_py_answer = (LgGuestAnswer)VALGRIND_DO_CLIENT_REQUEST_EXPR(
        LG_GUEST_REST, LG_GUEST_HELLO, &hooks, 0, 0, 0, 0);
    lg_py_install(0);
}
