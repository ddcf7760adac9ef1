/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_inlineinfo.c: see lg_inlineinfo.h. */

#include "lg_inlineinfo.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"

#include "../host/lg_compat.h"
#include "../host/lg_options.h"

static Bool isAutomatic;

void lg_inlineinfo_init(void)
{
    isAutomatic = !lg_options_core_has("--read-inline-info");
    if (isAutomatic)
        VG_(clo_read_inline_info) = True;
}

static Bool is_c_library(const HChar* file)
{
    static const HChar* const names[] = {"libc.so", "libc-2.", "libm.so",
                                         "libm-2.", "libpthread", "libdl"};
    const HChar* base = VG_(strrchr)(file, '/');

    base = base != NULL ? base + 1 : file;
    for (UInt i = 0; i < sizeof names / sizeof names[0]; i++)
        if (VG_(strncmp)(base, names[i], VG_(strlen)(names[i])) == 0)
            return True;
    return False;
}

/* The core reads a file's debug information when the last of its segments is
   mapped, before it calls the tool; for the earlier segments the tool is
   called before that.  The same option also says whether inlined calls are
   printed: so it is off only while a C library is being mapped. */
void lg_inlineinfo_on_mmap(Addr a, Bool isFileRead)
{
    NSegment const* seg;
    const HChar*    file;

    if (!isAutomatic)
        return;
    seg  = isFileRead ? NULL : VG_(am_find_nsegment)(a);
    file = seg != NULL && seg->kind == SkFileC ? VG_(am_get_filename)(seg)
                                               : NULL;
    VG_(clo_read_inline_info) = file == NULL || !is_c_library(file);
}

void lg_inlineinfo_settle(void)
{
    if (isAutomatic)
        VG_(clo_read_inline_info) = True;
}
