# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the pointers of a generated program live: memory that stays (Place),
and levels of calls (Level) that hold pointers while they are active.

Each holder knows how to write its C code and, for the model, which tool sees its
pointers, and when:

    moment "check"     a leak check that the program asks for, all levels active
    moment "left"      the end of the program, from within all levels
    moment "returned"  the end of the program, after all levels have returned

A difference between the tools is legitimate only where `seen` says so, and
then `why` has the reason.
"""

MEMCHECK = "memcheck"
LEAKGRIND = "leakgrind"
TOOLS = (MEMCHECK, LEAKGRIND)


class Holder:
    why = None

    def __init__(self, ident):
        self.ident = ident
        self.roots = []  # [block, off]; None when dropped

    def add(self, block, off):
        self.roots.append((block, off))

    @property
    def words(self):
        return max(1, len(self.roots))

    def seen(self, tool, moment):
        raise NotImplementedError

    def unknown(self, tool, moment, ending, threads):
        """A reason why it is unknown whether the tool sees the pointers, or
        None.  threads: is there more than one?"""
        return None


# ---- Memory that stays -------------------------------------------------------
ANON = "MAP_PRIVATE | MAP_ANONYMOUS, -1, 0"
RW = "PROT_READ | PROT_WRITE"

# name: (declaration, code that makes it, byte offset of the first word,
#        code that runs when the pointers are in, is it a root?)
# {n} is the name, {w} the number of words, {i} the place's number.
_AREA = "static char* {n};"
PLACES = {
    "global": ("static volatile Word {n}[{w}];", "", 0, "", True),
    "global-initialised": ("static volatile Word {n}[{w}] = {{ 7 }};",
                           "", 0, "", True),
    "tls": ("static __thread volatile Word {n}[{w}];", "", 0, "", True),
    "dlopened-tls": (_AREA, "{n} = diff_from_library(\"diff_lib_tls\")"
                     " + {i} * 48;", 0, "", True),
    "dlopened-data": (_AREA, "{n} = diff_from_library(\"diff_lib_data\")"
                      " + {i} * 48;", 0, "", True),
    "map": (_AREA, "{n} = mmap(NULL, 8192, " + RW + ", " + ANON + ");",
            64, "", True),
    "map-shared": (_AREA, "{n} = mmap(NULL, 8192, " + RW
                   + ", MAP_SHARED | MAP_ANONYMOUS, -1, 0);", 8, "", True),
    "map-executable": (_AREA, "{n} = mmap(NULL, 4096, " + RW
                       + " | PROT_EXEC, " + ANON + ");", 0, "", True),
    "map-reserved": (_AREA, "{n} = mmap(NULL, 64 << 20, " + RW
                     + ", MAP_NORESERVE | " + ANON + ");",
                     (33 << 20) + 1024, "", True),
    "map-file-private": (_AREA, "{n} = mmap(NULL, 4096, " + RW
                         + ", MAP_PRIVATE, diff_file(4096), 0);",
                         512, "", True),
    "map-file-shared": (_AREA, "{n} = mmap(NULL, 4096, " + RW
                        + ", MAP_SHARED, diff_file(4096), 0);",
                        512, "", True),
    "map-file-short": (_AREA, "{n} = mmap(NULL, 3 * 4096, " + RW
                       + ", MAP_SHARED, diff_file(4096), 0);",
                       512, "", True),
    "map-devzero": (_AREA, "{n} = mmap(NULL, 4096, " + RW
                    + ", MAP_PRIVATE, open(\"/dev/zero\", O_RDWR), 0);",
                    512, "", True),
    "brk": (_AREA, "{n} = sbrk(4096);", 0, "", True),
    "map-grown": (_AREA, "{n} = mmap(NULL, 4096, " + RW + ", " + ANON + ");",
                  0, "{n} = mremap({n}, 4096, 65536, MREMAP_MAYMOVE);", True),
    "map-holed": (_AREA, "{n} = mmap(NULL, 12288, " + RW + ", " + ANON + ");",
                  8192, "mprotect({n}, 4096, PROT_NONE);"
                  " munmap({n} + 4096, 4096);", True),
    "map-readonly": (_AREA, "{n} = mmap(NULL, 4096, " + RW + ", " + ANON
                     + ");", 0, "mprotect({n}, 4096, PROT_READ);", False),
    "map-unreadable": (_AREA, "{n} = mmap(NULL, 4096, " + RW + ", " + ANON
                       + ");", 0, "mprotect({n}, 4096, PROT_NONE);", False),
    "map-gone": (_AREA, "{n} = mmap(NULL, 4096, " + RW + ", " + ANON + ");",
                 0, "munmap({n}, 4096);", False),
    "map-replaced": (_AREA, "{n} = mmap(NULL, 4096, " + RW + ", " + ANON
                     + ");", 0, "mmap({n}, 4096, " + RW + ", MAP_FIXED | "
                     + ANON + ");", False),
    "misaligned": ("static volatile Word {n}[{w} + 1];", "", 3, "", False),
    "noaccess": ("static volatile Word {n}[{w}];", "", 0,
                 "VALGRIND_MAKE_MEM_NOACCESS({n}, sizeof {n});", False),
    "undefined": ("static volatile Word {n}[{w}];", "", 0,
                  "VALGRIND_MAKE_MEM_UNDEFINED({n}, sizeof {n});", False),
    "freed-block": (_AREA, "{n} = malloc({w} * sizeof(Word));", 0,
                    "free({n});", False),
    "two-halves": ("static volatile Word {n}[{w} * 2];", None, 0, "", False),
}
# Places that only leakgrind counts as roots.
UNDEFINED = ("undefined memory: what a program only declares to be undefined,"
             " leakgrind takes for what is written there")
NEEDS_LIBRARY = ("dlopened-tls", "dlopened-data")


class Place(Holder):
    def __init__(self, ident, kind):
        Holder.__init__(self, ident)
        self.kind = kind
        self.name = "place%d" % ident
        if kind == "undefined":
            self.why = UNDEFINED

    def __str__(self):
        return "%s (%s)" % (self.name, self.kind)

    def seen(self, tool, moment):
        if self.kind == "undefined":
            return tool == LEAKGRIND
        return PLACES[self.kind][4]

    def writable(self):
        """May a pointer be taken out again, later?"""
        return PLACES[self.kind][4]

    def _word(self, i):
        return "*(volatile Word*)((char*)%s + %d)" % (
            self.name, PLACES[self.kind][2] + 8 * i)

    def declare(self):
        return PLACES[self.kind][0].format(n=self.name, w=self.words)

    def fill(self):
        _, make, _, after, _ = PLACES[self.kind]
        fmt = {"n": self.name, "w": self.words, "i": self.ident}
        lines = []
        if make:
            lines.append(make.format(**fmt))
        for i, (block, off) in enumerate(self.roots):
            value = "DIFF_SHOW(hid[%d]) + %d" % (block.ident, off)
            if self.kind == "two-halves":
                # Neither half is large enough to be an address of the heap.
                lines.append("%s[%d] = (%s) & 0xffff;"
                             % (self.name, 2 * i, value))
                lines.append("%s[%d] = (%s) >> 16;"
                             % (self.name, 2 * i + 1, value))
            else:
                lines.append("%s = %s;" % (self._word(i), value))
        if after:
            lines.append(after.format(**fmt))
        return lines

    def drop(self, i):
        return "%s = 0;" % self._word(i)


def lost_registers(moment, ending):
    """A reason why the tool may not see the registers of some thread."""
    if moment == "left" and ending in ("abort", "SIGTERM"):
        return ("registers of other threads: the core has ended those threads"
                " when a fatal signal ends the program, and the C library may"
                " have saved their registers or not")
    return None


# ---- Levels of calls ----------------------------------------------------------
class Level(Holder):
    """A level is a C function nest_<ident> that calls the next level's while
    its pointers are alive.  They wait in <name>_src, hidden."""
    live = True
    makes_thread = False

    def __init__(self, ident, rng):
        Holder.__init__(self, ident)
        self.name = "nest_%d" % ident
        self.rng = rng

    def __str__(self):
        return "%s (%s)" % (self.name, type(self).__name__)

    def seen(self, tool, moment):
        return self.live and moment != "returned"

    def writable(self):
        return True

    def fill(self):
        return ["%s_src[%d] = DIFF_HIDE(DIFF_SHOW(hid[%d]) + %d);"
                % (self.name, i, block.ident, off)
                for i, (block, off) in enumerate(self.roots)]

    def drop(self, i):
        return "%s_src[%d] = DIFF_HIDE(0);" % (self.name, i)

    def code(self, following):
        raise NotImplementedError

    def emit(self, following):
        """`following`: the name of the function that goes on."""
        text = "static volatile Word %s_src[%d];\n" % (self.name, self.words)
        return text + self.code(following).replace("$N", self.name) \
            .replace("$NEXT", following).replace("$W", str(self.words))


# A frame that holds all pointers of the level while FUNC runs.
_KEEP = """\
    volatile Word keep[$W];
    for (int i = 0; i < $W; i++)
        keep[i] = DIFF_SHOW($N_src[i]);
    DIFF_ESCAPE(keep);
"""


class StackFrame(Level):
    def code(self, following):
        return ("NOINLINE static void $N(void)\n{\n" + _KEEP
                + "    %s();\n    DIFF_ESCAPE(keep);\n}\n" % following)


class SavedRegisters(Level):
    """Registers that calls preserve, and no other place of this level."""

    def unknown(self, tool, moment, ending, threads):
        # Whichever thread gets the signal, this may be another one.
        return lost_registers(moment, ending) if threads else None

    def code(self, following):
        return ("static DiffRegs $N_regs;\n"
                "NOINLINE static void $N(void)\n{\n"
                "    for (int i = 0; i < DIFF_N_SAVED; i++)\n"
                "        $N_regs.saved[i] = i < $W ? $N_src[i] : ~(Word)0;\n"
                "    diff_call_with_regs(&$N_regs, %s);\n}\n" % following)


class StaleFrame(Level):
    """A frame over words that an earlier call left on the stack."""
    live = False

    def code(self, following):
        words = self.rng.choice((16, 40, 130, 400))
        return ("NOINLINE static void $N_dirty(void)\n{\n"
                "    volatile Word dirt[%(n)d + 64];\n"
                "    for (int i = 0; i < %(n)d + 64; i++)\n"
                "        dirt[i] = DIFF_SHOW($N_src[i %% $W]);\n"
                "    DIFF_ESCAPE(dirt);\n}\n"
                "NOINLINE static void $N_over(void)\n{\n"
                "    Word fresh[%(n)d];\n"
                "    DIFF_TOUCH(fresh);\n"
                "    %(next)s();\n"
                "    DIFF_TOUCH(fresh);\n}\n"
                "NOINLINE static void $N(void)\n{\n"
                "    $N_dirty();\n    diff_scrub_regs();\n    $N_over();\n}\n"
                % {"n": words, "next": following})


class StaleSteps(Level):
    """Like StaleFrame, but the frame over the words comes in many steps."""
    live = False

    def code(self, following):
        depth = self.rng.randint(3, 12)
        return ("NOINLINE static void $N_dirty(void)\n{\n"
                "    volatile Word dirt[480];\n"
                "    for (int i = 0; i < 480; i++)\n"
                "        dirt[i] = DIFF_SHOW($N_src[i %% $W]);\n"
                "    DIFF_ESCAPE(dirt);\n}\n"
                "NOINLINE static void $N_step(int n)\n{\n"
                "    Word fresh[9];\n"
                "    DIFF_TOUCH(fresh);\n"
                "    if (n > 0)\n        $N_step(n - 1);\n"
                "    else\n        %s();\n"
                "    DIFF_TOUCH(fresh);\n}\n"
                "NOINLINE static void $N(void)\n{\n"
                "    $N_dirty();\n    diff_scrub_regs();\n    $N_step(%d);\n}\n"
                % (following, depth))


class StaleAlloca(Level):
    """Like StaleFrame, but the size of the frame is not known before."""
    live = False

    def code(self, following):
        words = self.rng.choice((24, 60, 300))
        return ("static volatile int $N_words = %d;\n"
                "NOINLINE static void $N_dirty(void)\n{\n"
                "    volatile Word dirt[%d];\n"
                "    for (int i = 0; i < %d; i++)\n"
                "        dirt[i] = DIFF_SHOW($N_src[i %% $W]);\n"
                "    DIFF_ESCAPE(dirt);\n}\n"
                "NOINLINE static void $N_over(void)\n{\n"
                "    Word* fresh ="
                " __builtin_alloca($N_words * sizeof(Word));\n"
                "    DIFF_TOUCH(fresh);\n"
                "    %s();\n"
                "    DIFF_TOUCH(fresh);\n}\n"
                "NOINLINE static void $N(void)\n{\n"
                "    $N_dirty();\n    diff_scrub_regs();\n    $N_over();\n}\n"
                % (words, words + 64, words + 64, following))


class StaleJump(Level):
    """Like StaleFrame, but the earlier calls were left by a jump."""
    live = False

    def unknown(self, tool, moment, ending, threads):
        if tool == LEAKGRIND and moment != "returned":
            return ("longjmp: leakgrind cannot tell it from a switch to another"
                    " stack, and does not clean what it leaves")
        return None

    def code(self, following):
        depth = self.rng.randint(1, 5)
        return ("static jmp_buf $N_back;\n"
                "NOINLINE static void $N_dirty(int n)\n{\n"
                "    volatile Word dirt[80];\n"
                "    for (int i = 0; i < 80; i++)\n"
                "        dirt[i] = DIFF_SHOW($N_src[i %% $W]);\n"
                "    DIFF_ESCAPE(dirt);\n"
                "    diff_scrub_regs();\n"
                "    if (n == 0)\n        longjmp($N_back, 1);\n"
                "    $N_dirty(n - 1);\n"
                "    DIFF_ESCAPE(dirt);\n}\n"
                "NOINLINE static void $N_over(void)\n{\n"
                "    Word fresh[%d];\n"
                "    DIFF_TOUCH(fresh);\n"
                "    %s();\n"
                "    DIFF_TOUCH(fresh);\n}\n"
                "NOINLINE static void $N(void)\n{\n"
                "    if (setjmp($N_back) == 0)\n        $N_dirty(%d);\n"
                "    $N_over();\n}\n"
                % (80 * depth, following, depth))


class SignalHandler(Level):
    """A handler's frame: on the alternate stack (static or mapped) or on the
    ordinary one."""

    def code(self, following):
        where = self.rng.choice(("static", "map", "none"))
        text = "static char* $N_stack;\n"
        make = ""
        if where == "static":
            text += ("static char $N_area[65536]"
                     " __attribute__((aligned(16)));\n")
            make = "    $N_stack = $N_area;\n"
        elif where == "map":
            make = ("    if ($N_stack == NULL)\n        $N_stack = mmap(NULL,"
                    " 65536, %s, %s);\n" % (RW, ANON))
        text += ("NOINLINE static void $N_handler(int signo)\n{\n"
                 "    (void)signo;\n" + _KEEP
                 + "    %s();\n    DIFF_ESCAPE(keep);\n}\n" % following)
        # A signal's frame counts as written, though much of it never is: no
        # stale words may lie there, or memcheck finds them.
        text += ("NOINLINE static void $N(void)\n{\n%s"
                 "    diff_clean_stack();\n" % make)
        if where != "none":
            text += ("    VALGRIND_MAKE_MEM_DEFINED($N_stack, 65536);\n"
                     "    memset($N_stack, 0, 65536);\n"
                     "    stack_t stack = { .ss_sp = $N_stack,"
                     " .ss_size = 65536 };\n"
                     "    stack_t before;\n"
                     "    sigaltstack(&stack, &before);\n")
        text += ("    struct sigaction act;\n"
                 "    memset(&act, 0, sizeof act);\n"
                 "    act.sa_handler = $N_handler;\n"
                 "    act.sa_flags = %s | SA_NODEFER;\n"
                 "    sigaction(SIGUSR1, &act, NULL);\n"
                 "    diff_scrub_regs();\n"
                 "    raise(SIGUSR1);\n"
                 % ("0" if where == "none" else "SA_ONSTACK"))
        if where != "none":
            # A nested handler still uses the stack when EPERM comes back.
            text += "    sigaltstack(&before, NULL);\n"
        return text + "}\n"


class OtherThread(Level):
    """A thread that waits, with pointers on its stack or in its registers."""
    makes_thread = True

    def __init__(self, ident, rng):
        Level.__init__(self, ident, rng)
        self.in_regs = rng.random() < 0.5

    def unknown(self, tool, moment, ending, threads):
        return lost_registers(moment, ending) if self.in_regs else None

    def code(self, following):
        wait = self.rng.choice((
            "while (sem_wait(&$N_go) != 0) { }",
            "char c; while (read($N_pipe[0], &c, 1) < 0) { }"))
        text = ("static sem_t $N_ready, $N_go;\n"
                "static int $N_pipe[2];\n"
                "NOINLINE static void $N_wait(void)\n{\n"
                "    diff_scrub_regs();\n"
                "    sem_post(&$N_ready);\n"
                "    %s\n}\n" % wait)
        if self.in_regs:
            text += ("static DiffRegs $N_regs;\n"
                     "NOINLINE static void* $N_thread(void* unused)\n{\n"
                     "    for (int i = 0; i < DIFF_N_SAVED; i++)\n"
                     "        $N_regs.saved[i] ="
                     " i < $W ? $N_src[i] : ~(Word)0;\n"
                     "    diff_call_with_regs(&$N_regs, $N_wait);\n"
                     "    return unused;\n}\n")
        else:
            text += ("NOINLINE static void* $N_thread(void* unused)\n{\n"
                     + _KEEP + "    $N_wait();\n    DIFF_ESCAPE(keep);\n"
                     "    return unused;\n}\n")
        if self.rng.random() < 0.5:
            # The C library reuses an ended thread's stack for the next one.
            text += ("NOINLINE static void* $N_earlier(void* unused)\n{\n"
                     "    volatile Word dirt[480];\n"
                     "    for (int i = 0; i < 480; i++)\n"
                     "        dirt[i] = DIFF_SHOW(stale_src[i % N_STALE]);\n"
                     "    DIFF_ESCAPE(dirt);\n"
                     "    diff_scrub_regs();\n    return unused;\n}\n")
            earlier = ("    pthread_create(&t, NULL, $N_earlier, NULL);\n"
                       "    pthread_join(t, NULL);\n")
        else:
            earlier = ""
        return text + (
            "NOINLINE static void $N(void)\n{\n    pthread_t t;\n"
            "    sem_init(&$N_ready, 0, 0);\n    sem_init(&$N_go, 0, 0);\n"
            "    if (pipe($N_pipe) != 0)\n        abort();\n" + earlier
            + "    pthread_create(&t, NULL, $N_thread, NULL);\n"
            "    while (sem_wait(&$N_ready) != 0) { }\n"
            "    %s();\n"
            "    sem_post(&$N_go);\n"
            "    if (write($N_pipe[1], \"x\", 1) != 1)\n        abort();\n"
            "    pthread_join(t, NULL);\n"
            "    close($N_pipe[0]);\n    close($N_pipe[1]);\n}\n" % following)


class GoOnInThread(Level):
    """The next levels run in a new thread; the pointers are in the frame of
    the one that waits for it."""
    makes_thread = True

    def code(self, following):
        return ("NOINLINE static void* $N_thread(void* unused)\n{\n"
                "    %s();\n    return unused;\n}\n"
                "NOINLINE static void $N(void)\n{\n" % following + _KEEP
                + "    pthread_t t;\n"
                "    pthread_create(&t, NULL, $N_thread, NULL);\n"
                "    pthread_join(t, NULL);\n"
                "    DIFF_ESCAPE(keep);\n}\n")


class Coroutine(Level):
    """Pointers on the stack of a coroutine, which runs the next levels or is
    suspended while they run.  Its stack lies in the middle of 16 MiB: a change
    of SP by less than 2 MiB would look like a very large frame."""

    def code(self, following):
        runs = self.rng.random() < 0.5
        registered = self.rng.random() < 0.5
        if self.rng.random() < 0.3:
            text = ("static char $N_area[16 << 20]"
                    " __attribute__((aligned(16)));\n")
            make, unmake = "char* area = $N_area + (8 << 20);", ""
        else:
            text = ""
            make = ("char* area = (char*)mmap(NULL, 16 << 20, %s,"
                    " MAP_NORESERVE | %s) + (8 << 20);" % (RW, ANON))
            unmake = "    munmap(area - (8 << 20), 16 << 20);\n"
        text += "static ucontext_t $N_outside, $N_inside;\n"
        text += "NOINLINE static void $N_body(void)\n{\n" + _KEEP
        if runs:
            text += "    %s();\n" % following
        else:
            text += ("    diff_scrub_regs();\n"
                     "    swapcontext(&$N_inside, &$N_outside);\n")
        text += "    DIFF_ESCAPE(keep);\n}\n"
        text += "NOINLINE static void $N(void)\n{\n    %s\n" % make
        if registered:
            text += ("    unsigned id ="
                     " VALGRIND_STACK_REGISTER(area, area + 262144);\n")
        text += ("    getcontext(&$N_inside);\n"
                 "    $N_inside.uc_stack.ss_sp = area;\n"
                 "    $N_inside.uc_stack.ss_size = 262144;\n"
                 "    $N_inside.uc_link = &$N_outside;\n"
                 "    makecontext(&$N_inside, $N_body, 0);\n"
                 "    diff_scrub_regs();\n"
                 "    swapcontext(&$N_outside, &$N_inside);\n")
        if not runs:
            text += ("    %s();\n"
                     "    diff_scrub_regs();\n"
                     "    swapcontext(&$N_outside, &$N_inside);\n" % following)
        if registered:
            text += "    VALGRIND_STACK_DEREGISTER(id);\n"
        # Its remains must not count as memory that somebody wrote.
        text += ("    VALGRIND_MAKE_MEM_DEFINED(area, 262144);\n"
                 "    memset(area, 0, 262144);\n"
                 "    DIFF_ESCAPE(area);\n"
                 "    memset(&$N_outside, 0, sizeof $N_outside);\n"
                 "    memset(&$N_inside, 0, sizeof $N_inside);\n"
                 "    DIFF_ESCAPE(&$N_inside);\n" + unmake + "}\n")
        return text


LEVELS = (StackFrame, SavedRegisters, StaleFrame, StaleSteps, StaleAlloca,
          StaleJump, SignalHandler, OtherThread, GoOnInThread, Coroutine)


# ---- The innermost level: registers at the moment of the request -------------
class ScratchRegisters(Holder):
    """Registers that calls change, at a client request."""
    field = "scratch"
    limit = 6

    def __str__(self):
        return "registers at the request (%s)" % self.field

    def seen(self, tool, moment):
        return moment == "check"

    def writable(self):
        return False

    def slot(self, i):
        return "scratch[%d]" % i

    def fill(self):
        return ["last_regs.%s = DIFF_HIDE(DIFF_SHOW(hid[%d]) + %d);"
                % (self.slot(i), block.ident, off)
                for i, (block, off) in enumerate(self.roots)]


class VectorRegisters(ScratchRegisters):
    field = "vector"
    limit = 24
    why = "vector-register: memcheck looks into general registers only"

    def seen(self, tool, moment):
        return moment == "check" and tool == LEAKGRIND

    def slot(self, i):
        return "vector[%d][%d]" % ((i * 5) % 12, (i // 12 + i) % 2)
