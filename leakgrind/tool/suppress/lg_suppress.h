/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppress.h: suppression entries of leakgrind: Leak, Free, FishyValue,
   ReallocZero, Mempool, BadAlign, AlignMismatch, SizeMismatch and
   UnsafeZeroSize.

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

/* To be called at the start of each search: the core's list of used
   suppressions shows what each suppressed in the last search only. */
void lg_suppress_begin_search(void);

/* Would an entry suppress this record?  Does not count as a use of the
   entry. */
Bool lg_suppress_would(const LgLossRecord* r);

/* Is the entry that was used last from one of the files that come with
   leakgrind? */
Bool lg_suppress_used_ours(void);

/* To be called after the options are read: adds the files that come with
   leakgrind to the suppression files, unless --default-suppressions=no was
   given. */
void lg_suppress_add_our_files(void);

/* Prints a message if a suppression file has leak entries, but only for other
   tools: the core ignores these silently. */
void lg_suppress_hint(void);

/* --gen-suppressions, for an LgErrorHost.  Between lg_suppgen_begin and
   lg_suppgen_end, the core prints no entries of its own; lg_suppgen_on_printed
   prints the entry for an error. */
void lg_suppgen_begin(void);
void lg_suppgen_on_printed(const Error* err);
void lg_suppgen_end(void);

#endif
