/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_changed.h: which memory a child has changed since fork().

   A page that a child still shares with its parent is as it was at fork(), so
   nothing in it can lead to a block that the child has allocated since.  A
   search for the child's own leaks can leave such pages out. */

#ifndef LG_CHANGED_H
#define LG_CHANGED_H

#include "pub_tool_basics.h"

typedef struct LgChanged LgChanged;

/* NULL if it is not known: in a process that was not forked, or has forked
   itself since (its pages are then shared with its own child), or where the
   kernel does not tell. */
LgChanged* lg_changed_new(void);
void       lg_changed_delete(LgChanged* c); /* NULL is allowed */

/* May any of [lo, hi), memory of the program, have changed?  Fast if called
   with ascending addresses. */
Bool lg_changed_any(LgChanged* c, Addr lo, Addr hi);

/* After lg_changed_any has returned False: the end of the unchanged range. */
Addr lg_changed_end_of_unchanged(const LgChanged* c);

/* Calls fn for the parts of [lo, hi) that may have changed, in ascending
   order. */
void lg_changed_apply(const LgChanged* c, Addr lo, Addr hi,
                      void (*fn)(void* opaque, Addr lo, Addr hi),
                      void* opaque);

#endif
