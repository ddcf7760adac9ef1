/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library to preload, which makes CPython look different before leakgrind reads
   it: with PRETEND=version, as if it were of a future version; with
   PRETEND=no-gil, as if it were built without the GIL.  CPython itself does not
   read these places. */

#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Valgrind's launcher has it preloaded, too: there is no CPython in that. */
#if PY_VERSION_HEX >= 0x030B0000
#pragma weak Py_Version

static void pretend_version(void)
{
    if (&Py_Version == NULL)
        return;
    uintptr_t page = (uintptr_t)&Py_Version & ~(uintptr_t)0xFFF;
    volatile unsigned long* version = (unsigned long*)(uintptr_t)&Py_Version;

    if (mprotect((void*)page, 0x2000, PROT_READ | PROT_WRITE) != 0)
        abort();
    *version = 0x031F00F0;
    if (mprotect((void*)page, 0x2000, PROT_READ) != 0)
        abort();
}
#else
static void pretend_version(void)
{
}
#endif

#if PY_VERSION_HEX >= 0x030D0000
/* The table of debug offsets begins with a cookie, the version, and whether it is
   without the GIL. */
extern __attribute__((weak)) uint64_t _PyRuntime[];

static void pretend_no_gil(void)
{
    if (_PyRuntime == NULL)
        return;
    if (memcmp(_PyRuntime, "xdebugpy", 8) != 0)
        abort();
    _PyRuntime[2] = 1;
}
#else
static void pretend_no_gil(void)
{
}
#endif

static __attribute__((constructor)) void pretend(void)
{
    const char* what = getenv("PRETEND");

    if (what != NULL && strcmp(what, "version") == 0)
        pretend_version();
    else if (what != NULL && strcmp(what, "no-gil") == 0)
        pretend_no_gil();
}
