/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppress.c: suppression entries.  See lg_suppress.h. */

#include "lg_suppress.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_libcproc.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_xarray.h"

#include "../engine/lg_report.h"
#include "lg_compat.h"
#include "lg_errors.h"
#include "lg_options.h"

typedef enum {
    SuppLeak,
    SuppFree,
    SuppFishyValue,
    SuppReallocZero,
    SuppMempool
} SuppressionKind;

static const struct {
    const HChar*    name;
    SuppressionKind kind;
} kinds[] = {
    {"Leak", SuppLeak},
    {"Free", SuppFree},
    {"FishyValue", SuppFishyValue},
    {"ReallocZero", SuppReallocZero},
    {"Mempool", SuppMempool},
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

/* What a Leak entry carries. */
typedef struct {
    LgKindSet kinds;
    SizeT     nBlocks, szB; /* suppressed in search number `search` */
    UInt      search;
} LeakEntry;

/* What a FishyValue entry carries. */
typedef struct {
    const HChar* function;
    const HChar* argument;
} FishyEntry;

static UInt searchNumber;

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

static Bool read_leak(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno,
                      Supp* su)
{
    static const HChar key[] = "match-leak-kinds:";
    LeakEntry* e = VG_(calloc)("lg.supp.leak", 1, sizeof *e);

    e->kinds = LG_ALL_KINDS;
    VG_(set_supp_extra)(su, e);
    if (VG_(get_line)(fd, bufpp, nBufp, lineno))
        return True; /* the stack comes at once */
    if (VG_(strncmp)(*bufpp, key, sizeof key - 1) != 0)
        return False;
    const HChar* set = *bufpp + sizeof key - 1;
    while (VG_(isspace)(*set))
        set++;
    return VG_(parse_enum_set)(lg_leak_kind_tokens, /*allow_all*/ True, set,
                               &e->kinds);
}

static Bool read_fishy(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno,
                       Supp* su)
{
    if (VG_(get_line)(fd, bufpp, nBufp, lineno))
        return True;
    HChar* function = VG_(strdup)("lg.supp.fishy", *bufpp);
    HChar* open = VG_(strchr)(function, '(');
    HChar* close = open ? VG_(strchr)(open, ')') : NULL;
    if (close == NULL) {
        VG_(free)(function);
        return False;
    }
    *open = *close = 0;
    FishyEntry* e = VG_(malloc)("lg.supp.fishy", sizeof *e);
    e->function = function;
    e->argument = open + 1;
    VG_(set_supp_extra)(su, e);
    return True;
}

Bool lg_suppress_read_extra(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno,
                            Supp* su)
{
    switch ((SuppressionKind)VG_(get_supp_kind)(su)) {
    case SuppLeak:       return read_leak(fd, bufpp, nBufp, lineno, su);
    case SuppFishyValue: return read_fishy(fd, bufpp, nBufp, lineno, su);
    default:             return True;
    }
}

/* --- Matching ------------------------------------------------------------ */

static SuppressionKind kind_for(const Error* err)
{
    switch ((LgErrorKind)VG_(get_error_kind)(err)) {
    case LgErrInvalidFree:
    case LgErrMismatchedFree: return SuppFree;
    case LgErrFishyValue:     return SuppFishyValue;
    case LgErrReallocZero:    return SuppReallocZero;
    case LgErrInvalidPool:    return SuppMempool;
    case LgErrLeak:           return SuppLeak;
    }
    VG_(tool_panic)("lg_suppress: unknown kind of error");
}

Bool lg_suppress_matches(const Error* err, const Supp* su)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    SuppressionKind     kind = (SuppressionKind)VG_(get_supp_kind)(su);

    if (kind != kind_for(err))
        return False;
    if (kind == SuppLeak) {
        const LeakEntry* e = VG_(get_supp_extra)(su);
        return (e->kinds & LG_KIND_BIT(extra->leak.record->kind)) != 0;
    }
    if (kind == SuppFishyValue) {
        const FishyEntry* e = VG_(get_supp_extra)(su);
        return e != NULL && VG_STREQ(extra->fishy.function, e->function) &&
               VG_STREQ(extra->fishy.argument, e->argument);
    }
    return True;
}

/* --- Generating (--gen-suppressions) ------------------------------------- */

const HChar* lg_suppress_name(const Error* err)
{
    SuppressionKind kind = kind_for(err);
    for (UInt i = 0; i < N_KINDS; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return NULL;
}

SizeT lg_suppress_generate(const Error* err, HChar* buf, Int nBuf)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);

    switch ((LgErrorKind)VG_(get_error_kind)(err)) {
    case LgErrLeak:
        return VG_(snprintf)(buf, nBuf, "match-leak-kinds: %s",
                             lg_report_kind_option(extra->leak.record->kind));
    case LgErrFishyValue:
        return VG_(snprintf)(buf, nBuf, "%s(%s)", extra->fishy.function,
                             extra->fishy.argument);
    default:
        buf[0] = 0;
        return 0;
    }
}

/* --- Telling what was used ----------------------------------------------- */

void lg_suppress_note_use(const Error* err, const Supp* su)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);

    if ((SuppressionKind)VG_(get_supp_kind)(su) != SuppLeak)
        return;
    LeakEntry* e = VG_(get_supp_extra)(su);
    if (e->search != searchNumber) {
        e->search = searchNumber;
        e->nBlocks = e->szB = 0;
    }
    e->nBlocks += extra->leak.record->nBlocks;
    e->szB += extra->leak.record->szB + extra->leak.record->indirectB;
}

SizeT lg_suppress_use_text(const Supp* su, HChar* buf, Int nBuf)
{
    if ((SuppressionKind)VG_(get_supp_kind)(su) == SuppLeak) {
        const LeakEntry* e = VG_(get_supp_extra)(su);
        if (e->search == searchNumber && e->nBlocks > 0)
            return VG_(snprintf)(buf, nBuf,
                                 "suppressed: %'lu bytes in %'lu blocks",
                                 e->szB, e->nBlocks);
    }
    buf[0] = 0;
    return 0;
}

/* --- The hint ------------------------------------------------------------ */

/* Does the list "tool1,tool2" (up to the colon) name leakgrind? */
static Bool names_us(const HChar* tools, const HChar* colon)
{
    static const HChar us[] = "Leakgrind";
    while (tools < colon) {
        const HChar* end = tools;
        while (end < colon && *end != ',')
            end++;
        if ((SizeT)(end - tools) == sizeof us - 1 &&
            VG_(strncmp)(tools, us, sizeof us - 1) == 0)
            return True;
        tools = end + 1;
    }
    return False;
}

/* Counts the leak entries in text[0..n): ours and those for other tools. */
static void count_leak_entries(HChar* text, SizeT n, UInt* nOurs,
                               UInt* nOthers)
{
    static const HChar leak[] = ":Leak";
    for (HChar* line = text; line < text + n;) {
        HChar* end = line;
        while (end < text + n && *end != '\n')
            end++;
        while (line < end && VG_(isspace)(*line))
            line++;
        HChar* stop = end;
        while (stop > line && VG_(isspace)(stop[-1]))
            stop--;
        HChar* colon = stop - (sizeof leak - 1);
        if (colon > line &&
            VG_(strncmp)(colon, leak, sizeof leak - 1) == 0) {
            if (names_us(line, colon))
                (*nOurs)++;
            else
                (*nOthers)++;
        }
        line = end + 1;
    }
}

/* More of a file than this is not looked at.  Bytes. */
#define MAX_HINT_SZB (4 * 1024 * 1024)

static void hint_for(const HChar* filename)
{
    UInt nOurs = 0, nOthers = 0;
    Int  fd = VG_(fd_open)(filename, VKI_O_RDONLY, 0);

    if (fd < 0)
        return; /* the core has a message for that */
    /* Not by VG_(get_line): its buffer is shared with the core's reading. */
    HChar* text = VG_(malloc)("lg.supp.hint", MAX_HINT_SZB);
    Int    n = VG_(read)(fd, text, MAX_HINT_SZB);
    VG_(close)(fd);
    if (n > 0)
        count_leak_entries(text, (SizeT)n, &nOurs, &nOthers);
    VG_(free)(text);
    if (nOthers > 0 && nOurs == 0)
        VG_(umsg)("Note: the leak entries in %s are for other tools, and have"
                  " no effect here.\n"
                  "Note: lg-supp-convert makes them serve leakgrind too.\n",
                  filename);
}

void lg_suppress_hint(void)
{
    if (VG_(clo_verbosity) == 0 || VG_(clo_xml))
        return;
    for (Word i = 0; i < VG_(sizeXA)(VG_(clo_suppressions)); i++) {
        const HChar* f = *(HChar**)VG_(indexXA)(VG_(clo_suppressions), i);
        SizeT        dirLen = VG_(strlen)(VG_(libdir));
        /* Valgrind's own default.supp is not the user's affair. */
        if (VG_(strncmp)(f, VG_(libdir), dirLen) != 0)
            hint_for(f);
    }
}
