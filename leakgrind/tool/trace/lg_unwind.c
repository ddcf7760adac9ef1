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
static ExeContext* drop_innermost(const Addr* ips, UInt n, UInt nSkipped)
{
    UInt first = nSkipped < n ? nSkipped : 0;
    return VG_(make_ExeContext_from_StackTrace)(ips + first, n - first);
}

#if LG_CALLS_PUSH

enum {
    N_SETS     = 2048, /* a power of two */
    N_WAYS     = 4,    /* tags of one set, tried one after the other */
    N_STACKS   = 8192, /* that are kept */
    MAX_FRAMES = 24    /* deeper stacks are not kept */
};

/* The keys of stacks; those of a set are adjacent. */
typedef struct {
    Addr      ip, sp; /* where the thread was */
    UWord     salt;
    ULong     number; /* of the stack; 0: none */
    LgUnwound unwound;
} Tag;

/* A stack is at index number % N_STACKS until another one replaces it. */
typedef struct {
    ULong number;
    UInt  nSlots;
    struct {
        Addr at;
        Addr value;
    } slots[MAX_FRAMES]; /* of the return addresses */
} Stack;

static Tag     tags[N_SETS][N_WAYS];
static Stack   stacks[N_STACKS];
static UInt    random; /* chooses where the next tag goes in its set */
static ULong   last; /* number of a stack */
static ULong   lastForgotten;
static Addr    lowest = ~(Addr)0; /* slot of those since then */
static DiEpoch epoch; /* of the debug information, for them */

void lg_unwind_forget(void)
{
    lastForgotten = last;
    lowest        = ~(Addr)0;
}

void lg_unwind_forget_below(Addr hi)
{
    if (hi > lowest)
        lg_unwind_forget();
}

static UInt set_of(Addr ip, Addr sp, UWord salt)
{
    ULong h = (ip ^ salt ^ (sp << 20)) * 0x9E3779B97F4A7C15ULL;
    return (UInt)(h >> 53); /* 11 bits: N_SETS */
}

static Bool still_fits(const Stack* s)
{
    for (UInt i = 0; i < s->nSlots; i++)
        if (*(const Addr*)s->slots[i].at != s->slots[i].value)
            return False;
    return True;
}

/* The place of frame i's return address, given the stack pointers of all
   frames: right below the caller's frame; or, if Valgrind did not know how to
   unwind and took the word at the stack pointer (beyond _start, for instance),
   at the stack pointer.  0 if it is in neither place. */
static Addr return_slot(const Addr* ips, const Addr* sps, UInt i)
{
    Addr sp = sps[i + 1];
    if (sp < sps[0] + sizeof(Addr) || sp % sizeof(Addr) != 0)
        return 0;
    if (sp > sps[i] && ((const Addr*)sp)[-1] - 1 == ips[i + 1])
        return sp - sizeof(Addr);
    return *(const Addr*)sp - 1 == ips[i + 1] ? sp : 0;
}

/* Fills *s from a stack that was just unwound.  False if it does not fit, or
   if a return address is not in its place. */
static Bool remember_stack(Stack* s, const Addr* ips, const Addr* sps, UInt n)
{
    if (n == 0 || n > MAX_FRAMES)
        return False;
    s->nSlots = n - 1;
    for (UInt i = 0; i + 1 < n; i++) {
        Addr at = return_slot(ips, sps, i);
        if (at == 0)
            return False;
        s->slots[i].at    = at;
        s->slots[i].value = *(const Addr*)at;
        if (at < lowest)
            lowest = at;
    }
    return True;
}

static Bool is_kept(const Tag* t)
{
    const Stack* s = &stacks[t->number % N_STACKS];
    return t->number > lastForgotten && s->number == t->number &&
           still_fits(s);
}

/* NULL: there is none. */
static Tag* find_tag(Addr ip, Addr sp, UWord salt)
{
    Tag* set = tags[set_of(ip, sp, salt)];

    for (UInt i = 0; i < N_WAYS && lg_options.cleanStack; i++) {
        Tag* t = &set[i];
        if (t->sp == sp && t->ip == ip && t->salt == salt && is_kept(t))
            return t;
    }
    return NULL;
}

static Tag* add_tag(Addr ip, Addr sp, UWord salt, ULong number, ExeContext* ec)
{
    random = random * 1664525 + 1013904223;
    Tag* t = &tags[set_of(ip, sp, salt)][(random >> 16) % N_WAYS];

    *t = (Tag){ip, sp, salt, number, {ec, 0}};
    return t;
}

/* Returns the number under which the stack is kept; 0: it is not kept. */
static ULong unwind_stack(ThreadId tid, UInt nSkipped, ExeContext** ec)
{
    UInt   max = (UInt)VG_(clo_backtrace_size) + nSkipped;
    Addr   ips[max], sps[max];
    UInt   n = VG_(get_StackTrace)(tid, ips, max, sps, NULL, 0);
    Stack* s = &stacks[(last + 1) % N_STACKS];

    *ec = drop_innermost(ips, n, nSkipped);
    s->number = remember_stack(s, ips, sps, n) ? ++last : 0;
    return s->number;
}

/* A stack that has been seen with another salt is found without any. */
enum { NO_SALT = 0 };

static Tag* look_further(ThreadId tid, Addr ip, Addr sp, UWord salt,
                         UInt nSkipped)
{
    const Tag*  t = salt != NO_SALT ? find_tag(ip, sp, NO_SALT) : NULL;
    ExeContext* ec;
    ULong       number;

    if (t != NULL)
        return add_tag(ip, sp, salt, t->number, t->unwound.ec);
    number = unwind_stack(tid, nSkipped, &ec);
    if (salt != NO_SALT)
        add_tag(ip, sp, NO_SALT, number, ec);
    return add_tag(ip, sp, salt, number, ec);
}

static LgUnwound* look_up(ThreadId tid, Addr ip, Addr sp, UWord salt,
                          UInt nSkipped)
{
    DiEpoch now = VG_(current_DiEpoch)();
    /* Code may be unloaded, and other code loaded at its place. */
    if (UNLIKELY(now.n != epoch.n)) {
        lg_unwind_forget();
        epoch = now;
    }
    Tag* t = find_tag(ip, sp, salt);
    if (UNLIKELY(t == NULL))
        t = look_further(tid, ip, sp, salt, nSkipped);
    return &t->unwound;
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

void lg_unwind_forget_below(Addr hi)
{
    (void)hi;
}

static LgUnwound* unwind_stack(ThreadId tid, UInt nSkipped)
{
    static LgUnwound stack;
    UInt             max = (UInt)VG_(clo_backtrace_size) + nSkipped;
    Addr             ips[max];
    UInt             n = VG_(get_StackTrace)(tid, ips, max, NULL, NULL, 0);

    stack = (LgUnwound){drop_innermost(ips, n, nSkipped), 0};
    return &stack;
}

LgUnwound* lg_unwind(ThreadId tid, UWord salt)
{
    (void)salt;
    return unwind_stack(tid, 0);
}

LgUnwound* lg_unwind_caller(ThreadId tid, UWord salt)
{
    (void)salt;
    return unwind_stack(tid, 1);
}

#endif
