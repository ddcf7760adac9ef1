/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_ending.h: between the end of the program and the leak check.

   Before the check, Valgrind makes the C library free its own blocks
   (--run-libc-freeres).  A run without a tool does not do that.  So it must
   have no effect outside the process, and must not remove what the check
   needs:

   - The C library would also write what its streams still hold, which a
     program that ends by _exit means to drop, and move the offsets of files
     that the process may share with its parent.  So only system calls that
     concern the process's own memory and threads, or that close a file, are
     made; all others fail.
   - The C library closes libraries of its own: libgcc_s, with which threads
     end, and name services.  By then the dynamic linker has forgotten its
     dependencies, and unmaps every library that was loaded because another one
     needs it.  The check would miss the pointers in their data and the names
     of their functions.  So files stay mapped. */

#ifndef LG_ENDING_H
#define LG_ENDING_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"
#include "pub_tool_tooliface.h"

/* To be called when the C library begins to free its own blocks. */
void lg_ending_begin(const VexGuestArchState* gst);

/* Adds code to a translation that ends in a system call.  It replaces a system
   call that must not be made by another one, which fails. */
void lg_ending_emit(IRSB* out);

#endif
