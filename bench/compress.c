/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compress BYTES: makes BYTES of text, packs them, unpacks them again and
   compares.  The packer finds repetitions through chains of earlier places
   with the same three bytes (LZ77) and codes its output with an adaptive
   binary arithmetic coder: loops, tables and branches as in any compressor,
   and eight allocations in all. */

#include "bench.h"

#define MIN_MATCH  3
#define MAX_MATCH  258
#define WINDOW     32768
#define HASH_BITS  15
#define MAX_CHAIN  24
#define PROB_BITS  12
#define PROB_SHIFT 5

typedef unsigned char Byte;
typedef unsigned short Prob; /* that the next bit is 0, of 1 << PROB_BITS */

/* --- the coder: one bit at a time, with the probability learnt so far --- */

typedef struct {
    Byte *at;
    const Byte *from;
    unsigned low, high, code;
} Coder;

static void encode_bit(Coder *c, Prob *p, int bit)
{
    unsigned mid =
        c->low + (unsigned)(((unsigned long long)(c->high - c->low) * *p) >>
                            PROB_BITS);
    if (bit) {
        c->low = mid + 1;
        *p -= *p >> PROB_SHIFT;
    } else {
        c->high = mid;
        *p += ((1 << PROB_BITS) - *p) >> PROB_SHIFT;
    }
    while ((c->low ^ c->high) >> 24 == 0) {
        *c->at++ = (Byte)(c->high >> 24);
        c->low <<= 8;
        c->high = c->high << 8 | 255;
    }
}

static int decode_bit(Coder *c, Prob *p)
{
    unsigned mid =
        c->low + (unsigned)(((unsigned long long)(c->high - c->low) * *p) >>
                            PROB_BITS);
    int bit = c->code > mid;
    if (bit) {
        c->low = mid + 1;
        *p -= *p >> PROB_SHIFT;
    } else {
        c->high = mid;
        *p += ((1 << PROB_BITS) - *p) >> PROB_SHIFT;
    }
    while ((c->low ^ c->high) >> 24 == 0) {
        c->low <<= 8;
        c->high = c->high << 8 | 255;
        c->code = c->code << 8 | *c->from++;
    }
    return bit;
}

/* Numbers of nBits bits, highest bit first; each bit has its own probability
   for every possible beginning (a tree of 1 << nBits). */
static void encode_number(Coder *c, Prob *tree, int nBits, unsigned v)
{
    unsigned node = 1;
    for (int i = nBits - 1; i >= 0; i--) {
        int bit = v >> i & 1;
        encode_bit(c, &tree[node], bit);
        node = node << 1 | bit;
    }
}

static unsigned decode_number(Coder *c, Prob *tree, int nBits)
{
    unsigned node = 1;
    for (int i = 0; i < nBits; i++)
        node = node << 1 | decode_bit(c, &tree[node]);
    return node - (1u << nBits);
}

typedef struct {
    Prob isMatch[2];
    Prob literal[256][256]; /* by the byte before */
    Prob length[256];
    Prob distanceHigh[128];
    Prob distanceLow[256];
} Model;

static void reset(Model *m)
{
    Prob *p = (Prob *)m;
    for (size_t i = 0; i < sizeof *m / sizeof *p; i++)
        p[i] = 1 << (PROB_BITS - 1);
}

/* --- the packer --- */

static unsigned hash3(const Byte *p)
{
    unsigned v = p[0] | p[1] << 8 | p[2] << 16;
    return v * 2654435761u >> (32 - HASH_BITS);
}

typedef struct {
    int *head; /* by hash: the last place, or -1 */
    int *prev; /* by place modulo WINDOW: the place before */
} Chains;

static void remember(Chains *ch, const Byte *text, int at)
{
    unsigned h = hash3(text + at);
    ch->prev[at % WINDOW] = ch->head[h];
    ch->head[h] = at;
}

/* The longest earlier repetition of what stands at `at`; 0 when none. */
static int find_match(const Chains *ch, const Byte *text, int at, int n,
                      int *distance)
{
    int best = 0, limit = n - at < MAX_MATCH ? n - at : MAX_MATCH;
    int place = ch->head[hash3(text + at)];
    for (int tries = 0; tries < MAX_CHAIN; tries++) {
        if (place < 0 || at - place >= WINDOW)
            break;
        int len = 0;
        while (len < limit && text[place + len] == text[at + len])
            len++;
        if (len > best) {
            best = len;
            *distance = at - place;
        }
        place = ch->prev[place % WINDOW];
    }
    return best >= MIN_MATCH ? best : 0;
}

static size_t pack(const Byte *text, int n, Byte *out, Model *m)
{
    Chains ch = { malloc(sizeof(int) << HASH_BITS),
                  malloc(sizeof(int) * WINDOW) };
    Coder c = { out, NULL, 0, 0xFFFFFFFFu, 0 };
    int at = 0, last = 0;

    reset(m);
    memset(ch.head, 0xFF, sizeof(int) << HASH_BITS);
    while (at < n) {
        int distance = 0;
        int len = at + MIN_MATCH < n ? find_match(&ch, text, at, n, &distance)
                                     : 0;
        encode_bit(&c, &m->isMatch[last], len > 0);
        last = len > 0;
        if (len == 0) {
            encode_number(&c, m->literal[at ? text[at - 1] : 0], 8, text[at]);
            len = 1;
        } else {
            encode_number(&c, m->length, 8, len - MIN_MATCH);
            encode_number(&c, m->distanceHigh, 7, distance >> 8);
            encode_number(&c, m->distanceLow, 8, distance & 255);
        }
        for (; len > 0; len--, at++)
            if (at + MIN_MATCH < n)
                remember(&ch, text, at);
    }
    for (int i = 0; i < 4; i++, c.low <<= 8)
        *c.at++ = (Byte)(c.low >> 24);
    free(ch.head);
    free(ch.prev);
    return c.at - out;
}

static void unpack(const Byte *packed, Byte *text, int n, Model *m)
{
    Coder c = { NULL, packed, 0, 0xFFFFFFFFu, 0 };
    int at = 0, last = 0;

    reset(m);
    for (int i = 0; i < 4; i++)
        c.code = c.code << 8 | *c.from++;
    while (at < n) {
        last = decode_bit(&c, &m->isMatch[last]);
        if (!last) {
            Prob *tree = m->literal[at ? text[at - 1] : 0];
            text[at] = (Byte)decode_number(&c, tree, 8);
            at++;
            continue;
        }
        int len = (int)decode_number(&c, m->length, 8) + MIN_MATCH;
        int distance = (int)decode_number(&c, m->distanceHigh, 7) << 8;
        distance |= (int)decode_number(&c, m->distanceLow, 8);
        for (; len > 0; len--, at++)
            text[at] = text[at - distance];
    }
}

/* Words from a vocabulary of 4,096, the low numbers far more often. */
static void write_text(Byte *text, int n)
{
    BenchRandom rnd = { 0xb5026f5aa96619e9ULL };
    int at = 0;
    while (at < n) {
        unsigned long long r = bench_random(&rnd);
        BenchRandom word = { 1 + (r & 4095 & r >> 12 & r >> 24) };
        unsigned long long letters = 0;
        for (int i = 0; i < 3; i++)
            letters = bench_random(&word);
        int len = 2 + (int)(letters >> 60) % 8;
        for (int i = 0; i < len && at < n; i++, letters >>= 5)
            text[at++] = (Byte)('a' + (letters & 31) % 26);
        if (at < n)
            text[at++] = r >> 60 ? ' ' : '\n';
    }
}

int main(int argc, char **argv)
{
    int n = (int)bench_arg(argc, argv, 1);
    Byte *text = malloc(n), *again = malloc(n);
    Byte *packed = malloc(2 * (size_t)n + 64);
    Model *model = malloc(sizeof *model);

    if (!text || !again || !packed || !model)
        return 2;
    write_text(text, n);
    size_t packedSzB = pack(text, n, packed, model);
    unpack(packed, again, n, model);
    printf("packed=%zu\n", packedSzB);
    if (memcmp(text, again, n) != 0) {
        fprintf(stderr, "compress: the text came back changed\n");
        return 3;
    }
    free(text);
    free(again);
    free(packed);
    free(model);
    return 0;
}
