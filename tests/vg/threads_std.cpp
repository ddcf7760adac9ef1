// SPDX-License-Identifier: GPL-2.0-or-later
// Threads of C++ that still run when the program ends: nothing of them is lost.

#include <thread>
#include <unistd.h>
#include <valgrind/memcheck.h>

static int ready[2];
static std::thread *volatile joinable;

static void block_for_ever()
{
    if (write(ready[1], "x", 1) == 1)
        for (;;)
            pause();
}

int main()
{
    char c;

    if (pipe(ready) != 0)
        return 1;
    joinable = new std::thread(block_for_ever);
    std::thread(block_for_ever).detach();
    for (int i = 0; i < 2; i++)
        if (read(ready[0], &c, 1) != 1)
            return 1;
    VALGRIND_DO_LEAK_CHECK;
    return 0;
}
