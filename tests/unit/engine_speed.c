/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_speed.c: how long the engine takes for graphs of known shape, on the
   real processor.  A measurement, not a test: "make check" does not run it.

       engine_speed [blocks [repeats]] */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../../leakgrind/engine/lg_blocktable.h"
#include "../../leakgrind/engine/lg_dominators.h"
#include "../../leakgrind/engine/lg_graph.h"
#include "../../leakgrind/engine/lg_mark.h"
#include "../../leakgrind/engine/lg_paths.h"
#include "../../leakgrind/engine/lg_refs.h"
#include "../../leakgrind/lg_platform.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static ULong rng = 88172645463325252ULL;
static ULong rnd(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return rng;
}

/* Blocks of 32..96 bytes with 32 bytes between them, as a malloc would lay
   them out. */
typedef struct {
    UChar* arena;
    SizeT  arenaSzB;
    UInt   n;
    Addr*  start;
    SizeT* szB;
} Heap;

static Heap make_heap(UInt n)
{
    Heap h;
    h.n = n;
    h.arenaSzB = (SizeT)n * 128 + 4096;
    h.arena = lg_plat_map(h.arenaSzB);
    h.start = malloc(n * sizeof(Addr));
    h.szB = malloc(n * sizeof(SizeT));
    Addr a = (Addr)h.arena;
    for (UInt i = 0; i < n; i++) {
        h.szB[i] = 32 + rnd() % 65;
        h.start[i] = a;
        a += ((h.szB[i] + 15) & ~(SizeT)15) + 32;
    }
    return h;
}

static void set_word(const Heap* h, UInt block, UInt word, Addr value)
{
    ((Addr*)h->start[block])[word] = value;
}

static void shuffle(UInt* order, UInt n)
{
    for (UInt i = 0; i < n; i++)
        order[i] = i;
    for (UInt i = n; i > 1; i--) {
        UInt k = (UInt)(rnd() % i), t = order[i - 1];
        order[i - 1] = order[k];
        order[k] = t;
    }
}

/* One word in every so many blocks is not to be read. */
static LgRange* make_skips(const Heap* h, UInt every, UInt* n)
{
    LgRange* skips = malloc((h->n / every + 1) * sizeof(LgRange));
    *n = 0;
    for (UInt i = 0; i < h->n; i += every) {
        Addr a = h->start[i] + 24;
        skips[(*n)++] = (LgRange){a, a + 8};
    }
    return skips;
}

/* One search; prints what each part took.  With `objOff`, all blocks hold
   Python objects, which have a PyGC_Head before them if it is not 0. */
static void search_with(const char* name, const Heap* h, Addr rootLo,
                        Addr rootHi, UInt objOff, UInt skipEvery)
{
    double      t[7];
    UInt        kinds[LG_N_KINDS] = {0, 0, 0, 0};
    UInt        nSkips = 0;
    LgRange*    skips = NULL;
    LgSnapshot* s;
    LgMark*     m;

    if (skipEvery != 0)
        skips = make_skips(h, skipEvery, &nSkips);

    t[0] = now();
    s = lg_snap_new(h->n);
    for (UInt i = 0; i < h->n; i++) {
        LgBlock b = {h->start[i], h->szB[i], i, LgAllocMalloc, 0};
        lg_snap_add(s, &b);
    }
    t[1] = now();
    lg_snap_finish(s, NULL, 0);
    for (UInt i = 0; objOff != 0 && i < h->n; i++)
        lg_sb_set_object(&lg_snap_blocks(s)[i], objOff, True);
    t[2] = now();
    m = lg_mark_new(s, (1u << LG_N_HEURISTICS) - 2, NULL, skips, nSkips);
    lg_mark_range(m, rootLo, rootHi);
    t[3] = now();
    lg_mark_drain(m);
    t[4] = now();
    if (objOff != 0)
        lg_refs_delete(m, lg_refs_count(m));
    t[6] = now();
    lg_mark_cliques(m, NULL);
    t[5] = now();
    for (UInt i = 0; i < lg_snap_count(s); i++)
        kinds[lg_sb_kind(&lg_snap_blocks(s)[i])]++;
    printf("%-12s add %.3f index %.3f reach %.3f possible %.3f refs %.3f "
           "cliques %.3f | all %.3f s, %.0f ns a block | %u %u %u %u\n",
           name, t[1] - t[0], t[2] - t[1], t[3] - t[2], t[4] - t[3],
           t[6] - t[4], t[5] - t[6], t[5] - t[0],
           (t[5] - t[0]) / h->n * 1e9, kinds[0], kinds[1], kinds[2], kinds[3]);
    lg_mark_delete(m);
    lg_snap_delete(s);
    free(skips);
}

static void search(const char* name, const Heap* h, Addr rootLo, Addr rootHi)
{
    search_with(name, h, rootLo, rootHi, 0, 0);
}

/* The memory that this process has, in bytes: now, and at most since the last call
   with toReset. */
static double resident_szB(const char* what, Bool toReset)
{
    char   line[200];
    double kB = 0;
    FILE*  f;

    if (toReset && (f = fopen("/proc/self/clear_refs", "w")) != NULL) {
        fputs("5", f);
        fclose(f);
    }
    f = fopen("/proc/self/status", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, what, strlen(what)) == 0)
            kB = strtod(line + strlen(what), NULL);
    if (f != NULL)
        fclose(f);
    return kB * 1024;
}

static SizeT size_in_heap(void* heap, UInt i)
{
    return ((const Heap*)heap)->szB[i];
}

static void time_dominators(Heap* h, const LgGraph* g)
{
    double        before = resident_szB("VmRSS:", True), start = now();
    LgDominators* d = lg_dominators_new(lg_graph_view(g), size_in_heap, h);

    printf("dominators   %.3f | bytes a block: at most %.1f\n", now() - start,
           (resident_szB("VmHWM:", False) - before) / h->n);
    lg_dominators_delete(d);
}

/* The graph, the shortest paths, and the dominators. */
static void time_paths(Heap* h, Addr root)
{
    double      t[4];
    LgSnapshot* s = lg_snap_new(h->n);
    LgMark*     m;

    for (UInt i = 0; i < h->n; i++) {
        LgBlock b = {h->start[i], h->szB[i], i, LgAllocMalloc, 0};
        lg_snap_add(s, &b);
    }
    lg_snap_finish(s, NULL, 0);
    t[0] = now();
    m = lg_mark_new(s, (1u << LG_N_HEURISTICS) - 2, NULL, NULL, 0);
    lg_mark_word(m, root);
    lg_mark_drain(m);
    t[1] = now();
    double before = resident_szB("VmRSS:", True);
    lg_graph_begin(m);
    lg_graph_word(m, 0, root);
    LgGraph* g = lg_graph_finish(m);
    t[2] = now();
    double   most = resident_szB("VmHWM:", False);
    double   graph = resident_szB("VmRSS:", True);
    UInt     begin = h->n;
    LgPaths* p = lg_paths_new(lg_graph_view(g), &begin, 1, NULL);
    t[3] = now();
    printf("paths        reach %.3f graph %.3f paths %.3f | bytes a block: "
           "graph %.1f, at most %.1f; paths at most %.1f\n",
           t[1] - t[0], t[2] - t[1], t[3] - t[2], (graph - before) / h->n,
           (most - before) / h->n,
           (resident_szB("VmHWM:", False) - graph) / h->n);
    lg_paths_delete(p);
    time_dominators(h, g);
    lg_graph_delete(g);
    lg_mark_delete(m);
    lg_snap_delete(s);
}

static void time_table(const Heap* h)
{
    double        t[4];
    LgBlockTable* bt = lg_bt_new();
    LgBlockCursor cur;
    LgBlock       b;
    LgSnapshot*   s;

    t[0] = now();
    for (UInt i = 0; i < h->n; i++) {
        b = (LgBlock){h->start[i], h->szB[i], i, LgAllocMalloc, 0};
        lg_bt_insert(bt, &b);
    }
    t[1] = now();
    s = lg_snap_new(lg_bt_count(bt));
    memset(&cur, 0, sizeof(cur));
    while (lg_bt_next(bt, &cur, &b))
        lg_snap_add(s, &b);
    t[2] = now();
    lg_snap_delete(s);
    for (UInt i = 0; i < 8 * 1024 * 1024; i++) {
        lg_bt_remove(bt, h->start[h->n - 1 - i % 1024], LgAllocMalloc, &b);
        lg_bt_insert(bt, &b);
    }
    t[3] = now();
    printf("table        insert %.1f ns, copy to snapshot %.1f ns, "
           "free+malloc %.1f ns, %.1f bytes a block\n",
           (t[1] - t[0]) / h->n * 1e9, (t[2] - t[1]) / h->n * 1e9,
           (t[3] - t[2]) / (8 * 1024 * 1024) * 1e9,
           (double)lg_bt_footprint(bt) / h->n);
    lg_bt_delete(bt);
}

int main(int argc, char** argv)
{
    UInt  n = argc > 1 ? (UInt)strtoul(argv[1], NULL, 0) : 4000000;
    UInt  repeats = argc > 2 ? (UInt)strtoul(argv[2], NULL, 0) : 1;
    Heap  h = make_heap(n);
    UInt* order = malloc(n * sizeof(UInt));
    Addr* table = lg_plat_map((SizeT)n * sizeof(Addr));
    Addr  none = 0, root;

    time_table(&h);
    for (UInt r = 0; r < repeats; r++) {
        for (UInt i = 0; i < n; i++) {
            for (UInt k = 0; k < 4; k++)
                set_word(&h, i, k, h.start[rnd() % n]);
        }
        root = h.start[0];
        search("graph", &h, (Addr)&root, (Addr)(&root + 1));
        time_paths(&h, root);
        search("graph, lost", &h, (Addr)&none, (Addr)(&none + 1));
        search_with("graph, skips", &h, (Addr)&root, (Addr)(&root + 1), 0,
                    200);
        for (UInt i = 0; i < n; i++) {
            for (UInt k = 0; k < 4; k++)
                set_word(&h, i, k, h.start[rnd() % n] + (k >= 2 ? 16 : 0));
        }
        root = h.start[0] + 16;
        search_with("objects", &h, (Addr)&root, (Addr)(&root + 1), 16, 0);
        search_with("objects, weak", &h, (Addr)&root, (Addr)(&root + 1), 16,
                    200);
        search_with("objects, lost", &h, (Addr)&none, (Addr)(&none + 1), 16,
                    0);

        for (UInt i = 0; i < n; i++) {
            for (UInt k = 0; k < 4; k++)
                set_word(&h, i, k, h.start[rnd() % n] + 8);
        }
        search("interior", &h, (Addr)&root, (Addr)(&root + 1));

        for (UInt i = 0; i < n; i++) {
            for (UInt k = 0; k < 4; k++)
                set_word(&h, i, k, 0);
            table[i] = h.start[rnd() % n];
        }
        search("table", &h, (Addr)table, (Addr)(table + n));
        search("all lost", &h, (Addr)&none, (Addr)(&none + 1));

        shuffle(order, n);
        for (UInt i = 0; i < n; i++)
            set_word(&h, i, 0, h.start[order[i]]);
        search("lost, one to one", &h, (Addr)&none, (Addr)(&none + 1));
        for (UInt i = 0; i + 1 < n; i++)
            set_word(&h, order[i], 0, h.start[order[i + 1]]);
        set_word(&h, order[n - 1], 0, 0);
        root = h.start[order[0]];
        search("list", &h, (Addr)&root, (Addr)(&root + 1));
    }

    SizeT  dataSzB = (SizeT)1 << 30;
    ULong* data = lg_plat_map(dataSzB);
    for (SizeT i = 0; i < dataSzB / sizeof(ULong); i++)
        data[i] = i * 0x9E3779B97F4A7C15ULL;
    double t = now();
    ULong  sum = 0;
    for (SizeT i = 0; i < dataSzB / sizeof(ULong); i++)
        sum += data[i];
    printf("reading 1 GiB: %.3f s (%lu)\n", now() - t, (unsigned long)(sum & 1));
    search("data", &h, (Addr)data, (Addr)data + dataSzB);
    return 0;
}
