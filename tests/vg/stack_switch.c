/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stack pointer moves to other stacks and back, or is used for something
   else, in ways that look like functions' frames.  There is data around each
   stack, which must not change.

   This program is optimised as CFLAGS say. */

#define VGT_OPTIMISED
#include "vgt.h"
#include <pthread.h>
#include <setjmp.h>

#define NOINLINE __attribute__((noinline))

enum { STACK = 16384, DATA = 4096 };

/* Data, a stack, data, a stack, data: whatever happens on one stack, the other one
   and the data must not change. */
typedef struct {
    unsigned char data0[DATA];
    unsigned char lower[STACK];
    unsigned char data1[DATA];
    unsigned char upper[STACK];
    unsigned char data2[DATA];
} Place;

static void fill(Place *p)
{
    memset(p->data0, 0x17, DATA);
    memset(p->data1, 0x27, DATA);
    memset(p->data2, 0x37, DATA);
}

static long wrong(const unsigned char *data, int value)
{
    long n = 0;
    for (int i = 0; i < DATA; i++)
        n += data[i] != value;
    return n;
}

static void check(const char *name, const Place *p)
{
    long n = wrong(p->data0, 0x17) + wrong(p->data1, 0x27) +
             wrong(p->data2, 0x37);
    say("%s: %s\n", name, n == 0 ? "intact" : "DAMAGED");
}

static void *lower_top(Place *p) { return p->lower + STACK - 64; }
static void *upper_top(Place *p) { return p->upper + STACK - 64; }

NOINLINE static void leaf(void)
{
    volatile char words[1000];
    memset((char *)words, 1, sizeof words);
}

NOINLINE static void deep(int levels)
{
    volatile char words[200];
    memset((char *)words, 2, sizeof words);
    if (levels > 0)
        deep(levels - 1);
    leaf();
    (void)words;
}

static void work(void) { deep(10); }

/* Calls fn on the stack that ends at top, and comes back by a register that
   functions keep. */
void on_stack(void (*fn)(void), void *top);
/* Saves the stack pointer in *from, and goes on where *to was saved. */
void change(void **from, void **to);

#if defined(__x86_64__)
__asm__(".text\n"
        "on_stack:\n"
        "  push %rbp\n  mov %rsp, %rbp\n  mov %rsi, %rsp\n  call *%rdi\n"
        "  mov %rbp, %rsp\n  pop %rbp\n  ret\n"
        "change:\n"
        "  push %rbp\n  push %rbx\n  push %r12\n  push %r13\n  push %r14\n"
        "  push %r15\n  mov %rsp, (%rdi)\n  mov (%rsi), %rsp\n"
        "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbx\n"
        "  pop %rbp\n  ret\n");
enum { SAVED = 6 };
#elif defined(__aarch64__)
__asm__(".text\n"
        "on_stack:\n"
        "  stp x29, x30, [sp, #-32]!\n  str x19, [sp, #16]\n"
        "  mov x19, sp\n  mov x29, sp\n  mov sp, x1\n  blr x0\n"
        "  mov sp, x19\n  ldr x19, [sp, #16]\n"
        "  ldp x29, x30, [sp], #32\n  ret\n"
        "change:\n"
        "  stp x29, x30, [sp, #-96]!\n  stp x19, x20, [sp, #16]\n"
        "  stp x21, x22, [sp, #32]\n  stp x23, x24, [sp, #48]\n"
        "  stp x25, x26, [sp, #64]\n  stp x27, x28, [sp, #80]\n"
        "  mov x9, sp\n  str x9, [x0]\n  ldr x9, [x1]\n  mov sp, x9\n"
        "  ldp x19, x20, [sp, #16]\n  ldp x21, x22, [sp, #32]\n"
        "  ldp x23, x24, [sp, #48]\n  ldp x25, x26, [sp, #64]\n"
        "  ldp x27, x28, [sp, #80]\n  ldp x29, x30, [sp], #96\n  ret\n");
#endif

static void *at_main, *at_co;
static Place *place;

/* A context that runs parts of itself on the lower stack. */
static void coroutine(void)
{
    for (;;) {
        work();
        on_stack(work, lower_top(place));
        change(&at_co, &at_main);
        on_stack(leaf, lower_top(place));
    }
}

static void start(void *top)
{
    void **sp = top;
#if defined(__x86_64__)
    *--sp = 0; /* where it would return to */
    *--sp = (void *)coroutine;
    sp -= SAVED;
    memset(sp, 0, SAVED * sizeof *sp);
#elif defined(__aarch64__)
    sp -= 12;
    memset(sp, 0, 12 * sizeof *sp);
    sp[1] = (void *)coroutine;
#endif
    at_co = sp;
}

NOINLINE static void back_and_forth(const char *name, Place *p)
{
    place = p;
    fill(p);
    start(upper_top(p));
    for (int i = 0; i < 20; i++) {
        on_stack(leaf, lower_top(p));
        change(&at_main, &at_co);
        deep(i);
    }
    check(name, p);
}

NOINLINE static void in_a_frame(void)
{
    Place p;
    work();
    back_and_forth("in a frame", &p);
}

/* A thread whose stack lies in the middle of data. */
static void *thread(void *p)
{
    back_and_forth("thread", p);
    return NULL;
}

static void thread_among_data(void)
{
    static union {
        Place around[4];
        char bytes[1];
    } all __attribute__((aligned(4096)));
    pthread_attr_t attr;
    pthread_t t;
    Place *inner = calloc(1, sizeof *inner);

    memset(&all, 0x55, sizeof all);
    pthread_attr_init(&attr);
    pthread_attr_setstack(&attr, &all.around[1], 2 * sizeof(Place));
    NEED(pthread_create(&t, &attr, thread, inner) == 0);
    pthread_join(t, NULL);
    long n = 0;
    for (size_t i = 0; i < sizeof(Place); i++)
        n += ((char *)&all.around[0])[i] != 0x55 ||
             ((char *)&all.around[3])[i] != 0x55;
    say("around the thread's stack: %s\n", n == 0 ? "intact" : "DAMAGED");
    free(inner);
}

#if defined(__x86_64__)

/* Reads an array in the caller's frame by pops, twice, going back in between;
   what lies below it is data as well. */
NOINLINE static long read_by_pops(const long *array, long n)
{
    long sum = 0, again = n;
    __asm__ volatile("mov %%rsp, %%r12\n"
                     "mov %[from], %%rbx\n"
                     "mov %%rbx, %%rsp\n"
                     "1: pop %%rax\n add %%rax, %[sum]\n"
                     "dec %[n]\n jnz 1b\n"
                     "sub $320, %%rsp\n"
                     "2: pop %%rax\n add %%rax, %[sum]\n"
                     "dec %[again]\n jnz 2b\n"
                     "mov %%r12, %%rsp\n"
                     : [sum] "+r"(sum), [n] "+r"(n), [again] "+r"(again)
                     : [from] "r"(array)
                     : "rax", "rbx", "r12", "cc", "memory");
    return sum;
}

NOINLINE static void stack_pointer_reads(void)
{
    long array[120];

    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 120; i++)
            array[i] = i;
        work();
        long sum = read_by_pops(array + 40, 40);
        long n = sum != 2 * (40 + 79) * 20;
        for (int i = 0; i < 120; i++)
            n += array[i] != i;
        if (n != 0)
            say("array: DAMAGED\n");
    }
    say("array: intact\n");
}

/* From stack to stack by a constant, as if it were a frame. */
NOINLINE static void by_a_constant(Place *p)
{
    char *frames = (char *)lower_top(p) - 512;

    fill(p);
    for (int round = 0; round < 5; round++) {
        memset(frames, 0x44, 512); /* of a context on the lower stack */
        __asm__ volatile("mov %%rsp, %%rbx\n"
                         "mov %[top], %%rsp\n"
                         "call *%[fn]\n"
                         "sub $20480, %%rsp\n" /* sizeof lower + data1 */
                         "sub $512, %%rsp\n"
                         "call *%[fn]\n"
                         "add $512, %%rsp\n"
                         "add $20480, %%rsp\n"
                         "call *%[fn]\n"
                         "mov %%rbx, %%rsp\n"
                         :
                         : [top] "r"(upper_top(p)), [fn] "r"(work)
                         : "rax", "rcx", "rdx", "rbx", "rsi", "rdi", "r8",
                           "r9", "r10", "r11", "xmm0", "xmm1", "cc", "memory");
        for (int i = 0; i < 512; i++)
            if (frames[i] != 0x44)
                say("frames: DAMAGED\n");
    }
    check("by a constant", p);
}

/* The same to the middle of the upper stack in a frame of this one, on ground
   that has been gone down over. */
NOINLINE static void by_a_constant_in_a_frame(void)
{
    Place p;

    for (int round = 0; round < 5; round++) {
        fill(&p);
        memset(p.lower, 0x44, STACK);
        __asm__ volatile("add $32768, %%rsp\n" /* data0 .. data1, half upper */
                         "call *%[fn]\n"
                         "sub $32768, %%rsp\n"
                         "call *%[fn]\n"
                         :
                         : [fn] "b"(work)
                         : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9",
                           "r10", "r11", "xmm0", "xmm1", "cc", "memory");
        for (int i = 0; i < STACK; i++)
            if (p.lower[i] != 0x44)
                say("frames: DAMAGED\n");
    }
    check("by a constant, in a frame", &p);
}

/* What the red zone holds stays there, when a call is made elsewhere and the
   function then needs more room; and when parts of the stack pointer are set. */
long red_zone(void *top, void (*fn)(void));
long parts(void);
__asm__(".text\n"
        "red_zone:\n"
        "  mov $77, %eax\n  mov %rax, -24(%rsp)\n  mov %rax, -128(%rsp)\n"
        "  xchg %rdi, %rsp\n  sub $16, %rsp\n  mov %rdi, 8(%rsp)\n"
        "  call *%rsi\n  mov 8(%rsp), %rsp\n"
        "  pushf\n  popf\n  sub $136, %rsp\n"
        "  mov 112(%rsp), %rax\n  add 8(%rsp), %rax\n  add $136, %rsp\n"
        "  ret\n"
        "parts:\n"
        "  push %rbp\n  mov %rsp, %rbp\n  sub $40, %rsp\n"
        "  and $0xf0, %spl\n  movq $5, (%rsp)\n  mov %rsp, %rax\n"
        "  mov %ax, %sp\n  push %rax\n  pop %rdx\n  mov (%rsp), %rax\n"
        "  leave\n  ret\n");

static void words_below(Place *p)
{
    long n = 0;
    for (int i = 0; i < 5; i++) {
        work();
        n += red_zone(upper_top(p), work) != 154;
        n += parts() != 5;
    }
    say("red zone: %s\n", n == 0 ? "intact" : "DAMAGED");
}

static void of_this_processor(Place *p)
{
    stack_pointer_reads();
    by_a_constant(p);
    deep(400);
    by_a_constant_in_a_frame();
    words_below(p);
}

#else

static void of_this_processor(Place *p)
{
    (void)p;
    say("array: intact\nby a constant: intact\n"
        "by a constant, in a frame: intact\nred zone: intact\n");
}

#endif

/* Contexts that live side by side on one stack: each makes room for the next
   by a frame, and all of them jump to and fro. */
enum { CONTEXTS = 6 };
static jmp_buf contexts[CONTEXTS], at_start;
static volatile int turns;
static volatile long damage;

NOINLINE static void context(int id);
static void (*volatile next_context)(int) = context;

NOINLINE static void context(int id)
{
    volatile char room[12000];
    volatile int mine[100];

    room[0] = (char)id;
    damage += room[0] != id;
    for (int i = 0; i < 100; i++)
        mine[i] = id;
    if (setjmp(contexts[id]) == 0) {
        if (id + 1 < CONTEXTS)
            next_context(id + 1);
        longjmp(at_start, 1);
    }
    deep(15);
    for (int i = 0; i < 100; i++)
        damage += mine[i] != id;
    longjmp(at_start, 1);
}

static void side_by_side(void)
{
    if (setjmp(at_start) == 0)
        context(0);
    deep(5);
    if (turns < 60) {
        int id = turns++ * 5 % CONTEXTS;
        longjmp(contexts[id], 1);
    }
    say("side by side: %s\n", damage == 0 ? "intact" : "DAMAGED");
}

static Place in_bss;

int main(void)
{
    work();
    back_and_forth("in bss", &in_bss);
    Place *p = malloc(sizeof *p);
    back_and_forth("on the heap", p);
    in_a_frame();
    thread_among_data();
    of_this_processor(p);
    side_by_side();
    free(p);
    return 0;
}
