/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytstate.c: follows the instructions of the function that reads the
   current thread state.  See lg_pytstate.h.

   Only addresses in registers are tracked.  A load is just noted; if another
   one follows, the first has loaded an address from the GOT, which does not
   change and is read now. */

#include "lg_pytstate.h"

enum { MAX_INSTRUCTIONS = 12 };

typedef enum {
    Nothing,
    Address,   /* a */
    Offset,    /* the thread pointer plus a */
    AtAddress, /* what is at a */
    AtOffset   /* what is at the thread pointer plus a */
} Kind;

typedef struct {
    Kind kind;
    Addr a;
} Value;

/* The function as it is followed. */
typedef struct {
    const LgPyMem* mem;
    Addr           pc;
    Bool           isAtEnd;
    Value          regs[32]; /* amd64: regs[0], RAX, alone */
} State;

static Value add_value(const State* s, Value v, Long c)
{
    if (v.kind == AtAddress && lg_py_word(s->mem, v.a, &v.a))
        v.kind = Address;
    if (v.kind != Address && v.kind != Offset)
        v.kind = Nothing;
    v.a += (Addr)c;
    return v;
}

static Value load_value(const State* s, Value v, Long c)
{
    v = add_value(s, v, c);
    v.kind = v.kind == Address  ? AtAddress
             : v.kind == Offset ? AtOffset
                                : Nothing;
    return v;
}

/* --- amd64 --------------------------------------------------------------- */

static Long signed_at(const UChar* p, UInt szB)
{
    if (szB == 1)
        return (Char)p[0];
    Int d;
    memcpy(&d, p, sizeof d);
    return szB == 0 ? 0 : d;
}

/* The bytes that an instruction begins with, and the size of the displacement
   that follows. */
typedef enum { Skip, LoadIP, AddressIP, Load, LoadTls, LoadTlsRax, Return } Op;
static const struct {
    UChar nBytes;
    UChar bytes[5];
    UChar nDisp;
    UChar op;
} forms[] = {
    {4, {0xF3, 0x0F, 0x1E, 0xFA}, 0, Skip},          /* endbr64 */
    {3, {0x48, 0x8B, 0x05}, 4, LoadIP},              /* mov d(%rip),%rax */
    {3, {0x48, 0x8D, 0x05}, 4, AddressIP},           /* lea d(%rip),%rax */
    {3, {0x48, 0x8B, 0x00}, 0, Load},                /* mov (%rax),%rax */
    {3, {0x48, 0x8B, 0x40}, 1, Load},                /* mov d(%rax),%rax */
    {3, {0x48, 0x8B, 0x80}, 4, Load},
    {5, {0x64, 0x48, 0x8B, 0x04, 0x25}, 4, LoadTls}, /* mov %fs:d,%rax */
    {4, {0x64, 0x48, 0x8B, 0x00}, 0, LoadTlsRax},    /* mov %fs:(%rax),%rax */
    {1, {0xC3}, 0, Return},
};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

static Bool begins_with(const LgPyMem* mem, Addr pc, const UChar* bytes,
                        UInt n, const UChar** p)
{
    *p = mem->at(mem->opaque, pc, n);
    for (UInt i = 0; *p != NULL && i < n; i++)
        if ((*p)[i] != bytes[i])
            return False;
    return *p != NULL;
}

static Bool step_amd64(State* s)
{
    const UChar* p = NULL;
    UInt         f = 0;
    Value*       rax = &s->regs[0];

    while (f < N_FORMS &&
           !begins_with(s->mem, s->pc, forms[f].bytes, forms[f].nBytes, &p))
        f++;
    if (f == N_FORMS)
        return False;
    UInt nBytes = (UInt)forms[f].nBytes + forms[f].nDisp;
    p = s->mem->at(s->mem->opaque, s->pc, nBytes);
    if (p == NULL)
        return False;
    Long  d = signed_at(p + forms[f].nBytes, forms[f].nDisp);
    s->pc += nBytes;
    Value ip = {Address, s->pc}, tls = {Offset, 0};
    switch ((Op)forms[f].op) {
    case Skip:      break;
    case LoadIP:    *rax = load_value(s, ip, d); break;
    case AddressIP: *rax = add_value(s, ip, d); break;
    case Load:      *rax = load_value(s, *rax, d); break;
    case LoadTls:   *rax = load_value(s, tls, d); break;
    case LoadTlsRax:
        *rax = add_value(s, *rax, 0);
        *rax = rax->kind == Address ? load_value(s, tls, (Long)rax->a)
                                    : (Value){Nothing, 0};
        break;
    case Return: s->isAtEnd = True; break;
    }
    return True;
}

/* --- arm64 --------------------------------------------------------------- */

static Bool step_arm64(State* s)
{
    UInt insn;

    if (!lg_py_read(s->mem, s->pc, &insn, sizeof insn))
        return False;
    UInt   rd = insn & 31, rn = insn >> 5 & 31, imm12 = insn >> 10 & 0xFFF;
    Value* d = &s->regs[rd];

    if ((insn & 0xFFFFF01F) == 0xD503201F) {
        /* a hint: bti, paciasp, nop */
    } else if ((insn & 0x9F000000) == 0x90000000) { /* adrp */
        ULong imm = (ULong)(insn >> 5 & 0x7FFFF) << 2 | (insn >> 29 & 3);
        Long  page = (Long)(imm << 43) >> 43; /* 21 bits, signed */
        *d = (Value){Address, (s->pc & ~(Addr)0xFFF) + (Addr)(page * 4096)};
    } else if ((insn & 0xFF800000) == 0x91000000) { /* add, immediate */
        *d = add_value(s, s->regs[rn],
                  (Long)imm12 << (insn >> 22 & 1 ? 12 : 0));
    } else if ((insn & 0xFFC00000) == 0xF9400000) { /* ldr, unsigned offset */
        *d = load_value(s, s->regs[rn], (Long)imm12 * 8);
    } else if ((insn & 0xFFFFFFE0) == 0xD53BD040) { /* mrs, tpidr_el0 */
        *d = (Value){Offset, 0};
    } else if (insn == 0xD65F03C0) { /* ret */
        s->isAtEnd = True;
    } else {
        return False;
    }
    s->pc += sizeof insn;
    return True;
}

/* --- Together ------------------------------------------------------------ */

LgPyTState lg_pytstate_find(const LgPyMem* mem, LgPyMachine machine,
                            Addr accessor)
{
    State      s;
    LgPyTState found = {False, False, 0};

    memset(&s, 0, sizeof s);
    s.mem = mem;
    s.pc  = accessor;
    for (UInt i = 0; i < MAX_INSTRUCTIONS && !s.isAtEnd; i++)
        if (!(machine == LgPyAmd64 ? step_amd64(&s) : step_arm64(&s)))
            return found;
    const Value* result = &s.regs[0];
    found.isKnown = s.isAtEnd &&
                    (result->kind == AtAddress || result->kind == AtOffset);
    found.isThreadLocal = result->kind == AtOffset;
    found.at = result->a;
    return found;
}
