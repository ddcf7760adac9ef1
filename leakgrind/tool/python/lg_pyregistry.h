/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyregistry.h: what libraries that bind C++ to Python know of their
   wrappers.

   pybind11, nanobind, Shiboken and SIP find the wrapper of a C++ instance in a
   map from the instance's address, and the first two find what a wrapper keeps
   alive in a map from the wrapper's.  Neither map holds a reference to the wrapper: it
   takes itself out when it dies.  So a wrapper that is lost stays in the map for
   ever, and must not be kept by that.

   A word counts as such only where the type of the wrapper has a base class of
   one of these libraries, or nanobind's metaclass; what it stands in has the form
   of their maps' nodes or tables; and the wrapper itself holds the address under
   which it is found, or knows how far away that is. */

#ifndef LG_PYREGISTRY_H
#define LG_PYREGISTRY_H

#include "lg_pysnapshot_priv.h"

/* Adds the words of maps that hold no reference to the check's skips, and what
   belongs to a wrapper though it stands in a map to `attached`.  To be called
   when all blocks were looked at. */
void lg_pyregistry_look(LgPySnapshot* c);

#endif
