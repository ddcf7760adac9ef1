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

#include "fuzz.h"

#define BASE ((Addr)0x100000)

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

static uint8_t           image[IMAGE_SZB];
static const LgPyLayout* layout;

/* Copies, each of just the size asked for, so that reading on is noticed; some
   may be in use at once. */
static const void* at(void* opaque, Addr a, SizeT szB)
{
    static void*    copies[4];
    static unsigned next;

    (void)opaque;
    if (szB == 0 || a < BASE || a - BASE >= IMAGE_SZB ||
        szB > IMAGE_SZB - (a - BASE))
        return NULL;
    next = (next + 1) % 4;
    free(copies[next]);
    copies[next] = malloc(szB);
    memcpy(copies[next], image + (a - BASE), szB);
    return copies[next];
}

static const LgPyMem mem = {NULL, at, NULL};

static void put(UInt offset, Addr value)
{
    memcpy(image + offset, &value, sizeof value);
}

static void put_type(UInt t, UInt type, UInt name, Addr basicsize, Addr flags)
{
    put(t, 1);
    put(t + layout->ob_type, BASE + type);
    put(t + layout->tp_name, BASE + name);
    put(t + layout->tp_basicsize, basicsize);
    put(t + layout->tp_flags, flags);
}

static void put_str(UInt s, const char* text)
{
    uint32_t state = 1 << 2 | 1 << 5 | 1 << 6; /* kind 1, compact, ASCII */

    put(s, 1);
    put(s + layout->ob_type, BASE + STR_TYPE);
    put(s + layout->unicode_length, strlen(text));
    memcpy(image + s + layout->unicode_state, &state, sizeof state);
    strcpy((char*)image + s + layout->unicode_ascii_data, text);
}

/* A table of one entry, "__module__". */
static void put_keys(void)
{
    UInt entry = KEYS + layout->dk_entries + 8;

    if (layout->dk_size != LG_PY_NONE) {
        put(KEYS + layout->dk_size, 8);
        entry += 8; /* entries have hashes */
    } else {
        image[KEYS + layout->dk_log2_size] = 3;
        image[KEYS + layout->dk_log2_index_bytes] = 3;
        image[KEYS + layout->dk_kind] = 1;
    }
    put(KEYS + layout->dk_nentries, 1);
    put(entry, BASE + S_KEY);
    put(entry + 8, BASE + S_MODULE);
}

/* From the start of the instance's block. */
static UInt object_offset(void)
{
    return layout->preheaderFlags != 0 ? 32 : 16;
}

static void make_image(void)
{
    Addr gc = 1 << 14, heapType = 1 << 9, typeSubclass = (Addr)1 << 31;

    memset(image, 0, sizeof image);
    strcpy((char*)image + C_TYPE, "type");
    strcpy((char*)image + C_STR, "str");
    strcpy((char*)image + C_QUAL, "Qual");
    put_type(TYPE, TYPE, C_TYPE, 0x388, typeSubclass | gc);
    put_type(CLASS, TYPE, C_QUAL, 16, heapType | gc | layout->preheaderFlags);
    put_type(STR_TYPE, TYPE, C_STR, 80, 1 << 28);
    put(CLASS + layout->tp_dict, BASE + DICT);
    put(CLASS + layout->ht_qualname, BASE + S_QUAL);
    put_str(S_KEY, "__module__");
    put_str(S_MODULE, "mod");
    put_str(S_QUAL, "Qual");
    put(DICT + layout->ma_keys, BASE + KEYS);
    put_keys();
    /* pre-header, GC head of one in a ring of its own, object */
    UInt object = INSTANCE + object_offset();
    put(object - 16, BASE + object - 16);
    put(object - 8, BASE + object - 16);
    put(object, 3);
    put(object + layout->ob_type, BASE + CLASS);
}

static void write_one(const uint8_t* d)
{
    static const Addr odd[] = {0, 1, 3, 0x10000, (Addr)1 << 31, (Addr)1 << 40,
                               (Addr)1 << 63, ~(Addr)0};
    UInt at8 = (d[0] | d[1] << 8) % (IMAGE_SZB / 8) * 8;
    Addr word;

    memcpy(&word, image + at8, sizeof word);
    switch (d[2] % 8) {
        case 0: put(at8, BASE + d[3] * 8); return;
        case 1: put(at8, BASE + 0x800 + d[3] % 104 * 8); return;
        case 2: put(at8, odd[d[3] % 8]); return;
        case 3: put(at8, word ^ (Addr)1 << d[3] % 64); return;
        case 4: image[at8 + d[2] / 8 % 8] = d[3]; return;
        case 5: put(at8, word + (signed char)d[3]); return;
        case 6: memset(image + at8, d[3], IMAGE_SZB - at8 < 64
                                              ? IMAGE_SZB - at8 : 64); return;
        default: put(at8, BASE + IMAGE_SZB - d[3]); return;
    }
}

static void check_name(const char* name)
{
    size_t n = strnlen(name, LG_PY_TYPE_NAME_SZB);

    REQUIRE(n > 0 && n < LG_PY_TYPE_NAME_SZB);
    for (size_t i = 0; i < n; i++)
        REQUIRE((uint8_t)name[i] >= 0x20 && name[i] != 0x7F);
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
    check_name(lg_pytypes_name(t, o->type));
}

/* What `old`, that saw another memory before, says, and what a fresh one says:
   the old one may know a module, or a name, that can be read no more. */
static UInt look(LgPyTypes* old, Addr pyTypeType)
{
    static const SizeT sizes[] = {16, INSTANCE_SZB, IMAGE_SZB};
    LgPyTypes*         fresh = lg_pytypes_new();
    UInt               nFound = 0;

    lg_pytypes_begin(old, &mem, layout, pyTypeType);
    lg_pytypes_begin(fresh, &mem, layout, pyTypeType);
    for (UInt off = 0; off < IMAGE_SZB + 16; off += 8)
        for (UInt s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            LgPyObject a, b;
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
    size_t     nWrites = n / 4, i = 0;
    LgPyTypes* t = lg_pytypes_new();

    layout = lg_pylayout_for((0x0309 + n % 6) << 16);
    make_image();
    lg_pytypes_begin(t, &mem, layout, BASE + TYPE);
    REQUIRE(lg_pytypes_recognise(t, BASE + INSTANCE, INSTANCE_SZB, &o));
    REQUIRE(o.objOff == object_offset() && o.hasGC && o.refcnt == 3);
    REQUIRE(strcmp(lg_pytypes_name(t, o.type), "mod.Qual") == 0);
    for (; i < nWrites / 2; i++)
        write_one(data + 4 * i);
    REQUIRE(look(t, BASE + TYPE) > 0 || i > 0);
    for (; i < nWrites; i++)
        write_one(data + 4 * i);
    look(t, n / 6 % 2 == 0 ? 0 : BASE + TYPE);
    lg_pytypes_delete(t);
    return 0;
}
