/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_stackzone.c: which words of a stack are proven dead.

   The stack pointer moves as the tool tells the module; red zones are left out.

       test_stackzone [SEED]    repeats the random test with that seed */

#include "../../leakgrind/engine/lg_stackzone.h"
#include "check.h"

static LgStackZone z;
static Addr        sp;

/* The stack pointer goes down by szB; how many bytes are dead of those. */
static SizeT down_with(SizeT szB, Addr floor, SizeT maxFrame, LgRange dead[2],
                       UInt* n)
{
    SizeT sum = 0;
    Addr  to = sp - szB;
    Bool  byFrame = szB <= maxFrame;

    if (szB >= LG_MAX_FRAME_SZB)
        lg_zone_take_large(&z, sp, to);
    lg_zone_step(&z, sp);
    if (lg_zone_has(&z, to, sp)) {
        dead[0] = (LgRange){to, sp};
        *n      = 1;
    } else {
        lg_zone_settle(&z, sp);
        *n = lg_zone_dead(&z, to, sp, byFrame, dead);
        if (byFrame)
            lg_zone_descend(&z, sp, to, floor);
        else
            lg_zone_leap(&z, to);
    }
    for (UInt i = 0; i < *n; i++)
        sum += dead[i].hi - dead[i].lo;
    sp = to;
    return sum;
}

static SizeT down(SizeT szB)
{
    LgRange dead[2];
    UInt    n;
    return down_with(szB, 0, 4096, dead, &n);
}

static void up(SizeT szB)
{
    if (szB > LG_MAX_FRAME_SZB)
        lg_zone_rise(&z, sp, sp + szB);
    sp += szB;
}

static void call(void)
{
    down(8);
    lg_zone_call(&z, sp, sp + 8);
}

static void ret(void)
{
    up(8);
}

static Bool jump(Addr to)
{
    Bool isBack =
        lg_zone_return(&z, sp, to) || lg_zone_jump(&z, sp, to, True);
    sp = to;
    return isBack;
}

static void begin(Addr at)
{
    memset(&z, 0, sizeof z);
    lg_zone_forget(&z);
    sp = at;
}

static void frames(void)
{
    begin(0x10000);
    expect_eq(down(0x100), 0); /* never there before */
    up(0x100);
    expect_eq(down(0x80), 0x80);
    expect_eq(down(0x200), 0x80);
    up(0x280);
    up(0x100); /* a caller returns, too: above, nothing is known */
    expect_eq(down(0x300), 0x200);
    up(0x300);
    expect_eq(down(0x380), 0x380);
}

/* What is not reached in one go is found again. */
static void gap_above(void)
{
    begin(0x10000);
    down(0x100);
    up(0x100);
    up(0x200);
    expect_eq(down(8), 0);
    expect_eq(down(0x400), 0x100);
    up(0x408);
    expect_eq(down(0x408), 0x408);
}

static void jumps(void)
{
    begin(0x10000);
    down(0x1000);
    up(0x1000);
    expect_false(jump(0xF000));
    expect_eq(down(0x800), 0);
    up(0x800);
    expect_eq(down(0x800), 0x800);
    expect_false(jump(0x10000));
    expect_eq(down(0x1000), 0);
}

/* libffi: a callee takes the pointer up into its caller's frame, calls from there,
   and goes back to the caller. */
static void a_little_up(void)
{
    begin(0x10000);
    down(0x800);
    up(0x800);
    call();
    down(8);
    lg_zone_save(&z, sp, sp, False);
    Addr frame = sp;
    down(0x100);
    call();
    expect_false(jump(sp + 0xC0));
    expect_eq(down(0xC0), 0); /* the arguments */
    expect_eq(down(0x100), 0x100);
    up(0x1C0);
    expect_true(jump(frame));
    up(0x10000 - sp);
    expect_eq(down(0x800), 0x800);
}

/* So far up that it may be another stack. */
static void far_up(void)
{
    begin(0x10000);
    down(0x100);
    up(0x100);
    expect_false(jump(0x10000 + LG_MAX_FRAME_SZB));
    expect_eq(down(LG_MAX_FRAME_SZB - 8), 0);
    expect_eq(down(0x108), 0);
}

/* push %rbp; mov %rsp, %rbp; ...; leave; ret */
static void leave(void)
{
    begin(0x10000);
    down(0x800);
    up(0x800);
    for (int i = 0; i < 2; i++) {
        call();
        down(8);
        lg_zone_save(&z, sp, sp - 16, False);
        Addr frame = sp;
        down(0x40);
        call();
        down(0x20);
        up(0x20);
        ret();
        expect_true(jump(i == 0 ? frame : frame - 8)); /* pushes left */
        up(0x10000 - sp);
        expect_eq(down(0x800), 0x800);
        up(0x800);
    }
}

/* The callee jumps to what the caller has marked: what it leaves may come to
   life again. */
static void jump_out_of_a_callee(void)
{
    begin(0x10000);
    lg_zone_save(&z, sp, sp, False);
    down(0x400);
    call();
    down(0x40);
    expect_false(jump(0x10000));
    expect_eq(down(0x400), 0);
}

/* The same when the callee has called others before. */
static void jump_out_after_calls(void)
{
    begin(0x10000);
    lg_zone_save(&z, sp, sp, False);
    call();
    down(0x40);
    call();
    ret();
    expect_false(jump(0x10000));
}

/* To another stack and back, by the same function. */
static void there_and_back(void)
{
    begin(0x10000);
    down(0x800);
    up(0x800);
    call();
    lg_zone_save(&z, sp, sp, False);
    Addr mine = sp;
    expect_false(jump(0x90000));
    call();
    expect_eq(down(0x100), 0);
    up(0x100);
    ret();
    expect_true(jump(mine));
    ret();
    expect_eq(down(0x800), 0x800);
}

/* A mark of a function that has returned. */
static void dead_mark(void)
{
    begin(0x10000);
    call();
    lg_zone_save(&z, sp, sp, False);
    Addr mark = sp;
    ret();
    down(0x100);
    expect_false(jump(mark));
}

static void many_marks(void)
{
    Addr marks[LG_MAX_SAVED_SPS + 10];
    UInt n = sizeof marks / sizeof marks[0];

    begin(0x100000);
    for (UInt i = 0; i < n; i++) {
        call();
        lg_zone_save(&z, sp, sp, False);
        marks[i] = sp;
        down(0x20);
    }
    for (UInt i = n; i-- > 0;) {
        expect_eq(jump(marks[i]), i >= n - LG_MAX_SAVED_SPS);
        ret();
    }
}

/* A frame that is too large: what lies within is not counted in, what lies
   above is kept. */
static void large_frame(void)
{
    begin(0x100000);
    down(0x800);
    up(0x800);
    for (int i = 0; i < 2; i++) {
        expect_eq(down(0x20000), 0x800);
        expect_eq(down(0x100), i == 0 ? 0 : 0x100);
        up(0x20100);
        expect_eq(down(0x800), 0x800);
        up(0x800);
    }
}

/* Up to a stack in a frame of this one, and back: from where it goes up on,
   frames live. */
static void stack_in_a_frame(void)
{
    begin(0x100000);
    for (int i = 0; i < 16; i++) /* a page at a time, touched before */
        down(0x1000);
    down(0x400);
    up(0x8000);
    call();
    expect_eq(down(0x800), 0);
    up(0x800);
    ret();
    expect_eq(down(0x8000), 0x808);
    expect_eq(down(0x100), 0);
    up(0x500);
    up(0x10000); /* not known to give the frame up */
    expect_eq(down(0x1000), 0);
}

/* Large frames that are given up leave what they have gone down over. */
static void large_frame_given_up(void)
{
    begin(0x100000);
    for (int i = 0; i < 20; i++) {
        call();
        down(0x2000);
        call();
        expect_eq(down(0x100), i == 0 ? 0 : 0x100);
        up(0x100);
        ret();
        up(0x2000);
        ret();
    }
    for (int i = 0; i < 2 * LG_MAX_LARGE_FRAMES; i++) {
        down(0x1000);
        call();
        down(0x1800);
    }
    for (int i = 0; i < 2 * LG_MAX_LARGE_FRAMES; i++) {
        up(0x1800);
        ret();
        up(0x1000);
    }
    expect_eq(sp, 0x100000);
}

static void bottom(void)
{
    LgRange dead[2];
    UInt    n;

    begin(0x10000);
    down_with(0x800, 0xFC00, 4096, dead, &n);
    up(0x800);
    expect_eq(down_with(0x800, 0xFC00, 4096, dead, &n), 0x400);
}

static void cut(void)
{
    begin(0x10000);
    down(0x800);
    up(0x800);
    lg_zone_cut(&z, 0x8000, 0xF800);
    expect_eq(down(0x800), 0x800);
    up(0x800);
    lg_zone_cut(&z, 0xF000, 0xF801);
    expect_eq(down(0x800), 0);
}

/* --- Random contexts ------------------------------------------------------ */

enum {
    CONTEXTS = 4,
    ROOM     = 0x4000, /* for each, one beside the other */
    DEPTH    = 40,
    BASE     = 0x100000
};

typedef struct {
    Addr  sp;
    UInt  depth;
    Addr  tops[DEPTH];  /* where each frame begins */
    Addr  marks[DEPTH]; /* 0: none */
} Context;

static Context  contexts[CONTEXTS];
static unsigned seed;

static unsigned rnd(unsigned n)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % n;
}

/* Frames of all contexts, from the stack pointer up, are alive, but not what the
   running one is gaining; so is the lowest part of each. */
static Bool is_alive(LgRange r)
{
    for (UInt c = 0; c < CONTEXTS; c++) {
        Addr end = BASE + (c + 1) * ROOM;
        if ((r.lo < end && contexts[c].sp < r.hi) ||
            (r.lo < end - ROOM + 0x100 && end - ROOM < r.hi))
            return True;
    }
    return False;
}

static void move_down(UInt c, SizeT szB)
{
    LgRange dead[2];
    UInt    n;

    down_with(szB, 0, 4096, dead, &n);
    for (UInt i = 0; i < n; i++)
        if (!expect_false(is_alive(dead[i])))
            printf("seed %u\n", seed);
    contexts[c].sp = sp;
}

static void enter(UInt c)
{
    Context* x = &contexts[c];
    SizeT    szB = rnd(8) == 0 ? 8 * rnd(600) : 8 * rnd(40);

    if (x->depth == DEPTH || x->sp - szB < BASE + c * ROOM + 0x200)
        return;
    move_down(c, 8);
    lg_zone_call(&z, sp, sp + 8);
    x->tops[x->depth]  = sp;
    x->marks[x->depth] = 0;
    if (rnd(2)) {
        lg_zone_save(&z, sp, sp, False);
        x->marks[x->depth] = sp;
    }
    x->depth++;
    move_down(c, szB);
}

static void leave_frame(UInt c)
{
    Context* x = &contexts[c];

    if (x->depth == 0)
        return;
    x->depth--;
    if (x->marks[x->depth] != 0 && rnd(4) != 0)
        jump(x->marks[x->depth]);
    sp = x->tops[x->depth] + 8;
    x->sp = sp;
}

/* To an outer frame of the same context, which its marks may lead to. */
static void throw(UInt c)
{
    Context* x = &contexts[c];

    if (x->depth < 2)
        return;
    x->depth = 1 + rnd(x->depth - 1);
    Addr to = x->tops[x->depth];
    if (rnd(2) && x->marks[x->depth] != 0)
        to = x->marks[x->depth];
    jump(to);
    sp = x->sp = x->tops[x->depth] + 8;
}

static void random_contexts(void)
{
    for (UInt run = 0; run < 300; run++) {
        UInt c = 0;
        begin(BASE + ROOM);
        for (UInt i = 0; i < CONTEXTS; i++)
            contexts[i] = (Context){.sp = BASE + (i + 1) * ROOM};
        for (UInt i = 0; i < 400; i++) {
            switch (rnd(10)) {
            case 0:
                c = rnd(CONTEXTS);
                if (contexts[c].sp != sp)
                    jump(contexts[c].sp);
                break;
            case 1:          throw(c); break;
            case 2: case 3: case 4: case 5: leave_frame(c); break;
            default:         enter(c); break;
            }
        }
    }
}

int main(int argc, char** argv)
{
    seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
    check_run(frames);
    check_run(gap_above);
    check_run(jumps);
    check_run(a_little_up);
    check_run(far_up);
    check_run(leave);
    check_run(jump_out_of_a_callee);
    check_run(jump_out_after_calls);
    check_run(there_and_back);
    check_run(dead_mark);
    check_run(many_marks);
    check_run(large_frame);
    check_run(stack_in_a_frame);
    check_run(large_frame_given_up);
    check_run(bottom);
    check_run(cut);
    check_run(random_contexts);
    return check_done();
}
