/* SPDX-License-Identifier: GPL-2.0-or-later */
/* framegen.h: bytes become frames and code objects of some CPython, and a
   history of calls in it, for the tests of lg_pyframes.c, lg_pycode.c and
   lg_pytraces.c.

   A model knows what the frames are.  Some histories damage the memory, or leave a
   hole in it; for these, only what must always hold is checked: nothing outside of
   the memory is read, and every walk ends. */

#ifndef LG_TESTS_FRAMEGEN_H
#define LG_TESTS_FRAMEGEN_H

#include <stddef.h>

typedef struct {
    unsigned nRecords;  /* stacks that were compared with the model */
    unsigned nFromCache; /* of them, those that were known */
    unsigned nDamaged;  /* stacks in damaged memory */
    unsigned nFrames;
} FrameGenCounts;

/* Lives through the history that `data` stands for.  Returns 0, after a
   message, when something was not as it should be.  Adds to *counts. */
int framegen_run(const unsigned char* data, size_t n, FrameGenCounts* counts);

#endif
