/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_instrument.h: the instrumentation: translations clean stacks
   (lg_stackclean.h), note which vector registers are in use (lg_vectorregs.h),
   and call handlers when certain functions are entered (lg_funcentry.h). */

#ifndef LG_INSTRUMENT_H
#define LG_INSTRUMENT_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

IRSB* lg_instrument(VgCallbackClosure* closure, IRSB* in,
                    const VexGuestLayout* layout, const VexGuestExtents* vge,
                    const VexArchInfo* host, IRType gWordTy, IRType hWordTy);

#endif
