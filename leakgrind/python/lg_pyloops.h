/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyloops.h: which C frames are the evaluation loop's.

   By its name that function is often not to be known: compilers split it, and
   the parts have no symbol.  But each run of it keeps something in its own C
   frame that the thread state leads to: from 3.12 on a frame that is nobody's,
   which stands between its Python frames and those of the run before; in 3.10
   and 3.11 a CFrame.  The C frame that one of these lies in is the evaluation
   loop's.  3.9 has nothing of the kind. */

#ifndef LG_PYLOOPS_H
#define LG_PYLOOPS_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

/* Sets isLoop[i] for each of n C frames, innermost first; frame i lies in
   [sps[i], sps[i + 1]), so there are n + 1 stack pointers.  A frame of which
   that cannot be true (another stack begins there) is none.  Returns how many
   are.  Reads the thread state as it is now; at most a fixed number of Python
   frames is looked at. */
UInt lg_pyloops_mark(const LgPyMem* mem, const LgPyLayout* layout, Addr tstate,
                     const Addr* sps, UInt n, Bool* isLoop);

#endif
