/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tableops.h: bytes become calls of the block table and of the word set, whose
   results are compared with those of plain lists.  For random tests and fuzzing.
   True if all results agree; else prints the first one that does not. */

#ifndef LG_TESTS_TABLEOPS_H
#define LG_TESTS_TABLEOPS_H

#include "../../leakgrind/engine/lg_vocab.h"

Bool tableops_blocks(const UChar* bytes, SizeT n);
Bool tableops_words(const UChar* bytes, SizeT n);

#endif
