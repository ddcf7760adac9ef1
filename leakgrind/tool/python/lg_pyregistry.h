/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyregistry.h: the maps in which libraries that bind C++ to Python keep
   their wrappers.

   pybind11, nanobind, Shiboken and SIP find the wrapper of a C++ instance in a
   map from the instance's address.  pybind11 and nanobind find what a wrapper
   keeps alive in a map from the wrapper's address.  Neither map holds a
   reference to the wrapper, which removes itself from them when it dies.  So a
   lost wrapper stays in the map forever, and the map must not make it
   reachable.

   A word is taken for the entry of such a map only if the type of the wrapper
   has a base class of one of these libraries, or nanobind's metaclass; the
   memory around the word has the form of a node or table of their maps; and the
   wrapper itself holds the address under which it is found, or knows how far
   away that is. */

#ifndef LG_PYREGISTRY_H
#define LG_PYREGISTRY_H

#include "lg_pysnapshot_priv.h"

/* To be called after all blocks were classified: adds the words of maps that
   hold no reference to the check's skips, and what a map keeps alive for a
   wrapper to its `attached` memory. */
void lg_pyregistry_look(LgPySnapshot* c);

#endif
