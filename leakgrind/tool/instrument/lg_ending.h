/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_ending.h: between the end of the program and the leak check.

   Before the check, Valgrind has the C library free its own blocks
   (--run-libc-freeres).  A run without a tool does not do that, so nothing of
   it may be seen from outside, and nothing that the check needs may go away:

   - The C library would also write what its streams still hold, which a program
     that ends by _exit means to drop, and move the offset of files that the
     process may share with its parent.  So only system calls that concern the
     process's own memory and threads, or that close a file, are made; any other
     one fails.
   - When it closes a library of its own (libgcc_s, with which threads end, or a
     name service), the dynamic linker has already forgotten who needs whom, and
     unmaps whatever was loaded because another library needs it.  The pointers
     in there would be lost, and the names of its functions.  So files stay
     mapped. */

#ifndef LG_ENDING_H
#define LG_ENDING_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"
#include "pub_tool_tooliface.h"

/* The C library begins to free its own blocks. */
void lg_ending_begin(const VexGuestArchState* gst);

/* Adds to a translation that ends in a system call what makes another one of
   it, where it must not be made. */
void lg_ending_emit(IRSB* out);

#endif
