/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_forks.h: what a process has from its parent.

   After fork() the child has a copy of each of its parent's blocks.  They are no
   leaks of its own, nor is what hangs from them.  Flagging them one by one would
   copy the pages that they are recorded in, so blocks have a generation: those of
   another than the process's are inherited. */

#ifndef LG_FORKS_H
#define LG_FORKS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_vocab.h"

/* LG_BF_GENERATION or 0: a flag of every block that is made now. */
extern UChar lg_forks_generation;

/* Was this process made by fork()? */
extern Bool lg_forks_isChild;
/* Has it, since then, made another one? */
extern Bool lg_forks_hasForked;

static inline Bool lg_forks_is_inherited(const LgBlock* b)
{
    return lg_forks_isChild &&
           (b->flags & LG_BF_GENERATION) != lg_forks_generation;
}

/* After fork().  In a grandchild there are blocks of both generations, and all are
   inherited now: True, where all must be flagged with LG_BF_GENERATION. */
void lg_forks_in_parent(void);
Bool lg_forks_in_child(void);

/* Is this a child that has to be silent (--child-silent-after-fork=yes), with
   nothing to tell its parent either?  Then it need not search for leaks. */
Bool lg_forks_is_mute(void);

#endif
