/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_progress.c: progress of a search.  See lg_progress.h.

   Prints nothing in the first two seconds, nor if messages go anywhere but to
   a terminal. */

#include "lg_progress.h"

#include "pub_tool_clientstate.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"
#include "pub_tool_xarray.h"

#include "../../lg_platform.h"
#include "../host/lg_kernel.h"

enum { FIRST_AFTER_MS = 2000, EVERY_MS = 1000 };

static struct {
    Bool onTerminal;
    UInt startMs;
    UInt nextMs; /* after the start */
} progress;

/* Valgrind's messages go to standard error unless an option sends them
   elsewhere. */
static Bool goes_to_terminal(void)
{
    static const HChar* const elsewhere[] = {"--log-file", "--log-socket",
                                             "--log-fd"};
    HChar    target[64];
    XArray*  args = VG_(args_for_valgrind);

    if (VG_(clo_xml) || VG_(clo_verbosity) == 0 || !lg_kernel_allows_files())
        return False;
    for (Word i = 0; i < VG_(sizeXA)(args); i++) {
        const HChar* arg = *(HChar**)VG_(indexXA)(args, i);
        for (UInt j = 0; j < sizeof elsewhere / sizeof elsewhere[0]; j++)
            if (VG_(strncmp)(arg, elsewhere[j], VG_(strlen)(elsewhere[j])) ==
                0)
                return False;
    }
    SSizeT n = VG_(readlink)("/proc/self/fd/2", target, sizeof target - 1);
    if (n <= 0)
        return False;
    target[n] = 0;
    return VG_(strncmp)(target, "/dev/pts/", 9) == 0 ||
           VG_(strncmp)(target, "/dev/tty", 8) == 0;
}

void lg_progress_begin(void)
{
    progress.onTerminal = goes_to_terminal();
    progress.startMs    = lg_plat_millis();
    progress.nextMs     = FIRST_AFTER_MS;
}

void lg_progress(void* opaque, ULong scannedB, UInt nMarked)
{
    (void)opaque;

    if (!progress.onTerminal)
        return;
    UInt ms = lg_plat_millis() - progress.startMs;
    if (ms < progress.nextMs)
        return;
    progress.nextMs = ms + EVERY_MS;
    VG_(umsg)("Leak search: %u seconds, %'llu MiB read, %'u blocks reached\n",
              ms / 1000, scannedB >> 20, nMarked);
    VG_(message_flush)();
}

void lg_progress_end(void)
{
    progress.onTerminal = False;
}
