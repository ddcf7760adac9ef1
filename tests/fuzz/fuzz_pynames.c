/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_pynames.c: what objects are called, and what leads to them, in a small memory
   of types, containers, a module and a frame, into which the input writes.  At every
   address the code under test is asked what is there.  It must read only what it has
   asked for, and not much of it, whatever lengths say and wherever chains lead; names
   must end and be printable, and what is owned must be there.  The length of the input
   chooses the version of CPython whose layout the memory has.

   Input: writes of 4 bytes each (pyimage_write). */

#include "../../leakgrind/python/lg_pyentries.h"
#include "../../leakgrind/python/lg_pylocals.h"
#include "../../leakgrind/python/lg_pyowned.h"
#include "../../leakgrind/python/lg_pystr.h"
#include "../../leakgrind/python/lg_pytypename.h"

#include "pyimage.h"

#define BASE PYIMAGE_BASE

/* Where things stand in the image. */
enum {
    TYPE        = 0x000,
    STR_TYPE    = 0x1A0,
    CLASS       = 0x340, /* mod.Item, a heap type with the slot "slot" */
    MODULE_TYPE = 0x740,
    LIST_TYPE   = 0x8E0,
    TUPLE_TYPE  = 0xA80,
    DICT_TYPE   = 0xC20,
    SET_TYPE    = 0xDC0,
    CODE        = 0xF60, /* begins with room for what is before co_filename */
    FRAME       = 0x1060,
    NAMES       = 0x1140, /* ("local",) */
    NO_NAMES    = 0x1170,
    S_NAME      = 0x1190, S_MOD = 0x11D0, S_ITEM = 0x1210, S_MODULE = 0x1250,
    S_LOCAL     = 0x1290,
    C_NAMES     = 0x12D0, /* 16 bytes each */
    LIST        = 0x1340, ITEMS = 0x1370,
    TUPLE       = 0x1390,
    SET         = 0x13C0, TABLE = 0x1400,
    CLASS_DICT  = 0x1480, CLASS_KEYS = 0x14B0,
    MODULE      = 0x1560, DICT = 0x1590, KEYS = 0x15C0,
    INSTANCE    = 0x1690,
    IMAGE_SZB   = 0x16C0
};

enum { MODULE_NAME, LIST_NAME, TUPLE_NAME, DICT_NAME, SET_NAME, SLOT_NAME };

static const LgPyLayout* l;

static UInt c_name(UInt i)
{
    return C_NAMES + 16 * i;
}

static void put_types(void)
{
    static const char names[][16] = {"module", "list", "tuple",
                                     "dict",   "set",  "slot"};
    Addr heapType = 1 << 9, basicsize = 0x388;
    UInt slot = CLASS + (UInt)basicsize;
    Int  objectEx = 16;

    for (UInt i = 0; i < sizeof names / sizeof names[0]; i++)
        strcpy((char*)pyimage + c_name(i), names[i]);
    pyimage_put_type(TYPE, TYPE, c_name(LIST_NAME), basicsize, (Addr)1 << 31);
    pyimage_put_type(STR_TYPE, TYPE, c_name(LIST_NAME), 80, 1 << 28);
    pyimage_put_type(CLASS, TYPE, c_name(SLOT_NAME), 24, heapType);
    pyimage_put_type(MODULE_TYPE, TYPE, c_name(MODULE_NAME), 56, 0);
    pyimage_put_type(LIST_TYPE, TYPE, c_name(LIST_NAME), 40, 1 << 25);
    pyimage_put_type(TUPLE_TYPE, TYPE, c_name(TUPLE_NAME), 24, 1 << 26);
    pyimage_put_type(DICT_TYPE, TYPE, c_name(DICT_NAME), 48, 1 << 29);
    pyimage_put_type(SET_TYPE, TYPE, c_name(SET_NAME), 200, 0);
    pyimage_put(CLASS + l->ob_size, 1);
    pyimage_put(CLASS + l->tp_dict, BASE + CLASS_DICT);
    pyimage_put(CLASS + l->ht_qualname, BASE + S_ITEM);
    pyimage_put(CLASS + l->ht_qualname - 8, BASE + NAMES); /* ht_slots */
    pyimage_put(slot, BASE + c_name(SLOT_NAME));
    memcpy(pyimage + slot + 8, &objectEx, sizeof objectEx);
    pyimage_put(slot + 16, 16); /* its offset */
}

static void put_object(UInt at, UInt type)
{
    pyimage_put(at, 1);
    pyimage_put(at + l->ob_type, BASE + type);
}

static void put_tuple(UInt at, UInt n, UInt item)
{
    put_object(at, TUPLE_TYPE);
    pyimage_put(at + 16, n);
    if (n > 0)
        pyimage_put(at + (l->version >= 0x030E ? 32 : 24), BASE + item);
}

static void put_containers(void)
{
    put_object(LIST, LIST_TYPE);
    pyimage_put(LIST + 16, 2);
    pyimage_put(LIST + 24, BASE + ITEMS);
    pyimage_put(LIST + 32, 4);
    pyimage_put(ITEMS, BASE + TUPLE);
    pyimage_put(ITEMS + 8, BASE + LIST); /* itself */
    put_tuple(TUPLE, 1, LIST);
    put_object(SET, SET_TYPE);
    pyimage_put(SET + 16, 1);
    pyimage_put(SET + 24, 1);
    pyimage_put(SET + 32, 7); /* mask */
    pyimage_put(SET + 40, BASE + TABLE);
    pyimage_put(TABLE + 48, BASE + INSTANCE);
    pyimage_put(TABLE + 56, 3); /* hash */
}

static void put_dicts(void)
{
    static const UInt ofModule[][2] = {
        {S_NAME, S_MOD}, {S_ITEM, CLASS}, {S_LOCAL, MODULE}};
    static const UInt ofClass[][2] = {{S_MODULE, S_MOD}};

    put_object(CLASS_DICT, DICT_TYPE);
    pyimage_put(CLASS_DICT + l->ma_keys, BASE + CLASS_KEYS);
    pyimage_put_keys(CLASS_KEYS, 1, ofClass);
    put_object(MODULE, MODULE_TYPE);
    pyimage_put(MODULE + 16, BASE + DICT);
    put_object(DICT, DICT_TYPE);
    pyimage_put(DICT + l->ma_keys, BASE + KEYS);
    pyimage_put_keys(KEYS, 3, ofModule);
    put_object(INSTANCE, CLASS);
    pyimage_put(INSTANCE + 16, BASE + MODULE);
}

/* A frame with one local variable and room for two values. */
static void put_frame(void)
{
    Int  stackSize = 2;
    UInt sizeAt = l->co_stacksize != LG_PY_NONE ? l->co_stacksize : 0x20;
    Bool isOld = l->frame_localsplus == LG_PY_NONE;

    memcpy(pyimage + CODE + sizeAt, &stackSize, sizeof stackSize);
    put_tuple(NAMES, 1, S_LOCAL);
    put_tuple(NO_NAMES, 0, 0);
    for (UInt i = 2; i <= 4; i++)
        pyimage_put(CODE + l->co_filename - 8 * i, BASE + NO_NAMES);
    pyimage_put(CODE + l->co_filename - (isOld ? 32 : 16), BASE + NAMES);
    if (isOld)
        pyimage_put(FRAME + l->frame_valuestack, BASE + FRAME + 0xC8);
}

static UInt local_at(void)
{
    return FRAME + (l->frame_localsplus != LG_PY_NONE ? l->frame_localsplus
                                                      : 0xC0);
}

static void make_image(void)
{
    pyimage_begin(l, IMAGE_SZB);
    put_types();
    pyimage_put_str(S_NAME, STR_TYPE, "__name__");
    pyimage_put_str(S_MOD, STR_TYPE, "mod");
    pyimage_put_str(S_ITEM, STR_TYPE, "Item");
    pyimage_put_str(S_MODULE, STR_TYPE, "__module__");
    pyimage_put_str(S_LOCAL, STR_TYPE, "local");
    put_containers();
    put_dicts();
    put_frame();
}

/* --- Questions -------------------------------------------------------------- */

static void ask_str(Addr a, UInt szB)
{
    HChar* text = malloc(szB); /* so that writing too much is noticed */
    Addr   held[LG_PY_STR_MAX_HELD];

    pyimage_next_question();
    if (lg_pystr_read(&pyimage_mem, l, a, text, szB))
        pyimage_check_name(text, szB);
    if (lg_pystr_read_if_str(&pyimage_mem, l, a, text, szB))
        pyimage_check_name(text, szB);
    if (lg_pystr_read_c(&pyimage_mem, a, text, szB))
        pyimage_check_name(text, szB);
    free(text);
    REQUIRE(lg_pystr_held(&pyimage_mem, l, a, held) <= LG_PY_STR_MAX_HELD);
}

static Bool ask_type(Addr a, HChar name[LG_PY_TYPE_NAME_SZB], Bool isHeapType)
{
    Bool hasModule;

    pyimage_next_question();
    if (!lg_pytypename_read(&pyimage_mem, l, a, isHeapType, name, &hasModule))
        return False;
    pyimage_check_name(name, LG_PY_TYPE_NAME_SZB);
    return True;
}

static Bool ask_module(Addr a, HChar name[64])
{
    LgPyDictKeys keys;

    pyimage_next_question();
    if (lg_pyentries_of_class(&pyimage_mem, l, a, &keys))
        lg_pyentries_find(&pyimage_mem, l, &keys, "__module__", 10);
    pyimage_next_question();
    if (!lg_pyentries_module_name(&pyimage_mem, l, a, name, 64))
        return False;
    pyimage_check_name(name, 64);
    return True;
}

static LgPyFrameWord ask_frame(Addr a, Addr at, HChar name[LG_PY_NAME_SZB])
{
    LgPyFrame frame = {a, BASE + CODE, 0, False};

    pyimage_next_question();
    LgPyFrameWord w = lg_pylocals_find(&pyimage_mem, l, &frame, at, name);
    if (w == LgPyLocal)
        pyimage_check_name(name, LG_PY_NAME_SZB);
    return w;
}

static void on_owned(void* opaque, const LgPyOwned* w)
{
    UInt* n = opaque;
    Addr  word;

    (*n)++;
    REQUIRE(w->obj != 0 && lg_py_word(&pyimage_mem, w->at, &word) &&
            word == w->obj);
}

static UInt ask_owned(Addr a, UInt type)
{
    LgPyOwner owner;
    UInt      n = 0;

    pyimage_next_question();
    if (lg_pyowned_look(&pyimage_mem, l, BASE + type, &owner))
        lg_pyowned_visit(&pyimage_mem, l, &owner, a, BASE + IMAGE_SZB, on_owned,
                         &n);
    return n;
}

/* Before anything was written. */
static void check_image(void)
{
    HChar        name[LG_PY_TYPE_NAME_SZB];
    LgPyDictKeys keys;

    REQUIRE(ask_type(BASE + CLASS, name, True) && strcmp(name, "mod.Item") == 0);
    REQUIRE(ask_module(BASE + MODULE, name) && strcmp(name, "mod") == 0);
    REQUIRE(lg_pyentries_of_module(&pyimage_mem, l, BASE + MODULE, &keys));
    REQUIRE(lg_pyentries_find(&pyimage_mem, l, &keys, "Item", 4) == BASE + CLASS);
    REQUIRE(ask_owned(BASE + LIST, LIST_TYPE) == 2);
    REQUIRE(ask_owned(BASE + TUPLE, TUPLE_TYPE) == 1);
    REQUIRE(ask_owned(BASE + SET, SET_TYPE) == 1);
    REQUIRE(ask_owned(BASE + DICT, DICT_TYPE) == 6);
    REQUIRE(ask_owned(BASE + MODULE, MODULE_TYPE) == 1);
    REQUIRE(ask_owned(BASE + INSTANCE, CLASS) == 2);
    REQUIRE(ask_frame(BASE + FRAME, BASE + local_at(), name) == LgPyLocal &&
            strcmp(name, "local") == 0);
    REQUIRE(ask_frame(BASE + FRAME, BASE + local_at() + 16, name) ==
            LgPyStackSlot);
    REQUIRE(ask_frame(BASE + FRAME, BASE + local_at() + 24, name) ==
            LgPyNotInFrame);
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    static const UInt types[] = {TYPE,      STR_TYPE,   CLASS,     MODULE_TYPE,
                                 LIST_TYPE, TUPLE_TYPE, DICT_TYPE, SET_TYPE};
    static const UInt sizes[] = {0, 1, 2, 7, LG_PY_NAME_SZB};
    HChar             name[LG_PY_TYPE_NAME_SZB];

    l = lg_pylayout_for((0x0309 + n % 6) << 16);
    make_image();
    check_image();
    for (size_t i = 0; i < n / PYIMAGE_WRITE_SZB; i++)
        pyimage_write(data + PYIMAGE_WRITE_SZB * i);
    for (Addr a = BASE - 16; a < BASE + IMAGE_SZB + 16; a += 8) {
        ask_str(a, sizes[a / 8 % (sizeof sizes / sizeof sizes[0])]);
        ask_type(a, name, False);
        ask_type(a, name, True);
        ask_module(a, name);
        ask_frame(BASE + FRAME, a, name);
        ask_frame(a, BASE + local_at(), name);
    }
    for (Addr a = BASE + LIST; a < BASE + IMAGE_SZB; a += 8)
        for (UInt t = 0; t < sizeof types / sizeof types[0]; t++)
            ask_owned(a, types[t]);
    return 0;
}
