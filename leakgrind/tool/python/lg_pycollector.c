/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycollector.c: what CPython's cyclic garbage collector has done.

   The collector keeps the objects that it knows in three lists, the
   generations.  The heads of the lists are adjacent, each with two ints: a
   threshold and a count.  A run over all objects sets all three counts to 0,
   and moves the objects that it has not freed to the third list.  Any other
   run increments the second or the third count.  So if both of these are 0,
   the last run was over all objects, and the objects in the third list have
   survived it.

   The heads are found from the objects.  CPython 3.14.0 to 3.14.7 has other
   lists, and CPython without the GIL has none: there this module knows
   nothing. */

#include "lg_pysnapshot_priv.h"

#include "../../lg_platform.h"
#include "../process/lg_python.h"

enum {
    N_GENERATIONS   = 3,
    GENERATION_SZB  = 24, /* gc_next, gc_prev, threshold, count */
    GENERATION_COUNT = 20,
    /* In 3.9 to 3.11, after the generations: the address of the first; one for
       objects that are never examined; statistics of each, three words;
       whether the collector runs; and gc.garbage. */
    FIRST_GENERATION = N_GENERATIONS * GENERATION_SZB,
    GARBAGE = FIRST_GENERATION + 8 + GENERATION_SZB + N_GENERATIONS * 24 + 8
};

/* A link of the collector's, whose lower bits are flags. */
static Bool read_link(Addr a, Addr* out)
{
    Bool isRead = lg_py_word(lg_python_mem(), a, out);
    *out &= ~(Addr)3;
    return isRead && *out != 0;
}

/* Is the head of a list there? */
static Bool is_head(Addr head)
{
    Addr next, prev, back;
    return read_link(head, &next) && read_link(head + sizeof(Addr), &prev) &&
           read_link(next + sizeof(Addr), &back) && back == head &&
           read_link(prev, &back) && back == head;
}

/* The number of the object whose PyGC_Head is at `a`; -1: there is none. */
static Int object_at(const LgPySnapshot* c, Addr a)
{
    Int i = lg_snap_find(c->snap, a);
    return i >= 0 && lg_sb_hasGC(lg_pysnap_block(c, (UInt)i)) &&
                   lg_sb_base(lg_pysnap_block(c, (UInt)i)) - a ==
                       lg_python()->layout->gcHeadSzB
               ? i
               : -1;
}

/* The head of the list that object i is in; 0: none is found. */
static Addr find_list_head(const LgPySnapshot* c, UInt i)
{
    Addr at = lg_sb_base(lg_pysnap_block(c, i)) -
              lg_python()->layout->gcHeadSzB;

    for (UInt n = 0; n <= c->n; n++) {
        if (!read_link(at, &at))
            return 0;
        if (object_at(c, at) < 0)
            return is_head(at) ? at : 0;
    }
    return 0;
}

/* The first of the heads, one of which is at `head`. */
static Addr first_generation(Addr head)
{
    for (UInt n = 1; n < N_GENERATIONS && is_head(head - GENERATION_SZB); n++)
        head -= GENERATION_SZB;
    for (UInt n = 1; n < N_GENERATIONS; n++)
        if (!is_head(head + n * GENERATION_SZB))
            return 0;
    return head;
}

Addr lg_pycollector_generations(Addr interp)
{
    enum { MAX_OFFSET = 16 * 1024 };
    Addr first;

    for (Addr a = interp; a < interp + MAX_OFFSET; a += sizeof a)
        if (lg_py_word(lg_python_mem(), a + FIRST_GENERATION, &first) &&
            first == a && is_head(a) && first_generation(a) == a)
            return a;
    return 0;
}

Addr lg_pycollector_garbage(Addr generations)
{
    Addr list, type;

    return lg_py_word(lg_python_mem(), generations + GARBAGE, &list) &&
                   list != 0 &&
                   lg_py_word(lg_python_mem(),
                              list + lg_python()->layout->ob_type, &type) &&
                   type == lg_python_guest()->types[LG_GUEST_LIST]
               ? list
               : 0;
}

void lg_pycollector_visit(Addr generations,
                          void (*fn)(void* opaque, Addr obj), void* opaque)
{
    enum { MAX_OBJECTS = 1 << 26 };

    for (UInt n = 0; n < N_GENERATIONS; n++) {
        Addr head = generations + n * GENERATION_SZB, at = head;
        for (UInt k = 0;
             k < MAX_OBJECTS && read_link(at, &at) && at != head; k++)
            fn(opaque, at + lg_python()->layout->gcHeadSzB);
    }
}

static Bool is_count_0(Addr generation)
{
    Int count;
    return lg_py_read(lg_python_mem(), generation + GENERATION_COUNT, &count,
                      sizeof count) &&
           count == 0;
}

static Bool has_generations(void)
{
    const LgPython* py = lg_python();
    return py->layout != NULL && py->layout->gcHeadSzB != 0 &&
           (py->version < 0x030E0000 || py->version >= 0x030E0800);
}

/* Objects of which the collector may not see all references, so that it
   matters whether it has run. */
static Bool is_of_interest(const LgPySnapshot* c, UInt i)
{
    LgRange part;
    return lg_pysnap_is_unreached(c, i) && lg_sb_hasGC(lg_pysnap_block(c, i)) && lg_pyforeign_part(c, i, &part);
}

void lg_pycollector_mark_old(LgPySnapshot* c)
{
    enum { MAX_TRIES = 16 };
    UInt nTries = 0;

    for (UInt i = 0; has_generations() && i < c->n && nTries < MAX_TRIES; i++) {
        if (!is_of_interest(c, i))
            continue;
        nTries++;
        Addr head = find_list_head(c, i);
        Addr first = head != 0 ? first_generation(head) : 0;
        Addr second = first + GENERATION_SZB, third = second + GENERATION_SZB;
        if (first == 0)
            continue;
        if (!is_count_0(second) || !is_count_0(third))
            return;
        Addr at = third;
        c->isOld = lg_plat_map(c->n);
        for (UInt n = 0; n <= c->n && read_link(at, &at) && at != third; n++) {
            Int k = object_at(c, at);
            if (k < 0)
                return;
            c->isOld[k] = 1;
        }
        return;
    }
}
