/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppress.c: suppression entries, as the core asks for them.  See
   lg_suppress.h. */

#include "lg_suppress.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"

#include "../../base/lg_glob.h"
#include "../host/lg_options.h"
#include "../process/lg_python.h"
#include "../report/lg_errors.h"
#include "../trace/lg_context.h"
#include "lg_suppress_priv.h"

static const struct {
    const HChar* name;
    LgSuppKind   kind;
} kinds[] = {
    {"Leak", LgSuppLeak},
    {"Free", LgSuppFree},
    {"FishyValue", LgSuppFishyValue},
    {"ReallocZero", LgSuppReallocZero},
    {"Mempool", LgSuppMempool},
    {"BadAlign", LgSuppBadAlign},
    {"UnsafeZeroSize", LgSuppUnsafeZeroSize},
    {"BadSize", LgSuppUnsafeZeroSize}, /* its name before 3.26 */
    {"SizeMismatch", LgSuppSizeMismatch},
    {"AlignMismatch", LgSuppAlignMismatch},
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

static UInt         searchNumber;
static LgSuppEntry* entries; /* all, the last read first */

void lg_suppress_begin_search(void)
{
    searchNumber++;
}

/* --- Reading ------------------------------------------------------------- */

Bool lg_suppress_recognised(const HChar* name, Supp* su)
{
    for (UInt i = 0; i < N_KINDS; i++) {
        if (VG_STREQ(name, kinds[i].name)) {
            VG_(set_supp_kind)(su, (SuppKind)kinds[i].kind);
            return True;
        }
    }
    return False;
}

Bool lg_suppress_read_extra(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno,
                            Supp* su)
{
    LgSuppEntry* e = VG_(calloc)("lg.supp", 1, sizeof *e);

    e->kind   = (LgSuppKind)VG_(get_supp_kind)(su);
    e->kinds  = LG_ALL_KINDS;
    e->pyClasses = ~0u;
    e->maxRefs = ~0u;
    e->isOurs = lg_supp_is_our_file(fd);
    e->next   = entries;
    entries   = e;
    VG_(set_supp_extra)(su, e);
    return lg_supp_read(fd, bufpp, nBufp, lineno, e);
}

/* --- Matching ------------------------------------------------------------ */

static LgSuppKind kind_for(const Error* err)
{
    switch ((LgErrorKind)VG_(get_error_kind)(err)) {
    case LgErrInvalidFree:
    case LgErrMismatchedFree: return LgSuppFree;
    case LgErrFishyValue:     return LgSuppFishyValue;
    case LgErrReallocZero:    return LgSuppReallocZero;
    case LgErrInvalidPool:    return LgSuppMempool;
    case LgErrBadAlignment:   return LgSuppBadAlign;
    case LgErrZeroSize:       return LgSuppUnsafeZeroSize;
    case LgErrSizeMismatch:   return LgSuppSizeMismatch;
    case LgErrAlignmentMismatch: return LgSuppAlignMismatch;
    case LgErrLeak:           return LgSuppLeak;
    }
    VG_(tool_panic)("lg_suppress: unknown kind of error");
}

/* That nobody holds; rounded up. */
static ULong refs_per_object(const LgLossRecord* r)
{
    ULong nBlocks = VG_MAX(r->nBlocks, 1);
    return (r->nExcessRefs + nBlocks - 1) / nBlocks;
}

/* "py-type:*" matches objects of all types, but nothing that is no object. */
static Bool leak_matches(const LgSuppEntry* e, const LgLossRecord* r)
{
    LgLossClass cls = r->cls == LgLossDead || r->cls == LgLossThread
                          ? LgLossPlain
                      : r->cls == LgLossOwnType ? LgLossCycle
                                                : r->cls;

    if ((e->kinds & LG_KIND_BIT(r->kind)) == 0 ||
        ((e->pyClasses >> cls) & 1) == 0 || refs_per_object(r) > e->maxRefs)
        return False;
    return (e->pyType == NULL ||
            (r->type != 0 &&
             lg_glob(e->pyType, lg_python_type_name(r->type)))) &&
           (e->pyName == NULL ||
            (r->name != 0 &&
             lg_glob_part(e->pyName, VG_(strlen)(e->pyName), lg_error_name(r),
                          lg_error_own_name_len(r))));
}

static Bool fishy_matches(const LgSuppEntry* e, const LgErrorExtra* extra)
{
    return e->function != NULL &&
           VG_STREQ(extra->fishy.function, e->function) &&
           VG_STREQ(extra->fishy.argument, e->argument);
}

Bool lg_suppress_matches(const Error* err, const Supp* su)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    const LgSuppEntry*  e = VG_(get_supp_extra)(su);

    if (e->kind != kind_for(err))
        return False;
    if (e->kind == LgSuppLeak && !leak_matches(e, extra->leak.record))
        return False;
    if (e->kind == LgSuppFishyValue && !fishy_matches(e, extra))
        return False;
    return lg_supp_stack_matches(
        e, VG_(get_error_where)(err),
        e->kind == LgSuppLeak ? extra->leak.record->ctx : 0);
}

Bool lg_suppress_would(const LgLossRecord* r)
{
    ExeContext* where = lg_ctx_execontext(r->ctx);

    for (const LgSuppEntry* e = entries; e != NULL; e = e->next)
        if (e->kind == LgSuppLeak && leak_matches(e, r) &&
            lg_supp_stack_matches(e, where, r->ctx))
            return True;
    return False;
}

const HChar* lg_suppress_name(const Error* err)
{
    LgSuppKind kind = kind_for(err);
    for (UInt i = 0; i < N_KINDS; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return NULL;
}

/* --- Telling what was used ----------------------------------------------- */

static const LgSuppEntry* lastUsed;

Bool lg_suppress_used_ours(void)
{
    return lastUsed != NULL && lastUsed->isOurs;
}

void lg_suppress_note_use(const Error* err, const Supp* su)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    LgSuppEntry*        e = VG_(get_supp_extra)(su);

    lastUsed = e;
    if (e->kind != LgSuppLeak)
        return;
    if (e->search != searchNumber) {
        e->search  = searchNumber;
        e->nBlocks = e->szB = 0;
    }
    e->nBlocks += extra->leak.record->nBlocks;
    e->szB += extra->leak.record->szB + extra->leak.record->indirectB;
}

SizeT lg_suppress_use_text(const Supp* su, HChar* buf, Int nBuf)
{
    const LgSuppEntry* e = VG_(get_supp_extra)(su);

    if (e->kind == LgSuppLeak && e->search == searchNumber && e->nBlocks > 0)
        return VG_(snprintf)(buf, nBuf,
                             "suppressed: %'lu bytes in %'lu blocks", e->szB,
                             e->nBlocks);
    buf[0] = 0;
    return 0;
}
