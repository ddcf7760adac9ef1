/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_progress.h: prints the progress of a long search on a terminal. */

#ifndef LG_PROGRESS_H
#define LG_PROGRESS_H

#include "pub_tool_basics.h"

void lg_progress_begin(void);
/* For LgMarkHost.progress. */
void lg_progress(void* opaque, ULong scannedB, UInt nMarked);
void lg_progress_end(void);

#endif
