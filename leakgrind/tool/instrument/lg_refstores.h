/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_refstores.h: sees stores to certain words of the program's memory, the
   reference counts of watched objects (watch/lg_pywatch.h).

   While it is on, each store of 4 or 8 bytes is preceded by a look into a table
   of bytes, which is indexed by a few bits of the address.  While it is off, it
   costs nothing.  Stores to the stack are left out. */

#ifndef LG_REFSTORES_H
#define LG_REFSTORES_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

typedef struct {
    /* Is `a` a word to be reported?  Also asked for other addresses with the
       same bits, at which there may be no memory. */
    Bool (*isWatched)(Addr a);
    /* It changes from `old` to `value`, both zero-extended from `szB` bytes, 4
       or 8. */
    void (*onChange)(Addr a, ULong old, ULong value, UInt szB);
} LgRefStoreHost;

/* From now on, translations look for stores; those that exist already are made
   again.  To be called before the program starts or in a client request.
   `host` must stay valid. */
void lg_refstores_begin(const LgRefStoreHost* host);
Bool lg_refstores_are_on(void);

/* Stores to the 16 bytes around `a` are reported, until they have been unmarked
   as often. */
void lg_refstores_mark(Addr a);
void lg_refstores_unmark(Addr a);

/* Does the translation need code for this statement?  Then lg_refstores_emit
   adds the statement with it. */
Bool lg_refstores_concern(const IRStmt* st, const IRSB* sb);
void lg_refstores_emit(IRSB* out, IRStmt* st);

#endif
