/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pytypes_blocks.c: every block of the OBJ domain of a real CPython, and
   what leakgrind takes it for.  The blocks come from a hook in front of
   CPython's allocator; which are objects, and what their types are called, from
   the garbage collector's lists, what can be traversed from there, and type
   objects themselves. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include "cpython.h"
#include "objblocks.h"
#include "ownmaps.h"

#include "../../leakgrind/python/lg_pytypes.h"

/* --- What is an object, by CPython itself ---------------------------------- */

static struct {
    Set        objects, types;
    Set        others;  /* blocks known to be no objects */
    PyObject** todo;
    size_t     nTodo, maxTodo;
} truth;

static int meet(PyObject* o, void* unused)
{
    (void)unused;
    if (o == NULL)
        return 0;
    Slot* s = set_slot(&truth.objects, (Addr)o);
    if (s->isIn)
        return 0;
    s->isIn = True;
    if (truth.nTodo == truth.maxTodo) {
        truth.maxTodo = truth.maxTodo == 0 ? 1 << 16 : 2 * truth.maxTodo;
        truth.todo = realloc(truth.todo, truth.maxTodo * sizeof(PyObject*));
        assert_true(truth.todo != NULL);
    }
    truth.todo[truth.nTodo++] = o;
    return 0;
}

static void not_object(const void* p)
{
    if (p != NULL)
        set_slot(&truth.others, (Addr)p)->isIn = True;
}

/* CPython's own static types have their dictionary in the interpreter from
   3.12 on, and a number in place of their subclasses. */
static void meet_dict(PyTypeObject* t)
{
#if PY_VERSION_HEX >= 0x030C0000
    PyObject* dict = PyType_GetDict(t);
    meet(dict, NULL);
    Py_XDECREF(dict);
    if (t->tp_flags & Py_TPFLAGS_HEAPTYPE)
#else
    meet(t->tp_dict, NULL);
#endif
    meet(t->tp_subclasses, NULL);
}

static void meet_type(PyTypeObject* t)
{
    set_slot(&truth.types, (Addr)t)->isIn = True;
    meet((PyObject*)t, NULL);
    meet((PyObject*)t->tp_base, NULL);
    meet_dict(t);
    meet(t->tp_bases, NULL);
    meet(t->tp_mro, NULL);
    if (t->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        PyHeapTypeObject* h = (PyHeapTypeObject*)t;
        meet(h->ht_name, NULL);
        meet(h->ht_qualname, NULL);
        meet(h->ht_slots, NULL);
        meet(h->ht_module, NULL);
        not_object(h->ht_cached_keys);
        not_object(t->tp_doc);
#if PY_VERSION_HEX >= 0x030B0000
        not_object(h->_ht_tpname);
#endif
    }
}

static void meet_code(PyCodeObject* c)
{
    meet(c->co_consts, NULL);
    meet(c->co_names, NULL);
    meet(c->co_filename, NULL);
    meet(c->co_name, NULL);
#if PY_VERSION_HEX >= 0x030B0000
    meet(c->co_exceptiontable, NULL);
    meet(c->co_localsplusnames, NULL);
    meet(c->co_localspluskinds, NULL);
    meet(c->co_qualname, NULL);
#else
    meet(c->co_code, NULL);
    meet(c->co_varnames, NULL);
    meet(c->co_freevars, NULL);
    meet(c->co_cellvars, NULL);
#endif
#if PY_VERSION_HEX >= 0x030A0000
    meet(c->co_linetable, NULL);
#else
    meet(c->co_lnotab, NULL);
#endif
}

/* What tp_traverse does not tell. */
static void meet_more(PyObject* o)
{
    meet_type(Py_TYPE(o));
    if (PyType_Check(o))
        meet_type((PyTypeObject*)o);
    if (PyCode_Check(o))
        meet_code((PyCodeObject*)o);
    if (PyDict_Check(o)) {
        PyObject * key, *value;
        for (Py_ssize_t i = 0; PyDict_Next(o, &i, &key, &value);)
            meet(key, NULL);
        not_object(((PyDictObject*)o)->ma_keys);
    }
    if (PyRange_Check(o)) /* start, stop, step, length */
        for (int i = 0; i < 4; i++)
            meet(((PyObject**)(o + 1))[i], NULL);
    if (Py_TYPE(o) == &PyMemberDescr_Type || Py_TYPE(o) == &PyMethodDescr_Type ||
        Py_TYPE(o) == &PyGetSetDescr_Type ||
        Py_TYPE(o) == &PyWrapperDescr_Type ||
        Py_TYPE(o) == &PyClassMethodDescr_Type) {
        meet(((PyDescrObject*)o)->d_name, NULL);
        meet(((PyDescrObject*)o)->d_qualname, NULL);
    }
    if (PyByteArray_Check(o))
        not_object(((PyByteArrayObject*)o)->ob_bytes);
    if (PyUnicode_Check(o) && !PyUnicode_IS_COMPACT_ASCII(o))
        not_object(((PyCompactUnicodeObject*)o)->utf8);
}

/* What of Python's is alive; allocates nothing of Python's. */
static void find_truth(PyObject* gcList)
{
    set_clear(&truth.objects);
    set_clear(&truth.others);
    truth.nTodo = 0;
    meet(gcList, NULL);
    meet((PyObject*)&PyType_Type, NULL);
    while (truth.nTodo > 0) {
        PyObject* o = truth.todo[--truth.nTodo];
        meet_more(o);
        if (PyObject_IS_GC(o) && Py_TYPE(o)->tp_traverse != NULL)
            Py_TYPE(o)->tp_traverse(o, meet, NULL);
    }
}

static char* attribute(PyTypeObject* t, const char* name)
{
    PyObject* o = PyObject_GetAttrString((PyObject*)t, name);
    char*     text = NULL;

    if (o != NULL && PyUnicode_Check(o)) {
        const char* utf8 = PyUnicode_AsUTF8(o);
        text = utf8 == NULL ? NULL : strdup(utf8);
    }
    PyErr_Clear();
    Py_XDECREF(o);
    return text;
}

/* As type(x) says it, without "builtins."; to be freed. */
static char* name_of(PyTypeObject* t)
{
    char* module = attribute(t, "__module__");
    char* qualname = attribute(t, "__qualname__");
    char* name = malloc(2048);

    assert_true(qualname != NULL);
    if (!(t->tp_flags & Py_TPFLAGS_HEAPTYPE))
        snprintf(name, 2048, "%s", strncmp(t->tp_name, "builtins.", 9) == 0
                                       ? t->tp_name + 9 : t->tp_name);
    else if (module == NULL || strcmp(module, "builtins") == 0 || !module[0])
        snprintf(name, 2048, "%s", qualname);
    else
        snprintf(name, 2048, "%s.%s", module, qualname);
    free(module);
    free(qualname);
    return name;
}

/* Names all types; those met are alive, since their objects are. */
static void name_types(void)
{
    for (size_t i = 0; i < truth.types.nSlots; i++) {
        Slot* s = &truth.types.slots[i];
        if (!s->isIn)
            continue;
        free(s->name);
        s->name = name_of((PyTypeObject*)s->address);
    }
}

/* --- Comparing ------------------------------------------------------------- */

static LgPyTypes* types;

static struct {
    unsigned nObjects, nOthers, nCached, nUnknown, nMisnamed, nMissed;
    unsigned nTypes;
} seen;

static Bool is_immortal(PyObject* o)
{
    return PY_VERSION_HEX >= 0x030C0000 && (Int)Py_REFCNT(o) < 0;
}

/* The object in the block, or NULL. */
static PyObject* object_in(Addr block, SizeT szB)
{
    for (UInt off = 0; off <= 32 && off + sizeof(PyObject) <= szB; off += 16)
        if (set_has(&truth.objects, block + off) &&
            objblocks_offset(Py_TYPE((PyObject*)(block + off))) == off)
            return (PyObject*)(block + off);
    return NULL;
}

static void compare_object(PyObject* o, Addr block, SizeT szB)
{
    PyTypeObject* t = Py_TYPE(o);
    const char*   name = set_slot(&truth.types, (Addr)t)->name;
    LgPyObject    got;

    seen.nObjects++;
    assert_true(name != NULL);
    if (!lg_pytypes_recognise(types, block, szB, &got)) {
        if (seen.nMissed++ < 20)
            printf("not recognised: '%s', %lu bytes\n", name, szB);
        return;
    }
    if (strcmp(lg_pytypes_name(types, got.type), name) != 0 ||
        got.objOff != (Addr)o - block ||
        got.refcnt != (is_immortal(o) ? 0 : (ULong)Py_REFCNT(o)) ||
        got.hasGC != ((t->tp_flags & Py_TPFLAGS_HAVE_GC) != 0) ||
        got.isDead != (Py_REFCNT(o) == 0) ||
        got.isImmortal != is_immortal(o) ||
        lg_pytypes_is_weakref(types, got.type) != (PyWeakref_Check(o) != 0) ||
        lg_pytypes_is_code(types, got.type) != (t == &PyCode_Type) ||
        (t == &PyTuple_Type && !lg_pytypes_is_parked(types, got.type)) ||
        (t == &PyUnicode_Type && lg_pytypes_is_parked(types, got.type))) {
        if (seen.nMisnamed++ < 20)
            printf("'%s' taken for '%s', offset %u, refcnt %llu\n", name,
                   lg_pytypes_name(types, got.type), got.objOff, got.refcnt);
    }
}

/* No object that CPython told of: it may be one that only C code knows, but
   then its type is one that CPython told of. */
static void compare_other(Addr block, SizeT szB)
{
    LgPyObject got;

    if (!lg_pytypes_recognise(types, block, szB, &got)) {
        seen.nOthers++;
        return;
    }
    PyTypeObject* t = Py_TYPE((PyObject*)(block + got.objOff));
    Bool  isType = set_has(&truth.types, (Addr)t);
    char* name = isType ? set_slot(&truth.types, (Addr)t)->name : NULL;
    if (set_has(&truth.others, block) || name == NULL ||
        strcmp(name, lg_pytypes_name(types, got.type)) != 0) {
        if (seen.nMisnamed++ < 20)
            printf("no object, %lu bytes, taken for '%s'\n", szB,
                   lg_pytypes_name(types, got.type));
    } else if (got.isDead) {
        seen.nCached++;
        assert_true(lg_pytypes_is_parked(types, got.type));
    } else {
        seen.nUnknown++;
        if (getenv("LG_VERBOSE") != NULL)
            printf("known to C only: '%s', refcnt %llu\n", name, got.refcnt);
    }
}

/* All blocks, with the size that was asked for or that of pymalloc's slot. */
static void compare_all(Bool bySlot)
{
    memset(&seen, 0, sizeof seen);
    PyObject* gc = PyImport_ImportModule("gc");
    PyObject* list = PyObject_CallMethod(gc, "get_objects", NULL);
    assert_true(list != NULL);
    set_clear(&truth.types);
    find_truth(list);
    name_types();
    find_truth(list);

    ownmaps_forget(); /* arenas come and go */
    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout,
                     bySlot ? 0 : (Addr)&PyType_Type);
    for (size_t i = 0; i < objblocks.nSlots; i++) {
        if (!objblocks.slots[i].isIn)
            continue;
        Addr      block = objblocks.slots[i].address;
        SizeT     szB = objblocks.slots[i].szB;
        PyObject* o = object_in(block, szB);
        if (bySlot && szB <= 512)
            szB = szB == 0 ? 16 : (szB + 15) / 16 * 16;
        if (o != NULL)
            compare_object(o, block, szB);
        else
            compare_other(block, szB);
    }
    for (size_t i = 0; i < truth.types.nSlots; i++)
        seen.nTypes += truth.types.slots[i].isIn;
    printf("%u objects of %u types, %u other blocks, %u cached, %u known to C "
           "only\n",
           seen.nObjects, seen.nTypes, seen.nOthers, seen.nCached,
           seen.nUnknown);
    expect_eq(seen.nMisnamed, 0);
    expect_eq(seen.nMissed, 0);
    Py_DECREF(list);
    Py_DECREF(gc);
}

/* --- The program ----------------------------------------------------------- */

static PyType_Slot noSlots[] = {{0, NULL}};
static PyType_Spec dottedSpec = {
    .name = "pkg.sub.FromSpec", .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .slots = noSlots};

/* from_spec(): a type made by PyType_FromSpec. */
static PyObject* from_spec(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    return PyType_FromSpec(&dottedSpec);
}

static PyMethodDef methods[] = {
    {"from_spec", from_spec, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}};

static const char imports[] =
    "import importlib\n"
    "for m in '''json re asyncio ctypes decimal fractions collections unittest\n"
    "        argparse logging email.mime.text xml.etree.ElementTree ssl sqlite3\n"
    "        multiprocessing concurrent.futures urllib.request http.client\n"
    "        datetime typing dataclasses enum inspect ast tokenize difflib\n"
    "        pickle struct array weakref contextvars threading queue tempfile\n"
    "        zipfile tarfile csv random statistics socket select hashlib\n"
    "        itertools functools operator pdb doctest uuid ipaddress\n"
    "        importlib.metadata configparser pydoc'''.split():\n"
    "    try: globals()[m] = importlib.import_module(m)\n"
    "    except ImportError: pass\n";

static const char classes[] =
    "import sys, types, weakref, lg\n"
    "keep = []\n"
    "package = types.ModuleType('app.models')\n"
    "sys.modules['app.models'] = package\n"
    "exec('''\n"
    "class Item:\n"
    "    class Part:\n"
    "        class Deep: pass\n"
    "    def make(self):\n"
    "        class Local: pass\n"
    "        return Local()\n"
    "class Slots:\n"
    "    __slots__ = (\"a\", \"b\", \"__weakref__\")\n"
    "class NoSlots:\n"
    "    __slots__ = ()\n"
    "class Meta(type): pass\n"
    "class MetaMeta(type): pass\n"
    "class OverMeta(type, metaclass=MetaMeta): pass\n"
    "class WithMeta(metaclass=Meta): pass\n"
    "class WithOver(metaclass=OverMeta): pass\n"
    "class Int(int): pass\n"
    "class Str(str): pass\n"
    "class SlotStr(str): __slots__ = ()\n"
    "class SlotInt(int): __slots__ = ()\n"
    "class Tuple(tuple): pass\n"
    "class List(list): pass\n"
    "class Dict(dict): pass\n"
    "class Float(float): pass\n"
    "class Bytes(bytes): pass\n"
    "class Error(ValueError): pass\n"
    "class Ref(__import__(\"weakref\").ref): pass\n"
    "''', package.__dict__)\n"
    "P = package\n"
    "def gen():\n"
    "    x = yield 1\n"
    "async def coro(): pass\n"
    "async def agen(): yield 1\n"
    "Spec = lg.from_spec()\n"
    "class SpecChild(Spec): pass\n"
    "class Prop: __module__ = property(len)\n"
    "class Number: __module__ = 5\n"
    "class Bytes: __module__ = b'x' * 100\n"
    "class Own(str): pass\n"
    "class Empty: __module__ = ''\n"
    "Umlaut = type('Gr\\xf6\\xdfe\\u20ac\\U0001f40d', (), {})\n"
    "class Template: pass\n"
    "template = Template(); template.x = 1; template.__module__ = 'split.up'\n"
    "Split = type('Split', (), template.__dict__)\n"
    "template2 = Template(); template2.x = 1\n"
    "Split2 = type('Split2', (), template2.__dict__)\n"
    "class Odd: pass\n"
    "Many = type('Many', (), {('a%d' % i): i for i in range(3000)})\n"
    "Keyed = type('Keyed', (), {**{str(i): i for i in range(40)}})\n"
    "for i in range(1500):\n"
    "    item = P.Item(); item.a = i; item.b = str(i)\n"
    "    keep += [item, P.Item.Part(), P.Item.Part.Deep(), item.make(),\n"
    "             P.Slots(), P.NoSlots(), P.WithMeta(), P.WithOver(),\n"
    "             P.Int(i << 40), P.Str('x%d' % i), P.SlotStr('y'),\n"
    "             P.SlotInt(i), P.Tuple((i,)), P.List([i]), P.Dict(a=i),\n"
    "             P.Float(i), P.Bytes(b'abc'), P.Error(i), P.Ref(item),\n"
    "             weakref.ref(P.Item), weakref.proxy(item), gen(), Spec(),\n"
    "             SpecChild(), Prop(), Number(), Bytes(), Own(i), Empty(),\n"
    "             Umlaut(), Split(), Split2(), Many(), Keyed(), slice(i),\n"
    "             range(i + 300), complex(i, i), bytearray(i % 600),\n"
    "             {i: i, 'k': 2}, {'j': i}, frozenset([i]), {i, 1},\n"
    "             lambda: i, len.__call__, b'%d' % i, 2 ** (i + 60), -i * 1.5,\n"
    "             iter([i]), enumerate([i]), map(len, [i]), memoryview(b'x')]\n"
    "    if i < 30:\n"
    "        c = coro(); c.close()\n"
    "        keep += [c, agen(), type('T%d' % i, (), {})(),\n"
    "                 types.SimpleNamespace(a=i), classmethod(len),\n"
    "                 type('Made', (P.Item,), {'__module__': 'm%d' % i})()]\n"
    "keep.append({id(c): c for c in object.__subclasses__()})\n"
    "keep.append({id(c) for c in object.__subclasses__()})\n"
    "keep.append(bytearray(str([id(c) for c in object.__subclasses__()])\n"
    "                      .encode()))\n"
    "import datetime as dt\n"
    "class Moment(dt.datetime): pass\n"
    "for i in range(1, 20):\n"
    "    keep += [dt.datetime(2000, 1, i), dt.time(i), dt.date(2000, 1, i),\n"
    "             dt.datetime(2000, 1, i, tzinfo=dt.timezone.utc),\n"
    "             dt.time(i, tzinfo=dt.timezone(dt.timedelta(hours=i))),\n"
    "             Moment(2000, 1, i), dt.timedelta(i)]\n"
    "keep.append('\\xe9' * 100); keep[-1].encode(); hash(keep[-1])\n";

static void every_block(void)
{
    cpython_run(imports);
    cpython_run(classes);
    compare_all(False);
    expect_true(seen.nObjects >= 50000);
    if (!cpython_layout->keysInMem)
        expect_true(seen.nOthers >= 1000);
    expect_true(seen.nUnknown < seen.nObjects / 100);
    compare_all(True);
}

static void after_freeing(void)
{
    cpython_run("import gc\n"
                "del keep[::3]\n"
                "gc.collect()\n"
                "keep += [(i, [i], {i: [i]}) for i in range(3000)]\n");
    compare_all(False);
}

int main(void)
{
    objblocks_watch();
    cpython_start(methods);
    types = lg_pytypes_new();
    check_run(every_block);
    check_run(after_freeing);
    lg_pytypes_delete(types);
    return check_done();
}

#endif
