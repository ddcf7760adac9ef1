/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nine ways in which a block BBB can hang from a root RRR through at most
   one other block AAA.  "-->" is a start pointer, "-?->" an interior pointer.

     case  chain                       AAA          BBB
      1    RRR ------------> BBB                    reachable
      2    RRR ---> AAA ---> BBB       reachable    reachable
      3    RRR               BBB                    definite
      4    RRR      AAA ---> BBB       definite     indirect
      5    RRR ------?-----> BBB                    possible
      6    RRR ---> AAA -?-> BBB       reachable    possible
      7    RRR -?-> AAA ---> BBB       possible     possible
      8    RRR -?-> AAA -?-> BBB       possible     possible
      9    RRR      AAA -?-> BBB       definite     indirect

   Sizes tell the blocks apart: AAA of case n has n*100 bytes, BBB n*100+1. */

#include "vgt.h"

#define INSIDE 24

char *volatile roots[10];

static char *block(int size)
{
    char *b = malloc(size);
    memset(b, 0, size);
    return b;
}

static void *aaa(int n)
{
    return block(n * 100);
}

static void *bbb(int n)
{
    return block(n * 100 + 1);
}

static void build(void)
{
    char **a;

    roots[1] = bbb(1);

    a = aaa(2);
    a[0] = bbb(2);
    roots[2] = (char *)a;

    bbb(3);

    a = aaa(4);
    a[0] = bbb(4);

    roots[5] = (char *)bbb(5) + INSIDE;

    a = aaa(6);
    a[0] = (char *)bbb(6) + INSIDE;
    roots[6] = (char *)a;

    a = aaa(7);
    a[0] = bbb(7);
    roots[7] = (char *)a + INSIDE;

    a = aaa(8);
    a[0] = (char *)bbb(8) + INSIDE;
    roots[8] = (char *)a + INSIDE;

    a = aaa(9);
    a[0] = (char *)bbb(9) + INSIDE;
}

int main(void)
{
    build();
    return 0;
}
