/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pyloops.c: the evaluation loop among C frames: in made-up stacks of several
   versions, intact and damaged; and in a real CPython, for as many runs as there
   are. */

#define _GNU_SOURCE /* dladdr */
#include "check.h"

#include "../../leakgrind/python/lg_pyloops.h"

#ifdef LG_WITH_PYTHON
#include <dlfcn.h>
#include <unwind.h>

#include "cpython.h"
#endif

/* --- Made up --------------------------------------------------------------- */

enum {
    N_C      = 8,    /* C frames */
    C_FRAME  = 16,   /* words of each */
    N_PYTHON = 6,    /* Python frames elsewhere */
    PYTHON_B = 0x80
};

static struct {
    Addr  tstate[0x40];
    Addr  stack[N_C * C_FRAME];
    UChar frames[N_PYTHON][PYTHON_B];
    Addr  sps[N_C + 1];
    Bool  isLoop[N_C];
} made;

static const void* made_at(void* opaque, Addr a, SizeT szB)
{
    Addr lo = (Addr)&made, hi = lo + sizeof made;
    (void)opaque;
    return a < lo || a >= hi || szB > hi - a ? NULL : (const void*)a;
}

static const LgPyMem made_mem = {NULL, made_at, NULL};

static void write_at(Addr a, const void* from, size_t szB)
{
    memcpy((void*)a, from, szB);
}

/* What the loop keeps in C frame i. */
static Addr in_c_frame(unsigned i)
{
    return (Addr)&made.stack[i * C_FRAME + 3];
}

static Addr python_frame(unsigned i)
{
    return (Addr)made.frames[i];
}

static void start(void)
{
    memset(&made, 0, sizeof made);
    for (unsigned i = 0; i <= N_C; i++)
        made.sps[i] = (Addr)made.stack + i * C_FRAME * sizeof(Addr);
}

static void link_frame(const LgPyLayout* l, Addr frame, UChar owner,
                       Addr previous)
{
    write_at(frame + l->frame_previous, &previous, sizeof previous);
    write_at(frame + l->frame_owner, &owner, 1);
}

static void set_innermost(const LgPyLayout* l, Addr frame)
{
    Addr first = frame;

    if (l->cframe_current_frame != LG_PY_NONE) {
        /* Not in a C frame: that of 3.12 is none of the marks. */
        first = (Addr)&made.tstate[0x30];
        write_at(first + l->cframe_current_frame, &frame, sizeof frame);
    }
    write_at((Addr)made.tstate + l->tstate_frame, &first, sizeof first);
}

static UInt mark(const LgPyLayout* l, UInt n)
{
    return lg_pyloops_mark(&made_mem, l, (Addr)made.tstate, made.sps, n,
                           made.isLoop);
}

/* `wanted`: a digit for each C frame. */
static void expect_loops(const LgPyLayout* l, const char* wanted)
{
    char found[N_C + 1] = "";
    UInt n = (UInt)strlen(wanted), total = 0;

    memset(made.isLoop, 0xFF, sizeof made.isLoop); /* all are to be written */
    UInt count = mark(l, n);
    for (UInt i = 0; i < n; i++) {
        found[i] = made.isLoop[i] ? '1' : '0';
        total += made.isLoop[i] != False;
    }
    expect_str(found, wanted);
    expect_eq(count, total);
}

static void frames_of_nobody(void)
{
    for (ULong v = 0x030C; v <= 0x030E; v++) {
        const LgPyLayout* l = lg_pylayout_for(v << 16);

        /* Two runs, of two and of three Python frames, one a generator's. */
        start();
        link_frame(l, python_frame(0), 0, python_frame(1));
        link_frame(l, python_frame(1), 1, in_c_frame(2));
        link_frame(l, in_c_frame(2), 3, python_frame(2));
        link_frame(l, python_frame(2), 0, python_frame(3));
        link_frame(l, python_frame(3), 2, python_frame(4));
        link_frame(l, python_frame(4), 0, in_c_frame(6));
        link_frame(l, in_c_frame(6), 3, 0);
        set_innermost(l, python_frame(0));
        expect_loops(l, "00100010");
        expect_loops(l, "001000");
        expect_loops(l, "00");
        expect_loops(l, "");

        /* A Python frame proves nothing, wherever it is. */
        link_frame(l, python_frame(2), 0, in_c_frame(4));
        link_frame(l, in_c_frame(4), 1, in_c_frame(6));
        expect_loops(l, "00100010");

        /* Nobody runs. */
        set_innermost(l, 0);
        expect_loops(l, "00000000");
    }
}

static void cframes(void)
{
    for (ULong v = 0x030A; v <= 0x030B; v++) {
        const LgPyLayout* l = lg_pylayout_for(v << 16);
        Addr marks[] = {in_c_frame(0), in_c_frame(3), in_c_frame(7),
                        (Addr)&made.tstate[0x20], 0};

        start();
        write_at((Addr)made.tstate + l->tstate_cframe, &marks[0],
                 sizeof marks[0]);
        for (unsigned i = 0; marks[i] != 0; i++)
            write_at(marks[i] + l->cframe_previous, &marks[i + 1],
                     sizeof marks[i]);
        expect_loops(l, "10010001");
        expect_loops(l, "1001");
    }
}

static void nothing_known(void)
{
    const LgPyLayout* l = lg_pylayout_for(0x03090000);
    Addr              frame = in_c_frame(2);

    start();
    write_at((Addr)made.tstate + l->tstate_frame, &frame, sizeof frame);
    expect_loops(l, "00000000");
}

static void several_stacks(void)
{
    static const Addr far = 0x10000000;
    const LgPyLayout* l = lg_pylayout_for(0x030E0000);

    start();
    set_innermost(l, in_c_frame(1));
    link_frame(l, in_c_frame(1), 3, in_c_frame(6));
    link_frame(l, in_c_frame(6), 3, 0);
    expect_loops(l, "01000010");

    /* Frame 1 is the last of a stack below, of which only that is known. */
    for (unsigned i = 0; i <= 1; i++)
        made.sps[i] -= far;
    expect_loops(l, "00000010");
    /* Of one above. */
    for (unsigned i = 0; i <= 1; i++)
        made.sps[i] += 2 * far;
    expect_loops(l, "00000010");
}

static void damage(void)
{
    const LgPyLayout* l = lg_pylayout_for(0x030E0000);

    /* A ring ends. */
    start();
    set_innermost(l, in_c_frame(1));
    link_frame(l, in_c_frame(1), 3, in_c_frame(4));
    link_frame(l, in_c_frame(4), 3, in_c_frame(1));
    expect_loops(l, "01001000");

    /* What cannot be read ends it as well. */
    link_frame(l, in_c_frame(4), 3, 0x1000);
    expect_loops(l, "01001000");
    set_innermost(l, 0x1000);
    expect_loops(l, "00000000");
    expect_eq(lg_pyloops_mark(&made_mem, l, 0x1000, made.sps, N_C,
                              made.isLoop),
              0);
}

/* --- Real ------------------------------------------------------------------ */

#ifdef LG_WITH_PYTHON

enum { MAX = 2000 };

static struct {
    Addr ips[MAX], sps[MAX];
    UInt n;
} c_stack;

/* What GetCFA tells is the canonical frame address of the function that was
   called: where the frame of this one begins. */
static _Unwind_Reason_Code add_frame(struct _Unwind_Context* ctx, void* opaque)
{
    (void)opaque;
    if (c_stack.n == MAX)
        return _URC_END_OF_STACK;
    c_stack.ips[c_stack.n] = _Unwind_GetIP(ctx);
    c_stack.sps[c_stack.n++] = _Unwind_GetCFA(ctx);
    return _URC_NO_REASON;
}

/* The functions, as unwind information knows them: a split one is several. */
static struct {
    void* starts[MAX];
    UInt  n;
} functions;

static void add_function(Addr ip)
{
    void* function = _Unwind_FindEnclosingFunction((void*)ip);

    for (UInt i = 0; i < functions.n; i++)
        if (functions.starts[i] == function)
            return;
    functions.starts[functions.n++] = function;
}

/* Parts of a split function need not have a name. */
static void expect_no_other_name(void* function)
{
    Dl_info info;

    if (dladdr(function, &info) != 0 && info.dli_saddr == function)
        expect_str(info.dli_sname, "_PyEval_EvalFrameDefault");
}

/* How often the evaluation loop is on the C stack. */
static PyObject* loops(PyObject* self, PyObject* args)
{
    static Bool isLoop[MAX];

    (void)self;
    (void)args;
    c_stack.n = 0;
    _Unwind_Backtrace(add_frame, NULL);
    UInt found = lg_pyloops_mark(&cpython_mem, cpython_layout,
                                 (Addr)PyThreadState_Get(), c_stack.sps,
                                 c_stack.n - 1, isLoop);
    for (UInt i = 0; i + 1 < c_stack.n; i++)
        if (isLoop[i])
            add_function(c_stack.ips[i] - 1);
    return PyLong_FromUnsignedLong(found);
}

static PyMethodDef methods[] = {{"loops", loops, METH_NOARGS, NULL},
                                {NULL, NULL, 0, NULL}};

/* Each level of `down` enters it once more, by another way. */
static void a_real_one(void)
{
    cpython_run("from lg import loops\n"
                "import functools\n"
                "class Item:\n"
                "    def __init__(self, n): self.n = n\n"
                "    def __eq__(self, other): return down(self.n)\n"
                "    def __hash__(self): return 1\n"
                "def gen(n): yield down(n)\n"
                "ways = [\n"
                "    lambda n: max([n], key=lambda n: down(n) or 0),\n"
                "    lambda n: list(map(down, [n])),\n"
                "    lambda n: list(gen(n)),\n"
                "    lambda n: [Item(n)].index(Item(n)),\n"
                "    lambda n: functools.partial(down)(n),\n"
                "    lambda n: exec('down(n)', globals(), {'n': n}),\n"
                "    lambda n: sorted([n], key=lambda n: down(n) or 0)]\n"
                "last = []\n"
                "def direct(): return loops()\n"
                "def down(n):\n"
                "    if n: ways[n % len(ways)](n - 1)\n"
                "    else: last.append(direct())\n"
                "    return True\n"
                "for n in range(100):\n"
                "    for again in range(3):\n"
                "        down(n)\n"
                "base = last[0]\n"
                "found = [sum(last[i:i + 3]) / 3 - base\n"
                "         for i in range(0, 300, 3)]\n"
                "steps = [b - a for a, b in zip(found, found[1:])]\n"
                "import sys\n"
                "if sys.version_info < (3, 10):\n"
                "    assert last == [0] * 300, last\n"
                "elif sys.version_info < (3, 11):\n"
                "    assert base > 1 and min(steps) >= 1, steps\n"
                "else:\n"
                "    assert base == 1, base\n"
                "    assert all(step in (0, 1) for step in steps), steps\n"
                "    assert sum(steps) >= 80, steps\n");
    printf("%u functions are the evaluation loop\n", functions.n);
    expect_true((functions.n > 0) == (PY_VERSION_HEX >= 0x030A0000));
    expect_true(functions.n <= 8);
    for (UInt i = 0; i < functions.n; i++)
        expect_no_other_name(functions.starts[i]);
}

#endif

int main(void)
{
    check_run(frames_of_nobody);
    check_run(cframes);
    check_run(nothing_known);
    check_run(several_stacks);
    check_run(damage);
#ifdef LG_WITH_PYTHON
    cpython_start(methods);
    check_run(a_real_one);
#endif
    return check_done();
}
