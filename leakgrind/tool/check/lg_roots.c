/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_roots.c: roots.  See lg_roots.h. */

#include "lg_roots.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_debuginfo.h"
#include "pub_tool_guest.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_vki.h"
#include "pub_tool_xarray.h"

#include "../host/lg_options.h"
#include "../memory/lg_pages.h"
#include "../memory/lg_segments.h"
#include "../python/lg_pyarenas.h"
#include "../threads/lg_exit.h"
#include "../threads/lg_registers.h"
#include "../threads/lg_stacks.h"
#include "../threads/lg_threads.h"

static Bool wanted(LgRootClass c)
{
    return (lg_options.roots >> c) & 1;
}

/* --- Registers ----------------------------------------------------------- */

/* VG_(apply_to_GP_regs) has no argument to pass on. */
static const LgRootVisitor* visitor;
static LgMoment             visitedMoment;

static HChar lower(HChar c)
{
    return (HChar)VG_(tolower)(c);
}

/* Must a function leave the register of this name as it finds it? */
static Bool is_kept(const HChar* name)
{
    for (UInt i = 0; i < LG_N_KEPT_REGISTERS; i++) {
        const HChar *a = name, *b = lg_arch_kept_registers[i].name;
        while (*a != 0 && lower(*a) == *b) {
            a++;
            b++;
        }
        if (*a == 0 && *b == 0)
            return True;
    }
    return False;
}

static Bool is_in_call(ThreadId tid)
{
    return visitedMoment == LgAtCall && tid == VG_(get_running_tid)();
}

static void visit_register(ThreadId tid, const HChar* name, UWord value)
{
    if (!is_in_call(tid) || is_kept(name))
        visitor->word(visitor->opaque, tid, name, value);
}

/* The vector registers, as words of the guest state.  In a call only those count
   that functions must keep. */
static void visit_vectors(const LgRootVisitor* v, ThreadId tid)
{
    enum { WORDS = LG_VECTOR_SZB / sizeof(UWord) };
    UWord words[LG_N_VECTORS][WORDS];
    UInt  inUse = lg_registers_vectors_in_use(tid);

    VG_(get_shadow_regs_area)(tid, (UChar*)words, 0,
                              (PtrdiffT)LG_VECTORS_OFFSET, sizeof words);
    for (UInt reg = 0; reg < LG_N_VECTORS; reg++)
        for (UInt i = 0; i < WORDS; i++)
            if ((inUse >> reg & 1) &&
                (!is_in_call(tid) || (i == 0 && lg_arch_keeps_vector(reg))))
                v->word(v->opaque, tid, "vector register", words[reg][i]);
}

/* Registers of a thread that Valgrind no longer knows. */
static void visit_saved(void* visitorArg, const LgSavedRegisters* r)
{
    const LgRootVisitor* v = visitorArg;

    for (UInt i = 0; wanted(LgRootRegisters) && i < r->n; i++)
        v->word(v->opaque, r->tid, "saved register", r->words[i]);
    for (UInt i = 0; wanted(LgRootVectors) && i < r->nVectorWords; i++)
        v->word(v->opaque, r->tid, "saved register", r->vectorWords[i]);
}

static void visit_vector_of_tls(void* visitorArg, Addr start)
{
    const LgRootVisitor* v = visitorArg;
    v->word(v->opaque, VG_INVALID_THREADID, "thread pointer", start);
}

static void visit_registers(const LgRootVisitor* v, LgMoment moment)
{
    LgRootVisitor      copy = *v;
    const LgExitFrame* f = lg_exit_frame();
    ThreadId           tid;
    Addr               stackMin, stackMax;

    visitedMoment = moment;
    if (moment == LgAtExit && f->valid)
        visit_saved(&copy, &f->registers);
    lg_threads_ended_with_program(visit_saved, &copy);
    if (wanted(LgRootRegisters)) {
        visitor = v;
        VG_(apply_to_GP_regs)(visit_register);
        lg_threads_needed_vectors(visit_vector_of_tls, &copy);
    }
    if (wanted(LgRootVectors)) {
        VG_(thread_stack_reset_iter)(&tid);
        while (VG_(thread_stack_next)(&tid, &stackMin, &stackMax))
            visit_vectors(v, tid);
    }
}

/* --- Memory -------------------------------------------------------------- */

typedef struct {
    const LgRootVisitor* v;
    const XArray*        holes; /* of LgRange, sorted: not to be visited */
    const XArray*        bss;   /* of LgRange, sorted; NULL: no matter */
} Walk;

static Int compare_ranges(const void* va, const void* vb)
{
    const LgRange* a = va;
    const LgRange* b = vb;
    return a->lo < b->lo ? -1 : a->lo > b->lo;
}

/* Visits [lo, hi) without the holes. */
static void visit_around_holes(void* opaque, Addr lo, Addr hi)
{
    const Walk* w = opaque;
    for (Word i = 0; i < VG_(sizeXA)(w->holes) && lo < hi; i++) {
        const LgRange* hole = VG_(indexXA)(w->holes, i);
        if (hole->hi <= lo)
            continue;
        if (hole->lo >= hi)
            break;
        if (hole->lo > lo)
            w->v->range(w->v->opaque, lo, hole->lo);
        lo = hole->hi;
    }
    if (lo < hi)
        w->v->range(w->v->opaque, lo, hi);
}

/* Visits [lo, hi) of anonymous memory, or the parts of it that are wanted:
   what is bss is of one class, the rest of another. */
static void visit_anonymous(void* opaque, Addr lo, Addr hi)
{
    Walk* w = opaque;
    if (w->bss == NULL) {
        visit_around_holes(w, lo, hi);
        return;
    }
    for (Word i = 0; i < VG_(sizeXA)(w->bss) && lo < hi; i++) {
        const LgRange* bss = VG_(indexXA)(w->bss, i);
        Addr           from = bss->lo > lo ? bss->lo : lo;
        Addr           to = bss->hi < hi ? bss->hi : hi;
        if (from >= to)
            continue;
        if (wanted(LgRootMappings))
            visit_around_holes(w, lo, from);
        if (wanted(LgRootGlobals))
            visit_around_holes(w, from, to);
        lo = to;
    }
    if (wanted(LgRootMappings))
        visit_around_holes(w, lo, hi);
}

/* Reading a device may hang, or do things.  /dev/zero is plain memory. */
static Bool is_device(const NSegment* seg)
{
    if (seg->kind != SkFileC ||
        !(VKI_S_ISCHR(seg->mode) || VKI_S_ISBLK(seg->mode)))
        return False;
    const HChar* name = VG_(am_get_filename)(seg);
    return name == NULL || VG_(strcmp)(name, "/dev/zero") != 0;
}

/* Appends the bss of the program and its libraries, as whole pages: anonymous
   memory, but globals. */
static void add_bss(XArray* ranges)
{
    for (const DebugInfo* di = VG_(next_DebugInfo)(NULL); di != NULL;
         di = VG_(next_DebugInfo)(di)) {
        Addr    lo = VG_(DebugInfo_get_bss_avma)(di);
        LgRange r = {VG_PGROUNDDN(lo),
                     VG_PGROUNDUP(lo + VG_(DebugInfo_get_bss_size)(di))};
        if (r.lo < r.hi)
            VG_(addToXA)(ranges, &r);
    }
    VG_(setCmpFnXA)(ranges, compare_ranges);
    VG_(sortXA)(ranges);
}

Addr lg_roots_readable_from(void* opaque, Addr a)
{
    Int   n;
    Addr* starts = lg_segments(LG_PROGRAM_SEGMENTS, &n); /* in ascending order */
    Addr  found = ~(Addr)0;

    (void)opaque;
    for (Int i = 0; i < n && found == ~(Addr)0; i++) {
        NSegment const* seg = VG_(am_find_nsegment)(starts[i]);
        if (seg != NULL && seg->hasR && seg->end >= a)
            found = seg->start > a ? seg->start : a;
    }
    VG_(free)(starts);
    return found;
}

static XArray* new_ranges(void)
{
    return VG_(newXA)(VG_(malloc), "lg.roots.ranges", VG_(free),
                      sizeof(LgRange));
}

static void visit_memory(const LgRootVisitor* v, Bool atExit)
{
    XArray* live = new_ranges();
    XArray* holes = new_ranges();
    Int     nStarts;

    Walk    w = {v, holes, NULL};

    lg_stacks_dead(holes, atExit);
    lg_pyarenas_holes(holes);
    VG_(setCmpFnXA)(holes, compare_ranges);
    VG_(sortXA)(holes);

    lg_stacks_live(live, atExit);
    for (Word i = 0; i < VG_(sizeXA)(live); i++) {
        const LgRange* r = VG_(indexXA)(live, i);
        if (wanted(LgRootStacks) &&
            VG_(am_is_valid_for_client)(r->lo, r->hi - r->lo,
                                        VKI_PROT_READ | VKI_PROT_WRITE))
            visit_around_holes(&w, r->lo, r->hi);
    }
    /* Wanted or not, the stacks are done with. */
    for (Word i = 0; i < VG_(sizeXA)(live); i++)
        VG_(addToXA)(holes, VG_(indexXA)(live, i));
    VG_(sortXA)(holes);

    XArray* bss = new_ranges();
    if (wanted(LgRootGlobals) != wanted(LgRootMappings)) {
        add_bss(bss);
        w.bss = bss;
    }
    Addr* starts = lg_segments(LG_PROGRAM_SEGMENTS, &nStarts);
    for (Int i = 0; i < nStarts; i++) {
        NSegment const* seg = VG_(am_find_nsegment)(starts[i]);
        if (seg == NULL || !seg->hasR || !seg->hasW || seg->isCH ||
            is_device(seg))
            continue;
        /* The descriptor is not ours to keep while memory is mapped. */
        Addr    lo = seg->start, hi = seg->end + 1;
        SegKind kind = seg->kind;
        if (kind == SkAnonC &&
            (wanted(LgRootGlobals) || wanted(LgRootMappings)))
            lg_pages_apply_used(lo, hi, visit_anonymous, &w);
        else if ((kind == SkFileC && wanted(LgRootGlobals)) ||
                 (kind == SkShmC && wanted(LgRootMappings)))
            lg_pages_apply_used(lo, hi, visit_around_holes, &w);
    }
    VG_(free)(starts);
    VG_(deleteXA)(bss);
    VG_(deleteXA)(live);
    VG_(deleteXA)(holes);
}

void lg_roots_visit(const LgRootVisitor* v, LgMoment moment)
{
    visit_memory(v, moment == LgAtExit);
    visit_registers(v, moment);
}
