/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pyimage.h: a small memory of Python objects, for fuzz targets: they build it, let
   the input write into it, and ask the code under test about every address.  Offsets
   are from the start of the image. */

#ifndef LG_TESTS_PYIMAGE_H
#define LG_TESTS_PYIMAGE_H

#include "../../leakgrind/python/lg_pylayout.h"
#include "../../leakgrind/python/lg_pymem.h"

#include "fuzz.h"

#define PYIMAGE_BASE    ((Addr)0x100000)
#define PYIMAGE_MAX_SZB 0x2000

extern uint8_t pyimage[PYIMAGE_MAX_SZB];

/* Gives copies, each of just the size asked for, so that reading on is noticed;
   some may be in use at once.  Reading much for one question is a failure. */
extern const LgPyMem pyimage_mem;

/* An image of zeros. */
void pyimage_begin(const LgPyLayout* layout, UInt szB);
/* Whatever is asked next is another question. */
void pyimage_next_question(void);

void pyimage_put(UInt offset, Addr value);
/* `name` is the offset of a C string. */
void pyimage_put_type(UInt t, UInt type, UInt name, Addr basicsize, Addr flags);
void pyimage_put_str(UInt s, UInt type, const char* text);
/* A table of keys with n <= 5 entries: offsets of keys and values. */
void pyimage_put_keys(UInt keys, UInt n, const UInt entries[][2]);

/* A write of the input, 4 bytes: offset in words, 2 bytes; kind; value. */
enum { PYIMAGE_WRITE_SZB = 4 };
void pyimage_write(const uint8_t d[PYIMAGE_WRITE_SZB]);

/* Terminated, and printable. */
void pyimage_check_name(const char* name, size_t szB);

#endif
