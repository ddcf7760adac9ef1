/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_pynogil.c: the head of a segment of mimalloc, and a chunk of frees that
   are put off, into which the input writes.  What is taken for a segment has a
   size and a secret that can be; what still waits in a chunk lies in it.

   Input: a byte that says where the segment stands, then writes of 4 bytes each
   {word in the head or in the chunk, 2 bytes; kind; value}. */

#include "fuzz.h"

#include "../../leakgrind/python/lg_pydelayed.h"
#include "../../leakgrind/python/lg_pymimalloc.h"

enum { HEAD_SZB = 0x100, CHUNK_SZB = 4096, SLICE_SZB = 0x10000 };
#define CHUNK ((Addr)0x7000)

/* The segment's head, and the chunk. */
typedef struct {
    Addr    segment;
    uint8_t head[HEAD_SZB], chunk[CHUNK_SZB];
} Image;

static const void* at(void* opaque, Addr a, SizeT szB)
{
    static void* copies[4];
    static int   next;
    Image*       m = opaque;
    const void*  from;

    if (a - m->segment < HEAD_SZB && szB <= HEAD_SZB - (a - m->segment))
        from = m->head + (a - m->segment);
    else if (a - CHUNK < CHUNK_SZB && szB <= CHUNK_SZB - (a - CHUNK))
        from = m->chunk + (a - CHUNK);
    else
        return NULL;
    next = (next + 1) % 4;
    free(copies[next]);
    copies[next] = malloc(szB);
    return memcpy(copies[next], from, szB);
}

static void put(uint8_t* to, ULong value)
{
    memcpy(to, &value, sizeof value);
}

static void make_image(Image* m, uint8_t place)
{
    ULong nSlices = place % 4 == 3 ? 900 : 512; /* of one large block, of many */

    memset(m, 0, sizeof *m);
    m->segment = (Addr)(place / 4) * 5 * LG_MIMALLOC_SEGMENT_SZB;
    if (place / 4 == 63)
        m->segment = 0 - LG_MIMALLOC_SEGMENT_SZB;
    put(m->head + 0x20, nSlices * SLICE_SZB);
    put(m->head + 0xd8, m->segment ^ 0x1234567);
    put(m->head + 0xe0, nSlices);
    put(m->head + 0xe8, 1);
    put(m->head + 0xf0, nSlices > 512);
    put(m->head + 0xf8, 512);
    put(m->chunk + 0x10, 2);
    put(m->chunk + 0x18, 5);
    for (ULong i = 0; i < 5; i++)
        put(m->chunk + 0x28 + 16 * i, 3 + 2 * i);
}

static void write_one(Image* m, const uint8_t* d)
{
    static const ULong odd[] = {0, 1, 3, 0x10000, 1ULL << 31, 1ULL << 46,
                                1ULL << 63, ~0ULL};
    UInt     where = (UInt)(d[0] | d[1] << 8) % ((HEAD_SZB + CHUNK_SZB) / 8);
    uint8_t* to = where < HEAD_SZB / 8 ? m->head + 8 * where
                                       : m->chunk + (8 * where - HEAD_SZB);
    ULong    word;

    memcpy(&word, to, sizeof word);
    switch (d[2] % 5) {
        case 0: put(to, d[3]); return;
        case 1: put(to, odd[d[3] % 8]); return;
        case 2: put(to, word ^ 1ULL << d[3] % 64); return;
        case 3: put(to, word + (ULong)(long)(int8_t)d[3]); return;
        default: put(to, (ULong)d[3] * SLICE_SZB); return;
    }
}

static Bool check_segment(const LgPyMem* mem, Image* m)
{
    SizeT szB;
    Addr  secret, other;

    if (!lg_pymimalloc_read_segment(mem, m->segment, &szB, &secret))
        return False;
    REQUIRE(m->segment != 0 && secret != 0);
    REQUIRE(szB % SLICE_SZB == 0 && szB >= 2 * SLICE_SZB);
    REQUIRE(m->segment + szB > m->segment);
    /* At another place, it says another secret. */
    m->segment += LG_MIMALLOC_SEGMENT_SZB;
    REQUIRE(!lg_pymimalloc_read_segment(mem, m->segment, &szB, &other) ||
            other != secret);
    m->segment -= LG_MIMALLOC_SEGMENT_SZB;
    return True;
}

static Bool check_chunk(const LgPyMem* mem)
{
    Addr lo, hi;

    REQUIRE(!lg_pydelayed_read(mem, CHUNK, CHUNK_SZB - 1, &lo, &hi));
    REQUIRE(!lg_pydelayed_read(mem, CHUNK + 8, CHUNK_SZB, &lo, &hi) ||
            hi <= CHUNK + 8 + CHUNK_SZB);
    if (!lg_pydelayed_read(mem, CHUNK, CHUNK_SZB, &lo, &hi))
        return False;
    REQUIRE(lo <= hi && lo >= CHUNK + 0x20 && hi <= CHUNK + CHUNK_SZB &&
            lo % 16 == 0 && hi % 16 == 0);
    return True;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    Image         m;
    const LgPyMem mem = {&m, at, NULL};
    uint8_t       place = n > 0 ? data[0] : 4;

    make_image(&m, place);
    for (size_t i = 1; i + 4 <= n; i += 4)
        write_one(&m, data + i);
    Bool isSegment = check_segment(&mem, &m);
    Bool isChunk = check_chunk(&mem);
    REQUIRE(n >= 5 || (isChunk && (isSegment || place / 4 == 0 ||
                                   place / 4 == 63)));
    return 0;
}
