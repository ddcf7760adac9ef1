/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Twelve lost blocks with stacks that differ in their second, fourth and sixth
   function only: how many loss records that makes depends on
   --leak-resolution. */

#include "vgt.h"

static int choice2, choice4, choice6;

static void *get(void)
{
    return malloc(10);
}

DISTINCT static void f2a(void) { get(); }
DISTINCT static void f2b(void) { get(); }
static void f3(void) { choice2 ? f2b() : f2a(); }
DISTINCT static void f4a(void) { f3(); }
DISTINCT static void f4b(void) { f3(); }
static void f5(void) { choice4 ? f4b() : f4a(); }
DISTINCT static void f6a(void) { f5(); }
DISTINCT static void f6b(void) { f5(); }
DISTINCT static void f6c(void) { f5(); }

static void f7(void)
{
    switch (choice6) {
    case 0: f6a(); break;
    case 1: f6b(); break;
    default: f6c(); break;
    }
}

int main(void)
{
    for (choice2 = 0; choice2 < 2; choice2++)
        for (choice4 = 0; choice4 < 2; choice4++)
            for (choice6 = 0; choice6 < 3; choice6++)
                f7();
    return 0;
}
