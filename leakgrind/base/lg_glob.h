/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_glob.h: patterns for names, with wildcards. */

#ifndef LG_GLOB_H
#define LG_GLOB_H

#include "pub_tool_basics.h"

/* Does the whole text match the pattern?  "*" stands for any characters, "?"
   for one.  Takes time proportional to pattern * text, whatever the
   wildcards. */
Bool lg_glob(const HChar* pattern, const HChar* text);
/* The same for the first nP characters of p and the first nT of t. */
Bool lg_glob_part(const HChar* p, SizeT nP, const HChar* t, SizeT nT);

#endif
