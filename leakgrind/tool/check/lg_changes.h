/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_changes.h: who took the references that nobody holds, of objects that are
   watched (--py-watch). */

#ifndef LG_CHANGES_H
#define LG_CHANGES_H

#include "pub_tool_basics.h"

#include "../../engine/lg_lossrec.h"
#include "lg_heapsearch.h"

/* Keeps, for the check at exit, the changes of those objects that have such
   references in this search. */
void lg_changes_keep(const LgHeapSearch* s);

/* Looks up the watched objects that this search reports.  The caller must be
   between lg_ctx_resolve_begin and _end. */
void lg_changes_begin(const LgHeapSearch* s);

/* Prints where the references of a record were taken.  Of a record whose objects
   were not watched: which option would watch them.  In XML, further elements of
   the error. */
void lg_changes_print(const LgLossRecord* r);

#endif
