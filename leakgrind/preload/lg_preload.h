/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_preload.h: what the files of the preload library share. */

#ifndef LG_PRELOAD_H
#define LG_PRELOAD_H

#include "../lg_guest.h"

/* Not seen by the program, which may have such names itself. */
#define LG_HIDDEN __attribute__((visibility("hidden")))

/* Returns p.  See lg_guest.h. */
LG_HIDDEN void* lg_py_note(void* p, LgGuestWord what, LgGuestWord szB,
                           const void* old, const void* tstate);

/* The hook of free(); `ctx` is the hooks' own. */
LG_HIDDEN void lg_py_hook_free(void* ctx, void* p);

/* What the tool has answered to our hello. */
extern LG_HIDDEN LgGuestAnswer lg_py_answer;

/* As the answer says: places the hooks in the Python that has the function at
   `inPython`, or (0) in the one that is linked with the program; nothing
   happens when there is none, and hooks that are in place stay. */
LG_HIDDEN void lg_py_install(LgGuestWord inPython);

/* Entered in place of Py_InitializeFromConfig: installs the hooks, then goes
   to lg_py_init_entry with all arguments as they were. */
LG_HIDDEN void               lg_py_at_init(void);
extern LG_HIDDEN LgGuestWord lg_py_init_entry;

/* lg_pyfree.c: has dead objects of the types with free lists go back to the
   allocator.  `types`: the addresses of the type objects, in the order of
   LgGuestType; 0: not there.  `obRefcnt`: see LgGuestPython. */
LG_HIDDEN void
lg_py_bypass_free_lists(const LgGuestWord types[LG_N_FREE_LIST_TYPES],
                        LgGuestWord       obRefcnt);

#endif
