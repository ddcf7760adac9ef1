/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_describe.h: says of an address what it is, for messages. */

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

/* Prints what `a` is. */
void lg_describe_print(Addr a);

/* Memory that the program gave a name (VALGRIND_CREATE_BLOCK), which from now on
   belongs to this module.  add returns a handle; remove returns False for an
   unknown one. */
UInt lg_describe_add_named(ThreadId tid, Addr start, SizeT szB, HChar* name);
Bool lg_describe_remove_named(UInt handle);

#endif
