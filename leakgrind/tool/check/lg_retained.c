/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_retained.c: see lg_retained.h. */

#include "lg_retained.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_dominators.h"
#include "../../lg_platform.h"
#include "../host/lg_options.h"
#include "../process/lg_python.h"
#include "lg_placenames.h"
#include "lg_rootpaths.h"

/* The types below each owner that are shown. */
enum { MAX_TYPES = 3 };

/* What counts for one owner, or of that for one type. */
typedef struct {
    ULong szB;
    UInt  nBlocks;
    UInt  key; /* the path to the owner; the type */
} Sum;

typedef struct {
    LgHeapSearch* s;
    LgRootPaths*  paths;
    UInt*         owner; /* by block: the path to its owner */
    XArray*       sums;  /* of Sum: by path; later the largest first */
} Owners;

static SizeT block_szB(void* search, UInt i)
{
    return lg_sb_szB(&lg_snap_blocks(((LgHeapSearch*)search)->snap)[i]);
}

static SizeT owner_szB(const Owners* o)
{
    return ((SizeT)lg_snap_count(o->s->snap) + 1) * sizeof(UInt);
}

/* --- Finding ------------------------------------------------------------------ */

/* The owner of block i, whose dominator's is known. */
static UInt owner_of(const Owners* o, const LgDominators* d, UInt i)
{
    UInt above = lg_dominators_of(d, i);
    Bool isTop = above >= lg_snap_count(o->s->snap); /* a root, or LG_DOM_TOP */
    UInt path = isTop ? lg_rootpaths_of(o->paths, i)
                      : lg_rootpaths_of_variable(o->paths, i);

    return path != LG_NO_PATH ? lg_rootpaths_place(o->paths, path)
           : isTop            ? LG_NO_PATH
                              : o->owner[above];
}

static void add_to_sum(XArray* sums, UInt key, SizeT szB)
{
    while (VG_(sizeXA)(sums) <= key) {
        Sum empty = {0, 0, (UInt)VG_(sizeXA)(sums)};
        VG_(addToXA)(sums, &empty);
    }
    Sum* sum = VG_(indexXA)(sums, key);
    sum->szB += szB;
    sum->nBlocks++;
}

static Int compare_sums(const void* va, const void* vb)
{
    const Sum *a = va, *b = vb;

    if (a->szB != b->szB)
        return a->szB > b->szB ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* The largest first, without those that are empty. */
static void sort_sums(XArray* sums)
{
    Word n = VG_(sizeXA)(sums), k = 0;

    for (Word i = 0; i < n; i++) {
        Sum sum = *(const Sum*)VG_(indexXA)(sums, i);
        if (sum.nBlocks > 0)
            *(Sum*)VG_(indexXA)(sums, k++) = sum;
    }
    VG_(dropTailXA)(sums, n - k);
    VG_(setCmpFnXA)(sums, compare_sums);
    VG_(sortXA)(sums);
}

static XArray* new_sums(void)
{
    return VG_(newXA)(VG_(malloc), "lg.retained", VG_(free), sizeof(Sum));
}

static void sum_up_owners(Owners* o)
{
    const LgGraphView* v = lg_rootpaths_graph(o->paths);
    LgDominators*      d = lg_dominators_new(v, block_szB, o->s);

    for (UInt k = 0; k < lg_dominators_count(d); k++) {
        UInt i = lg_dominators_nth(d, k);
        if (i >= v->nBlocks)
            continue;
        o->owner[i] = owner_of(o, d, i);
        if (o->owner[i] != LG_NO_PATH)
            add_to_sum(o->sums, o->owner[i], block_szB(o->s, i));
    }
    lg_dominators_delete(d);
    sort_sums(o->sums);
}

/* False: there are none. */
static Bool find_owners(Owners* o, LgHeapSearch* s)
{
    VG_(memset)(o, 0, sizeof *o);
    o->s = s;
    o->paths = lg_rootpaths_new(s, /*isGeneral*/ True);
    if (o->paths == NULL)
        return False;
    o->owner = lg_plat_map(owner_szB(o));
    VG_(memset)(o->owner, 0xFF, owner_szB(o)); /* LG_NO_PATH */
    o->sums = new_sums();
    sum_up_owners(o);
    return True;
}

static void drop_owners(Owners* o)
{
    lg_plat_unmap(o->owner, owner_szB(o));
    VG_(deleteXA)(o->sums);
    lg_rootpaths_delete(o->paths);
}

/* --- As text --------------------------------------------------------------------- */

static void append_types(const Owners* o, XArray* text, UInt path)
{
    XArray* types = new_sums();
    UInt    type;

    for (UInt i = 0; i < lg_snap_count(o->s->snap); i++)
        if (o->owner[i] == path && (type = lg_pysnap_type(o->s->py, i)) != 0)
            add_to_sum(types, type, block_szB(o->s, i));
    sort_sums(types);
    for (Word k = 0; k < VG_(sizeXA)(types) && k < MAX_TYPES; k++) {
        const Sum* t = VG_(indexXA)(types, k);
        VG_(xaprintf)(text, "%'17llu%'10u      %s\n", t->szB, t->nBlocks,
                      lg_python_type_name(t->key));
    }
    VG_(deleteXA)(types);
}

/* Appends the n largest owners. */
static void append_owners(const Owners* o, XArray* text, UInt n)
{
    Word nAll = VG_(sizeXA)(o->sums);

    VG_(xaprintf)(text, "%17s%10s  (%'lu of %'lu owners)\n",
                  "retained bytes", "blocks", nAll < n ? nAll : n, nAll);
    for (Word k = 0; k < nAll && k < n; k++) {
        const Sum* sum = VG_(indexXA)(o->sums, k);
        VG_(xaprintf)(text, "%'17llu%'10u  ", sum->szB, sum->nBlocks);
        lg_rootpaths_append(o->paths, text, sum->key);
        VG_(xaprintf)(text, "\n");
        append_types(o, text, sum->key);
    }
}

/* The n largest owners, as lines; NULL: there are none. */
static XArray* text_of(LgHeapSearch* s, UInt n)
{
    XArray* text = NULL;
    Owners  o;

    if (s->snap == NULL || s->changed != NULL || n == 0 || !find_owners(&o, s))
        return NULL;
    if (VG_(sizeXA)(o.sums) > 0) {
        text = VG_(newXA)(VG_(malloc), "lg.retained.text", VG_(free), 1);
        append_owners(&o, text, n);
    }
    drop_owners(&o);
    return text;
}

/* --- Printing --------------------------------------------------------------------- */

static XArray* kept; /* the text of before the interpreter's end, or NULL */

void lg_retained_forget(void)
{
    if (kept != NULL)
        VG_(deleteXA)(kept);
    kept = NULL;
}

void lg_retained_keep(LgHeapSearch* s)
{
    lg_retained_forget();
    kept = text_of(s, (UInt)lg_options.retained);
}

static void print_text(XArray* text, const HChar* when)
{
    if (text == NULL)
        return;
    VG_(umsg)("RETAINED%s:\n", when);
    lg_placenames_print(text, "");
    VG_(umsg)("\n");
}

void lg_retained_print(LgHeapSearch* s, LgMoment moment)
{
    if (moment == LgAtExit && kept != NULL) {
        print_text(kept, " WHEN THE PYTHON INTERPRETER WAS FINALIZED");
        lg_retained_forget();
        return;
    }
    XArray* text = text_of(s, (UInt)lg_options.retained);
    print_text(text, "");
    if (text != NULL)
        VG_(deleteXA)(text);
}

void lg_retained_print_now(UInt n)
{
    LgHeapSearch s;
    XArray*      text = NULL;

    if (lg_heapsearch_begin(&s, LgSearchAll, lg_options.heuristics, LgAnywhere,
                            False)) {
        text = text_of(&s, n);
        lg_heapsearch_end(&s);
    }
    if (text == NULL) {
        VG_(umsg)("No block is reachable\n");
        return;
    }
    print_text(text, "");
    VG_(deleteXA)(text);
}
