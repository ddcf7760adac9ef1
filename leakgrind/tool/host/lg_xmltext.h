/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_xmltext.h: names in the XML output, which must be UTF-8.

   The name of a program, its arguments and the names of its libraries may be
   any bytes.  Valgrind's core escapes what has a meaning in XML, and nothing
   else. */

#ifndef LG_XMLTEXT_H
#define LG_XMLTEXT_H

#include "pub_tool_basics.h"

/* The core prints the program's name and arguments at the start of the output,
   before post_clo_init and after the program is loaded.  For this time they are
   copies that XML can have.  To be called in pre_clo_init and post_clo_init. */
void lg_xmltext_begin_preamble(void);
void lg_xmltext_end_preamble(void);

/* `text` as XML can have it, in place of the last result; may be `text`
   itself. */
const HChar* lg_xmltext(const HChar* text);

#endif
