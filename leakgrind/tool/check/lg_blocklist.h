/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_blocklist.h: the monitor command block_list. */

#ifndef LG_BLOCKLIST_H
#define LG_BLOCKLIST_H

#include "pub_tool_basics.h"

#include "../../engine/lg_vocab.h"

/* Prints the blocks of loss records [from, to] (numbers as in the report) of
   the last check, at most maxBlocks, and what hangs from them.  If `heuristics`
   is not empty, prints only blocks that one of these heuristics found.  Prints
   a message if there is no result, or if a block has been freed since the
   check.  False: nothing was printed, as there is no such record or no valid
   result. */
Bool lg_blocklist_print(UInt from, UInt to, UInt maxBlocks,
                        LgHeuristicSet heuristics);

/* The starts of the blocks of record n, at most `max`; *count: how many.  Prints
   and returns as lg_blocklist_print. */
Bool lg_blocklist_starts(UInt n, Addr* starts, UInt max, UInt* count);

#endif
