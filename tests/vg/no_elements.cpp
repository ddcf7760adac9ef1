// SPDX-License-Identifier: GPL-2.0-or-later
// Arrays without elements: of a class with a destructor new[] returns a pointer
// one past the end of a block that holds their number alone.  One past the end
// of any other block is no pointer to it.

#include "vgt.h"

struct Plain {
    int i;
    ~Plain()
    {
        i = 0;
    }
};

struct alignas(16) Aligned {
    int i;
    ~Aligned()
    {
        i = 0;
    }
};

volatile int none = 0, one = 1;
Plain *volatile plain;
Aligned *volatile aligned;
Plain *volatile *volatile in_block; // one that leads on
long *volatile end_of_long;
char *volatile end_of_malloc;

static void hold()
{
    plain = new Plain[none];
    aligned = new Aligned[none];
    in_block = new Plain *volatile[one];
    *in_block = new Plain[none];
}

static void lose()
{
    new Plain[none];
    end_of_long = new long[one];
    *end_of_long++ = 1;
    end_of_malloc = (char *)calloc(8, 1) + 8;
}

int main()
{
    hold();
    lose();
    return 0;
}
