/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_tables.c: bytes become calls of the block table and of the word set,
   which must do what plain lists do (tableops.h). */

#include <stdint.h>
#include <stdlib.h>

#include "../unit/tableops.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    if (!tableops_blocks(data, n) || !tableops_words(data, n))
        abort();
    return 0;
}
