/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_datastacks.h: contexts as stacks of a data file, with the names of their
   frames, inlined calls included. */

#ifndef LG_DATASTACKS_H
#define LG_DATASTACKS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_datafile.h"

/* The number of the stack in the file. */
UInt lg_datastacks_of(LgDataFile* f, UInt ctx);

/* Numbers in another file are others. */
void lg_datastacks_forget(void);

#endif
