/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysnapshot.h: the Python objects of a leak check.

   Before the search, this module finds out which blocks are objects, and of
   what type.  After it, it finds the unreached objects that have a reference
   that nobody holds (somebody forgot a Py_DECREF): these are the leaders.
   Other unreached objects only refer to each other.  Such a reference cycle is
   uncollected garbage if all its references are where the collector looks, and
   the collector will run again; otherwise the cycle is lost. */

#ifndef LG_PYSNAPSHOT_H
#define LG_PYSNAPSHOT_H

#include "pub_tool_basics.h"

#include "../../engine/lg_mark.h"
#include "../../engine/lg_report.h"

typedef struct LgPySnapshot LgPySnapshot;

/* Recognises the objects among the blocks of a snapshot that is not searched
   yet, and marks them in it.  NULL in a program without Python. */
LgPySnapshot* lg_pysnap_new(LgSnapshot* snap);
void          lg_pysnap_delete(LgPySnapshot* c); /* NULL is allowed */

/* Words that hold no reference: *n sorted, disjoint ranges, which no search may
   read. */
const LgRange* lg_pysnap_skips(const LgPySnapshot* c, UInt* n);

/* Memory that belongs to an object but lies elsewhere, for lg_mark_attach. */
const LgAttached* lg_pysnap_attached(const LgPySnapshot* c, UInt* n);

/* Visits roots that the search does not find by itself: words of the
   interpreters, and of objects without references, such as a str or an int,
   whose value may be the address of a malloc block.  To be called before
   lg_mark_drain, with lg_mark_word; or in an audit. */
typedef void (*LgRootWord)(LgMark* m, Addr w);
void lg_pysnap_visit_roots(const LgPySnapshot* c, LgMark* m, LgRootWord fn);

/* Before lg_pysnap_judge, at most once: notes which objects in use have references
   that nobody holds.  `refs`: all references to each block (lg_audit.h). */
void lg_pysnap_audit(LgPySnapshot* c, const UInt* refs);
/* The number of such references to object i; 0 without an audit. */
UInt lg_pysnap_unheld(const LgPySnapshot* c, UInt i);
/* The number of objects that have some. */
UInt lg_pysnap_n_unheld(const LgPySnapshot* c);

/* To be called between lg_mark_drain and lg_mark_cliques: excuses blocks by the
   rules (--py-rules), and counts references. */
void         lg_pysnap_judge(LgPySnapshot* c, LgMark* m);
const UChar* lg_pysnap_ranks(const LgPySnapshot* c); /* for lg_mark_cliques */
/* To be called after lg_mark_cliques: finds out which cliques are cycles, and
   which of these are excused. */
void lg_pysnap_settle(LgPySnapshot* c, LgMark* m);

/* About block i, after lg_pysnap_settle.  `c` NULL: there are no objects. */
UInt lg_pysnap_type(const LgPySnapshot* c, UInt i);
/* The rule by which the block was excused. */
LgRule lg_pysnap_rule(const LgPySnapshot* c, UInt i);
/* References to an unreached object that nobody holds. */
UInt lg_pysnap_excess(const LgPySnapshot* c, UInt i);
/* Pointers to the object in C memory of its own, which are no references.  Of
   the leader of a cycle: how many references of the cycle are in C memory. */
UInt lg_pysnap_c_refs(const LgPySnapshot* c, UInt i);
/* How the block is lost: by itself or with its leader.  LgLossCycle only for
   the leader of a cycle, LgLossGarbage for its whole clique. */
LgLossClass lg_pysnap_class(const LgPySnapshot* c, UInt i);

#endif
