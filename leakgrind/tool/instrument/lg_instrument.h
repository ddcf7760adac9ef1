/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_instrument.h: the little that leakgrind adds to the program's code:
   stacks are cleaned (lg_stackclean.h), and it is noticed when certain
   functions are entered (lg_funcentry.h). */

#ifndef LG_INSTRUMENT_H
#define LG_INSTRUMENT_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

IRSB* lg_instrument(VgCallbackClosure* closure, IRSB* in,
                    const VexGuestLayout* layout, const VexGuestExtents* vge,
                    const VexArchInfo* host, IRType gWordTy, IRType hWordTy);

#endif
