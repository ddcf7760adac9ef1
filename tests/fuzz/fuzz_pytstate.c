/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_pytstate.c: machine code in the place of the function that reads the
   current thread state.  Of code nothing is read but the few bytes that such a
   function has; what stands behind its return changes nothing; and only what
   ends in a return is known.

   Input: a byte, whose lowest bit says for which processor; the code. */

#include "fuzz.h"

#include "../../leakgrind/python/lg_pytstate.h"

#define CODE ((Addr)0x400000)
#define DATA ((Addr)0x500000)

/* Twelve instructions of at most nine bytes. */
enum { MAX_CODE_SZB = 12 * 9, DATA_SZB = 64 };

typedef struct {
    const uint8_t* bytes;
    size_t         n;
    Addr           end; /* how far the code was read */
    uint8_t        data[DATA_SZB];
    void*          copies[2];
    unsigned       next;
} Image;

/* Copies, each of just the size asked for, so that reading on is noticed. */
static const void* at(void* opaque, Addr a, SizeT szB)
{
    Image*      m = opaque;
    const void* from;

    REQUIRE(szB > 0 && szB <= 16);
    if (a >= CODE && a + szB <= CODE + m->n) {
        from = m->bytes + (a - CODE);
        m->end = a + szB > m->end ? a + szB : m->end;
    } else if (a >= DATA && a + szB <= DATA + DATA_SZB) {
        from = m->data + (a - DATA);
    } else {
        return NULL;
    }
    m->next = (m->next + 1) % 2;
    free(m->copies[m->next]);
    m->copies[m->next] = malloc(szB);
    return memcpy(m->copies[m->next], from, szB);
}

static LgPyTState find_in(const uint8_t* code, size_t n, LgPyMachine machine,
                          Addr* end)
{
    Image         m = {code, n, CODE, {0}, {NULL, NULL}, 0};
    const LgPyMem mem = {&m, at, NULL};

    for (unsigned i = 0; i < DATA_SZB; i++)
        m.data[i] = (uint8_t)(i * 37);
    LgPyTState found = lg_pytstate_find(&mem, machine, CODE);
    free(m.copies[0]);
    free(m.copies[1]);
    *end = m.end;
    return found;
}

static Bool ends_in_return(const uint8_t* end, LgPyMachine machine)
{
    static const uint8_t ret[] = {0xC0, 0x03, 0x5F, 0xD6};

    return machine == LgPyAmd64 ? end[-1] == 0xC3
                                : memcmp(end - sizeof ret, ret,
                                         sizeof ret) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    Addr end, endAgain;

    if (n == 0)
        return 0;
    LgPyMachine machine = data[0] % 2 == 0 ? LgPyAmd64 : LgPyArm64;
    const uint8_t* code = data + 1;
    LgPyTState found = find_in(code, n - 1, machine, &end);
    REQUIRE(end - CODE <= MAX_CODE_SZB);
    if (!found.isKnown)
        return 0;
    /* The shortest piece of code that says the same. */
    size_t szB = 1;
    LgPyTState again;
    while (again = find_in(code, szB, machine, &endAgain), !again.isKnown)
        szB++;
    REQUIRE(szB <= n - 1 && ends_in_return(code + szB, machine));
    REQUIRE(again.isThreadLocal == found.isThreadLocal &&
            again.at == found.at);
    return 0;
}
