/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppress.h: suppression entries of leakgrind: Leak, Free, FishyValue,
   ReallocZero, Mempool, BadAlign, AlignMismatch, SizeMismatch and UnsafeZeroSize.

   An entry's syntax is memcheck's; a Leak entry may have the lines
   "match-leak-kinds:" and "py-type:", a FishyValue entry names
   "function(argument)", and the lines of the stack are those of
   engine/lg_tracepattern.h. */

#ifndef LG_SUPPRESS_H
#define LG_SUPPRESS_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

#include "../../engine/lg_lossrec.h"

/* The callbacks for VG_(needs_tool_errors), in its order. */
Bool  lg_suppress_recognised(const HChar* name, Supp* su);
Bool  lg_suppress_read_extra(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno,
                             Supp* su);
Bool  lg_suppress_matches(const Error* err, const Supp* su);
const HChar* lg_suppress_name(const Error* err);
SizeT lg_suppress_generate(const Error* err, HChar* buf, Int nBuf);
SizeT lg_suppress_use_text(const Supp* su, HChar* buf, Int nBuf);
void  lg_suppress_note_use(const Error* err, const Supp* su);

/* What a suppression suppressed is told for the last search; call at the
   start of each. */
void lg_suppress_begin_search(void);

/* Would an entry suppress this record?  No use of it is counted. */
Bool lg_suppress_would(const LgLossRecord* r);

/* Was the entry that suppressed something last from one of the files that come
   with leakgrind? */
Bool lg_suppress_used_ours(void);

/* Adds the files that come with leakgrind to those to be read, unless the user
   said --default-suppressions=no.  After the command line was read. */
void lg_suppress_add_our_files(void);

/* Tells the user of a suppression file that has leak entries, but only for
   other tools: they would be skipped without a word. */
void lg_suppress_hint(void);

/* --gen-suppressions.  Around everything that may print an error, from
   lg_suppgen_begin to lg_suppgen_end, the core writes no entries;
   lg_suppgen_on_printed is called when an error has been printed.  (An
   LgErrorHost.) */
void lg_suppgen_begin(void);
void lg_suppgen_on_printed(const Error* err);
void lg_suppgen_end(void);

#endif
