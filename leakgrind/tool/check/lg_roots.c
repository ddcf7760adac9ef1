/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_roots.c: roots.  See lg_roots.h. */

#include "lg_roots.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_debuginfo.h"
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

static Bool is_wanted(LgRootClass c)
{
    return (lg_options.roots >> c) & 1;
}

/* --- Registers ----------------------------------------------------------- */

/* VG_(apply_to_GP_regs) does not pass an argument to its callback. */
static const LgRootVisitor* visitor;
static LgMoment             visitedMoment;

/* Must functions preserve the register of this name? */
static Bool is_register_kept(const HChar* name)
{
    for (UInt i = 0; i < LG_N_KEPT_REGISTERS; i++)
        if (VG_(strcasecmp)(name, lg_arch_kept_registers[i].name) == 0)
            return True;
    return False;
}

static Bool is_in_call(ThreadId tid)
{
    return visitedMoment == LgAtCall && tid == VG_(get_running_tid)();
}

static void visit_register(ThreadId tid, const HChar* name, UWord value)
{
    if (!is_in_call(tid) || is_register_kept(name))
        visitor->word(visitor->opaque, tid, name, value);
}

/* The vector registers, as words of the guest state.  In a call, only those
   count that functions preserve. */
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

    for (UInt i = 0; is_wanted(LgRootRegisters) && i < r->n; i++)
        v->word(v->opaque, r->tid, "saved register", r->words[i]);
    for (UInt i = 0; is_wanted(LgRootVectors) && i < r->nVectorWords; i++)
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
    if (is_wanted(LgRootRegisters)) {
        visitor = v;
        VG_(apply_to_GP_regs)(visit_register);
        lg_threads_needed_vectors(visit_vector_of_tls, &copy);
    }
    if (is_wanted(LgRootVectors)) {
        VG_(thread_stack_reset_iter)(&tid);
        while (VG_(thread_stack_next)(&tid, &stackMin, &stackMax))
            visit_vectors(v, tid);
    }
}

/* --- Memory -------------------------------------------------------------- */

typedef struct {
    const LgRootVisitor* v;
    XArray*              skips; /* of LgRange, sorted: not to be visited */
    XArray*              bss;   /* of LgRange, sorted; NULL: not needed, as all
                                   or no anonymous memory is wanted */
} Walk;

static XArray* new_ranges(void)
{
    XArray* ranges = VG_(newXA)(VG_(malloc), "lg.roots.ranges", VG_(free),
                                sizeof(LgRange));
    VG_(setCmpFnXA)(ranges, lg_ranges_compare);
    return ranges;
}

/* Visits [lo, hi) without the skips. */
static void visit_around_skips(void* walk, Addr lo, Addr hi)
{
    const Walk* w = walk;

    for (Word i = 0; i < VG_(sizeXA)(w->skips) && lo < hi; i++) {
        const LgRange* skip = VG_(indexXA)(w->skips, i);
        if (skip->hi <= lo)
            continue;
        if (skip->lo >= hi)
            break;
        if (skip->lo > lo)
            w->v->range(w->v->opaque, lo, skip->lo);
        lo = skip->hi;
    }
    if (lo < hi)
        w->v->range(w->v->opaque, lo, hi);
}

/* Visits [lo, hi) of anonymous memory, or those parts of it whose root class is
   wanted: bss is of one class, all else of another. */
static void visit_anonymous(void* walk, Addr lo, Addr hi)
{
    Walk* w = walk;

    if (w->bss == NULL) {
        visit_around_skips(w, lo, hi);
        return;
    }
    for (Word i = 0; i < VG_(sizeXA)(w->bss) && lo < hi; i++) {
        const LgRange* bss = VG_(indexXA)(w->bss, i);
        Addr           from = bss->lo > lo ? bss->lo : lo;
        Addr           to = bss->hi < hi ? bss->hi : hi;
        if (from >= to)
            continue;
        if (is_wanted(LgRootMappings))
            visit_around_skips(w, lo, from);
        if (is_wanted(LgRootGlobals))
            visit_around_skips(w, from, to);
        lo = to;
    }
    if (is_wanted(LgRootMappings))
        visit_around_skips(w, lo, hi);
}

/* Reading a device may hang, or have effects.  /dev/zero is plain memory. */
static Bool is_device(const NSegment* seg)
{
    if (seg->kind != SkFileC ||
        !(VKI_S_ISCHR(seg->mode) || VKI_S_ISBLK(seg->mode)))
        return False;
    const HChar* name = VG_(am_get_filename)(seg);
    return name == NULL || VG_(strcmp)(name, "/dev/zero") != 0;
}

/* The bss of the program and its libraries, as whole pages: anonymous memory
   that holds globals. */
static XArray* collect_bss(void)
{
    XArray* ranges = new_ranges();

    for (const DebugInfo* di = VG_(next_DebugInfo)(NULL); di != NULL;
         di = VG_(next_DebugInfo)(di)) {
        Addr    lo = VG_(DebugInfo_get_bss_avma)(di);
        LgRange r = {VG_PGROUNDDN(lo),
                     VG_PGROUNDUP(lo + VG_(DebugInfo_get_bss_size)(di))};
        if (r.lo < r.hi)
            VG_(addToXA)(ranges, &r);
    }
    VG_(sortXA)(ranges);
    return ranges;
}

Addr lg_roots_readable_from(void* opaque, Addr a)
{
    Int   n;
    Addr* starts = lg_segments(LG_PROGRAM_SEGMENTS, &n);
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

/* Visits the live parts of all stacks, and adds them to the skips, so that what
   follows does not visit them again. */
static void visit_stacks(Walk* w, Bool atExit)
{
    XArray* live = new_ranges();

    lg_stacks_live(live, atExit);
    for (Word i = 0; is_wanted(LgRootStacks) && i < VG_(sizeXA)(live); i++) {
        const LgRange* r = VG_(indexXA)(live, i);
        if (VG_(am_is_valid_for_client)(r->lo, r->hi - r->lo,
                                        VKI_PROT_READ | VKI_PROT_WRITE))
            visit_around_skips(w, r->lo, r->hi);
    }
    for (Word i = 0; i < VG_(sizeXA)(live); i++)
        VG_(addToXA)(w->skips, VG_(indexXA)(live, i));
    VG_(sortXA)(w->skips);
    VG_(deleteXA)(live);
}

static void visit_mapping(Walk* w, const NSegment* seg)
{
    if (!seg->hasR || !seg->hasW || seg->isCH || is_device(seg))
        return;
    /* Visiting may map memory: *seg may then be about another mapping. */
    Addr    lo = seg->start, hi = seg->end + 1;
    SegKind kind = seg->kind;
    if (kind == SkAnonC &&
        (is_wanted(LgRootGlobals) || is_wanted(LgRootMappings)))
        lg_pages_apply_used(lo, hi, visit_anonymous, w);
    else if ((kind == SkFileC && is_wanted(LgRootGlobals)) ||
             (kind == SkShmC && is_wanted(LgRootMappings)))
        lg_pages_apply_used(lo, hi, visit_around_skips, w);
}

static void visit_mappings(Walk* w)
{
    Int   n;
    Addr* starts = lg_segments(LG_PROGRAM_SEGMENTS, &n);

    for (Int i = 0; i < n; i++) {
        NSegment const* seg = VG_(am_find_nsegment)(starts[i]);
        if (seg != NULL)
            visit_mapping(w, seg);
    }
    VG_(free)(starts);
}

static void visit_memory(const LgRootVisitor* v, Bool atExit)
{
    Walk w = {v, new_ranges(), NULL};

    lg_stacks_dead(w.skips, atExit);
    lg_pyarenas_skips(w.skips);
    VG_(sortXA)(w.skips);
    visit_stacks(&w, atExit);
    if (is_wanted(LgRootGlobals) != is_wanted(LgRootMappings))
        w.bss = collect_bss();
    visit_mappings(&w);
    if (w.bss != NULL)
        VG_(deleteXA)(w.bss);
    VG_(deleteXA)(w.skips);
}

void lg_roots_visit(const LgRootVisitor* v, LgMoment moment)
{
    visit_memory(v, moment == LgAtExit);
    visit_registers(v, moment);
}
