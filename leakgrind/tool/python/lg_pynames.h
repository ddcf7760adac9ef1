/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pynames.h: what a person would call an object.

   A class, a module, a function and a descriptor have names of their own; a str is
   called by its first characters, and any other object by the name that a module
   or a class has for it: "app.CACHE", "app.models.Item.limits". */

#ifndef LG_PYNAMES_H
#define LG_PYNAMES_H

#include "lg_pysnapshot.h"

/* The names, as numbers of lg_texts, of the objects that have references that
   nobody holds (lg_pysnap_unheld), by block; 0: it has none.  For
   lg_pynames_delete. */
UInt* lg_pynames_of_unheld(const LgPySnapshot* c);
void  lg_pynames_delete(const LgPySnapshot* c, UInt* names);

#endif
