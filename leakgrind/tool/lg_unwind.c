/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_unwind.c: stacks from a cache.  See lg_unwind.h. */

#include "lg_unwind.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_guest.h"
#include "pub_tool_machine.h"
#include "pub_tool_options.h"
#include "pub_tool_stacktrace.h"

#include "lg_options.h"

/* A stack without its `nSkipped` innermost frames. */
static ExeContext* without(const Addr* ips, UInt n, UInt nSkipped)
{
    UInt first = nSkipped < n ? nSkipped : 0;
    return VG_(make_ExeContext_from_StackTrace)(ips + first, n - first);
}

#if defined(VGA_amd64)

enum {
    N_ENTRIES  = 8192, /* a power of two */
    MAX_FRAMES = 24    /* deeper stacks are not kept */
};

typedef struct {
    UWord       place; /* where the thread stood, and the salt */
    Addr        sp;
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

static Entry* entry_for(UWord place, Addr sp)
{
    ULong h = (place ^ (sp << 20)) * 0x9E3779B97F4A7C15ULL;
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

static ExeContext* unwind_and_remember(ThreadId tid, Entry* e, UWord place,
                                       Addr sp, UInt nSkipped)
{
    UInt        max = (UInt)VG_(clo_backtrace_size) + nSkipped;
    Addr        ips[max], sps[max];
    UInt        n = VG_(get_StackTrace)(tid, ips, max, sps, NULL, 0);
    ExeContext* ec = without(ips, n, nSkipped);

    e->generation = 0;
    if (remember(e, ips, sps, n)) {
        e->generation = generation;
        e->place = place;
        e->sp = sp;
        e->ec = ec;
    }
    return ec;
}

static ExeContext* look_up(ThreadId tid, UWord place, Addr sp, UInt nSkipped)
{
    DiEpoch now = VG_(current_DiEpoch)();
    /* Code may be unloaded, and other code loaded in its place. */
    if (UNLIKELY(now.n != epoch.n)) {
        lg_unwind_forget();
        epoch = now;
    }
    Entry* e = entry_for(place, sp);
    if (LIKELY(e->generation == generation && e->place == place &&
               e->sp == sp && still_holds(e) && lg_options.cleanStack))
        return e->ec;
    return unwind_and_remember(tid, e, place, sp, nSkipped);
}

ExeContext* lg_unwind_salted(ThreadId tid, UWord salt)
{
    return look_up(tid, VG_(get_IP)(tid) ^ salt, VG_(get_SP)(tid), 0);
}

ExeContext* lg_unwind_caller(ThreadId tid, UWord salt)
{
    Addr sp = VG_(get_SP)(tid); /* at the return address */
    return look_up(tid, *(const Addr*)sp ^ salt, sp, 1);
}

#else

void lg_unwind_forget(void)
{
}

ExeContext* lg_unwind_salted(ThreadId tid, UWord salt)
{
    (void)salt;
    return VG_(record_ExeContext)(tid, 0 /*first_ip_delta*/);
}

ExeContext* lg_unwind_caller(ThreadId tid, UWord salt)
{
    UInt max = (UInt)VG_(clo_backtrace_size) + 1;
    Addr ips[max];
    UInt n = VG_(get_StackTrace)(tid, ips, max, NULL, NULL, 0);

    (void)salt;
    return without(ips, n, 1);
}

#endif

ExeContext* lg_unwind(ThreadId tid)
{
    return lg_options.cleanStack
               ? lg_unwind_salted(tid, 0)
               : VG_(record_ExeContext)(tid, 0 /*first_ip_delta*/);
}
