/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_preload.h: what the files of the preload library share. */

#ifndef LG_PRELOAD_H
#define LG_PRELOAD_H

#include "../lg_guest.h"

/* Hidden from the program, which may use the same names. */
#define LG_HIDDEN __attribute__((visibility("hidden")))

/* Returns p.  See lg_guest.h. */
LG_HIDDEN void* lg_py_note(void* p, LgGuestWord what, LgGuestWord szB,
                           const void* old, const void* tstate);

/* The hook of free(); `ctx` is the hooks' own. */
LG_HIDDEN void lg_py_hook_free(void* ctx, void* p);

/* The tool's answer to LG_GUEST_HELLO. */
extern LG_HIDDEN LgGuestAnswer lg_py_answer;

/* Does what the answer says: reports Python and places the hooks, in the Python
   that contains the address `inPython`; 0: in the one that is linked with the
   program.  Does nothing if there is none.  Hooks that are in place stay. */
LG_HIDDEN void lg_py_install(LgGuestWord inPython);

/* Entered instead of Py_InitializeFromConfig: installs the hooks, then jumps to
   lg_py_init_entry with the same arguments. */
LG_HIDDEN void               lg_py_at_init(void);
extern LG_HIDDEN LgGuestWord lg_py_init_entry;

/* lg_pyfree.c: makes dead objects of types with free lists go back to the
   allocator.  `types`: the addresses of the type objects, in the order of
   LgGuestType; 0: not found.  `obRefcnt`: see LgGuestPython. */
LG_HIDDEN void
lg_py_bypass_free_lists(const LgGuestWord types[LG_N_FREE_LIST_TYPES],
                        LgGuestWord       obRefcnt);

#endif
