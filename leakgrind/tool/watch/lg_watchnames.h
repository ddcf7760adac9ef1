/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_watchnames.h: objects to watch that are meant by their names: modules, and
   entries of modules and classes.

   When they are made, they have no name yet.  So they are looked for from time to
   time, until they are there. */

#ifndef LG_WATCHNAMES_H
#define LG_WATCHNAMES_H

#include "pub_tool_basics.h"

/* To be called after the options were read.  `watch` watches an object, and
   returns whether it does. */
void lg_watchnames_init(Bool (*watch)(Addr obj));

/* A module was made, and has no name yet.  An object was allocated.  Its block was
   freed. */
void lg_watchnames_add_module(Addr obj);
void lg_watchnames_on_block(void);
void lg_watchnames_on_freed(Addr start);

/* The object is no more: if it had a name, another one may get it. */
void lg_watchnames_forget_object(Addr obj);

/* Another Python begins. */
void lg_watchnames_forget(void);

#endif
