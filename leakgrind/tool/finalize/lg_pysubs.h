/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysubs.h: subinterpreters, and what the end of one leaves behind.

   It is judged as the end of the last interpreter is.  A block that a
   subinterpreter has made is known by LG_BF_PY_SUB.  At the end of one, three
   things are noted:

   - what is reachable when that begins: LG_BF_PY_LEFT (lg_pyfinalize.h);
   - which objects the collector of 3.9 to 3.11 still knows when it ends: it takes
     a reference to each of them and never gives it back, so that nothing frees
     them any more.  That reference is nobody's leak: LG_BF_PY_KEPT;
   - what static variables still lead to when it is over: LG_BF_PY_STATIC.  Many
     modules keep their objects there, and the next interpreter that imports such
     a module overwrites them. */

#ifndef LG_PYSUBS_H
#define LG_PYSUBS_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"

/* Py_EndInterpreter is entered. */
void lg_pysubs_on_end(const VexGuestArchState* gst);

#endif
