// SPDX-License-Identifier: GPL-2.0-or-later
// A block from every function that allocates, of a size of its own, all lost;
// and what they promise about them.

#include "vgt.h"
#include <malloc.h>
#include <new>

static volatile size_t huge = (size_t)1 << 45;

/* For results that are not looked at. */
static void ignore(const void *)
{
}

static void aligned(const void *p, size_t alignment)
{
    if ((uintptr_t)p % alignment)
        say("not aligned to %zu\n", alignment);
}

static void c_functions()
{
    malloc(1);
    calloc(1, 2);
    ignore(realloc(nullptr, 3));
    void *p = realloc(malloc(1000), 4);
    p = memalign(64, 5);
    aligned(p, 64);
    NEED(posix_memalign(&p, 128, 6) == 0);
    aligned(p, 128);
    p = aligned_alloc(256, 512);
    aligned(p, 256);
    p = valloc(8);
    aligned(p, 4096);
    p = malloc(9);
    say("usable: %zu\n", malloc_usable_size(p));
    memset(p, 'x', 9);
}

static void cpp_functions()
{
    ignore(operator new(11));
    ignore(operator new[](12));
    ignore(operator new(13, std::nothrow));
    ignore(operator new[](14, std::nothrow));
    aligned(operator new(15, std::align_val_t(64)), 64);
    aligned(operator new[](16, std::align_val_t(128)), 128);
    aligned(operator new(17, std::align_val_t(256), std::nothrow), 256);
    aligned(operator new[](18, std::align_val_t(512), std::nothrow), 512);
}

static void all_deletes()
{
    operator delete(operator new(21));
    operator delete[](operator new[](22));
    std::align_val_t a{64};
    operator delete(operator new(25, a), a);
    operator delete[](operator new[](26, a), a);
    operator delete(operator new(27), std::nothrow);
#ifdef __cpp_sized_deallocation
    operator delete(operator new(23), (size_t)23);
    operator delete[](operator new[](24), (size_t)24);
    operator delete(operator new(28, a), (size_t)28, a);
    operator delete[](operator new[](29, a), (size_t)29, a);
#endif
    free(malloc(30));
}

static void impossible()
{
    say("malloc: %p\n", malloc(huge));
    say("calloc: %p\n", calloc(huge, 1));
    void *p = malloc(31);
    say("realloc: %p\n", realloc(p, huge));
    free(p);
    say("memalign: %p\n", memalign(64, huge));
    p = nullptr;
    say("posix_memalign: %d\n", posix_memalign(&p, 64, huge) != 0);
    say("odd alignment: %d\n", posix_memalign(&p, 3, 10) != 0);
    say("new: %p\n", operator new(huge, std::nothrow));
}

int main()
{
    c_functions();
    cpp_functions();
    all_deletes();
    impossible();
    CLEAR_REGISTERS();
    return 0;
}
