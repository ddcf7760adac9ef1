/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pyimage.c: see pyimage.h. */

#include "pyimage.h"

/* Reads for one question: the image has some hundred words, and a chain of bases
   may lead over some of them 64 times. */
enum { MAX_READS = 1 << 18 };

uint8_t                  pyimage[PYIMAGE_MAX_SZB];
static UInt              imageSzB;
static const LgPyLayout* layout;
static UInt              nReads;

static const void* at(void* opaque, Addr a, SizeT szB)
{
    static void*    copies[4];
    static unsigned next;

    (void)opaque;
    REQUIRE(++nReads < MAX_READS);
    if (szB == 0 || a < PYIMAGE_BASE || a - PYIMAGE_BASE >= imageSzB ||
        szB > imageSzB - (a - PYIMAGE_BASE))
        return NULL;
    next = (next + 1) % 4;
    free(copies[next]);
    copies[next] = malloc(szB);
    memcpy(copies[next], pyimage + (a - PYIMAGE_BASE), szB);
    return copies[next];
}

const LgPyMem pyimage_mem = {NULL, at, NULL};

void pyimage_begin(const LgPyLayout* l, UInt szB)
{
    REQUIRE(szB <= PYIMAGE_MAX_SZB);
    layout   = l;
    imageSzB = szB;
    nReads   = 0;
    memset(pyimage, 0, sizeof pyimage);
}

void pyimage_next_question(void)
{
    nReads = 0;
}

void pyimage_put(UInt offset, Addr value)
{
    memcpy(pyimage + offset, &value, sizeof value);
}

void pyimage_put_type(UInt t, UInt type, UInt name, Addr basicsize, Addr flags)
{
    pyimage_put(t, 1);
    pyimage_put(t + layout->ob_type, PYIMAGE_BASE + type);
    pyimage_put(t + layout->tp_name, PYIMAGE_BASE + name);
    pyimage_put(t + layout->tp_basicsize, basicsize);
    pyimage_put(t + layout->tp_flags, flags);
}

void pyimage_put_str(UInt s, UInt type, const char* text)
{
    uint32_t state = 1 << 2 | 1 << 5 | 1 << 6; /* kind 1, compact, ASCII */

    pyimage_put(s, 1);
    pyimage_put(s + layout->ob_type, PYIMAGE_BASE + type);
    pyimage_put(s + layout->unicode_length, strlen(text));
    memcpy(pyimage + s + layout->unicode_state, &state, sizeof state);
    strcpy((char*)pyimage + s + layout->unicode_ascii_data, text);
}

void pyimage_put_keys(UInt keys, UInt n, const UInt entries[][2])
{
    UInt entry = keys + layout->dk_entries + 8, entrySzB = 16;

    pyimage_put(keys, 1);
    if (layout->dk_size != LG_PY_NONE) {
        pyimage_put(keys + layout->dk_size, 8);
        entry += 8; /* entries have hashes */
        entrySzB = 24;
    } else {
        pyimage[keys + layout->dk_log2_size] = 3;
        pyimage[keys + layout->dk_log2_index_bytes] = 3;
        pyimage[keys + layout->dk_kind] = 1;
    }
    pyimage_put(keys + layout->dk_nentries, n);
    for (UInt i = 0; i < n; i++, entry += entrySzB) {
        pyimage_put(entry, PYIMAGE_BASE + entries[i][0]);
        pyimage_put(entry + 8, PYIMAGE_BASE + entries[i][1]);
    }
}

void pyimage_write(const uint8_t d[PYIMAGE_WRITE_SZB])
{
    static const Addr odd[] = {0, 1, 3, 0x10000, (Addr)1 << 31, (Addr)1 << 40,
                               (Addr)1 << 63, ~(Addr)0};
    UInt at8 = (d[0] | d[1] << 8) % (imageSzB / 8) * 8;
    UInt room = imageSzB - at8;
    Addr end = PYIMAGE_BASE + imageSzB;
    Addr word;

    memcpy(&word, pyimage + at8, sizeof word);
    switch (d[2] % 8) {
        case 0: pyimage_put(at8, PYIMAGE_BASE + d[3] * 8); return;
        case 1: pyimage_put(at8, end - 104 * 8 + d[3] % 104 * 8); return;
        case 2: pyimage_put(at8, odd[d[3] % 8]); return;
        case 3: pyimage_put(at8, word ^ (Addr)1 << d[3] % 64); return;
        case 4: pyimage[at8 + d[2] / 8 % 8] = d[3]; return;
        case 5: pyimage_put(at8, word + (Addr)(Long)(signed char)d[3]); return;
        case 6: memset(pyimage + at8, d[3], room < 64 ? room : 64); return;
        default: pyimage_put(at8, end - d[3]); return;
    }
}

void pyimage_check_name(const char* name, size_t szB)
{
    size_t n = strnlen(name, szB);

    REQUIRE(n < szB);
    for (size_t i = 0; i < n; i++)
        REQUIRE((uint8_t)name[i] >= 0x20 && name[i] != 0x7F);
}
