/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_changed.h: which memory a child has changed since fork().

   A page that a child still shares with its parent is as it was at fork(), so
   nothing in it can lead to a block that the child has allocated since.  What is
   left out on that ground need not be looked at anew in every child. */

#ifndef LG_CHANGED_H
#define LG_CHANGED_H

#include "pub_tool_basics.h"

typedef struct LgChanged LgChanged;

/* NULL where it cannot be told: in a process that was not forked or has forked
   itself since (the child of that shares its pages now), or where the kernel does
   not say. */
LgChanged* lg_changed_new(void);
void       lg_changed_delete(LgChanged* c); /* NULL is allowed */

/* May any of [lo, hi), memory of the program, have changed?  Quick where one asks
   in ascending order. */
Bool lg_changed_any(LgChanged* c, Addr lo, Addr hi);

/* After lg_changed_any has said no: up to where all is unchanged. */
Addr lg_changed_end_of_unchanged(const LgChanged* c);

/* Calls fn for the parts of [lo, hi) that may have changed, ascending. */
void lg_changed_apply(const LgChanged* c, Addr lo, Addr hi,
                      void (*fn)(void* opaque, Addr lo, Addr hi),
                      void* opaque);

#endif
