/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_texts.h: texts as numbers, for records that outlive what they name. */

#ifndef LG_TEXTS_H
#define LG_TEXTS_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

/* A number for a copy of the text; the same for the same text.  Never 0. */
UInt lg_texts_add(const HChar* text);

/* The same for the text in an XArray of HChar, which it empties. */
UInt lg_texts_take(XArray* text);

/* The text; "" for 0. */
const HChar* lg_texts_get(UInt number);

#endif
