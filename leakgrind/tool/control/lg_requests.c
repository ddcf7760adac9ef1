/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_requests.c: requests from the program.  See lg_requests.h. */

#include "lg_requests.h"

#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"

#include "memcheck.h"

#include "../../leakgrind.h"
#include "../check/lg_holders.h"
#include "../check/lg_leakcheck.h"
#include "../check/lg_leftbehind.h"
#include "../check/lg_retained.h"
#include "../check/lg_why.h"
#include "../heap/lg_describe.h"
#include "../heap/lg_heap.h"
#include "../heap/lg_heapargs.h"
#include "../heap/lg_pools.h"
#include "../memory/lg_guestmem.h"
#include "../process/lg_python.h"
#include "../watch/lg_pywatch.h"
#include "lg_monitor.h"

/* --- Leak checks --------------------------------------------------------- */

static void handle_leak_check(ThreadId tid, UWord mode, UWord delta)
{
    static const LgDeltaMode deltas[] = {LgDeltaAny, LgDeltaIncreased,
                                         LgDeltaChanged, LgDeltaNew};
    LgCheckParams p = lg_leakcheck_default_params();

    if (mode > 1)
        VG_(umsg)("Warning: unknown leak search mode %lu\n", mode);
    p.full = mode != 1;
    if (delta < sizeof deltas / sizeof deltas[0])
        p.delta = deltas[delta];
    else
        VG_(umsg)("Warning: unknown leak search delta mode %lu\n", delta);
    lg_leakcheck_run(tid, &p);
}

static Bool handle_snapshot(ThreadId tid, Addr label)
{
    LgCheckParams p = lg_leakcheck_default_params();
    HChar*        text = lg_guestmem_string(label);

    p.label = text;
    Bool isWritten = lg_leakcheck_snapshot(tid, &p);
    VG_(free)(text);
    return isWritten;
}

static SizeT pick_amount(const LgAmount* a, Bool blocks)
{
    return blocks ? a->nBlocks : a->szB;
}

/* memcheck's four numbers: definite and indirect are one. */
static void count_leaks(const UWord* args, Bool blocks)
{
    const LgTotals* t = &lg_leakcheck_last()->totals;
    const UWord     counts[] = {pick_amount(&t->kind[LgDefinite], blocks) +
                                    pick_amount(&t->kind[LgIndirect], blocks),
                                pick_amount(&t->kind[LgPossible], blocks),
                                pick_amount(&t->kind[LgReachable], blocks),
                                pick_amount(&t->suppressed, blocks)};
    for (UInt i = 0; i < sizeof counts / sizeof counts[0]; i++)
        lg_guestmem_write(args[i + 1], &counts[i], sizeof counts[i]);
}

/* To a LeakgrindCounts of the program's. */
static void tell_counts(Addr to, Bool blocks)
{
    const LgTotals* t = &lg_leakcheck_last()->totals;
    LeakgrindCounts c = {
        .definite   = pick_amount(&t->kind[LgDefinite], blocks),
        .indirect   = pick_amount(&t->kind[LgIndirect], blocks),
        .possible   = pick_amount(&t->kind[LgPossible], blocks),
        .reachable  = pick_amount(&t->kind[LgReachable], blocks),
        .suppressed = pick_amount(&t->suppressed, blocks)};
    lg_guestmem_write(to, &c, sizeof c);
}

static Bool handle_leakgrind(ThreadId tid, const UWord* args, UWord* ret)
{
    if (lg_python_handle_request(args, ret))
        return True;
    switch (args[0]) {
    case LG_USERREQ__DO_LEAK_CHECK:
        handle_leak_check(tid, args[1], args[2]);
        return True;
    case LG_USERREQ__COUNT_LEAKS:
        tell_counts(args[1], False);
        tell_counts(args[2], True);
        return True;
    case LG_USERREQ__IS_LEAKGRIND:
        *ret = 1;
        return True;
    case LG_USERREQ__WATCH:
        *ret = lg_pywatch_add(args[1]);
        return True;
    case LG_USERREQ__REFERENCES:
        *ret = lg_holders_tell(~args[1], args[2], args[3]);
        return True;
    case LG_USERREQ__WHY:
        *ret = lg_why_tell(~args[1], args[2], args[3]);
        return True;
    case LG_USERREQ__RETAINED:
        *ret = lg_retained_tell(~args[1], args[2], args[3]);
        return True;
    case LG_USERREQ__PRINT_WHY:
        lg_why_print(&(Addr){~args[1]}, 1);
        return True;
    case LG_USERREQ__SNAPSHOT:
        *ret = handle_snapshot(tid, args[1]);
        return True;
    case LG_USERREQ__BEGIN_GROWTH:
        *ret = lg_leftbehind_begin();
        return True;
    case LG_USERREQ__END_GROWTH:
        *ret = lg_leftbehind_end(args[1], args[2], args[3]);
        return True;
    default:
        VG_(umsg)("Warning: unknown leakgrind client request code %#lx\n",
                  args[0]);
        return False;
    }
}

/* --- memcheck.h ---------------------------------------------------------- */

/* The end of the memory that a request is about, within the address space. */
static Addr end_of(const UWord* args)
{
    return args[2] > ~args[1] ? ~(Addr)0 : args[1] + args[2];
}

static Bool handle_memcheck(ThreadId tid, const UWord* args, UWord* ret)
{
    switch (args[0]) {
    case VG_USERREQ__DO_LEAK_CHECK:
        handle_leak_check(tid, args[1], args[2]);
        break;
    case VG_USERREQ__COUNT_LEAKS:
        count_leaks(args, False);
        break;
    case VG_USERREQ__COUNT_LEAK_BLOCKS:
        count_leaks(args, True);
        break;
    case VG_USERREQ__CREATE_BLOCK:
        *ret = (UWord)-1;
        if (args[1] != 0 && args[2] != 0)
            *ret = lg_describe_add_named(tid, args[1], args[2],
                                         lg_guestmem_string(args[3]));
        break;
    case VG_USERREQ__DISCARD:
        *ret = lg_describe_remove_named((UInt)args[2]) ? 0 : 1;
        break;
    case VG_USERREQ__MAKE_MEM_NOACCESS:
        lg_ws_add(lg_heap_skips(), args[1], end_of(args));
        *ret = (UWord)-1;
        break;
    case VG_USERREQ__MAKE_MEM_UNDEFINED:
    case VG_USERREQ__MAKE_MEM_DEFINED:
        lg_ws_remove(lg_heap_skips(), args[1], end_of(args));
        *ret = (UWord)-1;
        break;
    case VG_USERREQ__MAKE_MEM_DEFINED_IF_ADDRESSABLE:
        *ret = (UWord)-1;
        break;
#ifdef LG_HAS_HEAP_ARGS
    case _VG_USERREQ__MEMCHECK_VERIFY_ALIGNMENT:
        lg_heapargs_check(tid, lg_heap_blocks(),
                          (const struct AlignedAllocInfo*)args[1]);
        break;
#endif
    default:
        /* About definedness and memory accesses, of which nothing is known
           here: the answer is that of a program that runs natively. */
        *ret = 0;
        break;
    }
    return True;
}

/* --- valgrind.h ---------------------------------------------------------- */

static Bool handle_pool(ThreadId tid, const UWord* args, UWord* ret)
{
    switch (args[0]) {
    case VG_USERREQ__CREATE_MEMPOOL:
        lg_pool_create(tid, args[1],
                       (args[4] & VALGRIND_MEMPOOL_AUTO_FREE) != 0,
                       (args[4] & VALGRIND_MEMPOOL_METAPOOL) != 0);
        return True;
    case VG_USERREQ__DESTROY_MEMPOOL:
        lg_pool_destroy(tid, args[1]);
        return True;
    case VG_USERREQ__MEMPOOL_ALLOC:
        lg_pool_alloc(tid, args[1], args[2], args[3]);
        return True;
    case VG_USERREQ__MEMPOOL_FREE:
        lg_pool_free(tid, args[1], args[2]);
        return True;
    case VG_USERREQ__MEMPOOL_TRIM:
        lg_pool_trim(tid, args[1], args[2], args[3]);
        return True;
    case VG_USERREQ__MOVE_MEMPOOL:
        lg_pool_move(tid, args[1], args[2]);
        return True;
    case VG_USERREQ__MEMPOOL_CHANGE:
        lg_pool_change(tid, args[1], args[2], args[3], args[4]);
        return True;
    case VG_USERREQ__MEMPOOL_EXISTS:
        *ret = lg_pool_exists(args[1]);
        return True;
    default:
        return False;
    }
}

Bool lg_request_handle(ThreadId tid, UWord* args, UWord* ret)
{
    if (VG_IS_TOOL_USERREQ('L', 'G', args[0]))
        return handle_leakgrind(tid, args, ret);
    if (VG_IS_TOOL_USERREQ('M', 'C', args[0]))
        return handle_memcheck(tid, args, ret);

    switch (args[0]) {
    case VG_USERREQ__MALLOCLIKE_BLOCK:
        lg_heap_malloclike(tid, args[1], args[2]);
        return True;
    case VG_USERREQ__RESIZEINPLACE_BLOCK:
        lg_heap_resize_in_place(tid, args[1], args[2], args[3]);
        return True;
    case VG_USERREQ__FREELIKE_BLOCK:
        lg_heap_freelike(tid, args[1]);
        return True;
    case VG_USERREQ__GDB_MONITOR_COMMAND: {
        HChar* command = lg_guestmem_string(args[1]);
        Bool   handled = lg_monitor_handle(tid, command);
        VG_(free)(command);
        *ret = handled ? 1 : 0;
        return handled;
    }
    default:
        return handle_pool(tid, args, ret);
    }
}
