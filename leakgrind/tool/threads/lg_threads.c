/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_threads.c: see lg_threads.h.

   A thread is identified by its thread pointer, which points at its control
   block.  The control block has the pointer to the vector at VECTOR_AT, and a
   link in one of three lists: stacks in use; threads whose stack the program
   has provided, such as the first thread; stacks kept for reuse.  The offset
   of the link follows from the arguments of clone, which are the thread
   pointer and the address for the thread's number, which is right behind the
   link.  The heads of the three lists are adjacent, in this order, in the
   dynamic linker's variables. */

#include "lg_threads.h"

#include "pub_tool_guest.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_vki.h"
#include "pub_tool_vkiscnums.h"
#include "pub_tool_xarray.h"

#include "../heap/lg_heap.h"
#include "../memory/lg_guestmem.h"
#include "lg_exit.h"

/* The offset of a thread's vector from the thread pointer; and which argument
   of clone is the thread pointer. */
#if defined(VGA_amd64)
enum { VECTOR_AT = 8, CLONE_TLS = 4 };
#elif defined(VGA_arm64)
enum { VECTOR_AT = 0, CLONE_TLS = 3 };
#endif
enum { CLONE_FLAGS = 0, CLONE_PARENT_TID = 2, N_CLONE_ARGS = 5 };

/* As glibc has them. */
typedef struct {
    Addr next, prev;
} Link;
enum { LIST_USED, LIST_USER, LIST_CACHE, N_LISTS };

/* A longer list is not taken for one. */
enum { MAX_LINKS = 1 << 20 };

static struct {
    Addr    first;  /* thread pointer of the first thread; 0: unknown */
    UWord   toLink; /* from a thread pointer to its link; 0: unknown */
    OSet*   ended;  /* thread pointers of those that ended by themselves */
    XArray* killed; /* of LgSavedRegisters, of those that
                       ended with the program */
    OSet*   killedPointers; /* their thread pointers */
} threads;

static Addr thread_pointer(ThreadId tid)
{
    Addr tp = 0;
    VG_(get_shadow_regs_area)(tid, (UChar*)&tp, 0,
                              (PtrdiffT)LG_OFFSET_THREAD_POINTER, sizeof tp);
    return tp;
}

static OSet* new_set(void)
{
    return VG_(OSetWord_Create)(VG_(malloc), "lg.threads", VG_(free));
}

static void insert_word(OSet** set, UWord word)
{
    if (*set == NULL)
        *set = new_set();
    if (!VG_(OSetWord_Contains)(*set, word))
        VG_(OSetWord_Insert)(*set, word);
}

static Bool set_contains(const OSet* set, UWord word)
{
    return set != NULL && VG_(OSetWord_Contains)(set, word);
}

static void clear_set(OSet** set)
{
    if (*set != NULL)
        VG_(OSetWord_Destroy)(*set);
    *set = NULL;
}

/* --- What happens -------------------------------------------------------- */

void lg_threads_on_start(ThreadId tid)
{
    if (threads.ended != NULL)
        VG_(OSetWord_Remove)(threads.ended, thread_pointer(tid));
}

static void before_clone(ThreadId tid, const UWord* args)
{
    const UWord flags = VKI_CLONE_THREAD | VKI_CLONE_SETTLS |
                        VKI_CLONE_PARENT_SETTID;

    if ((args[CLONE_FLAGS] & flags) != flags)
        return;
    if (tid == 1)
        threads.first = thread_pointer(tid);
    threads.toLink = args[CLONE_PARENT_TID] - sizeof(Link) - args[CLONE_TLS];
}

void lg_threads_before_syscall(ThreadId tid, UInt number, const UWord* args,
                               UInt nArgs)
{
    if (UNLIKELY(number == __NR_clone) && nArgs >= N_CLONE_ARGS)
        before_clone(tid, args);
}

void lg_threads_on_exit(ThreadId tid)
{
    insert_word(&threads.ended, thread_pointer(tid));
}

void lg_threads_on_end(ThreadId tid)
{
    LgSavedRegisters r;

    if (set_contains(threads.ended, thread_pointer(tid)))
        return;
    insert_word(&threads.killedPointers, thread_pointer(tid));
    if (threads.killed == NULL)
        threads.killed = VG_(newXA)(VG_(malloc), "lg.threads.killed",
                                    VG_(free), sizeof r);
    lg_registers_save(tid, &r);
    VG_(addToXA)(threads.killed, &r);
}

void lg_threads_in_child(void)
{
    threads.first = 0;
    threads.toLink = 0;
    clear_set(&threads.ended);
}

void lg_threads_ended_with_program(void (*fn)(void* opaque,
                                              const LgSavedRegisters* r),
                                   void* opaque)
{
    const LgExitFrame* ender = lg_exit_frame();

    for (Word i = 0;
         threads.killed != NULL && i < VG_(sizeXA)(threads.killed); i++) {
        const LgSavedRegisters* r = VG_(indexXA)(threads.killed, i);
        if (r->tid != VG_(get_running_tid)() &&
            !(ender->valid && r->tid == ender->registers.tid))
            fn(opaque, r);
    }
}

/* --- Vectors ------------------------------------------------------------- */

static Bool is_control_block(Addr tp)
{
#if defined(VGA_amd64)
    Addr words[3]; /* its own address, the vector, its own address */
    return lg_guestmem_read(words, tp, sizeof words) && words[0] == tp &&
           words[2] == tp;
#elif defined(VGA_arm64)
    return tp != 0; /* it has no copy of its address to compare */
#endif
}

/* The start of the vector of the thread at tp; 0: it is in no heap block, or
   not as it should be.  Its first element is the number of elements behind the
   second. */
static Addr vector_of(Addr tp)
{
    enum { ELEMENT_SZB = 16 };
    Addr    second, n;
    LgBlock b;

    if (!is_control_block(tp) ||
        !lg_guestmem_read(&second, tp + VECTOR_AT, sizeof second) ||
        !lg_bt_find(lg_heap_blocks(), second - ELEMENT_SZB, LgAllocMalloc,
                    &b) ||
        !lg_guestmem_read(&n, b.start, sizeof n))
        return 0;
    return b.szB % ELEMENT_SZB == 0 && b.szB / ELEMENT_SZB - 2 == n ? b.start
                                                                    : 0;
}

/* --- Lists --------------------------------------------------------------- */

static Bool read_node(Link* l, Addr a)
{
    return lg_guestmem_read(l, a, sizeof *l);
}

/* Is there a link at `a`, between two others or itself? */
static Bool is_link(Addr a)
{
    Link l, next, prev;
    return read_node(&l, a) && read_node(&next, l.next) &&
           read_node(&prev, l.prev) && next.prev == a && prev.next == a;
}

/* The first thread is in the list whose head is the middle one. */
static Addr find_heads(void)
{
    Addr at = threads.first + threads.toLink;
    Link l;

    if (threads.first == 0 || threads.toLink == 0)
        return 0;
    for (UInt n = 0; n < MAX_LINKS && is_link(at) && read_node(&l, at); n++) {
        if (is_link(at - sizeof(Link)) && is_link(at + sizeof(Link)))
            return at - LIST_USER * sizeof(Link);
        at = l.next;
        if (at == threads.first + threads.toLink)
            break;
    }
    return 0;
}

/* Calls fn with the thread pointer of each thread in a list. */
static void walk_list(UInt list, void (*fn)(void* opaque, Addr tp),
                      void* opaque)
{
    Addr heads = find_heads();
    Addr head = heads + list * sizeof(Link), at = head;
    Link l;

    for (UInt n = 0; heads != 0 && n < MAX_LINKS && is_link(at) &&
                     read_node(&l, at) && l.next != head;
         n++) {
        at = l.next;
        fn(opaque, at - threads.toLink);
    }
}

/* --- Which are needed ---------------------------------------------------- */

/* The thread pointers of the threads that are alive, or were when the program
   ended. */
static OSet* collect_alive(void)
{
    OSet*    set = NULL;
    ThreadId tid;
    Addr     stackMin, stackMax;
    UWord    tp;

    VG_(thread_stack_reset_iter)(&tid);
    while (VG_(thread_stack_next)(&tid, &stackMin, &stackMax))
        insert_word(&set, thread_pointer(tid));
    if (threads.killedPointers != NULL) {
        VG_(OSetWord_ResetIter)(threads.killedPointers);
        while (VG_(OSetWord_Next)(threads.killedPointers, &tp))
            insert_word(&set, tp);
    }
    return set;
}

typedef struct {
    void (*fn)(void* opaque, Addr start);
    void* opaque;
} Needed;

static void tell_vector(void* needed, Addr tp)
{
    const Needed* n = needed;
    Addr          start = vector_of(tp);
    if (start != 0)
        n->fn(n->opaque, start);
}

void lg_threads_needed_vectors(void (*fn)(void* opaque, Addr start),
                               void* opaque)
{
    Needed n = {fn, opaque};
    OSet*  set = collect_alive();
    UWord  tp;

    if (set != NULL) {
        VG_(OSetWord_ResetIter)(set);
        while (VG_(OSetWord_Next)(set, &tp))
            tell_vector(&n, tp);
    }
    clear_set(&set);
    walk_list(LIST_CACHE, tell_vector, &n);
}

typedef struct {
    OSet* alive;
    OSet* vectors;
} Unjoined;

static void add_if_ended(void* unjoined, Addr tp)
{
    Unjoined* u = unjoined;
    /* A stack is in its list even before the thread begins. */
    Addr start = set_contains(threads.ended, tp) && !set_contains(u->alive, tp)
                     ? vector_of(tp)
                     : 0;
    if (start != 0)
        insert_word(&u->vectors, start);
}

OSet* lg_threads_unjoined_vectors(void)
{
    Unjoined u = {NULL, NULL};

    if (threads.ended == NULL)
        return NULL;
    u.alive = collect_alive();
    walk_list(LIST_USED, add_if_ended, &u);
    walk_list(LIST_USER, add_if_ended, &u);
    clear_set(&u.alive);
    return u.vectors;
}
