/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyloops.h: which C frames are those of the evaluation loop.

   The symbol of that function is often missing: compilers split it, and the
   parts have none.  But each run of the loop has an anchor in its C frame, to
   which the thread state leads: from 3.12 on an entry frame, which belongs to
   no function and comes between the Python frames of this run and those of the
   run before; in 3.10 and 3.11 a CFrame.  The C frame that contains an anchor
   is the evaluation loop's.  3.9 has no anchors. */

#ifndef LG_PYLOOPS_H
#define LG_PYLOOPS_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

/* Sets isLoop[i] for each of n C frames, innermost first.  Frame i is
   [sps[i], sps[i + 1]), so there are n + 1 stack pointers.  A frame that is too
   large to be one (there, another stack begins) is not the loop's.  Returns how
   many are.  Reads the thread state as it is now, and at most a fixed number of
   Python frames. */
UInt lg_pyloops_mark(const LgPyMem* mem, const LgPyLayout* layout, Addr tstate,
                     const Addr* sps, UInt n, Bool* isLoop);

#endif
