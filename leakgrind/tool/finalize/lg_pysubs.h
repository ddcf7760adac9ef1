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

/* LG_BF_PY_SUB, if the thread state is one of a subinterpreter; else 0. */
UShort lg_pysubs_flag(Addr tstate);

/* Py_EndInterpreter is entered. */
void lg_pysubs_on_end(const VexGuestArchState* gst);

/* From then on, until the collector ends: whoever passes by shall poll
   (lg_pyfinalize_is_awaited).  `inHand`: the block that is being handed out or taken
   back. */
Bool lg_pysubs_is_awaited(void);
void lg_pysubs_poll(Addr inHand);

/* A thread runs with another thread state than before, or a search begins: if the
   end is over, looks at what it has left. */
extern Bool lg_pysubs_isEnding;
void        lg_pysubs_finish(void);
static inline void lg_pysubs_settle(void)
{
    if (UNLIKELY(lg_pysubs_isEnding))
        lg_pysubs_finish();
}

#endif
