/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pypaths.h: how a person gets at an object from a module: "app.CACHE['x']",
   "app.models.Item.limits[3]".  Where no module leads to it: "list at 0x51a2c40". */

#ifndef LG_PYPATHS_H
#define LG_PYPATHS_H

#include "pub_tool_xarray.h"

#include "lg_pyowners.h"

typedef struct LgPyPaths LgPyPaths;

/* Looks for the shortest path to every object. */
LgPyPaths* lg_pypaths_new(LgPySnapshot* c);
void       lg_pypaths_delete(LgPyPaths* p);

/* Appends to `text`, an XArray of HChar: the path to object i; that to the
   reference w that it owns. */
void lg_pypaths_append(const LgPyPaths* p, XArray* text, UInt i);
void lg_pypaths_append_owned(const LgPyPaths* p, XArray* text, UInt i,
                             const LgPyOwned* w);

#endif
