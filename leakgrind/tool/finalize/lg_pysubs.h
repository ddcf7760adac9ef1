/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysubs.h: what the end of a subinterpreter leaves behind.

   The end of a subinterpreter is treated like the end of the last interpreter.
   Blocks that a subinterpreter has allocated have the flag LG_BF_PY_SUB.  When
   one ends, three other flags of these blocks are set:

   - LG_BF_PY_LEFT: the block is reachable when the end begins
     (lg_pyfinalize.h).
   - LG_BF_PY_KEPT: the object is still in the lists of the collector when this
     ends.  In 3.9 to 3.11 the collector then takes a reference to the object
     and never gives it back, so nothing frees the object.  That reference is
     nobody's leak.
   - LG_BF_PY_STATIC: static variables still lead to the block when the end is
     over.  Many modules keep their objects in such variables, and the next
     interpreter that imports the module overwrites them. */

#ifndef LG_PYSUBS_H
#define LG_PYSUBS_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"

/* To be called when Py_EndInterpreter is entered. */
void lg_pysubs_on_end(const VexGuestArchState* gst);

#endif
