/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_pyframes.c: bytes become a history of Python calls (framegen.h). */

#include <stdint.h>
#include <stdlib.h>

#include "../unit/framegen.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    FrameGenCounts counts = {0, 0, 0, 0};

    if (!framegen_run(data, n, &counts))
        abort();
    return 0;
}
