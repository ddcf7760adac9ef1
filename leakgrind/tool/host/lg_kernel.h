/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_kernel.h: which system calls the tool may make.

   A system call filter (seccomp) may kill the program for a call that the
   program itself never makes.  So while the program runs, the tool makes only
   the system calls that Valgrind's core makes for every tool, to map memory
   and to print.  A leak check is faster if it can ask the kernel about memory,
   but does so only where no filter forbids it. */

#ifndef LG_KERNEL_H
#define LG_KERNEL_H

#include "pub_tool_basics.h"

/* To be called before the program's first instruction: finds out whether there
   is a filter already. */
void lg_kernel_init(void);

/* To be called before and after each system call of the program. */
void lg_kernel_before_syscall(ThreadId tid, UInt number, UWord* args,
                              UInt nArgs);
void lg_kernel_after_syscall(ThreadId tid, UInt number, UWord* args, UInt nArgs,
                             SysRes res);

/* May the tool look up, open, read, seek and close files, and read the clock?
   Under a filter that was installed before the start it may: Valgrind has done
   all of that by then. */
Bool lg_kernel_allows_files(void);

/* May the tool make any system call? */
Bool lg_kernel_allows_all(void);

#endif
