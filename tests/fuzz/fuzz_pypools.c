/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_pypools.c: bytes become pools, some of them damaged (poolgen.h): the
   walk must return all blocks of the intact ones, and of the others nothing
   impossible. */

#include <stdint.h>
#include <stdlib.h>

#include "../unit/poolgen.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    static PoolGen* g;

    if (g == NULL)
        g = poolgen_new();
    poolgen_make(g, data, n);
    if (!poolgen_check(g))
        abort();
    return 0;
}
