/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Leak checks while the program runs: in full, added since the last one,
   changed since the last one, new since the last one. */

#include "vgt.h"
#include <valgrind/memcheck.h>

#ifndef VALGRIND_DO_NEW_LEAK_CHECK
#define VALGRIND_DO_NEW_LEAK_CHECK                                           \
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DO_LEAK_CHECK, 0, 3, 0, 0, 0)
#endif

void *volatile held[3];

DISTINCT static void *site_a(void)
{
    return calloc(1, 10);
}

DISTINCT static void *site_b(void)
{
    return calloc(1, 200);
}

DISTINCT static void *site_c(void)
{
    return calloc(1, 3000);
}

static void lose_a(void) { site_a(); }
static void hold_b(int i) { held[i] = site_b(); }
static void hold_c(int i) { held[i] = site_c(); }

int main(int argc, char **argv)
{
    int with_new = argc > 1 && strcmp(argv[1], "new") == 0;

    say("-- full: one lost\n");
    lose_a();
    CLEAR_REGISTERS();
    VALGRIND_DO_LEAK_CHECK;

    say("-- added: nothing changed\n");
    CLEAR_REGISTERS();
    VALGRIND_DO_ADDED_LEAK_CHECK;

    say("-- added: two more lost, both at a place of their own\n");
    for (int i = 0; i < 2; i++) {
        lose_a();
        CLEAR_REGISTERS();
        VALGRIND_DO_ADDED_LEAK_CHECK;
    }

    say("-- added: one more that is reachable\n");
    hold_b(0);
    CLEAR_REGISTERS();
    VALGRIND_DO_ADDED_LEAK_CHECK;

    say("-- changed: one reachable more, at another place\n");
    hold_c(1);
    CLEAR_REGISTERS();
    VALGRIND_DO_CHANGED_LEAK_CHECK;

    say("-- added: the first reachable one is lost\n");
    held[0] = NULL;
    CLEAR_REGISTERS();
    VALGRIND_DO_ADDED_LEAK_CHECK;

    say("-- changed: freed a reachable one\n");
    free(held[1]);
    held[1] = NULL;
    CLEAR_REGISTERS();
    VALGRIND_DO_CHANGED_LEAK_CHECK;

    say("-- changed: nothing changed\n");
    CLEAR_REGISTERS();
    VALGRIND_DO_CHANGED_LEAK_CHECK;

    if (with_new) {
        say("-- new: lost at an old place\n");
        lose_a();
        CLEAR_REGISTERS();
        VALGRIND_DO_NEW_LEAK_CHECK;
        say("-- new: lost at a new place\n");
        hold_c(2);
        held[2] = NULL;
        CLEAR_REGISTERS();
        VALGRIND_DO_NEW_LEAK_CHECK;
    }

    say("-- summary only\n");
    CLEAR_REGISTERS();
    VALGRIND_DO_QUICK_LEAK_CHECK;

    say("-- full, at the end\n");
    return 0;
}
