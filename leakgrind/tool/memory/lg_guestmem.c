/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_guestmem.c: see lg_guestmem.h. */

#include "lg_guestmem.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_vki.h"

#include "../../engine/lg_wordset.h"
#include "../../lg_platform.h"

typedef struct {
    void*       to;
    const void* from;
    SizeT       szB;
} Copy;

static void copy_bytes(void* arg)
{
    const Copy* c = arg;
    VG_(memcpy)(c->to, c->from, c->szB);
}

Bool lg_guestmem_read(void* to, Addr from, SizeT szB)
{
    Copy c = {to, (const void*)from, szB};
    Addr fault;
    return lg_plat_guarded(copy_bytes, &c, &fault);
}

Bool lg_guestmem_write(Addr to, const void* from, SizeT szB)
{
    Copy c = {(void*)to, from, szB};
    Addr fault;
    return lg_plat_guarded(copy_bytes, &c, &fault);
}

/* --- Strings ------------------------------------------------------------- */

enum { MAX_STRING = 4096 };

typedef struct {
    HChar        text[MAX_STRING + 1];
    const HChar* from;
} String;

static void copy_string(void* arg)
{
    String* s = arg;
    for (UInt i = 0; i < MAX_STRING && (s->text[i] = s->from[i]) != 0; i++)
        ;
}

HChar* lg_guestmem_string(Addr a)
{
    String s;
    Addr   fault;

    s.from = (const HChar*)a;
    s.text[MAX_STRING] = 0;
    if (!lg_plat_guarded(copy_string, &s, &fault))
        VG_(sprintf)(s.text, "(unreadable name at %#lx)", a);
    return VG_(strdup)("lg.guestmem.string", s.text);
}

/* --- Pages --------------------------------------------------------------- */

static void touch_pages(void* arg)
{
    const Addr* range = arg;
    for (Addr a = VG_PGROUNDDN(range[0]); a < range[1]; a += VKI_PAGE_SIZE)
        (void)*(const volatile UChar*)a;
}

Bool lg_guestmem_is_readable(Addr lo, Addr hi)
{
    Addr range[2] = {lo, hi}, fault;
    return lg_plat_guarded(touch_pages, range, &fault);
}

/* --- Guard pages --------------------------------------------------------- */

/* From Linux' include/uapi/asm-generic/mman-common.h. */
enum { GUARD_INSTALL = 102, GUARD_REMOVE = 103 };

static LgWordSet* guards; /* NULL: there never was one */

Bool lg_guestmem_has_guards(Addr lo, Addr hi)
{
    return guards != NULL && lg_ws_overlaps(guards, lo, hi);
}

Bool lg_guestmem_on_madvise(Addr a, SizeT szB, UWord advice)
{
    if (advice == GUARD_REMOVE)
        lg_guestmem_on_munmap(a, szB);
    if (advice != GUARD_INSTALL)
        return advice == GUARD_REMOVE;
    if (guards == NULL)
        guards = lg_ws_new();
    lg_ws_add(guards, a, a + szB);
    return True;
}

void lg_guestmem_on_munmap(Addr a, SizeT szB)
{
    if (guards != NULL)
        lg_ws_remove(guards, a, a + szB);
}

void lg_guestmem_check(void)
{
    lg_ws_check(guards);
}
