/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_references.h: references that nobody holds, to objects that are in use, and
   objects in use to which there are more references than are counted.

   Somebody has forgotten a Py_DECREF, and the object is still held by others: so
   nothing is lost, but it can never be freed.  An audit (lg_heapsearch_audit)
   tells how many such references there are; here they become loss records of the
   kinds LgReference and LgOverReleased.

   What is in use is best seen right before an interpreter tears everything
   down.  So the audit of that moment is kept for the check at exit.  An object
   of it that is lost by then is reported as lost, and not here. */

#ifndef LG_REFERENCES_H
#define LG_REFERENCES_H

#include "pub_tool_basics.h"

#include "../../engine/lg_lossrec.h"
#include "../../engine/lg_report.h"
#include "lg_heapsearch.h"

/* Does a full check that prints the kinds `show`, and counts `errors` as errors,
   need an audit? */
static inline Bool lg_references_are_wanted(LgKindSet show, LgKindSet errors)
{
    return ((show | errors) & LG_REFERENCE_KINDS) != 0;
}

/* Keeps what the audit of this search has found. */
void lg_references_keep(const LgHeapSearch* s);

/* Looks up what the audit of this search has found; at exit with what was
   kept. */
void lg_references_begin(const LgHeapSearch* s);

/* The key of the record of one of these kinds for objects of this context and
   type.  The caller must be between lg_ctx_resolve_begin and _end. */
LgLossKey lg_references_key(LgKind kind, UInt ctx, UInt type);

/* Adds it to a table, but for records that are suppressed.  The caller must be
   between lg_ctx_resolve_begin and _end. */
void lg_references_count(LgLossTable* t);

/* Sums up, of a table, what is not suppressed. */
void lg_references_total(LgLossTable* t, LgTotals* totals);

#endif
