/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_keeplibs.h: no library goes away between the end of the program and the leak
   check.

   Before the check, Valgrind has the C library free its own blocks
   (--run-libc-freeres).  When that closes a library of its own then (libgcc_s,
   with which threads end, or a name service), the dynamic linker has already
   forgotten who needs whom, and unmaps whatever was loaded because another
   library needs it.  The pointers in there would be lost, and the names of its
   functions.  So from then on, files stay mapped. */

#ifndef LG_KEEPLIBS_H
#define LG_KEEPLIBS_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

/* The C library begins to free its own blocks. */
void lg_keeplibs_begin(void);

/* Adds to a translation that ends in a system call what keeps it from
   unmapping. */
void lg_keeplibs_emit(IRSB* out);

#endif
