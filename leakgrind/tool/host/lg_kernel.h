/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_kernel.h: what may be asked of the kernel.

   A filter of system calls (seccomp) may end a program for a call that it does
   not make itself.  So while the program runs, the tool makes none but those
   that Valgrind's core makes for every tool, to map memory and to print; and a
   leak check, which gets quicker by asking the kernel about memory, asks only
   where no filter forbids it. */

#ifndef LG_KERNEL_H
#define LG_KERNEL_H

#include "pub_tool_basics.h"

/* Before the program's first instruction: is there a filter already? */
void lg_kernel_init(void);

/* Each system call of the program, before it is made and after. */
void lg_kernel_before_syscall(ThreadId tid, UInt number, UWord* args,
                              UInt nArgs);
void lg_kernel_after_syscall(ThreadId tid, UInt number, UWord* args, UInt nArgs,
                             SysRes res);

/* May files be looked for, opened, read, sought in and closed, and the clock be
   read?  Under a filter that was there at the start these are allowed: all of it
   is done then. */
Bool lg_kernel_allows_files(void);

/* May anything be asked? */
Bool lg_kernel_allows_all(void);

#endif
