/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leadwords.h: which word leads to a block: one with its address, or else the
   first that points into it. */

#ifndef LG_LEADWORDS_H
#define LG_LEADWORDS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_paths.h"
#include "lg_heapsearch.h"

/* The word in `words` that leads to block i; 0: there is none.  Reads them all. */
Addr lg_leadwords_find(const LgHeapSearch* s, LgRange words, UInt i);

/* The same for many blocks, each with the root that it hangs from: the words of a root
   are read once. */
typedef struct LgLeadWords LgLeadWords;
LgLeadWords* lg_leadwords_new(const LgHeapSearch* s, const LgPaths* paths,
                              UInt nNodes);
void         lg_leadwords_delete(LgLeadWords* l);

/* `root` is the parent of block i in the paths. */
Addr lg_leadwords_of_root(LgLeadWords* l, UInt root, LgRange words, UInt i);

#endif
