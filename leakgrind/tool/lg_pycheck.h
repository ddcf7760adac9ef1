/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycheck.h: what a leak check knows of Python objects.

   Before the search: which blocks are objects, and of what type.  After it:
   which of the unreached objects have a reference that nobody holds (somebody
   forgot a Py_DECREF: these are the leaders), and which only refer to each
   other (a reference cycle). */

#ifndef LG_PYCHECK_H
#define LG_PYCHECK_H

#include "pub_tool_basics.h"

#include "../engine/lg_mark.h"
#include "../engine/lg_report.h"

typedef struct LgPyCheck LgPyCheck;

/* Recognises the objects among the blocks of a snapshot that is not searched
   yet, and tells the snapshot.  NULL in a program without Python. */
LgPyCheck* lg_pycheck_new(LgSnapshot* snap);
void       lg_pycheck_delete(LgPyCheck* c); /* NULL is allowed */

/* Words that hold no reference (of weak references), to be left out of the
   search: `n` sorted, disjoint ranges. */
const LgRange* lg_pycheck_skips(const LgPyCheck* c, UInt* n);

/* Between lg_mark_drain and lg_mark_cliques: sets aside what the rules excuse
   and counts references. */
void         lg_pycheck_judge(LgPyCheck* c, LgMark* m);
const UChar* lg_pycheck_ranks(const LgPyCheck* c); /* for lg_mark_cliques */

/* Of block i; after lg_pycheck_judge.  With c NULL: 0. */
UInt lg_pycheck_type(const LgPyCheck* c, UInt i);
UInt lg_pycheck_excess(const LgPyCheck* c, UInt i);
/* An unreached object without excess: if it is a leader, it leads a cycle. */
Bool lg_pycheck_is_balanced(const LgPyCheck* c, UInt i);

#endif
