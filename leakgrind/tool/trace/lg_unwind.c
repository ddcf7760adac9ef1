/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_unwind.c: stacks from a cache.  See lg_unwind.h. */

#include "lg_unwind.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_guest.h"
#include "pub_tool_machine.h"
#include "pub_tool_options.h"
#include "pub_tool_stacktrace.h"

#include "../host/lg_arch.h"
#include "../host/lg_options.h"

/* A stack without its `nSkipped` innermost frames. */
static ExeContext* without(const Addr* ips, UInt n, UInt nSkipped)
{
    UInt first = nSkipped < n ? nSkipped : 0;
    return VG_(make_ExeContext_from_StackTrace)(ips + first, n - first);
}

#if LG_CALLS_PUSH

enum {
    N_SETS     = 2048, /* a power of two */
    N_WAYS     = 4,    /* stacks of one set, tried one after the other */
    MAX_FRAMES = 24    /* deeper stacks are not kept */
};

/* By what a stack is found: side by side for all of a set. */
typedef struct {
    Addr  ip, sp; /* where the thread stood */
    UWord salt;
    UInt  generation; /* valid if it is the current one; 0: never */
} Tag;

typedef struct {
    LgUnwound stack;
    UInt      nSlots;
    struct {
        Addr at;
        Addr value;
    } slots[MAX_FRAMES]; /* of the return addresses */
} Entry;

static Tag     tags[N_SETS][N_WAYS];
static Entry   cache[N_SETS][N_WAYS];
static UInt    nextWay; /* where the next stack goes in its set */
static UInt    generation = 1;
static DiEpoch epoch; /* of the debug information, in this generation */

void lg_unwind_forget(void)
{
    generation++;
}

static UInt set_of(Addr ip, Addr sp, UWord salt)
{
    ULong h = (ip ^ salt ^ (sp << 20)) * 0x9E3779B97F4A7C15ULL;
    return (UInt)(h >> 53); /* 11 bits: N_SETS */
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

/* False when it is not to be found again. */
static Bool unwind_into(ThreadId tid, Entry* e, UInt nSkipped)
{
    UInt max = (UInt)VG_(clo_backtrace_size) + nSkipped;
    Addr ips[max], sps[max];
    UInt n = VG_(get_StackTrace)(tid, ips, max, sps, NULL, 0);

    e->stack = (LgUnwound){without(ips, n, nSkipped), 0};
    return remember(e, ips, sps, n);
}

static LgUnwound* look_up(ThreadId tid, Addr ip, Addr sp, UWord salt,
                          UInt nSkipped)
{
    DiEpoch now = VG_(current_DiEpoch)();
    /* Code may be unloaded, and other code loaded in its place. */
    if (UNLIKELY(now.n != epoch.n)) {
        lg_unwind_forget();
        epoch = now;
    }
    UInt set = set_of(ip, sp, salt);
    for (UInt i = 0; i < N_WAYS && lg_options.cleanStack; i++) {
        const Tag* t = &tags[set][i];
        if (t->sp == sp && t->ip == ip && t->salt == salt &&
            t->generation == generation && still_holds(&cache[set][i]))
            return &cache[set][i].stack;
    }
    UInt way = nextWay++ % N_WAYS;
    Bool isKept = unwind_into(tid, &cache[set][way], nSkipped);
    tags[set][way] = (Tag){ip, sp, salt, isKept ? generation : 0};
    return &cache[set][way].stack;
}

LgUnwound* lg_unwind(ThreadId tid, UWord salt)
{
    return look_up(tid, VG_(get_IP)(tid), VG_(get_SP)(tid), salt, 0);
}

LgUnwound* lg_unwind_caller(ThreadId tid, UWord salt)
{
    Addr sp = VG_(get_SP)(tid); /* at the return address */
    return look_up(tid, *(const Addr*)sp, sp, salt, 1);
}

#else

void lg_unwind_forget(void)
{
}

static LgUnwound* unwind(ThreadId tid, UInt nSkipped)
{
    static LgUnwound stack;
    UInt             max = (UInt)VG_(clo_backtrace_size) + nSkipped;
    Addr             ips[max];
    UInt             n = VG_(get_StackTrace)(tid, ips, max, NULL, NULL, 0);

    stack = (LgUnwound){without(ips, n, nSkipped), 0};
    return &stack;
}

LgUnwound* lg_unwind(ThreadId tid, UWord salt)
{
    (void)salt;
    return unwind(tid, 0);
}

LgUnwound* lg_unwind_caller(ThreadId tid, UWord salt)
{
    (void)salt;
    return unwind(tid, 1);
}

#endif
