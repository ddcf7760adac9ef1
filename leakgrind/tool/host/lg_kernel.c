/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_kernel.c: see lg_kernel.h. */

#include "lg_kernel.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_vki.h"
#include "pub_tool_vkiscnums.h"

/* From Linux' include/uapi/linux, which the core's headers leave out. */
enum {
    LG_PR_SET_SECCOMP  = 22,
    LG_SET_MODE_STRICT = 0, /* of seccomp() */
    LG_SET_MODE_FILTER = 1
};

static struct {
    Bool hadFilter;   /* at the start */
    Bool hasFilter;   /* the program has made one */
    UInt nInstalling; /* threads that are about to make one */
} kernel;

Bool lg_kernel_allows_files(void)
{
    return !kernel.hasFilter && kernel.nInstalling == 0;
}

Bool lg_kernel_allows_all(void)
{
    return lg_kernel_allows_files() && !kernel.hadFilter;
}

/* Looks for the line "Seccomp:\t0" in /proc/self/status. */
void lg_kernel_init(void)
{
    static const HChar wanted[] = "\nSeccomp:";
    HChar              text[4096];
    Int                fd = VG_(fd_open)("/proc/self/status", VKI_O_RDONLY, 0);

    if (fd < 0)
        return;
    Int n = VG_(read)(fd, text, sizeof text - 1);
    VG_(close)(fd);
    text[n < 0 ? 0 : n] = 0;
    const HChar* line = VG_(strstr)(text, wanted);
    if (line != NULL)
        kernel.hadFilter = VG_(strtoll10)(line + sizeof wanted, NULL) != 0;
}

static Bool makes_filter(UInt number, const UWord* args, UInt nArgs)
{
    if (number == __NR_prctl)
        return nArgs >= 1 && args[0] == LG_PR_SET_SECCOMP;
    return number == __NR_seccomp && nArgs >= 1 &&
           (args[0] == LG_SET_MODE_STRICT || args[0] == LG_SET_MODE_FILTER);
}

/* Newer cores read a file's debug information when they are first asked for
   it.  They are asked now, while it can be read. */
static void load_debug_info(void)
{
    const HChar* name;

    for (const DebugInfo* di = VG_(next_DebugInfo)(NULL); di != NULL;
         di = VG_(next_DebugInfo)(di))
        VG_(get_fnname)(VG_(current_DiEpoch)(),
                        VG_(DebugInfo_get_text_avma)(di), &name);
}

void lg_kernel_before_syscall(ThreadId tid, UInt number, UWord* args,
                              UInt nArgs)
{
    (void)tid;
    if (LIKELY(!makes_filter(number, args, nArgs)))
        return;
    load_debug_info();
    kernel.nInstalling++;
}

void lg_kernel_after_syscall(ThreadId tid, UInt number, UWord* args, UInt nArgs,
                             SysRes res)
{
    (void)tid;
    if (LIKELY(!makes_filter(number, args, nArgs)))
        return;
    kernel.nInstalling--;
    if (!sr_isError(res))
        kernel.hasFilter = True;
}
