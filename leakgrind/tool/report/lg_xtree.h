/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_xtree.h: a leak result as an xtree, in callgrind's file format. */

#ifndef LG_XTREE_H
#define LG_XTREE_H

#include "pub_tool_basics.h"
#include "pub_tool_xtree.h"

#include "../../engine/lg_lossrec.h"

XTree* lg_xtree_new(void);
void   lg_xtree_add(XTree* xt, const LgLossRecord* r);
/* Writes the tree and deletes it. */
void lg_xtree_finish(XTree* xt, const HChar* filename);

#endif
