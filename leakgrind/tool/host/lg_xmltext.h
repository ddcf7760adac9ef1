/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_xmltext.h: names in the XML output, which must be UTF-8.

   The name of a program, its arguments and the names of its libraries may
   contain any bytes.  Valgrind's core escapes only the characters that have a
   meaning in XML. */

#ifndef LG_XMLTEXT_H
#define LG_XMLTEXT_H

#include "pub_tool_basics.h"

/* The core prints the program's name and arguments at the start of the output:
   after the program is loaded, and before post_clo_init.  Between begin (to be
   called in pre_clo_init) and end (in post_clo_init) it sees copies that are
   valid in XML. */
void lg_xmltext_begin_preamble(void);
void lg_xmltext_end_preamble(void);

/* `text` in a form that is valid in XML; may be `text` itself.  Overwrites the
   last result. */
const HChar* lg_xmltext(const HChar* text);

#endif
