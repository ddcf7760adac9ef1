/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_describe.h: descriptions of addresses, for messages. */

#ifndef LG_DESCRIBE_H
#define LG_DESCRIBE_H

#include "pub_tool_basics.h"
#include "pub_tool_execontext.h"
#include "pub_tool_debuginfo.h"
#include "pub_tool_xarray.h"
#include "pub_tool_aspacemgr.h"
#include "pub_tool_addrinfo.h"

/* Fills *ai (tag Addr_Undescribed) for address `a`. */
void lg_describe_addr(DiEpoch ep, Addr a, AddrInfo* ai);

/* Prints a description of `a`. */
void lg_describe_print(Addr a);

/* Memory to which the program has given a name (VALGRIND_CREATE_BLOCK).  `add`
   takes over `name`, and returns a handle.  `remove` returns False for an
   unknown handle. */
UInt lg_describe_add_named(ThreadId tid, Addr start, SizeT szB, HChar* name);
Bool lg_describe_remove_named(UInt handle);

#endif
