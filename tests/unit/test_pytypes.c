/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pytypes.c: every block of the OBJ domain of a real CPython, and what
   leakgrind takes it for.  The blocks come from a hook in front of CPython's
   allocator; which are objects, and what their types are called, from the
   garbage collector's lists, what can be traversed from there, and type
   objects themselves. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include <time.h>

#include "cpython.h"
#include "cpython_hooks.h"
#include "ownmaps.h"

#include "../../leakgrind/python/lg_pytypes.h"

/* --- Sets of addresses ---------------------------------------------------- */

/* An open hash table, its size a power of two; a removed address leaves its
   slot to the same address. */
typedef struct {
    Addr   address;
    SizeT  szB;
    char*  name;  /* types: what they are called */
    Bool   isIn;
} Slot;

typedef struct {
    Slot*  slots;
    size_t nSlots, nUsed;
} Set;

static Slot* set_slot(Set* s, Addr a);

static void set_grow(Set* s)
{
    Set old = *s;

    s->nSlots = old.nSlots == 0 ? 1 << 16 : 2 * old.nSlots;
    s->slots = calloc(s->nSlots, sizeof(Slot));
    s->nUsed = 0;
    assert_true(s->slots != NULL);
    for (size_t i = 0; i < old.nSlots; i++)
        if (old.slots[i].isIn)
            *set_slot(s, old.slots[i].address) = old.slots[i];
    free(old.slots);
}

/* Its slot, which is a new one with isIn False where it was never seen. */
static Slot* set_slot(Set* s, Addr a)
{
    if (2 * (s->nUsed + 1) > s->nSlots)
        set_grow(s);
    size_t i = (a * 0x9E3779B97F4A7C15ULL >> 32) & (s->nSlots - 1);
    while (s->slots[i].address != 0 && s->slots[i].address != a)
        i = (i + 1) & (s->nSlots - 1);
    if (s->slots[i].address == 0) {
        s->slots[i].address = a;
        s->nUsed++;
    }
    return &s->slots[i];
}

static Bool set_has(const Set* s, Addr a)
{
    if (s->nSlots == 0)
        return False;
    size_t i = (a * 0x9E3779B97F4A7C15ULL >> 32) & (s->nSlots - 1);
    while (s->slots[i].address != 0 && s->slots[i].address != a)
        i = (i + 1) & (s->nSlots - 1);
    return s->slots[i].isIn;
}

static void set_clear(Set* s)
{
    for (size_t i = 0; i < s->nSlots; i++)
        free(s->slots[i].name);
    free(s->slots);
    memset(s, 0, sizeof *s);
}

/* --- The blocks of the OBJ domain ----------------------------------------- */

static Set blocks;

static void came(void* p, size_t szB)
{
    Slot* s = set_slot(&blocks, (Addr)p);
    s->isIn = True;
    s->szB = szB;
}

static void gone(void* p)
{
    if (set_has(&blocks, (Addr)p))
        set_slot(&blocks, (Addr)p)->isIn = False;
}

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

static UInt object_offset(PyTypeObject* t)
{
    UInt off = 0;
    if (t->tp_flags & Py_TPFLAGS_HAVE_GC)
        off += 16;
#if PY_VERSION_HEX >= 0x030C0000
    if (t->tp_flags & Py_TPFLAGS_PREHEADER)
        off += 16;
#elif PY_VERSION_HEX >= 0x030B0000
    if (t->tp_flags & Py_TPFLAGS_MANAGED_DICT)
        off += 16;
#endif
    return off;
}

static Bool is_immortal(PyObject* o)
{
    return PY_VERSION_HEX >= 0x030C0000 && (Int)Py_REFCNT(o) < 0;
}

/* The object in the block, or NULL. */
static PyObject* object_in(Addr block, SizeT szB)
{
    for (UInt off = 0; off <= 32 && off + sizeof(PyObject) <= szB; off += 16)
        if (set_has(&truth.objects, block + off) &&
            object_offset(Py_TYPE((PyObject*)(block + off))) == off)
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
        got.isInterned !=
            (PyUnicode_Check(o) && PyUnicode_CHECK_INTERNED(o) != 0) ||
        lg_pytypes_is_heap_type(types, got.type) !=
            ((t->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0) ||
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
    for (size_t i = 0; i < blocks.nSlots; i++) {
        if (!blocks.slots[i].isIn)
            continue;
        Addr      block = blocks.slots[i].address;
        SizeT     szB = blocks.slots[i].szB;
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

/* forget_module(type): takes __module__ from its dictionary, as the end of the
   interpreter does. */
static PyObject* forget_module(PyObject* self, PyObject* type)
{
    (void)self;
    if (PyDict_DelItemString(((PyTypeObject*)type)->tp_dict, "__module__") < 0)
        return NULL;
    PyType_Modified((PyTypeObject*)type);
    Py_RETURN_NONE;
}

/* named(x): what the type of x is taken for. */
static PyObject* named(PyObject* self, PyObject* x)
{
    LgPyObject got;
    UInt       off = object_offset(Py_TYPE(x));

    (void)self;
    if (!set_has(&blocks, (Addr)x - off))
        Py_RETURN_NONE;
    if (!lg_pytypes_recognise(types, (Addr)x - off,
                              set_slot(&blocks, (Addr)x - off)->szB, &got))
        return PyUnicode_FromString("");
    return PyUnicode_FromString(lg_pytypes_name(types, got.type));
}

/* begin(): another check. */
static PyObject* begin(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, (Addr)&PyType_Type);
    Py_RETURN_NONE;
}

/* keep_names() */
static PyObject* keep_names(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    lg_pytypes_keep_names(types);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"keep_names", keep_names, METH_NOARGS, NULL},
    {"from_spec", from_spec, METH_NOARGS, NULL},
    {"forget_module", forget_module, METH_O, NULL},
    {"named", named, METH_O, NULL},
    {"begin", begin, METH_NOARGS, NULL},
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

/* --- Types that change ------------------------------------------------------ */

static void module_forgotten(void)
{
    cpython_run("from lg import named, begin, forget_module\n"
                "class Late: pass\n"
                "Late.__module__ = 'a.b'\n"
                "late = Late()\n"
                "begin()\n"
                "assert named(late) == 'a.b.Late', named(late)\n"
                "forget_module(Late)\n"
                "assert named(late) == 'a.b.Late', named(late)\n"
                "begin()\n"
                "assert named(late) == 'a.b.Late', named(late)\n"
                "begin()\n"
                "assert named(late) == 'a.b.Late', named(late)\n");
}

/* Types come and go at the same addresses, and so do their names. */
static void address_reused(void)
{
    cpython_run("def make(i):\n"
                "    return type('Reused%04d' % i, (), {'__module__':\n"
                "                'mod%d' % (i % 7)})\n"
                "places = {}\n"
                "for i in range(500):\n"
                "    T = make(i)\n"
                "    t = T()\n"
                "    wanted = '%s.%s' % (T.__module__, T.__qualname__)\n"
                "    begin()\n"
                "    assert named(t) == wanted, (named(t), wanted)\n"
                "    places[id(T)] = places.get(id(T), 0) + 1\n"
                "    del t, T\n"
                "    gc.collect(0) if i % 2 else gc.collect()\n"
                "assert max(places.values()) > 10, places\n");
    /* The same name in another module, or in none. */
    cpython_run("import sys\n"
                "places = {}\n"
                "for i in range(300):\n"
                "    m = ('one', 'other', 'builtins')[i % 3]\n"
                "    T = type('Same', (), {'__module__': m})\n"
                "    t = T()\n"
                "    wanted = 'Same' if i % 3 == 2 else m + '.Same'\n"
                "    begin()\n"
                "    assert named(t) == wanted, (named(t), wanted)\n"
                "    places[id(T)] = places.get(id(T), 0) + 1\n"
                "    del t, T\n"
                "    gc.collect()\n"
                "assert max(places.values()) > 10, places\n");
}

/* A class that is called something else from now on. */
static void renamed(void)
{
    cpython_run("class Before: pass\n"
                "Before.__module__ = 'm'\n"
                "x = Before()\n"
                "begin()\n"
                "assert named(x) == 'm.Before'\n"
                "Before.__qualname__ = 'Outer.After'\n"
                "begin()\n"
                "assert named(x) == 'm.Outer.After', named(x)\n"
                "Before.__module__ = 'n'\n"
                "begin()\n"
                "assert named(x) == 'n.Outer.After', named(x)\n");
}

/* Of types that have outlived an interpreter, which took their names with it. */
static void names_kept(void)
{
    cpython_run("class Left: pass\n"
                "Left.__module__ = 'm'\n"
                "x = Left()\n"
                "begin()\n"
                "assert named(x) == 'm.Left'\n"
                "lg.keep_names()\n"
                "Left.__qualname__ = 'Other'\n"
                "begin()\n"
                "assert named(x) == 'm.Left', named(x)\n"
                "Left.__name__ = 'New'\n"
                "begin()\n"
                "assert named(x) == 'm.Other', named(x)\n");
}

static void control_characters(void)
{
    cpython_run("T = type('a\\nb\\x1b[1m', (), {'__module__': 'm\\x07'})\n"
                "t = T()\n"
                "begin()\n"
                "assert named(t) == 'm?.a?b?[1m', named(t)\n"
                "L = type('x' * 5000, (), {'__module__': 'y' * 5000})\n"
                "l = L()\n"
                "begin()\n"
                "assert named(l) == 'y' * 255 + '.' + 'x' * 255, named(l)\n");
}

/* --- Torn types --------------------------------------------------------------- */

static char image[8][sizeof(PyHeapTypeObject)] __attribute__((aligned(16)));

static void put(Addr at, SizeT offset, Addr value)
{
    memcpy((void*)(at + offset), &value, sizeof value);
}

static Bool is_object(Addr type, Addr pyTypeType)
{
    Addr       block[16] = {1, type};
    LgPyObject got;

    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, pyTypeType);
    return lg_pytypes_recognise(types, (Addr)block, sizeof block, &got);
}

/* A copy of object's type; the others of `image` are copies of type itself. */
static Addr fresh_type(void)
{
    memcpy(image[0], &PyBaseObject_Type, sizeof(PyTypeObject));
    for (int i = 1; i < 8; i++)
        memcpy(image[i], &PyType_Type, sizeof(PyTypeObject));
    return (Addr)image[0];
}

static void cyclic_and_torn(void)
{
    const LgPyLayout* l = cpython_layout;
    Addr              pyType = (Addr)&PyType_Type;
    Addr              a = fresh_type();

    expect_true(is_object(a, pyType));
    expect_true(is_object(a, 0));
    /* Metatypes: a pair, a ring, one that is its own, one too many. */
    put(a, l->ob_type, (Addr)image[1]);
    put((Addr)image[1], l->ob_type, (Addr)image[2]);
    expect_true(is_object(a, pyType));
    put((Addr)image[2], l->ob_type, (Addr)image[1]);
    expect_false(is_object(a, pyType));
    expect_false(is_object(a, 0));
    put((Addr)image[1], l->ob_type, (Addr)image[1]);
    expect_false(is_object(a, pyType));
    expect_true(is_object(a, 0)); /* it is called "type", as good as that */
    put((Addr)image[1], l->tp_name, (Addr) "typo");
    expect_false(is_object(a, 0));
    fresh_type();
    for (int i = 0; i < 7; i++)
        put((Addr)image[i], l->ob_type, (Addr)image[i + 1]);
    expect_false(is_object(a, pyType));
    put(a, l->ob_type, a);
    expect_false(is_object(a, pyType));

    /* A ring of bases ends. */
    fresh_type();
    put(a, l->tp_base, a);
    expect_true(is_object(a, pyType));
    put(a, l->tp_base, (Addr)image[1]);
    put((Addr)image[1], l->tp_base, a);
    expect_true(is_object(a, pyType));
    put(a, l->tp_base, ~(Addr)7);
    expect_true(is_object(a, pyType));

    static const Addr nonsense[] = {0, 1, 8, 4096, (Addr)1 << 46,
                                    ~(Addr)0, ~(Addr)7, (Addr)1 << 63};
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        expect_false(is_object(nonsense[i], pyType));
        fresh_type();
        put(a, l->ob_type, nonsense[i]);
        expect_false(is_object(a, pyType));
        fresh_type();
        put(a, l->tp_name, nonsense[i]);
        expect_false(is_object(a, pyType));
    }
    fresh_type();
    put(a, l->tp_basicsize, 0);
    expect_false(is_object(a, pyType));
    put(a, l->tp_basicsize, ~(Addr)0);
    expect_false(is_object(a, pyType));
    put(a, l->tp_basicsize, 18 * sizeof(Addr));
    expect_false(is_object(a, pyType)); /* does not fit */
    fresh_type();
    put(a, l->tp_itemsize, ~(Addr)0);
    expect_false(is_object(a, pyType));
    fresh_type();
    put((Addr)image[0], l->tp_name, (Addr) "");
    expect_false(is_object(a, pyType));
    put((Addr)image[0], l->tp_name, (Addr) "a\nb");
    expect_false(is_object(a, pyType));
}

/* Each has its own name, behind a long common prefix: a comparison with all of
   the others would take minutes. */
static void many_names(void)
{
    enum { N = 40000, MAX_SECONDS = 20, NAME_SZB = 128 };
    char*        copies = malloc((size_t)N * sizeof(PyTypeObject));
    char*        names = malloc((size_t)N * NAME_SZB);
    UInt         first = lg_pytypes_count(types);
    const clock_t begin = clock();

    assert_true(copies != NULL && names != NULL);
    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, (Addr)&PyType_Type);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < N; i++) {
            char*      copy = copies + (size_t)i * sizeof(PyTypeObject);
            char*      name = names + (size_t)i * NAME_SZB;
            Addr       block[2] = {1, (Addr)copy};
            LgPyObject got;

            memcpy(copy, &PyBaseObject_Type, sizeof(PyTypeObject));
            put((Addr)copy, cpython_layout->tp_name, (Addr)name);
            snprintf(name, NAME_SZB, "%0100d.%d", 0, i);
            assert_true(lg_pytypes_recognise(types, (Addr)block, sizeof block,
                                             &got));
            assert_eq(got.type, first + (UInt)i + 1);
            assert_true(strcmp(lg_pytypes_name(types, got.type), name) == 0);
        }
    expect_eq(lg_pytypes_count(types), first + N);
    expect_true(clock() - begin < MAX_SECONDS * CLOCKS_PER_SEC);
    free(copies);
    free(names);
}

/* A head that is in no list, in one, and in one that does not know of it. */
static void gc_heads(void)
{
    Addr       other[2] = {0, 0};
    Addr       block[8] = {0, 0, 1, (Addr)&PyList_Type};
    LgPyObject got;

    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, (Addr)&PyType_Type);
    expect_true(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    expect_eq(got.objOff, 16);
    block[0] = (Addr)other;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    other[1] = (Addr)block | 3; /* the low bits are flags */
    expect_true(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    block[0] = ~(Addr)7;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    /* The list has forgotten it: as the last one, behind another; alone. */
    other[0] = other[1] = (Addr)other;
    Addr before[2] = {(Addr)block, (Addr)other};
    block[0] = (Addr)other;
    block[1] = (Addr)before;
    expect_true(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    before[0] = (Addr)other;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    block[1] = (Addr)other | 2;
    expect_true(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    block[1] = (Addr)other - 8;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    /* An object without a head does not stand behind one, nor the reverse. */
    block[0] = 1;
    block[1] = (Addr)&PyList_Type;
    block[2] = block[3] = 0;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
    block[1] = 0;
    block[2] = 1;
    block[3] = (Addr)&PyLong_Type;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 64, &got));
}

/* A table of keys to the byte, whose index and first hash look like an object
   behind a pre-header and a GC head.  Before 3.11 there is no pre-header, and
   from 3.13 on no such table among objects. */
static void keys_of_a_dict(void)
{
    const LgPyLayout* l = cpython_layout;
    if (l->preheaderFlags == 0 || l->keysInMem)
        return;
    Addr              a = fresh_type();
    Addr              keys[20] = {1, 0, 0, 1, 1, a};
    LgPyObject        got;
    SizeT             szB = l->dk_entries + 8 + 5 * 24;

    put(a, l->tp_flags, Py_TPFLAGS_HAVE_GC | (1 << 4)); /* MANAGED_DICT */
    put(a, l->tp_basicsize, 16);
    keys[2] = 0; /* no list */
    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, (Addr)&PyType_Type);
    expect_true(lg_pytypes_recognise(types, (Addr)keys, szB, &got));
    ((UChar*)keys)[l->dk_log2_size] = 3;
    ((UChar*)keys)[l->dk_log2_index_bytes] = 3;
    expect_false(lg_pytypes_recognise(types, (Addr)keys, szB, &got));
    expect_true(lg_pytypes_recognise(types, (Addr)keys, szB - 24, &got));
}

static void small_blocks(void)
{
    Addr       block[4] = {1, (Addr)&PyBaseObject_Type, 0, 0};
    LgPyObject got;

    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, (Addr)&PyType_Type);
    expect_true(lg_pytypes_recognise(types, (Addr)block, 16, &got));
    for (SizeT szB = 0; szB < 16; szB++)
        expect_false(lg_pytypes_recognise(types, (Addr)block, szB, &got));
    block[0] = (Addr)1 << 50;
    expect_false(lg_pytypes_recognise(types, (Addr)block, 16, &got));
    expect_false(lg_pytypes_recognise(types, 8, 64, &got));
    expect_str(lg_pytypes_name(types, 0), "");
    expect_str(lg_pytypes_name(types, ~0u), "");
    expect_false(lg_pytypes_is_heap_type(types, ~0u));
}

int main(void)
{
    cpython_hook(PYMEM_DOMAIN_OBJ, (CpythonHooks){NULL, came, gone});
    cpython_start(methods);
    types = lg_pytypes_new();
    check_run(every_block);
    check_run(after_freeing);
    check_run(module_forgotten);
    check_run(address_reused);
    check_run(renamed);
    check_run(names_kept);
    check_run(control_characters);
    check_run(cyclic_and_torn);
    check_run(gc_heads);
    check_run(keys_of_a_dict);
    check_run(small_blocks);
    check_run(many_names);
    lg_pytypes_delete(types);
    return check_done();
}

#endif
