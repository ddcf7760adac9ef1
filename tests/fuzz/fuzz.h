/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz.h: what fuzz targets share. */

#ifndef LG_TESTS_FUZZ_H
#define LG_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n);

#define REQUIRE(e)                                                            \
    do {                                                                      \
        if (!(e)) {                                                           \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #e);           \
            abort();                                                          \
        }                                                                     \
    } while (0)

#endif
