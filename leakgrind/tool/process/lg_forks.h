/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_forks.h: blocks that a process has inherited from its parent.

   After fork() the child has a copy of each of its parent's blocks.  These,
   and what hangs from them, are not the child's leaks.  Flagging each block
   would copy the pages of the block table.  So each block has a generation: a
   block is inherited if its generation is not that of the process. */

#ifndef LG_FORKS_H
#define LG_FORKS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_vocab.h"

/* The generation of new blocks: LG_BF_GENERATION or 0. */
extern UChar lg_forks_generation;

/* Was this process made by fork()? */
extern Bool lg_forks_isChild;
/* Has it called fork() itself since then? */
extern Bool lg_forks_hasForked;

static inline Bool lg_forks_is_inherited(const LgBlock* b)
{
    return lg_forks_isChild &&
           (b->flags & LG_BF_GENERATION) != lg_forks_generation;
}

/* To be called after fork().  lg_forks_in_child returns whether the caller must
   flag all blocks with LG_BF_GENERATION: a grandchild has blocks of both
   generations, and all of them are inherited now. */
void lg_forks_in_parent(void);
Bool lg_forks_in_child(void);

/* Must this child be silent (--child-silent-after-fork=yes), and does it report
   leaks neither by an exit code nor in an xtree?  Then it need not search. */
Bool lg_forks_is_mute(void);

#endif
