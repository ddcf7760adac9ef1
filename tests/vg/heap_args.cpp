// SPDX-License-Identifier: GPL-2.0-or-later
// Alignments and sizes that functions of the heap are passed: right ones, ones
// that no block can have, and ones that are not those of the block.

#include "vgt.h"
#include <malloc.h>
#include <new>

#if __GNUC__ >= 11 && !defined __clang__
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

// The compiler shall not know what is passed.
static volatile size_t zero = 0, odd = 63, line = 64, wide = 128;

static std::align_val_t at(size_t bytes) { return std::align_val_t(bytes); }

static void right()
{
    say("-- right\n");
    operator delete(operator new(10), 10);
    operator delete[](operator new[](20), 20);
    operator delete(operator new(30, at(line)), at(line));
    operator delete[](operator new[](40, at(line)), 40, at(line));
    operator delete(nullptr, 50);
    free(memalign(line, 60));
    free(aligned_alloc(line, 128));
    void *p;
    if (posix_memalign(&p, line, 70) == 0)
        free(p);
    // A block without an alignment, where one with it was.
    p = operator new(80, at(line));
    operator delete(p, at(line));
    operator delete(operator new(80));
}

static void sizes()
{
    say("-- sizes\n");
    operator delete(operator new(10), 11);
    operator delete[](operator new[](20), 21);
    operator delete(operator new(30, at(line)), 31, at(line));
}

static void alignments()
{
    say("-- alignments\n");
    operator delete(operator new(10, at(line)), at(wide));
    operator delete[](operator new[](20, at(line)), 20, at(wide));
    operator delete(operator new(30, at(line)));
    operator delete(operator new(40), at(line));
    operator delete(operator new(50, at(line)), at(odd));
}

static void making()
{
    say("-- making\n");
    operator delete(operator new(10, at(odd), std::nothrow));
    free(memalign(odd, 20));
    void *p = nullptr;
    if (posix_memalign(&p, 4, 30) == 0)
        free(p);
    free(aligned_alloc(line, 100));
    free(memalign(line, zero));
}

int main()
{
    right();
    sizes();
    alignments();
    making();
    return 0;
}
