/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pycode_cpython.c: every instruction of every function in many modules
   of Python's library has the line that CPython itself gives it, in the table
   of this CPython and in those of earlier ones, made from it. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include "cpython.h"

#include "../../leakgrind/python/lg_pyframes.h"

static struct {
    unsigned long nCodes, nInstrs, nWithoutLine;
} seen;

/* A code object as it is, or with another table in another format. */
typedef struct {
    const LgPyLayout* layout;
    Addr              code;
    Addr              firstInstr;
    UInt              unitB; /* how far `instr` is from one unit to the next */
} Subject;

/* Of which CPython says that it has no line. */
static UInt line_of_lineless(const Subject* s, PyCodeObject* code,
                             Py_ssize_t unit)
{
    UInt at = s->layout->co_firsttraceable;
    return at != LG_PY_NONE && unit < *(const int*)((const char*)code + at)
               ? (UInt)code->co_firstlineno
               : 0;
}

/* lines: a list, the line of each code unit, or None. */
static void compare(const Subject* s, PyObject* lines, PyCodeObject* code)
{
    LgPyLocation at;
    Py_ssize_t   n = PyList_Size(lines);

    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject* line = PyList_GetItem(lines, i);
        if (!expect_true(lg_pycode_locate(
                &cpython_mem, s->layout, s->code,
                s->firstInstr + (Addr)i * s->unitB, &at)))
            return;
        if (!expect_eq(at.line, line == Py_None
                                    ? line_of_lineless(s, code, i)
                                    : PyLong_AsUnsignedLong(line)))
            printf("    in %s, unit %zd\n", at.function, i);
        seen.nInstrs++;
        seen.nWithoutLine += line == Py_None;
    }
#if PY_VERSION_HEX >= 0x030B0000
    expect_str(at.function, PyUnicode_AsUTF8(code->co_qualname));
#else
    expect_str(at.function, PyUnicode_AsUTF8(code->co_name));
#endif
    expect_str(at.file, PyUnicode_AsUTF8(code->co_filename));
}

/* as_is(code, lines) */
static PyObject* as_is(PyObject* self, PyObject* args)
{
    PyCodeObject* code;
    PyObject*     lines;

    (void)self;
    if (!PyArg_ParseTuple(args, "O!O!", &PyCode_Type, &code, &PyList_Type,
                          &lines))
        return NULL;
    Subject s = {cpython_layout, (Addr)code, 0, 2};
    if (cpython_layout->lineFormat == LgPyLocations)
        s.firstInstr = (Addr)code + cpython_layout->co_code_adaptive;
    compare(&s, lines, code);
    seen.nCodes++;
    if (cpython_layout->lineFormat != LgPyLocations)
        Py_RETURN_NONE;
    /* Before the first, and past the last: no line. */
    LgPyLocation at;
    expect_true(lg_pycode_locate(&cpython_mem, cpython_layout, (Addr)code,
                                 s.firstInstr - 2, &at));
    expect_eq(at.line, 0);
    expect_true(lg_pycode_locate(
        &cpython_mem, cpython_layout, (Addr)code,
        s.firstInstr + (Addr)PyList_Size(lines) * 2, &at));
    expect_eq(at.line, 0);
    Py_RETURN_NONE;
}

/* with_table(code, lines, table, version): as 3.9 or 3.10 would have it. */
static PyObject* with_table(PyObject* self, PyObject* args)
{
    PyCodeObject* code;
    PyObject *    lines, *table;
    int           minor;
    LgPyLayout    l = *cpython_layout;
    Addr          copy[32];

    (void)self;
    if (!PyArg_ParseTuple(args, "O!O!Si", &PyCode_Type, &code, &PyList_Type,
                          &lines, &table, &minor))
        return NULL;
    memcpy(copy, code, sizeof copy);
    copy[l.co_linetable / 8] = (Addr)table;
    l.co_firsttraceable = LG_PY_NONE;
    l.lineFormat = minor == 9 ? LgPyLnotab : LgPyLinetable310;
    Subject s = {&l, (Addr)copy, 0, 2};
    compare(&s, lines, code);
    Py_RETURN_NONE;
}

/* line(code, offset): as CPython's C interface says it, or None. */
static PyObject* line(PyObject* self, PyObject* args)
{
    PyCodeObject* code;
    int           offset;

    (void)self;
    if (!PyArg_ParseTuple(args, "O!i", &PyCode_Type, &code, &offset))
        return NULL;
    int n = PyCode_Addr2Line(code, offset);
    if (n < 0)
        Py_RETURN_NONE;
    return PyLong_FromLong(n);
}

static PyMethodDef methods[] = {{"line", line, METH_VARARGS, NULL},
                                {"as_is", as_is, METH_VARARGS, NULL},
                                {"with_table", with_table, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};

/* The lines by unit come from CPython's own reading of the table; the older
   tables are made here from those lines. */
static void define(void)
{
    cpython_run(
        "import lg\n"
        "def lines_of(code):\n"
        "    if not hasattr(code, 'co_lines'):\n"
        "        return [lg.line(code, i)\n"
        "                for i in range(0, len(code.co_code), 2)]\n"
        "    lines = []\n"
        "    for begin, end, line in code.co_lines():\n"
        "        assert begin == 2 * len(lines)\n"
        "        lines += [line] * ((end - begin) // 2)\n"
        "    assert len(lines) == len(code.co_code) // 2\n"
        "    return lines\n"
        "def linetable310(lines, first):\n"
        "    out, now, i = [], first, 0\n"
        "    while i < len(lines):\n"
        "        n = 1\n"
        "        while (i + n < len(lines) and n < 127 and\n"
        "               lines[i + n] == lines[i]):\n"
        "            n += 1\n"
        "        if lines[i] is None:\n"
        "            out += [2 * n, -128]\n"
        "        else:\n"
        "            step = lines[i] - now\n"
        "            while abs(step) > 127:\n"
        "                part = 127 if step > 0 else -127\n"
        "                out += [0, part]\n"
        "                step -= part\n"
        "            out += [2 * n, step]\n"
        "            now = lines[i]\n"
        "        i += n\n"
        "    return bytes(b & 255 for b in out)\n"
        "def lnotab(lines, first):\n"
        "    out, now, at = [], first, 0\n"
        "    for i, line in enumerate(lines):\n"
        "        if line == now: continue\n"
        "        gap, step = 2 * (i - at), line - now\n"
        "        while gap > 255:\n"
        "            out += [255, 0]\n"
        "            gap -= 255\n"
        "        while step > 127 or step < -128:\n"
        "            part = 127 if step > 0 else -128\n"
        "            out += [gap, part]\n"
        "            gap, step = 0, step - part\n"
        "        out += [gap, step]\n"
        "        now, at = line, i\n"
        "    return bytes(b & 255 for b in out)\n"
        "def compare(code):\n"
        "    lines, first = lines_of(code), code.co_firstlineno\n"
        "    lg.as_is(code, lines)\n"
        "    lg.with_table(code, lines, linetable310(lines, first), 10)\n"
        "    now, all = first, []\n" /* 3.9 gives every unit a line */
        "    for line in lines:\n"
        "        now = now if line is None else line\n"
        "        all.append(now)\n"
        "    lg.with_table(code, all, lnotab(all, first), 9)\n"
        "    for c in code.co_consts:\n"
        "        if type(c) is type(code): compare(c)\n");
}

static void library(void)
{
    cpython_run(
        "import argparse, os\n"
        "library = os.path.dirname(argparse.__file__)\n"
        "for name in '''ast asyncio.tasks collections configparser\n"
        "        dataclasses difflib email.message enum functools inspect\n"
        "        logging opcode os pickle platform pydoc re._compiler socket\n"
        "        subprocess tarfile threading typing warnings'''.split():\n"
        "    path = os.path.join(library, *name.split('.'))\n"
        "    path = (os.path.join(path, '__init__.py') if os.path.isdir(path)\n"
        "            else path + '.py')\n"
        "    if not os.path.exists(path): continue\n"
        "    with open(path, 'rb') as f:\n"
        "        compare(compile(f.read(), path, 'exec'))\n"
        "compare(os.path.join.__code__)\n" /* as it was loaded */
        "import importlib._bootstrap as frozen\n"
        "for f in vars(frozen).values():\n"
        "    if hasattr(f, '__code__'): compare(f.__code__)\n");
    expect_true(seen.nCodes > 1000);
    if (cpython_layout->lineFormat == LgPyLocations)
        expect_true(seen.nWithoutLine > 1000);
}

static void layouts(void)
{
    cpython_run(
        "compare(compile('a = 1' + '\\n' * 100000 + 'b = 2', 'f', 'exec'))\n"
        "compare(compile('x = (' + '\\n' * 300 + 'f(' + '\\n' * 300 +"
        "                '1) +\\n 2)', 'f', 'exec'))\n"
        "compare(compile('(' + ' ' * 5000 + 'a +\\n' + ' ' * 300 + 'b)',"
        "                'f', 'eval'))\n"
        "compare(compile('', 'f', 'exec'))\n"
        "compare(compile('pass', '\\u00e4\\u4e2d\\U0001f40d', 'exec'))\n"
        "compare(compile('x = [' + ','.join(map(str, range(1500))) +"
        "                ', f]', 'f', 'exec'))\n"
        "import ast\n"
        "tree = ast.parse('a\\nb\\nc')\n"
        "def at(line):\n"
        "    a = tree.body[0].value\n"
        "    a.lineno = a.end_lineno = line\n"
        "    return compile(tree, 'f', 'exec')\n"
        "compare(at(2**20))\n");
    if (cpython_layout->lineFormat == LgPyLocations)
        cpython_run("lg.as_is(at(2**30), lines_of(at(2**30)))\n");
}

/* Lines that CPython has specialised since are where they were. */
static void running(void)
{
    cpython_run(
        "def work(n):\n"
        "    total = 0\n"
        "    for i in range(n):\n"
        "        total += i * 2\n"
        "        [total][0]\n"
        "        str(i).upper()\n"
        "    return total\n"
        "work(1000)\n"
        "compare(work.__code__)\n");
}

int main(void)
{
    cpython_start(methods);
    check_run(define);
    check_run(library);
    check_run(layouts);
    check_run(running);
    printf("%lu code objects, %lu lines of instructions\n", seen.nCodes,
           seen.nInstrs);
    return check_done();
}

#endif
