/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_utf8.h: names as XML can have them.

   A file's name may be any bytes; a document in UTF-8 may not. */

#ifndef LG_UTF8_H
#define LG_UTF8_H

#include "pub_tool_basics.h"

/* Is the whole of s characters of XML 1.0 (section 2.2) in UTF-8? */
Bool lg_utf8_is_xml(const HChar* s);

/* Replaces each byte of s that belongs to no such character by '_', as
   Valgrind's core does in its messages. */
void lg_utf8_make_xml(HChar* s);

#endif
