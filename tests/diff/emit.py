# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a gen.Program as C."""

import graph
import holders

_HEAD = """\
/* Generated from seed %(seed)d; %(opt)s, ends with %(ending)s. */
#include "diff_support.h"

#ifdef DIFF_LIBRARY
static __thread Word tls_words[6 * 32];
static Word data_words[6 * 32];
void* diff_lib_tls(void) { return tls_words; }
void* diff_lib_data(void) { return data_words; }
#else

void* _Znwm(size_t);
void* _Znam(size_t);
void _ZdlPv(void*);
void _ZdaPv(void*);

#define N_BLOCKS %(n)d
static Word hid[N_BLOCKS];
static int leaving;

static void function_a(void) { DIFF_TOUCH(hid); }
static void function_b(void) { DIFF_TOUCH(&leaving); }
static void (*const functions[4])(void) __attribute__((unused)) = {
    function_a, function_b, function_a, function_b };

static const char* library;
NOINLINE static char* diff_from_library(const char* name)
{
    void* handle = dlopen(library, RTLD_NOW);
    if (handle == NULL) {
        fprintf(stderr, "%%s\\n", dlerror());
        abort();
    }
    char* (*ask)(void) = (char* (*)(void))dlsym(handle, name);
    return ask();
}

NOINLINE static int diff_file(int szB)
{
    char name[] = "/tmp/lg-diff-XXXXXX";
    int fd = mkstemp(name);
    unlink(name);
    if (fd < 0 || ftruncate(fd, szB) != 0)
        abort();
    return fd;
}

"""

_TAIL = """\
int main(int argc, char** argv)
{
    library = argc > 1 ? argv[1] : "none";
    build();
    fill_places();
    diff_scrub_regs();
%(course)s    return 0;
}
#endif
"""


def _maker(block):
    """The C expression that makes a block."""
    n = block.size
    return {
        "malloc": "malloc(%d)" % n,
        "calloc": "calloc(1, %d)" % n,
        "grown": "realloc(malloc(%d), %d)" % (max(1, n // 3), n),
        "shrunk": "realloc(malloc(%d), %d)" % (n * 2, n),
        "memalign": "memalign(%d, %d)" % (64 if n % 2 else 4096, n),
        "new": "_Znwm(%d)" % n,
        "newarray": "_Znam(%d)" % n,
    }[block.how]


def _reused(fresh, lost):
    """Fills memory with pointers, frees it, and has `fresh` made there."""
    text = ("    {\n        char* old[8];\n"
            "        for (int i = 0; i < 8; i++) {\n"
            "            old[i] = malloc(%d);\n"
            "            for (int j = 0; j + 8 <= %d; j += 8)\n"
            "                *(Word*)(old[i] + j) = DIFF_SHOW(hid[%d]);\n"
            "            DIFF_ESCAPE(old[i]);\n        }\n"
            "        for (int i = 0; i < 8; i++)\n"
            "            free(old[i]);\n    }\n"
            % (fresh.size, fresh.size, lost[0].ident))
    return text + "    make_%d();\n" % fresh.ident


def _ground(ground):
    """Declarations and statements of a ground and its blocks."""
    name = "ground%d" % ground.ident
    declare = "static char* %s;\n" % name
    size = 1 << 16
    lines = []
    if ground.where == "heap":
        lines.append("%s = malloc(%d);" % (name, size))
    elif ground.where == "map":
        lines.append("%s = mmap(NULL, %d, %s, %s);"
                     % (name, size, holders.RW, holders.ANON))
    else:
        declare += ("static char %s_area[%d] __attribute__((aligned(16)));\n"
                    % (name, size))
        lines.append("%s = %s_area;" % (name, name))
    if ground.style == "pool":
        lines.append("VALGRIND_CREATE_MEMPOOL(%s, %d, 0);"
                     % (name, ground.redzone))
    elif ground.style == "meta":
        lines.append("VALGRIND_CREATE_MEMPOOL_EXT(%s, 0, 0,"
                     " VALGRIND_MEMPOOL_METAPOOL |"
                     " VALGRIND_MEMPOOL_AUTO_FREE);" % name)
        lines.append("VALGRIND_MEMPOOL_ALLOC(%s, %s, %d);"
                     % (name, name, size))
    at = 64
    for block in ground.blocks:
        if ground.style == "pool":
            lines.append("VALGRIND_MEMPOOL_ALLOC(%s, %s + %d, %d);"
                         % (name, name, at, block.size))
        else:
            lines.append("VALGRIND_MALLOCLIKE_BLOCK(%s + %d, %d, %d, 0);"
                         % (name, at, block.size, ground.redzone))
        lines.append("hid[%d] = DIFF_HIDE(%s + %d);"
                     % (block.ident, name, at))
        at += (block.size + 2 * ground.redzone + 31) & ~15
    if at > size:
        raise ValueError("a ground is too small for its blocks")
    return declare, lines


def _build(program):
    makers, declares, body = [], [], []
    for item in program.build:
        if isinstance(item, graph.Ground):
            declare, lines = _ground(item)
            declares.append(declare)
            body += ["    %s\n" % line for line in lines]
            continue
        if isinstance(item, tuple):
            item, lost = item
            body.append(_reused(item, lost))
        else:
            body.append("    make_%d();\n" % item.ident)
        makers.append("NOINLINE static void make_%d(void)"
                      " { hid[%d] = DIFF_HIDE(%s); }\n"
                      % (item.ident, item.ident, _maker(item)))
    for block in program.graph.blocks:
        if block.filled and block.how != "calloc":
            body.append("    memset((void*)DIFF_SHOW(hid[%d]), 0x5a, %d);\n"
                        % (block.ident, block.size))
        if block.trait:
            for at, value in block.trait[2]:
                body.append("    *(Word*)(DIFF_SHOW(hid[%d]) + %d) = %s;\n"
                            % (block.ident, at, value))
    # The pointers at the first check: later steps only remove some.
    edges = "".join("    { %d, %d, %d, %d },\n"
                    % (e.src.ident, e.slot, e.dst.ident, e.off)
                    for e in program.all_edges)
    return ("".join(declares) + "".join(makers)
            + "static const DiffEdge edges[] = {\n%s    { 0, 0, 0, 0 }\n};\n"
            % edges
            + "NOINLINE static void build(void)\n{\n" + "".join(body)
            + "    for (unsigned i = 0;"
              " i + 1 < sizeof edges / sizeof *edges; i++)\n"
              "        *(Word*)(DIFF_SHOW(hid[edges[i].src])"
              " + edges[i].slot)\n"
              "            = DIFF_SHOW(hid[edges[i].dst]) + edges[i].off;\n"
              "}\n\n")


def _innermost(program):
    if program.request_with_regs:
        check = ("    memset(last_regs.request, 0, sizeof last_regs.request);\n"
                 "    last_regs.request[0] = VG_USERREQ__DO_LEAK_CHECK;\n"
                 "    diff_request_with_regs(&last_regs);\n")
    else:
        check = "    VALGRIND_DO_LEAK_CHECK;\n"
    from gen import ENDINGS
    return ("static DiffRegs last_regs;\n"
            "NOINLINE static void nest_last(void)\n{\n"
            "    diff_scrub_regs();\n"
            "    if (leaving) {\n        %s\n        return;\n    }\n%s}\n\n"
            % (ENDINGS[program.ending] or "", check))


def emit(program):
    text = _HEAD % {"seed": program.seed, "opt": program.opt,
                    "ending": program.ending,
                    "n": len(program.graph.blocks)}
    text += _build(program)
    text += "#define N_STALE %d\n" % program.stale.words
    text += "static volatile Word stale_src[N_STALE];\n"
    for place in program.places:
        text += place.declare() + "\n"
    text += _innermost(program)
    names = [level.name for level in program.levels] + ["nest_last"]
    for level, following in reversed(list(zip(program.levels, names[1:]))):
        text += level.emit(following) + "\n"
    text += "NOINLINE static void fill_places(void)\n{\n"
    text += "    memset(&last_regs, 0xff, sizeof last_regs);\n"
    for line in program.fill_lines:
        text += "    %s\n" % line
    text += "}\n\n"
    course = ""
    for i, lines in enumerate(program.mutations):
        text += ("NOINLINE static void step_%d(void)\n{\n" % i
                 + "".join("    %s\n" % line for line in lines) + "}\n\n")
        course += ("    %s();\n    diff_scrub_regs();\n    step_%d();\n"
                   "    diff_scrub_regs();\n" % (names[0], i))
    if program.ending != "return":
        course += "    leaving = 1;\n    %s();\n" % names[0]
    return text + _TAIL % {"course": course}
