/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_pytypes.c: a small memory of types, names and one object, into which the
   input writes.  At every address the code under test is asked whether there is an
   object.  It must read only what it has asked for, names must end and be printable,
   and its caches must not change an answer, except for modules and for types
   without a readable name.  The length of the input chooses the version of CPython
   whose layout the memory has.

   Input: writes of 4 bytes each {offset in words, 2 bytes; kind; value}; the
   first half before the first look, the rest before the second. */

#include "../../leakgrind/python/lg_pytypename.h"
#include "../../leakgrind/python/lg_pytypes.h"

#include "pyimage.h"

#define BASE PYIMAGE_BASE

/* Where things stand in the image. */
enum {
    TYPE     = 0x000, /* "type" */
    CLASS    = 0x400, /* mod.Qual, a heap type */
    STR_TYPE = 0x780,
    C_TYPE   = 0x920, C_STR = 0x930, C_QUAL = 0x940,
    S_KEY    = 0x960, S_MODULE = 0x9A0, S_QUAL = 0x9E0,
    DICT     = 0xA20, KEYS = 0xA60,
    INSTANCE = 0xAE0, INSTANCE_SZB = 64,
    IMAGE_SZB = 0xB40
};

static const LgPyLayout* layout;

/* From the start of the instance's block. */
static UInt object_offset(void)
{
    return layout->preheaderFlags != 0 ? 32 : 16;
}

static void make_image(void)
{
    static const UInt entries[][2] = {{S_KEY, S_MODULE}}; /* "__module__" */
    Addr gc = 1 << 14, heapType = 1 << 9, typeSubclass = (Addr)1 << 31;

    pyimage_begin(layout, IMAGE_SZB);
    strcpy((char*)pyimage + C_TYPE, "type");
    strcpy((char*)pyimage + C_STR, "str");
    strcpy((char*)pyimage + C_QUAL, "Qual");
    pyimage_put_type(TYPE, TYPE, C_TYPE, 0x388, typeSubclass | gc);
    pyimage_put_type(CLASS, TYPE, C_QUAL, 16, heapType | gc | layout->preheaderFlags);
    pyimage_put_type(STR_TYPE, TYPE, C_STR, 80, 1 << 28);
    pyimage_put(CLASS + layout->tp_dict, BASE + DICT);
    pyimage_put(CLASS + layout->ht_qualname, BASE + S_QUAL);
    pyimage_put_str(S_KEY, STR_TYPE, "__module__");
    pyimage_put_str(S_MODULE, STR_TYPE, "mod");
    pyimage_put_str(S_QUAL, STR_TYPE, "Qual");
    pyimage_put(DICT + layout->ma_keys, BASE + KEYS);
    pyimage_put_keys(KEYS, 1, entries);
    /* pre-header, GC head of one in a ring of its own, object */
    UInt object = INSTANCE + object_offset();
    pyimage_put(object - 16, BASE + object - 16);
    pyimage_put(object - 8, BASE + object - 16);
    pyimage_put(object, 3);
    pyimage_put(object + layout->ob_type, BASE + CLASS);
}

static void check_object(const LgPyTypes* t, const LgPyObject* o, SizeT szB)
{
    REQUIRE(o->type >= 1 && o->type <= lg_pytypes_count(t));
    REQUIRE(o->objOff % 16 == 0 && o->objOff <= 32);
    REQUIRE(o->objOff + layout->sizeof_PyObject <= szB);
    REQUIRE(!o->hasGC || o->objOff >= 16);
    REQUIRE(!o->isDead || !o->isImmortal);
    REQUIRE((o->isDead || o->isImmortal) == (o->refcnt == 0));
    REQUIRE(o->hasGC == lg_pytypes_has_gc(t, o->type));
    const char* name = lg_pytypes_name(t, o->type);
    REQUIRE(name[0] != 0);
    pyimage_check_name(name, LG_PY_TYPE_NAME_SZB);
}

/* What `old`, that saw another memory before, says, and what a fresh one says:
   the old one may know a module, or a name, that can be read no more. */
static UInt look(LgPyTypes* old, Addr pyTypeType)
{
    static const SizeT sizes[] = {16, INSTANCE_SZB, IMAGE_SZB};
    LgPyTypes*         fresh = lg_pytypes_new();
    UInt               nFound = 0;

    lg_pytypes_begin(old, &pyimage_mem, layout, pyTypeType);
    lg_pytypes_begin(fresh, &pyimage_mem, layout, pyTypeType);
    for (UInt off = 0; off < IMAGE_SZB + 16; off += 8)
        for (UInt s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            LgPyObject a, b;
            pyimage_next_question();
            Bool isA = lg_pytypes_recognise(old, BASE + off, sizes[s], &a);
            Bool isB = lg_pytypes_recognise(fresh, BASE + off, sizes[s], &b);
            REQUIRE(isA || !isB);
            if (isA) {
                nFound++;
                check_object(old, &a, sizes[s]);
            }
            if (!isB)
                continue;
            check_object(fresh, &b, sizes[s]);
            REQUIRE(a.objOff == b.objOff && a.refcnt == b.refcnt);
            const char* nameA = lg_pytypes_name(old, a.type);
            const char* nameB = lg_pytypes_name(fresh, b.type);
            size_t      nA = strlen(nameA), nB = strlen(nameB);
            REQUIRE(nA >= nB && strcmp(nameA + nA - nB, nameB) == 0 &&
                    (nA == nB || nameA[nA - nB - 1] == '.'));
        }
    lg_pytypes_delete(fresh);
    return nFound;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    LgPyObject o;
    size_t     nWrites = n / PYIMAGE_WRITE_SZB, i = 0;
    LgPyTypes* t = lg_pytypes_new();

    layout = lg_pylayout_for((0x0309 + n % 6) << 16);
    make_image();
    lg_pytypes_begin(t, &pyimage_mem, layout, BASE + TYPE);
    REQUIRE(lg_pytypes_recognise(t, BASE + INSTANCE, INSTANCE_SZB, &o));
    REQUIRE(o.objOff == object_offset() && o.hasGC && o.refcnt == 3);
    REQUIRE(strcmp(lg_pytypes_name(t, o.type), "mod.Qual") == 0);
    for (; i < nWrites / 2; i++)
        pyimage_write(data + PYIMAGE_WRITE_SZB * i);
    REQUIRE(look(t, BASE + TYPE) > 0 || i > 0);
    for (; i < nWrites; i++)
        pyimage_write(data + PYIMAGE_WRITE_SZB * i);
    look(t, n / 6 % 2 == 0 ? 0 : BASE + TYPE);
    lg_pytypes_delete(t);
    return 0;
}
