/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_whopoints.h: the monitor command who_points_at. */

#ifndef LG_WHOPOINTS_H
#define LG_WHOPOINTS_H

#include "pub_tool_basics.h"

/* Prints the places that hold a pointer into [start, start + szB); with szB 1,
   only those that hold `start` itself.  It reads the roots of a leak check and
   all blocks, whether they can be reached or not. */
void lg_whopoints_print(Addr start, SizeT szB);

#endif
