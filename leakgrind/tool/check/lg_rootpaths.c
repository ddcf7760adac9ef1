/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_rootpaths.c: see lg_rootpaths.h.

   Not each node on a shortest path is a station of the path in words: the memory
   that an object has elsewhere (the items of a list, the table of a dict) is a part
   of the object.  A path in words is a record with the number of the path up to the
   station before, and two texts: how the station is reached, and what it is. */

#include "lg_rootpaths.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"

#include "../../base/lg_numbering.h"
#include "../../engine/lg_paths.h"
#include "../../python/lg_pylocals.h"
#include "../memory/lg_guestmem.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "../python/lg_pysnapshot_priv.h"
#include "../python/lg_pysteps.h"
#include "lg_heapgraph.h"
#include "lg_leadwords.h"
#include "lg_placenames.h"
#include "lg_rootnames.h"

/* A general path, which is to be the same for many blocks, ends after so many steps.
   Of any other, so many are shown at the beginning, and as many at the end. */
enum { MAX_GENERAL_STEPS = 12, MAX_SHOWN_STEPS = 20 };

/* The texts are numbers of lg_texts. */
typedef struct {
    UInt before; /* a path, or LG_NO_PATH */
    UInt step;
    UInt what;
    UInt nSteps;
    Bool isRepeated; /* the step before was the same */
    Bool isCut;      /* for this step and all that follow */
} Path;

struct LgRootPaths {
    LgHeapSearch* s;
    Bool          isGeneral;
    LgHeapGraph   g;
    LgPaths*      paths;
    LgLeadWords*  leads;
    UChar*        rank;     /* by node */
    UInt*         numbers;  /* by block: its path, plus 1; 0: not known yet */
    UChar*        roles;    /* by block, of those that are known: LgPyRole */
    Path*         found;
    UInt          nFound, maxFound;
    LgNumbering   numbering;
    XArray*       way; /* of UInt: stations, while a path is looked for */
};

static SizeT numbers_szB(const LgRootPaths* p)
{
    return ((SizeT)lg_snap_count(p->s->snap) + 1) * sizeof(UInt);
}

static UInt n_nodes(const LgRootPaths* p)
{
    return lg_graph_view(p->g.graph)->nNodes;
}

static const LgSnapBlock* path_block(const LgRootPaths* p, UInt i)
{
    return &lg_snap_blocks(p->s->snap)[i];
}

static Bool has_object(const LgRootPaths* p, UInt i)
{
    return lg_pysnap_type(p->s->py, i) != 0;
}

/* --- The search -------------------------------------------------------------- */

/* Where Python is, the roots that tell a person most come first. */
static UChar root_rank(const LgRootPaths* p, const LgGraphRoot* r)
{
    if (p->s->py == NULL)
        return r->kind == LgGraphRegister;
    switch (r->kind) {
    case LgGraphLocals:
        return lg_rootnames_is_own_frame(VG_(indexXA)(p->g.frames, r->frame))
                   ? 2
                   : 0;
    case LgGraphRegister: return 1;
    case LgGraphMemory:   return lg_rootnames_rank(r->words);
    default:              return 2;
    }
}

static void add_begin(XArray* begin, UInt node)
{
    VG_(addToXA)(begin, &node);
}

static void add_modules(const LgRootPaths* p, XArray* begin)
{
    const LgPySnapshot* py = p->s->py;

    for (UInt i = 0; py != NULL && i < py->n; i++)
        if (py->type[i] != 0 && lg_pysnap_is_builtin(py, i, "module") &&
            lg_sb_kind(lg_pysnap_block(py, i)) == LgReachable)
            add_begin(begin, i);
}

/* Which of two equally good beginnings is preferred: the one with the lower
   number. */
enum { LOCALS, GLOBALS, OTHERS, N_PREFERENCES };
static UInt root_preference(const LgGraphRoot* r)
{
    return r->kind == LgGraphLocals ? LOCALS
           : r->kind == LgGraphMemory &&
                   lg_placenames_object(r->words.lo) != NULL
               ? GLOBALS
               : OTHERS;
}

/* First modules, then roots. */
static XArray* list_begins(const LgRootPaths* p)
{
    XArray* begin = VG_(newXA)(VG_(malloc), "lg.rootpaths", VG_(free),
                               sizeof(UInt));
    UInt    nBlocks = lg_snap_count(p->s->snap);
    UInt    nRoots = n_nodes(p) - nBlocks;

    add_modules(p, begin);
    for (UInt k = 0; k < N_PREFERENCES; k++)
        for (UInt i = 0; i < nRoots; i++)
            if (root_preference(lg_heapgraph_root(&p->g, i)) == k)
                add_begin(begin, nBlocks + i);
    return begin;
}

/* The results of an lru_cache are a list, too, of which the dict is the owner. */
static Bool is_lru_link(const LgRootPaths* p, UInt i)
{
    return has_object(p, i) &&
           VG_STREQ(lg_python_type_name(lg_pysnap_type(p->s->py, i)),
                    "functools._lru_list_elem");
}

static UChar block_rank(const LgRootPaths* p, UInt i)
{
    return lg_sb_kind(path_block(p, i)) == LgPossible ? 3
           : is_lru_link(p, i)                        ? 1
                                                      : 0;
}

static void find_paths(LgRootPaths* p)
{
    const LgGraphView* v = lg_graph_view(p->g.graph);

    p->rank = lg_plat_map(v->nNodes + 1);
    for (UInt i = v->nBlocks; i < v->nNodes; i++)
        p->rank[i] = root_rank(p, lg_heapgraph_root(&p->g, i - v->nBlocks));
    for (UInt i = 0; i < v->nBlocks; i++)
        p->rank[i] = block_rank(p, i);
    XArray* begin = list_begins(p);
    UInt    nBegin = (UInt)VG_(sizeXA)(begin);
    /* With --roots=none there may be nothing to begin at. */
    p->paths = lg_paths_new(v, nBegin > 0 ? VG_(indexXA)(begin, 0) : NULL,
                            nBegin, p->rank);
    VG_(deleteXA)(begin);
}

LgRootPaths* lg_rootpaths_new(LgHeapSearch* s, Bool isGeneral)
{
    LgRootPaths* p = lg_plat_alloc("lg.rootpaths", sizeof *p);

    VG_(memset)(p, 0, sizeof *p);
    p->s = s;
    p->isGeneral = isGeneral;
    if (!lg_heapgraph_begin(&p->g, s)) {
        lg_plat_free(p);
        return NULL;
    }
    find_paths(p);
    p->leads = lg_leadwords_new(s, p->paths, n_nodes(p));
    p->numbers = lg_plat_map(numbers_szB(p));
    p->roles = lg_plat_map(numbers_szB(p));
    p->way = VG_(newXA)(VG_(malloc), "lg.rootpaths.way", VG_(free),
                        sizeof(UInt));
    lg_numbering_init(&p->numbering, "lg.rootpaths.numbering", 64);
    return p;
}

void lg_rootpaths_delete(LgRootPaths* p)
{
    if (p == NULL)
        return;
    lg_plat_unmap(p->numbers, numbers_szB(p));
    lg_plat_unmap(p->roles, numbers_szB(p));
    lg_plat_unmap(p->rank, n_nodes(p) + 1);
    VG_(deleteXA)(p->way);
    lg_numbering_free(&p->numbering);
    lg_plat_free(p->found);
    lg_leadwords_delete(p->leads);
    lg_paths_delete(p->paths);
    lg_heapgraph_end(&p->g);
    lg_plat_free(p);
}

/* --- Paths as records ---------------------------------------------------------- */

static UInt hash_path(const Path* r)
{
    return lg_hash_mix(lg_hash_mix(lg_hash_mix(r->before, r->step), r->what),
                       r->isRepeated);
}

static UInt hash_of_found(const void* owner, UInt i)
{
    return hash_path(&((const LgRootPaths*)owner)->found[i]);
}

static Bool is_same_path(const void* owner, UInt i, const void* wanted)
{
    const Path* a = &((const LgRootPaths*)owner)->found[i];
    const Path* b = wanted;
    return a->before == b->before && a->step == b->step && a->what == b->what &&
           a->isRepeated == b->isRepeated;
}

static UInt intern_path(LgRootPaths* p, Path r)
{
    lg_numbering_reserve(&p->numbering, hash_of_found, p);
    UInt* slot = lg_numbering_find(&p->numbering, hash_path(&r), is_same_path,
                                   p, &r);
    if (*slot == 0) {
        p->found = lg_array_reserve("lg.rootpaths.found", p->found, p->nFound,
                                    &p->maxFound, sizeof *p->found);
        p->found[p->nFound] = r;
        lg_numbering_add(&p->numbering, slot, p->nFound++);
    }
    return *slot - 1;
}

/* The path `before`, and a step. */
static UInt longer_path(LgRootPaths* p, UInt before, UInt step, UInt what)
{
    Path r = {.before = before, .step = step, .what = what};

    if (before == LG_NO_PATH)
        return intern_path(p, r);
    const Path* b = &p->found[before];
    r.nSteps = b->nSteps + 1;
    if (p->isGeneral && b->isCut)
        return before;
    if (p->isGeneral && b->step == step && b->what == what) {
        if (b->isRepeated)
            return before;
        r.isRepeated = True;
    } else if (p->isGeneral && r.nSteps > MAX_GENERAL_STEPS) {
        r.isCut = True;
        r.step = r.what = 0;
    }
    return intern_path(p, r);
}

/* The same path, to something else that its last step leads to. */
static UInt same_path_to(LgRootPaths* p, UInt path, UInt what)
{
    Path r = p->found[path];
    if (r.isCut)
        return path;
    r.what = what;
    return intern_path(p, r);
}

/* --- Stations ------------------------------------------------------------------- */

static Bool is_root(const LgRootPaths* p, UInt node)
{
    return node >= lg_snap_count(p->s->snap);
}

/* The station before the one at node i; *table: the last node between them, or
   i. */
static UInt station_before(const LgRootPaths* p, UInt i, UInt* table)
{
    UInt at = lg_paths_parent(p->paths, i);

    *table = i;
    if (at == LG_PATHS_BEGIN || is_root(p, at) || has_object(p, at) ||
        p->s->py == NULL)
        return at;
    /* C memory of an object's belongs to the object, if what follows is an object. */
    if (has_object(p, i)) {
        UInt owner = at;
        while (owner != LG_PATHS_BEGIN && !is_root(p, owner) &&
               !has_object(p, owner) &&
               (lg_snap_flags(p->s->snap, owner) & LG_BF_PY))
            owner = lg_paths_parent(p->paths, owner);
        if (owner != LG_PATHS_BEGIN && !is_root(p, owner) &&
            has_object(p, owner)) {
            *table = at;
            return owner;
        }
    }
    return at;
}

/* What the station is: " (dict)", ", made in f (foo.c:12)". */
static UInt what_is(const LgRootPaths* p, UInt i)
{
    XArray* text = VG_(newXA)(VG_(malloc), "lg.rootpaths.what", VG_(free), 1);

    if (has_object(p, i))
        VG_(xaprintf)(text, " (%s)",
                      lg_python_type_name(lg_pysnap_type(p->s->py, i)));
    else
        lg_placenames_maker(text, ", made in ", lg_snap_ctx(p->s->snap, i));
    UInt number = lg_texts_take(text);
    VG_(deleteXA)(text);
    return number;
}

/* A block with more pointers is like an array: a general path does not tell
   them apart. */
enum { MAX_FIELDS = 16 };

static void append_offset(const LgRootPaths* p, XArray* text, UInt from, UInt to)
{
    const LgGraphView* v = lg_graph_view(p->g.graph);
    const LgSnapBlock* b = path_block(p, from);
    Bool isArray = v->first[from + 1] - v->first[from] > MAX_FIELDS;
    Addr at = p->isGeneral && isArray
                  ? 0
                  : lg_leadwords_find(
                        p->s,
                        (LgRange){lg_sb_start(b), lg_sb_start(b) + lg_sb_szB(b)},
                        to);

    if (at == 0)
        VG_(xaprintf)(text, "+*");
    else
        VG_(xaprintf)(text, "%s%ld", at < lg_sb_base(b) ? "" : "+",
                      (Word)(at - lg_sb_base(b)));
}

static void append_root_name(const LgRootPaths* p, XArray* text, UInt node,
                             UInt to)
{
    const LgGraphRoot* r =
        lg_heapgraph_root(&p->g, node - lg_snap_count(p->s->snap));
    Addr at = r->words.lo == r->words.hi
                  ? 0
                  : lg_leadwords_of_root(p->leads, node, r->words, to);

    switch (r->kind) {
    case LgGraphRegister:
        VG_(xaprintf)(text, "register %s of thread %u", r->reg, r->tid);
        break;
    case LgGraphMemory:
        lg_rootnames_append(text, p->g.frames, at != 0 ? at : r->words.lo,
                            p->isGeneral);
        break;
    case LgGraphLocals:
        lg_rootnames_append_local(text, VG_(indexXA)(p->g.frames, r->frame),
                                  at);
        break;
    case LgGraphInterpreter:
        VG_(xaprintf)(text, "the interpreter");
        break;
    }
}

/* Where a path begins. */
static void append_beginning(const LgRootPaths* p, XArray* text, UInt i)
{
    HChar name[LG_PY_NAME_SZB];
    UInt  parent = lg_paths_parent(p->paths, i);

    if (parent != LG_PATHS_BEGIN)
        append_root_name(p, text, parent, i);
    else if (lg_python_module_name(lg_sb_base(path_block(p, i)), name,
                                   sizeof name))
        VG_(xaprintf)(text, "module %s", name);
    else
        VG_(xaprintf)(text, "a module");
}

/* The function of a closure, or of a cell in it. */
static UInt function_of(const LgRootPaths* p, UInt i)
{
    UInt table, role = p->roles[i];

    for (; role == LgPyClosure || role == LgPyCell; role = p->roles[i])
        i = station_before(p, i, &table);
    return i;
}

/* Are both blocks made in the same place?  The nodes of a list, or of a tree. */
static Bool are_of_a_kind(const LgRootPaths* p, UInt a, UInt b)
{
    UInt ctx = lg_snap_ctx(p->s->snap, a);
    return !has_object(p, a) && !has_object(p, b) && ctx != 0 &&
           what_is(p, a) == what_is(p, b);
}

/* The path to station i, which is not known yet, while that to the station before
   is, if there is one. */
static UInt path_to_station(LgRootPaths* p, XArray* text, UInt i)
{
    UInt     table, before = station_before(p, i, &table);
    LgPyRole role = LgPyPlain;

    if (before == LG_PATHS_BEGIN || is_root(p, before)) {
        append_beginning(p, text, i);
        UInt step = lg_texts_take(text);
        return longer_path(p, LG_NO_PATH, step,
                           before == LG_PATHS_BEGIN ? 0 : what_is(p, i));
    }
    UInt path = p->numbers[before] - 1;
    if (p->isGeneral && are_of_a_kind(p, before, i))
        return path;
    LgPyStep step = {.owner = before,
                     .to = i,
                     .isTable = table != i,
                     .table = table,
                     .ownerRole = (LgPyRole)p->roles[before],
                     .isGeneral = p->isGeneral};
    if (step.ownerRole == LgPyClosure || step.ownerRole == LgPyCell)
        step.function = function_of(p, before);
    if (!has_object(p, before) ||
        !lg_pysteps_append(p->s->py, text, &step, &role))
        append_offset(p, text, before, i);
    p->roles[i] = role;
    if (VG_(sizeXA)(text) > 0)
        return longer_path(p, path, lg_texts_take(text), what_is(p, i));
    return role == LgPyNamespace || role == LgPyClosure
               ? path
               : same_path_to(p, path, what_is(p, i));
}

UInt lg_rootpaths_of(LgRootPaths* p, UInt i)
{
    XArray* text;
    UInt    table;

    if (lg_paths_parent(p->paths, i) == LG_PATHS_NONE)
        return LG_NO_PATH;
    VG_(dropHeadXA)(p->way, VG_(sizeXA)(p->way));
    for (UInt at = i; at != LG_PATHS_BEGIN && !is_root(p, at) &&
                      p->numbers[at] == 0;
         at = station_before(p, at, &table))
        VG_(addToXA)(p->way, &at);
    text = VG_(newXA)(VG_(malloc), "lg.rootpaths.text", VG_(free), 1);
    for (Word k = VG_(sizeXA)(p->way); k-- > 0;) {
        UInt station = *(UInt*)VG_(indexXA)(p->way, k);
        p->numbers[station] = path_to_station(p, text, station) + 1;
    }
    VG_(deleteXA)(text);
    return p->numbers[i] - 1;
}

/* --- Variables ---------------------------------------------------------------------- */

static const HChar* after_module(const HChar* step)
{
    enum { N = 7 };
    return VG_(strncmp)(step, "module ", N) == 0 ? step + N : NULL;
}

static Bool begins_at_module(const LgRootPaths* p, UInt path)
{
    while (p->found[path].before != LG_NO_PATH)
        path = p->found[path].before;
    return after_module(lg_texts_get(p->found[path].step)) != NULL;
}

static Bool is_attribute_of_class(const LgRootPaths* p, UInt i)
{
    UInt table;

    do
        i = station_before(p, i, &table);
    while (p->roles[i] == LgPyNamespace);
    return lg_pysnap_is_builtin(p->s->py, i, "type");
}

UInt lg_rootpaths_of_variable(LgRootPaths* p, UInt i)
{
    /* Between a module and an attribute of one of its classes there are two dicts
       with their tables, and the class. */
    enum { MAX_LENGTH = 6 };

    if (!has_object(p, i) || lg_paths_parent(p->paths, i) == LG_PATHS_NONE ||
        lg_paths_length(p->paths, i) > MAX_LENGTH)
        return LG_NO_PATH;
    UInt path = lg_rootpaths_of(p, i), nSteps = p->found[path].nSteps;
    return begins_at_module(p, path) &&
                   (nSteps <= 1 || (nSteps == 2 && is_attribute_of_class(p, i)))
               ? path
               : LG_NO_PATH;
}

UInt lg_rootpaths_of_last_variable(LgRootPaths* p, UInt i)
{
    enum { MAX_WALK = 64 };
    UInt path = LG_NO_PATH, table;

    for (UInt n = 0; n < MAX_WALK && path == LG_NO_PATH &&
                     i != LG_PATHS_BEGIN && !is_root(p, i);
         n++) {
        path = lg_rootpaths_of_variable(p, i);
        i = station_before(p, i, &table);
    }
    return path;
}

UInt lg_rootpaths_place(LgRootPaths* p, UInt path)
{
    return same_path_to(p, path, 0);
}

Bool lg_rootpaths_is_root(const LgRootPaths* p, UInt path)
{
    return p->found[path].before == LG_NO_PATH;
}

const LgGraphView* lg_rootpaths_graph(const LgRootPaths* p)
{
    return lg_graph_view(p->g.graph);
}

/* --- Text -------------------------------------------------------------------------- */

/* The steps of a path, the first one last. */
static XArray* list_steps(const LgRootPaths* p, UInt path)
{
    XArray* steps = VG_(newXA)(VG_(malloc), "lg.rootpaths.steps", VG_(free),
                               sizeof(UInt));

    for (; path != LG_NO_PATH; path = p->found[path].before)
        VG_(addToXA)(steps, &path);
    return steps;
}

void lg_rootpaths_append(const LgRootPaths* p, XArray* text, UInt path)
{
    XArray* steps = list_steps(p, path);
    Bool    isGlued = False;

    for (Word k = VG_(sizeXA)(steps); k-- > 0;) {
        const Path*  r = &p->found[*(UInt*)VG_(indexXA)(steps, k)];
        const HChar* step = lg_texts_get(r->step);
        const HChar* module = r->before == LG_NO_PATH ? after_module(step) : NULL;
        if (r->before != LG_NO_PATH && !(isGlued && step[0] == '.'))
            VG_(xaprintf)(text, " -> ");
        isGlued = module != NULL && k > 0;
        Bool isShort = r->isRepeated || r->isCut;
        VG_(xaprintf)(text, "%s", isShort ? "..." : isGlued ? module : step);
        if (k > 0 && !isShort)
            VG_(xaprintf)(text, "%s", lg_texts_get(r->what));
    }
    VG_(deleteXA)(steps);
}

void lg_rootpaths_append_steps(const LgRootPaths* p, XArray* text, UInt path)
{
    XArray* steps = list_steps(p, path);

    for (Word n = VG_(sizeXA)(steps), k = n; k-- > 0;) {
        const Path* r = &p->found[*(UInt*)VG_(indexXA)(steps, k)];
        if (n > 2 * MAX_SHOWN_STEPS && n - k == MAX_SHOWN_STEPS + 1) {
            VG_(xaprintf)(text, "... (%ld steps)\n", n - 2 * MAX_SHOWN_STEPS);
            k = MAX_SHOWN_STEPS;
            continue;
        }
        VG_(xaprintf)(text, "%s%s\n", lg_texts_get(r->step),
                      k > 0 ? lg_texts_get(r->what) : "");
    }
    VG_(deleteXA)(steps);
}
