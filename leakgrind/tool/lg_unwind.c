/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_unwind.c: stacks from a cache.  See lg_unwind.h. */

#include "lg_unwind.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_guest.h"
#include "pub_tool_machine.h"
#include "pub_tool_options.h"
#include "pub_tool_stacktrace.h"

#include "lg_options.h"

#if defined(VGA_amd64)

enum {
    N_ENTRIES  = 8192, /* a power of two */
    MAX_FRAMES = 24    /* deeper stacks are not kept */
};

typedef struct {
    Addr        ip, sp, fp; /* where the thread stood (ip: or the place) */
    ExeContext* ec;
    UInt        generation; /* valid if it is the current one; 0: never */
    UInt        nSlots;
    struct {
        Addr at;
        Addr value;
    } slots[MAX_FRAMES]; /* of the return addresses */
} Entry;

static Entry   cache[N_ENTRIES];
static UInt    generation = 1;
static DiEpoch epoch; /* of the debug information, in this generation */

void lg_unwind_forget(void)
{
    generation++;
}

static Addr frame_pointer(ThreadId tid)
{
    Addr fp;
    VG_(get_shadow_regs_area)(tid, (UChar*)&fp, 0,
                              offsetof(VexGuestArchState, guest_RBP),
                              sizeof fp);
    return fp;
}

static Entry* entry_for(Addr ip, Addr sp)
{
    ULong h = (ip ^ (sp << 20)) * 0x9E3779B97F4A7C15ULL;
    return &cache[h >> 51]; /* 13 bits: N_ENTRIES */
}

static Bool still_holds(const Entry* e)
{
    for (UInt i = 0; i < e->nSlots; i++)
        if (*(const Addr*)e->slots[i].at != e->slots[i].value)
            return False;
    return True;
}

/* Where the return address of frame i stands, given the stack pointers of all
   frames: right below the caller's frame; or, where Valgrind did not know how
   to unwind and took what the stack pointer pointed at (beyond _start, for
   instance), at the stack pointer.  0 when in neither place. */
static Addr return_slot(const Addr* ips, const Addr* sps, UInt i)
{
    Addr sp = sps[i + 1];
    if (sp < sps[0] + sizeof(Addr) || sp % sizeof(Addr) != 0)
        return 0;
    if (sp > sps[i] && ((const Addr*)sp)[-1] - 1 == ips[i + 1])
        return sp - sizeof(Addr);
    return *(const Addr*)sp - 1 == ips[i + 1] ? sp : 0;
}

/* Fills *e from a fresh stack; False when it does not fit or a return address
   is not where it ought to be. */
static Bool remember(Entry* e, const Addr* ips, const Addr* sps, UInt n)
{
    if (n == 0 || n > MAX_FRAMES)
        return False;
    e->nSlots = n - 1;
    for (UInt i = 0; i + 1 < n; i++) {
        Addr at = return_slot(ips, sps, i);
        if (at == 0)
            return False;
        e->slots[i].at    = at;
        e->slots[i].value = *(const Addr*)at;
    }
    return True;
}

static ExeContext* unwind_and_remember(ThreadId tid, Entry* e, Addr ip,
                                       Addr sp, Addr fp, UInt nSkipped)
{
    UInt        max = (UInt)VG_(clo_backtrace_size) + nSkipped;
    Addr        ips[max], sps[max];
    UInt        n = VG_(get_StackTrace)(tid, ips, max, sps, NULL, 0);
    UInt        first = nSkipped < n ? nSkipped : 0;
    ExeContext* ec =
        VG_(make_ExeContext_from_StackTrace)(ips + first, n - first);

    e->generation = 0;
    if (remember(e, ips, sps, n)) {
        e->generation = generation;
        e->ip = ip;
        e->sp = sp;
        e->fp = fp;
        e->ec = ec;
    }
    return ec;
}

ExeContext* lg_unwind_from(ThreadId tid, UWord place, UInt nSkipped)
{
    DiEpoch now = VG_(current_DiEpoch)();
    /* Code may be unloaded, and other code loaded in its place. */
    if (UNLIKELY(now.n != epoch.n)) {
        lg_unwind_forget();
        epoch = now;
    }
    /* Below a hook the frame pointer is a register like any other. */
    Addr   sp = VG_(get_SP)(tid), fp = nSkipped > 0 ? 0 : frame_pointer(tid);
    Entry* e = entry_for(place, sp);
    if (LIKELY(e->generation == generation && e->ip == place && e->sp == sp &&
               e->fp == fp && still_holds(e) && lg_options.cleanStack))
        return e->ec;
    return unwind_and_remember(tid, e, place, sp, fp, nSkipped);
}

ExeContext* lg_unwind(ThreadId tid)
{
    if (!lg_options.cleanStack)
        return VG_(record_ExeContext)(tid, 0 /*first_ip_delta*/);
    return lg_unwind_from(tid, VG_(get_IP)(tid), 0);
}

#else

void lg_unwind_forget(void)
{
}

ExeContext* lg_unwind(ThreadId tid)
{
    return VG_(record_ExeContext)(tid, 0 /*first_ip_delta*/);
}

ExeContext* lg_unwind_from(ThreadId tid, UWord place, UInt nSkipped)
{
    UInt max = (UInt)VG_(clo_backtrace_size) + nSkipped;
    Addr ips[max];
    UInt n = VG_(get_StackTrace)(tid, ips, max, NULL, NULL, 0);
    UInt first = nSkipped < n ? nSkipped : 0;

    (void)place;
    return VG_(make_ExeContext_from_StackTrace)(ips + first, n - first);
}

#endif
