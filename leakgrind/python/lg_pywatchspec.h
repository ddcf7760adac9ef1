/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pywatchspec.h: which objects to watch, as --py-watch says it.

       NAME               the objects of this type; and the object that has this
                          name: a module, a class, or another entry of a module or
                          class
       NAME@FILE[:LINE]   the objects of this type that are made there

   NAME is as reports print it: "list", "app.models.Item", "app.CACHE".  "*" in
   NAME and FILE stands for any characters, "?" for one.  FILE is also compared
   with the last parts of a path: "models.py" and "app/models.py" match
   "/srv/app/models.py". */

#ifndef LG_PYWATCHSPEC_H
#define LG_PYWATCHSPEC_H

#include "../lg_platform.h"

typedef struct {
    HChar* name; /* owned */
    HChar* file; /* owned; NULL: made anywhere */
    UInt   line; /* 0: any */
    UInt   nFound; /* objects, as the caller counts them; 0 at first */
} LgPyWatchSpec;

/* NULL, or what is wrong with the text; then *out is not set. */
const HChar* lg_pywatchspec_parse(const HChar* text, LgPyWatchSpec* out);
void         lg_pywatchspec_free(LgPyWatchSpec* s);

Bool lg_pywatchspec_has_type(const LgPyWatchSpec* s, const HChar* type);
/* Does it include objects that are made at this place?  `file` NULL: the place
   is not known. */
Bool lg_pywatchspec_has_place(const LgPyWatchSpec* s, const HChar* file,
                              UInt line);

/* If it may be the name of an entry of `owner`, a module or a class: the rest of
   the name, behind the dot.  Else NULL. */
const HChar* lg_pywatchspec_entry(const LgPyWatchSpec* s, const HChar* owner);

#endif
