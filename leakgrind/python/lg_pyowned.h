/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyowned.h: the references that an object surely owns.

   A reference is surely owned if its word is one that CPython itself fills in and
   gives back: the items of a list, a tuple, a set or a dict, the attributes and
   slots of an instance, its class, the bases and the method resolution order of a
   class, the content of a cell, the function and the object of a bound method.
   An object with a reference count below the number of these has been released
   too often.

   Guarantees: no word is visited twice, also not through two owners.  What cannot
   be read for sure is left out: keys that dicts share, and everything in a
   container whose words contradict each other. */

#ifndef LG_PYOWNED_H
#define LG_PYOWNED_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

typedef enum {
    LgPyOwnsNothing, /* more than every instance of its type does */
    LgPyOwnsListItems,
    LgPyOwnsTupleItems,
    LgPyOwnsElements, /* of a set or a frozenset */
    LgPyOwnsEntries,  /* of a dict */
    LgPyOwnsContent,  /* of a cell */
    LgPyOwnsMethod,
    LgPyOwnsTypeOf, /* a descriptor: the class that it belongs to */
    LgPyOwnsNamespace, /* a module */
    LgPyOwnsBases      /* a class */
} LgPyOwns;

/* A type whose instances are asked about. */
typedef struct {
    Addr     type;
    LgPyOwns owns;
    Bool     isHeapType;
} LgPyOwner;

/* Looks at the type at `type`.  False: it cannot be read. */
Bool lg_pyowned_look(const LgPyMem* mem, const LgPyLayout* layout, Addr type,
                     LgPyOwner* out);

typedef enum {
    LgPyAsItem,      /* number `index` */
    LgPyAsElement,   /* of a set */
    LgPyAsKey,       /* of a dict */
    LgPyAsValue,     /* of a dict, under `key` */
    LgPyAsAttribute, /* of an instance; `key` is its name */
    LgPyAsField      /* called `field` */
} LgPyOwnedAs;

typedef struct {
    Addr         at;  /* the word */
    Addr         obj; /* what it refers to; never 0 */
    LgPyOwnedAs  as;
    Addr         index;
    Addr         key;   /* 0: not known */
    const HChar* field; /* NULL for a slot, whose name is at fieldAt */
    Addr         fieldAt;
} LgPyOwned;

typedef void (*LgPyOwnedFn)(void* opaque, const LgPyOwned* w);

/* Visits the references that the object at `obj`, an instance of the type, owns.
   Its block ends at `end`. */
void lg_pyowned_visit(const LgPyMem* mem, const LgPyLayout* layout,
                      const LgPyOwner* owner, Addr obj, Addr end,
                      LgPyOwnedFn fn, void* opaque);

#endif
