/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_monitor.h: monitor commands, which come from gdb, from vgdb, or from the
   program itself (VALGRIND_MONITOR_COMMAND).  Their names and arguments are
   memcheck's. */

#ifndef LG_MONITOR_H
#define LG_MONITOR_H

#include "pub_tool_basics.h"

/* Returns False for an unknown command. */
Bool lg_monitor_handle(ThreadId tid, const HChar* command);

#endif
