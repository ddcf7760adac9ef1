/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_engine.c: bytes become a heap (heapgen.h), over which the engine and the
   naive reference must agree. */

#include <stdint.h>
#include <stdlib.h>

#include "../unit/heapgen.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    static HeapGen* g;
    Bool            isPlanted;

    if (g == NULL)
        g = heapgen_new();
    const OracleHeap* h = heapgen_make(g, data, n);
    if (!oracle_compare(h, n, OracleNoFault, &isPlanted, False))
        abort();
    return 0;
}
