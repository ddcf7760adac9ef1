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
#include "../memory/lg_guestmem.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "lg_growth.h"
#include "lg_heapgraph.h"
#include "lg_placenames.h"
#include "lg_rootpaths.h"

/* The types below each owner that are shown. */
enum { MAX_TYPES = 3 };

/* What counts for one owner, or of that for one type. */
typedef struct {
    ULong szB;
    UInt  nBlocks;
    UInt  key; /* the owner; the type */
} Sum;

/* Owners as numbers: these, and the paths to places after them. */
enum { NO_OWNER, SEVERAL, FIRST_PLACE };

typedef struct {
    LgHeapSearch* s;
    LgRootPaths*  paths;
    UInt*         owner; /* by block */
    XArray*       sums;  /* of Sum: by owner; later the largest first */
    UInt          nOwners;
    UInt*         first;  /* the blocks of owner k are */
    UInt*         blocks; /* blocks[first[k]] .. blocks[first[k + 1] - 1] */
} Owners;

static SizeT size_of_block(void* search, UInt i)
{
    return lg_sb_szB(&lg_snap_blocks(((LgHeapSearch*)search)->snap)[i]);
}

static SizeT owner_szB(const Owners* o)
{
    return ((SizeT)lg_snap_count(o->s->snap) + 1) * sizeof(UInt);
}

/* --- Finding ------------------------------------------------------------------ */

/* The owner of block i, whose dominator's is known.  If only the roots together
   dominate it, a word of C's leads there besides: that is no reason to take the
   block from the variable that the shortest path goes through.  And what a root
   leads to directly counts for that root, even if another one leads there, too: a
   local variable also stands on a stack. */
static UInt owner_of(const Owners* o, const LgDominators* d, UInt i)
{
    UInt above = lg_dominators_of(d, i);
    Bool isTop = above >= lg_snap_count(o->s->snap); /* a root, or LG_DOM_TOP */
    UInt path = isTop ? lg_rootpaths_of_last_variable(o->paths, i)
                      : lg_rootpaths_of_variable(o->paths, i);

    if (path == LG_NO_PATH && !isTop)
        return o->owner[above];
    if (path == LG_NO_PATH) {
        path = lg_rootpaths_of(o->paths, i);
        if (path == LG_NO_PATH)
            return NO_OWNER;
        if (!lg_rootpaths_is_root(o->paths, path))
            return SEVERAL;
    }
    return FIRST_PLACE + lg_rootpaths_place(o->paths, path);
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
    LgDominators*      d = lg_dominators_new(v, size_of_block, o->s);

    for (UInt k = 0; k < lg_dominators_count(d); k++) {
        UInt i = lg_dominators_nth(d, k);
        if (i >= v->nBlocks)
            continue;
        o->owner[i] = owner_of(o, d, i);
        if (o->owner[i] != NO_OWNER)
            add_to_sum(o->sums, o->owner[i], size_of_block(o->s, i));
    }
    lg_dominators_delete(d);
}

/* The sums are still in the order of the owners. */
static void group_blocks(Owners* o)
{
    UInt n = 0;

    o->nOwners = (UInt)VG_(sizeXA)(o->sums);
    o->first = VG_(malloc)("lg.retained.first",
                           (o->nOwners + 1) * sizeof(UInt));
    o->blocks = lg_plat_map(owner_szB(o));
    for (UInt k = 0; k < o->nOwners; k++) {
        o->first[k] = n;
        n += ((const Sum*)VG_(indexXA)(o->sums, k))->nBlocks;
    }
    for (UInt i = 0; i < lg_snap_count(o->s->snap); i++)
        if (o->owner[i] != NO_OWNER)
            o->blocks[o->first[o->owner[i]]++] = i;
    /* Each first[] is now where the next one begins. */
    for (UInt k = o->nOwners; k > 0; k--)
        o->first[k] = o->first[k - 1];
    o->first[0] = 0;
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
    o->sums = new_sums();
    sum_up_owners(o);
    group_blocks(o);
    sort_sums(o->sums);
    return True;
}

static void drop_owners(Owners* o)
{
    lg_plat_unmap(o->owner, owner_szB(o));
    lg_plat_unmap(o->blocks, owner_szB(o));
    VG_(free)(o->first);
    VG_(deleteXA)(o->sums);
    lg_rootpaths_delete(o->paths);
}

/* --- As text --------------------------------------------------------------------- */

/* Sums of what the owner retains, by type (0: of blocks without one), the largest
   first. */
static XArray* sum_up_types(const Owners* o, UInt owner)
{
    XArray* types = new_sums();

    for (UInt k = o->first[owner]; k < o->first[owner + 1]; k++)
        add_to_sum(types, lg_pysnap_type(o->s->py, o->blocks[k]),
                   size_of_block(o->s, o->blocks[k]));
    sort_sums(types);
    return types;
}

static void append_types(const Owners* o, XArray* text, UInt owner)
{
    XArray* types = sum_up_types(o, owner);
    UInt    nShown = 0;

    for (Word k = 0; k < VG_(sizeXA)(types) && nShown < MAX_TYPES; k++) {
        const Sum* t = VG_(indexXA)(types, k);
        if (t->key == 0)
            continue;
        VG_(xaprintf)(text, "%'17llu%'10u      %s\n", t->szB, t->nBlocks,
                      lg_python_type_name(t->key));
        nShown++;
    }
    VG_(deleteXA)(types);
}

static void append_name(const Owners* o, XArray* text, UInt owner)
{
    if (owner == SEVERAL)
        VG_(xaprintf)(text, "(more than one owner)");
    else
        lg_rootpaths_append(o->paths, text, owner - FIRST_PLACE);
}

static void add_block_to(LgGrowth* g, LgHeapSearch* s, UInt owner, UInt i)
{
    lg_growth_add(g, owner, lg_pysnap_type(s->py, i), lg_snap_ctx(s->snap, i),
                  size_of_block(s, i));
}

/* A new check, with all blocks that have an owner and are wanted (NULL: all are). */
static void begin_growth(LgGrowth* g, const Owners* o,
                         Bool (*isWanted)(void* opaque, UInt i), void* opaque)
{
    XArray* name = VG_(newXA)(VG_(malloc), "lg.retained.name", VG_(free), 1);

    lg_growth_begin(g);
    for (UInt k = SEVERAL; k < o->nOwners; k++) {
        if (o->first[k] == o->first[k + 1])
            continue;
        append_name(o, name, k);
        UInt owner = lg_texts_take(name);
        for (UInt at = o->first[k]; at < o->first[k + 1]; at++)
            if (isWanted == NULL || isWanted(opaque, o->blocks[at]))
                add_block_to(g, o->s, owner, o->blocks[at]);
    }
    VG_(deleteXA)(name);
}

/* Since the check before. */
static LgGrowth* sinceCheck; /* NULL: there was none */

static void append_growth(const Owners* o, XArray* text, UInt n)
{
    if (sinceCheck == NULL)
        sinceCheck = lg_growth_new();
    begin_growth(sinceCheck, o, NULL, NULL);
    lg_growth_append(sinceCheck, text, n);
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
        append_name(o, text, sum->key);
        VG_(xaprintf)(text, "\n");
        append_types(o, text, sum->key);
    }
}

/* The n largest owners, as lines, and if it is a check, what has grown; NULL: there
   are none. */
static XArray* text_of(LgHeapSearch* s, UInt n, Bool isCheck)
{
    XArray* text = NULL;
    Owners  o;

    if (s->snap == NULL || s->changed != NULL || n == 0 || !find_owners(&o, s))
        return NULL;
    if (VG_(sizeXA)(o.sums) > 0) {
        text = VG_(newXA)(VG_(malloc), "lg.retained.text", VG_(free), 1);
        append_owners(&o, text, n);
        if (isCheck)
            append_growth(&o, text, n);
    }
    drop_owners(&o);
    return text;
}

/* --- For others ------------------------------------------------------------------- */

static void visit_owner(const Owners* o, const Sum* sum, XArray* name,
                       const LgOwnerVisitor* visitor, void* opaque)
{
    append_name(o, name, sum->key);
    visitor->owner(opaque, lg_texts_get(lg_texts_take(name)), sum->nBlocks,
                   sum->szB);
    if (visitor->type == NULL)
        return;
    XArray* types = sum_up_types(o, sum->key);
    for (Word k = 0; k < VG_(sizeXA)(types); k++) {
        const Sum* t = VG_(indexXA)(types, k);
        visitor->type(opaque, t->key != 0 ? lg_python_type_name(t->key) : "",
                      t->nBlocks, t->szB);
    }
    VG_(deleteXA)(types);
}

void lg_retained_each(LgHeapSearch* s, UInt n, const LgOwnerVisitor* visitor,
                      void* opaque)
{
    XArray* name;
    Owners  o;

    if (s->snap == NULL || s->changed != NULL || !find_owners(&o, s))
        return;
    name = VG_(newXA)(VG_(malloc), "lg.retained.name", VG_(free), 1);
    for (Word k = 0; k < VG_(sizeXA)(o.sums) && k < n; k++)
        visit_owner(&o, VG_(indexXA)(o.sums, k), name, visitor, opaque);
    VG_(deleteXA)(name);
    drop_owners(&o);
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
    kept = text_of(s, (UInt)lg_options.retained, True);
}

static void print_owners(XArray* text, const HChar* when)
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
        print_owners(kept, " WHEN THE PYTHON INTERPRETER WAS FINALIZED");
        lg_retained_forget();
        return;
    }
    XArray* text = text_of(s, (UInt)lg_options.retained, True);
    print_owners(text, "");
    if (text != NULL)
        VG_(deleteXA)(text);
}

void lg_retained_print_now(UInt n)
{
    LgHeapSearch s;
    XArray*      text = NULL;

    if (lg_heapsearch_begin(&s, LgSearchAll, lg_options.heuristics, LgAnywhere,
                            False)) {
        text = text_of(&s, n, False);
        lg_heapsearch_end(&s);
    }
    if (text == NULL) {
        VG_(umsg)("No block is reachable\n");
        return;
    }
    print_owners(text, "");
    VG_(deleteXA)(text);
}

static Bool counts_as_lost(const LgHeapSearch* s, UInt i)
{
    const LgSnapBlock* b = &lg_snap_blocks(s->snap)[i];
    return lg_sb_kind(b) != LgReachable && !lg_sb_suppressed(b) &&
           lg_pysnap_class(s->py, i) != LgLossGarbage;
}

void lg_retained_add_to(LgGrowth* g, LgHeapSearch* s,
                        Bool (*isWanted)(void* opaque, UInt i), void* opaque)
{
    Owners o;

    if (!find_owners(&o, s))
        return;
    begin_growth(g, &o, isWanted, opaque);
    UInt lost = lg_texts_add("(lost)");
    for (UInt i = 0; i < lg_snap_count(s->snap); i++)
        if (o.owner[i] == NO_OWNER && counts_as_lost(s, i) &&
            isWanted(opaque, i))
            add_block_to(g, s, lost, i);
    drop_owners(&o);
}

/* --- Of one object ------------------------------------------------------------------ */

/* False: there is no such object. */
static Bool find_retained(LgHeapSearch* s, Addr obj, LgRetained* r)
{
    LgHeapGraph g;
    Int         i = lg_snap_find(s->snap, obj);

    if (i < 0 || lg_sb_base(&lg_snap_blocks(s->snap)[i]) != obj ||
        !lg_heapgraph_begin(&g, s))
        return False;
    LgDominators* d =
        lg_dominators_new(lg_graph_view(g.graph), size_of_block, s);
    *r = lg_dominators_retained(d, (UInt)i);
    lg_dominators_delete(d);
    lg_heapgraph_end(&g);
    return True;
}

SizeT lg_retained_tell(Addr obj, Addr buf, SizeT szB)
{
    LgHeapSearch s;
    LgRetained   r;
    HChar        text[64];
    SizeT        textSzB = 0;

    if (!lg_heapsearch_begin(&s, LgSearchAll, lg_options.heuristics, LgAtCall,
                             False))
        return 0;
    if (find_retained(&s, obj, &r)) {
        textSzB = VG_(sprintf)(text, "%llu\n%u\n", r.szB, r.nBlocks);
        if (textSzB <= szB)
            lg_guestmem_write(buf, text, textSzB);
    }
    lg_heapsearch_end(&s);
    return textSzB;
}
