/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_buildid.h: the build-id of a mapped program or library, from its ELF notes in the
   program's memory. */

#ifndef LG_BUILDID_H
#define LG_BUILDID_H

#include "pub_tool_basics.h"

/* In hexadecimal digits; build-ids have 8 to 32 bytes, most 20. */
enum { LG_BUILDID_SZB = 2 * 64 + 1 };

/* Of the file whose code is mapped at `a`.  False: it has none, or the beginning of
   the file is not mapped. */
Bool lg_buildid_read(Addr a, HChar text[LG_BUILDID_SZB]);

#endif
