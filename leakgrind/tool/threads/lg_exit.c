/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_exit.c: see lg_exit.h. */

#include "lg_exit.h"

#include "pub_tool_machine.h"
#include "pub_tool_threadstate.h"

#include "lg_zones.h"

static LgExitFrame frame;

const LgExitFrame* lg_exit_frame(void)
{
    return &frame;
}

/* exit() calls _exit(), which makes a system call: the first of these counts,
   unless a jump has left it. */
static Bool is_exit_known(ThreadId tid, Addr sp)
{
    return frame.valid && frame.registers.tid == tid && sp <= frame.sp;
}

static void begin_exit(ThreadId tid, Addr sp)
{
    frame.valid = True;
    frame.sp = sp;
    frame.alt = lg_zones_alternate_stack(tid);
}

void lg_exit_on_call(const VexGuestArchState* gst)
{
    ThreadId tid = VG_(get_running_tid)();
    Addr     sp = lg_arch_word(gst, LG_OFFSET_SP);

    if (is_exit_known(tid, sp))
        return;
    begin_exit(tid, sp);
    lg_registers_save_kept(tid, gst, &frame.registers);
}

void lg_exit_on_syscall(ThreadId tid)
{
    Addr sp = VG_(get_SP)(tid) - lg_zones_red_zone(tid);

    if (is_exit_known(tid, sp))
        return;
    begin_exit(tid, sp);
    lg_registers_save(tid, &frame.registers);
}
