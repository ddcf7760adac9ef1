/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tableops.h: bytes as calls of the block table and of the word set, each
   compared with a plain list that does the same.  For random tests and
   fuzzing.  True when all answers agree; else prints the first that does not. */

#ifndef LG_TESTS_TABLEOPS_H
#define LG_TESTS_TABLEOPS_H

#include "../../leakgrind/engine/lg_vocab.h"

Bool tableops_blocks(const UChar* bytes, SizeT n);
Bool tableops_words(const UChar* bytes, SizeT n);

#endif
