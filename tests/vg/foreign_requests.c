/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of memcheck.h about definedness and addressability.  They have no
   meaning here; a program that makes them must run as it would without
   Valgrind, and without a message. */

#include "vgt.h"
#include <valgrind/callgrind.h>
#include <valgrind/memcheck.h>

int main(void)
{
    char buf[16] = "", bits[16] = "";
    char *volatile p = malloc(10);
    VALGRIND_MAKE_MEM_NOACCESS(p, 10);
    VALGRIND_MAKE_MEM_UNDEFINED(p, 10);
    VALGRIND_MAKE_MEM_DEFINED(p, 10);
    VALGRIND_MAKE_MEM_DEFINED_IF_ADDRESSABLE(p, 10);
    unsigned block = VALGRIND_CREATE_BLOCK(buf, sizeof buf, "a buffer");
    VALGRIND_DISCARD(block);
    say("addressable: %d\n",
        VALGRIND_CHECK_MEM_IS_ADDRESSABLE(buf, sizeof buf) == 0);
    say("defined: %d\n", VALGRIND_CHECK_MEM_IS_DEFINED(buf, sizeof buf) == 0);
    (void)VALGRIND_GET_VBITS(buf, bits, sizeof buf);
    (void)VALGRIND_SET_VBITS(buf, bits, sizeof buf);
    VALGRIND_DISABLE_ADDR_ERROR_REPORTING_IN_RANGE(buf, sizeof buf);
    VALGRIND_ENABLE_ADDR_ERROR_REPORTING_IN_RANGE(buf, sizeof buf);
    CALLGRIND_TOGGLE_COLLECT;
    say("running on Valgrind: %d\n", (int)RUNNING_ON_VALGRIND);
    return 0;
}
