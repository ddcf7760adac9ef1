/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_showpaths.c: see lg_showpaths.h. */

#include "lg_showpaths.h"

#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_xarray.h"

#include "../../lg_platform.h"
#include "../host/lg_options.h"
#include "../python/lg_pydeficits.h"
#include "../trace/lg_context.h"
#include "lg_references.h"
#include "lg_rootpaths.h"

/* Blocks of a record that have the same path. */
typedef struct {
    UInt record, path, nBlocks;
} Share;

static struct {
    LgHeapSearch*      search;
    const LgLossTable* records;
    LgRootPaths*       paths;
    XArray*            shares; /* of Share; NULL: not between begin and end */
} show;

static Int compare_by_path(const void* va, const void* vb)
{
    const Share *a = va, *b = vb;

    if (a->record != b->record)
        return a->record < b->record ? -1 : 1;
    return a->path < b->path ? -1 : a->path > b->path;
}

/* Within a record, the most frequent first. */
static Int compare_by_size(const void* va, const void* vb)
{
    const Share *a = va, *b = vb;

    if (a->record != b->record)
        return a->record < b->record ? -1 : 1;
    if (a->nBlocks != b->nBlocks)
        return a->nBlocks > b->nBlocks ? -1 : 1;
    return a->path < b->path ? -1 : a->path > b->path;
}

static void sort_shares(Int (*compare)(const void*, const void*))
{
    VG_(setCmpFnXA)(show.shares, compare);
    VG_(sortXA)(show.shares);
}

/* Block i is in the record with this key. */
static void add_share(const UChar* isShown, UInt i, LgLossKey key)
{
    Int r = lg_loss_find(show.records, key);

    if (r < 0 || !isShown[r])
        return;
    Share s = {(UInt)r, lg_rootpaths_of(show.paths, i), 1};
    if (s.path != LG_NO_PATH)
        VG_(addToXA)(show.shares, &s);
}

/* An object in use may also be in a record of references to it. */
static void add_block(const UChar* isShown, UInt i)
{
    const LgHeapSearch* s = show.search;
    LgLossKey           key = lg_heapsearch_key(s, i);
    LgKind kind = lg_pydeficits_of(s->py, i) > 0 ? LgOverReleased : LgReference;

    key.ctx = lg_ctx_resolve(key.ctx);
    if (!lg_sb_suppressed(&lg_snap_blocks(s->snap)[i]))
        add_share(isShown, i, key);
    if (kind == LgOverReleased || lg_pysnap_unheld(s->py, i) > 0)
        add_share(isShown, i,
                  lg_references_key(kind, lg_snap_ctx(s->snap, i),
                                    lg_pysnap_type(s->py, i)));
}

/* Makes one of all shares with the same path. */
static void merge_shares(void)
{
    Word n = VG_(sizeXA)(show.shares), k = 0;

    sort_shares(compare_by_path);
    for (Word i = 0; i < n; i++) {
        Share* last = k > 0 ? VG_(indexXA)(show.shares, k - 1) : NULL;
        Share  s = *(const Share*)VG_(indexXA)(show.shares, i);
        if (last != NULL && compare_by_path(last, &s) == 0)
            last->nBlocks += s.nBlocks;
        else
            *(Share*)VG_(indexXA)(show.shares, k++) = s;
    }
    VG_(dropTailXA)(show.shares, n - k);
    sort_shares(compare_by_size);
}

void lg_showpaths_begin(LgHeapSearch* s, const LgLossTable* records,
                        const UChar* isShown)
{
    if (s->changed != NULL)
        return;
    show.search = s;
    show.records = records;
    show.paths = lg_rootpaths_new(s, /*isGeneral*/ True);
    if (show.paths == NULL)
        return;
    show.shares = VG_(newXA)(VG_(malloc), "lg.showpaths", VG_(free),
                             sizeof(Share));
    lg_ctx_resolve_begin(lg_options.leakResolution);
    for (UInt i = 0; i < lg_snap_count(s->snap); i++)
        add_block(isShown, i);
    lg_ctx_resolve_end();
    merge_shares();
}

void lg_showpaths_end(void)
{
    if (show.shares == NULL)
        return;
    VG_(deleteXA)(show.shares);
    lg_rootpaths_delete(show.paths);
    show.shares = NULL;
    show.paths = NULL;
}

/* --- Printing ---------------------------------------------------------------- */

static void print_path_line(XArray* text)
{
    HChar nul = 0;

    VG_(addToXA)(text, &nul);
    if (VG_(clo_xml))
        VG_(printf_xml)("  <auxwhat>%pS</auxwhat>\n",
                        (const HChar*)VG_(indexXA)(text, 0));
    else
        VG_(umsg)(" %s\n", (const HChar*)VG_(indexXA)(text, 0));
    VG_(dropHeadXA)(text, VG_(sizeXA)(text));
}

static void print_rest(XArray* text, const LgLossRecord* r, UInt nBlocks,
                       UInt nPaths)
{
    if (nPaths == 0)
        return;
    VG_(xaprintf)(text, "%'u of %'u: %'u more path%s", nBlocks, r->nBlocks,
                  nPaths, nPaths == 1 ? "" : "s");
    print_path_line(text);
}

/* The first of the record's shares, or where it would be. */
static Word first_share(UInt r)
{
    Word lo = 0, hi = VG_(sizeXA)(show.shares);

    while (lo < hi) {
        Word mid = lo + (hi - lo) / 2;
        if (((const Share*)VG_(indexXA)(show.shares, mid))->record < r)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void lg_showpaths_each(UInt r, UInt max,
                       void (*visit)(void* opaque, UInt nBlocks,
                                     const HChar* steps),
                       void* opaque)
{
    XArray* text;

    if (show.shares == NULL)
        return;
    text = VG_(newXA)(VG_(malloc), "lg.showpaths.text", VG_(free), 1);
    for (Word i = first_share(r); i < VG_(sizeXA)(show.shares) && max-- > 0;
         i++) {
        const Share* s = VG_(indexXA)(show.shares, i);
        if (s->record != r)
            break;
        lg_rootpaths_append_steps(show.paths, text, s->path);
        VG_(addToXA)(text, &(HChar){0});
        visit(opaque, s->nBlocks, VG_(indexXA)(text, 0));
        VG_(dropHeadXA)(text, VG_(sizeXA)(text));
    }
    VG_(deleteXA)(text);
}

void lg_showpaths_print(const LgLossRecord* r)
{
    XArray* text;
    UInt    nPaths = 0, nBlocks = 0, nMore = 0;

    if (show.shares == NULL)
        return;
    text = VG_(newXA)(VG_(malloc), "lg.showpaths.text", VG_(free), 1);
    for (Word i = 0; i < VG_(sizeXA)(show.shares); i++) {
        const Share* s = VG_(indexXA)(show.shares, i);
        if (lg_loss_record(show.records, s->record) != r)
            continue;
        if (nPaths++ < (UInt)lg_options.showPaths) {
            VG_(xaprintf)(text, "%'u of %'u: ", s->nBlocks, r->nBlocks);
            lg_rootpaths_append(show.paths, text, s->path);
            print_path_line(text);
        } else {
            nMore++;
            nBlocks += s->nBlocks;
        }
    }
    print_rest(text, r, nBlocks, nMore);
    VG_(deleteXA)(text);
}
