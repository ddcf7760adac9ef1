/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pybalance.h: which of the references that were taken to an object was never
   given back.

   A reference count does not tell which decrement belongs to which increment.
   But code has habits: a function gives back what it has taken; what an
   extension returns or puts into a container, the interpreter gives back.  So
   changes are paired off in this order:

   1. those of the same party (see LgPySite);
   2. what the interpreter gave back, with what was there when the watch began,
      with what it took for an extension, with new objects that an extension got,
      and only then with what an extension took by itself;
   3. what another function of an extension gave back, with what was there before,
      with what an extension took by itself, and then with the others;
   4. references that somebody holds: as in 2, but with the interpreter's own
      behind those from before.

   A change that remains just as often as there are references that nobody holds
   is kept for the end.  What remains is the answer.  It is a guess, but one that
   counts: as many references remain as nobody holds, if all changes are known. */

#ifndef LG_PYBALANCE_H
#define LG_PYBALANCE_H

#include "../lg_platform.h"

/* Whose code changes the count. */
typedef enum {
    LgPySiteInterpreter, /* CPython's, for Python code */
    LgPySiteCalled,      /* CPython's, for an extension that has called it */
    LgPySiteNew,         /* the same, and it makes the object */
    LgPySiteInline,      /* an extension's */
    LgPySiteBefore,      /* not known: it was before the object was watched */
    LG_N_PY_SITE_CLASSES
} LgPySiteClass;

/* A place where counts change. */
typedef struct {
    LgPySiteClass cls;
    UInt          party; /* the function of the extension; or that of CPython,
                            for LgPySiteInterpreter */
    Bool isReturned;     /* objects have died properly whose references this
                            party took and another gave back, or the other way
                            round */
} LgPySite;

/* What one place has done to the count of one object. */
typedef struct {
    UInt  site;
    ULong plus, minus;
} LgPyChange;

/* Pairs off the n changes of an object, and sets left[i] to how many of the
   increments (or, if unheld is negative, of the decrements) of change i
   remain.

   unheld: references that nobody holds; negative: how often the object was
   released too often.  held: references that were found. */
void lg_pybalance(const LgPySite* sites, const LgPyChange* changes, UInt n,
                  Long unheld, ULong held, ULong* left);

#endif
