/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysnapshot.h: what a leak check knows of Python objects.

   Before the search: which blocks are objects, and of what type.  After it:
   which of the unreached objects have a reference that nobody holds (somebody
   forgot a Py_DECREF: these are the leaders), and which only refer to each
   other.  Such a reference cycle is garbage that the collector will free, if
   all its references stand where the collector looks and it has not had its
   last run; else it is lost. */

#ifndef LG_PYSNAPSHOT_H
#define LG_PYSNAPSHOT_H

#include "pub_tool_basics.h"

#include "../../engine/lg_mark.h"
#include "../../engine/lg_report.h"

typedef struct LgPySnapshot LgPySnapshot;

/* Recognises the objects among the blocks of a snapshot that is not searched
   yet, and tells the snapshot.  NULL in a program without Python. */
LgPySnapshot* lg_pysnap_new(LgSnapshot* snap);
void       lg_pysnap_delete(LgPySnapshot* c); /* NULL is allowed */

/* Words that hold no reference (of weak references), to be left out of the
   search: `n` sorted, disjoint ranges. */
const LgRange* lg_pysnap_skips(const LgPySnapshot* c, UInt* n);

/* What belongs to an object though it stands elsewhere, for lg_mark_attach. */
const LgAttached* lg_pysnap_attached(const LgPySnapshot* c, UInt* n);

/* Roots in objects that hold no references to others, as a str or an int: an
   address that is their value may still be that of a malloc block; and
   interpreters.  To be called before lg_mark_drain, with lg_mark_word; or in an
   audit. */
typedef void (*LgRootWord)(LgMark* m, Addr w);
void lg_pysnap_visit_roots(const LgPySnapshot* c, LgMark* m, LgRootWord fn);

/* Before lg_pysnap_judge: `refs`, by block, are all references (lg_audit.h).  Notes
   which objects in use have references that nobody holds. */
void lg_pysnap_audit(LgPySnapshot* c, const UInt* refs);
/* So many references that nobody holds to object i, which is in use; 0 without
   an audit. */
UInt lg_pysnap_unheld(const LgPySnapshot* c, UInt i);

/* Between lg_mark_drain and lg_mark_cliques: excuses what finalization has
   left behind, and counts references. */
void         lg_pysnap_judge(LgPySnapshot* c, LgMark* m);
const UChar* lg_pysnap_ranks(const LgPySnapshot* c); /* for lg_mark_cliques */
/* After lg_mark_cliques: which cliques are cycles, and which of them are
   excused. */
void lg_pysnap_settle(LgPySnapshot* c, LgMark* m);

/* Of block i; after lg_pysnap_settle.  With c NULL: nothing. */
UInt lg_pysnap_type(const LgPySnapshot* c, UInt i);
/* By which rule the block, which is excused, is so. */
LgRule lg_pysnap_rule(const LgPySnapshot* c, UInt i);
/* References to an unreached object that nobody holds. */
UInt lg_pysnap_excess(const LgPySnapshot* c, UInt i);
/* Pointers to it in C memory of its own, which are no references; of the leader
   of a cycle, how many of the references in that stand in C memory. */
UInt lg_pysnap_c_refs(const LgPySnapshot* c, UInt i);
/* How block i is lost: by itself or with its leader.  LgLossCycle for the
   leader of a cycle alone, LgLossGarbage for the whole clique. */
LgLossClass lg_pysnap_class(const LgPySnapshot* c, UInt i);

#endif
