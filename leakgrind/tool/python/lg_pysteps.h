/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysteps.h: how a Python object leads to another block, as a person says it:
   ".name", "['key']", "[3]", "closure variable x". */

#ifndef LG_PYSTEPS_H
#define LG_PYSTEPS_H

#include "pub_tool_xarray.h"

#include "lg_pysnapshot.h"

/* What an object is on a path.  Some are part of another one, and no step of
   their own. */
typedef enum {
    LgPyPlain,
    LgPyNamespace, /* the __dict__ of what leads to it */
    LgPyClosure,   /* the tuple of a function's cells */
    LgPyCell       /* a cell in such a tuple */
} LgPyRole;

/* The step from object `owner` to block `to`. */
typedef struct {
    UInt     owner, to;
    Bool     isTable;  /* it leads through other memory of the owner's, */
    UInt     table;    /* this block */
    LgPyRole ownerRole;
    UInt     function; /* of a closure or a cell: the block of the function */
    Bool     isGeneral; /* keys and indices become "*" */
} LgPyStep;

/* Appends the step's name, and sets *role to that of `to`.  Nothing is appended
   where `to` belongs to what the owner's step has named.  False: how the owner leads
   there is not known. */
Bool lg_pysteps_append(LgPySnapshot* c, XArray* text, const LgPyStep* step,
                       LgPyRole* role);

#endif
