/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_coursechecks.h: --checks-every: searches in mid-run that only count, and
   the course of the heap over time.

   A search may be made whenever no code of the program runs: the state of all
   threads is then where a check by client request or monitor command finds it.
   So lg_coursechecks_poll is called before system calls and at the end of time
   slices, when the core holds its lock; not from hooks in allocators, where a
   block may be half made. */

#ifndef LG_COURSECHECKS_H
#define LG_COURSECHECKS_H

#include "pub_tool_basics.h"

void lg_coursechecks_init(void);

/* Makes a search, if --checks-every asks for one now. */
void lg_coursechecks_poll(void);

/* A child has a course of its own. */
void lg_coursechecks_in_child(void);

/* At the end of the run: the last search, and the graph and the table. */
void lg_coursechecks_finish(void);
/* The monitor command course: a search now, and what there is so far.  False
   without --checks-every. */
Bool lg_coursechecks_print_now(void);

#endif
