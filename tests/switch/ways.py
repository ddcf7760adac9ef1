#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Assembler functions that change stacks, in every way that the processor has.

    ways.py SEED [--arch amd64|arm64]     prints them

It prints four tables of functions, which switch.h declares:

    switches  save the stack pointer and a return address, and jump to another
              pair of these
    calls     call a function on another stack and come back
    mirrors   the same, with a constant distance between the stacks
    dives     go down on the same stack to a given address, and back

Each way to set the stack pointer is used with each register that it can use, as far
as there are functions enough.  How a function saves registers, how much of its
frame it uses, and how it leaves the frame is random.  When a function comes back,
it compares the data in its frame, and on amd64 in the red zone, with what it stored
there; a difference counts in `asm_damage`.
"""

import argparse
import platform
import random

N_SWITCHES = 60
N_CALLS = 60
# Between equal stacks in a row; switch.h has the same.
STRIDES = (0x5340, 0x21340, 0x200340)


class Amd64:
    name = "amd64"
    callee_saved = ["%rbx", "%rbp", "%r12", "%r13", "%r14", "%r15"]
    registers = callee_saved + ["%rax", "%rcx", "%rdx", "%rsi", "%rdi", "%r8",
                                "%r9", "%r10", "%r11"]
    tls = "%fs:switch_scratch@tpoff"
    # Below the stack pointer: for the one who comes, and for data.
    red_zone = (-40, -48, -56, -64)

    ways = ("mov", "memory", "stack_memory", "xchg", "xchg_memory", "push_pop",
            "leave", "lea", "lea_two", "add", "sub", "add_memory", "xor",
            "zero_or", "align", "cmov", "vector", "pop_data", "not", "neg",
            "pops", "add_constant", "sub_constant", "bswap", "xadd",
            "cmpxchg", "rotate", "byte", "two_bytes", "imul", "inc", "adc",
            "shift")

    def __init__(self, rng):
        self.rng = rng

    def other(self, *taken):
        return self.rng.choice([r for r in self.registers if r not in taken])

    def set_sp(self, way, t, kept):
        """Lines that set the stack pointer to what register t holds, and
        change no register of `kept`."""
        k = self.rng.choice((1, 2, 3, 4))
        t2 = self.other(t, "%rax", "%rbp", *kept)
        constant = self.rng.choice((8, 64, 120, 4096, 0x12345678))
        vector = "%%xmm%d" % self.rng.randrange(16)
        tls = self.tls
        return {
            "mov": ["mov %s, %%rsp" % t],
            "memory": ["mov %s, %s" % (t, tls), "mov %s, %%rsp" % tls],
            "stack_memory": ["mov %s, -16(%%rsp)" % t,
                             "mov -16(%rsp), %rsp"],
            "xchg": ["xchg %s, %%rsp" % t],
            "xchg_memory": ["mov %s, %s" % (t, tls), "xchg %%rsp, %s" % tls],
            "push_pop": ["push %s" % t, "pop %rsp"],
            "leave": ["lea -8(%s), %%rbp" % t, "leave"],
            "lea": ["sub $%d, %s" % (constant, t),
                    "lea %d(%s), %%rsp" % (constant, t)],
            "lea_two": ["mov $%d, %s" % (constant, t2),
                        "lea 0(,%s,8), %%rsp" % t2,
                        "sub %%rsp, %s" % t,
                        "lea (%s,%s,8), %%rsp" % (t, t2)],
            "add": ["sub %%rsp, %s" % t, "add %s, %%rsp" % t],
            "sub": ["neg %s" % t, "add %%rsp, %s" % t,
                    "sub %s, %%rsp" % t],
            "add_memory": ["sub %%rsp, %s" % t, "mov %s, %s" % (t, tls),
                           "add %s, %%rsp" % tls],
            "xor": ["xor %%rsp, %s" % t, "xor %s, %%rsp" % t],
            "zero_or": ["xor %esp, %esp", "or %s, %%rsp" % t],
            "align": ["lea %d(%s), %%rsp" % (self.rng.randrange(16), t),
                      "and $-16, %rsp"],
            "cmov": ["cmp %%rsp, %s" % t, "cmove %s, %%rsp" % t2,
                     "cmovne %s, %%rsp" % t],
            "vector": ["movq %s, %s" % (t, vector),
                       "movq %s, %%rsp" % vector],
            "pop_data": ["mov %s, %s" % (t, tls), "mov %fs:0, %rsp",
                         "lea switch_scratch@tpoff(%rsp), %rsp", "pop %rsp"],
            "not": ["not %s" % t, "mov %s, %%rsp" % t, "not %rsp"],
            "neg": ["neg %s" % t, "mov %s, %%rsp" % t, "neg %rsp"],
            "pops": ["lea %d(%s), %%rsp" % (-8 * k, t)] + ["pop %s" % t2] * k,
            "add_constant": ["lea %d(%s), %%rsp" % (-8 * k, t),
                             "add $%d, %%rsp" % (8 * k)],
            "sub_constant": ["lea %d(%s), %%rsp" % (16 * k, t),
                             "sub $%d, %%rsp" % (16 * k)],
            "bswap": ["bswap %s" % t, "mov %s, %%rsp" % t, "bswap %rsp"],
            "xadd": ["sub %%rsp, %s" % t, "xadd %s, %%rsp" % t],
            "cmpxchg": ["mov %rsp, %rax", "cmpxchg %s, %%rsp" % t],
            "rotate": ["rol $%d, %s" % (k, t), "mov %s, %%rsp" % t,
                       "ror $%d, %%rsp" % k],
            "byte": ["xor $%d, %s" % (k, t), "mov %s, %%rsp" % t,
                     "xor $%d, %%spl" % k],
            "two_bytes": ["xor $%d, %s" % (256 * k, t), "mov %s, %%rsp" % t,
                          "xor $%d, %%sp" % (256 * k)],
            "imul": ["imul $1, %s, %%rsp" % t],
            "inc": ["lea -1(%s), %%rsp" % t, "inc %rsp"],
            "adc": ["lea -1(%s), %s" % (t, t), "stc", "mov %s, %%rsp" % t,
                    "adc $0, %rsp"],
            "shift": ["shr $%d, %s" % (k, t), "mov %s, %%rsp" % t,
                      "shl $%d, %%rsp" % k],
        }[way]

    @staticmethod
    def spoilt(way):
        """The registers that a way needs, in addition to its own."""
        return {"leave": ["%rbp"], "cmpxchg": ["%rax"]}.get(way, [])

    def save(self):
        """(lines that save the registers and take a frame aligned to 16,
        lines that give it up, size of the frame's part for data)"""
        order = self.callee_saved[:]
        self.rng.shuffle(order)
        size = 8 + 16 * self.rng.choice((0, 1, 2, 5, 12, 40))
        if self.rng.random() < 0.5:
            first = ["push %s" % r for r in order]
            last = ["pop %s" % r for r in reversed(order)]
        else:
            first = ["sub $48, %rsp"]
            first += ["mov %s, %d(%%rsp)" % (r, 8 * i)
                      for i, r in enumerate(order)]
            last = ["mov %d(%%rsp), %s" % (8 * i, r)
                    for i, r in enumerate(order)] + ["add $48, %rsp"]
        first.append(self.rng.choice(("sub $%d, %%rsp", "lea -%d(%%rsp), %%rsp",
                                      "add $-%d, %%rsp")) % size)
        last = [self.rng.choice(("add $%d, %%rsp", "lea %d(%%rsp), %%rsp",
                                 "sub $-%d, %%rsp")) % size] + last
        last += self.rng.choice((["ret"], ["pop %rcx", "jmp *%rcx"],
                                 ["lea 8(%rsp), %rsp", "jmp *-8(%rsp)"]))
        return first, last, size

    def data(self, size, red_zone):
        """(lines that put something into the frame, lines that compare)"""
        places = [(o, self.rng.randrange(1, 1 << 31))
                  for o in range(0, size, 8)][:12]
        if red_zone:
            places += [(o, self.rng.randrange(1, 1 << 31))
                       for o in self.red_zone]
        put = ["movq $%d, %d(%%rsp)" % (v, o) for o, v in places]
        compare = []
        for o, v in places:
            compare += ["cmpq $%d, %d(%%rsp)" % (v, o), "je 2f",
                        "lock incq asm_damage(%rip)", "2:"]
        return put, compare

    def go(self, p):
        """Jumps to the address in p; the eight bytes below the stack pointer
        are free."""
        return self.rng.choice((["jmp *%s" % p], ["push %s" % p, "ret"],
                                ["mov %s, -24(%%rsp)" % p,
                                 "lea -24(%rsp), %rsp", "ret $16"]))

    def switch(self, way, t):
        """rdi: where to save; rsi: the pair to jump to."""
        first, last, size = self.save()
        red_zone = self.rng.random() < 0.4
        put, compare = self.data(size, red_zone)
        kept = ["%rdi", "%rsi", t] + self.spoilt(way)
        p = self.other(*kept)
        lines = first + put + ["mov %rsp, (%rdi)", "lea 1f(%%rip), %s" % p,
                               "mov %s, 8(%%rdi)" % p, "mov 8(%%rsi), %s" % p]
        if way == "memory" and self.rng.random() < 0.5:
            lines.append("mov (%rsi), %rsp")
        elif way == "xchg_memory" and self.rng.random() < 0.5:
            t = self.other("%rdi", "%rsi", p)
            lines += ["mov (%%rsi), %s" % t, "mov %s, (%%rdi)" % t,
                      "xchg %rsp, (%rdi)"]
        else:
            lines += ["mov (%%rsi), %s" % t] + self.set_sp(way, t, [p])
        return lines + self.go(p) + ["1:"] + compare + last

    def call(self, way, t, back):
        """rdi: the function; rsi: its argument; rdx: the top of the stack.
        The old stack pointer waits in a register, or pushed."""
        first, last, size = self.save()
        put, compare = self.data(size, self.rng.random() < 0.4)
        taken = [t, "%rdi", "%rsi"] + self.spoilt(way)
        keeper = self.rng.choice([r for r in self.callee_saved
                                  if r not in taken])
        function = self.other(keeper, "%rdx", *taken)
        pushed = self.rng.random() < 0.3
        lines = first + put + ["mov %%rdi, %s" % function,
                               "mov %rsi, %rdi",
                               "mov %%rsp, %s" % keeper,
                               "mov %%rdx, %s" % t]
        lines += self.set_sp(way, t, [keeper, function, "%rdi"])
        if pushed:
            lines += ["push %s" % keeper, "push %s" % keeper]
        lines += ["call *%s" % function]
        if pushed:
            source = self.other(*self.spoilt(back))
            lines += ["pop %rcx", "pop %s" % source] \
                if source != "%rcx" else ["pop %rax", "pop %rcx"]
        else:
            source = keeper
        return lines + self.set_sp(back, source, []) + compare + last

    def mirror(self, distance):
        """rdi: the function; rsi: its argument."""
        first, last, size = self.save()
        put, compare = self.data(size, False)
        there, back = (
            self.rng.choice((["add $%d, %%rsp" % d], ["sub $%d, %%rsp" % -d],
                             ["lea %d(%%rsp), %%rsp" % d],
                             ["mov $%d, %%r11" % d, "add %r11, %rsp"],
                             ["mov $%d, %%r11" % -d, "sub %r11, %rsp"],
                             ["mov $%d, %%r11" % d,
                              "lea (%rsp,%r11), %rsp"]))
            for d in (distance, -distance))
        return (first + put + ["mov %rdi, %rax", "mov %rsi, %rdi"] + there
                + ["call *%rax"] + back + compare + last)

    def dive(self, kind):
        """rdi: how far down, a multiple of 16."""
        first, last, size = self.save()
        put, compare = self.data(size, False)
        lines = first + put
        if kind == "sub":
            lines += ["mov %rsp, %rbx", "mov %rdi, %rsp"]
        elif kind == "register":
            lines += ["mov %rsp, %rbx", "mov %rsp, %rax", "sub %rdi, %rax",
                      "sub %rax, %rsp"]
        elif kind == "push":
            lines += ["mov %rsp, %rbx", "3:", "push %rdi", "cmp %rdi, %rsp",
                      "ja 3b"]
        elif kind == "sub_push":
            lines += ["mov %rsp, %rbx", "3:", "sub $16, %rsp",
                      "movq $1, (%rsp)", "cmp %rdi, %rsp", "ja 3b"]
        else:  # "call"
            lines += ["mov %rsp, %rbx", "mov %rsp, %rax", "sub %rdi, %rax",
                      "sub $8, %rax", "sub %rax, %rsp", "call 4f",
                      "jmp 5f", "4:", "ret", "5:"]
        if kind != "call":
            lines += ["movq $77, (%rsp)"]
        way = self.rng.choice(("mov", "lea", "add", "xchg", "leave"))
        return lines + self.set_sp(way, "%rbx", []) + compare + last

    dives = ("sub", "register", "push", "sub_push", "call")

    def entry(self):
        return ["xor %ebp, %ebp", "call switch_enter", "ud2"]


class Arm64:
    name = "arm64"
    callee_saved = ["x%d" % i for i in range(19, 30)]
    registers = ["x%d" % i for i in range(18)] + callee_saved + ["x30"]
    ways = ("mov", "memory", "pair", "stack_memory", "add_constant",
            "sub_constant", "add_two", "sub_two", "add_shifted", "add", "sub",
            "align", "select", "vector", "eor")

    def __init__(self, rng):
        self.rng = rng

    def other(self, *taken):
        return self.rng.choice([r for r in self.registers if r not in taken])

    def set_sp(self, way, t, kept):
        t2 = self.other(t, *kept)
        t3 = self.other(t, t2, *kept)
        constant = self.rng.choice((16, 64, 128, 4080))
        tls = ["mrs %s, tpidr_el0" % t2,
               "add %s, %s, #:tprel_hi12:switch_scratch, lsl #12" % (t2, t2),
               "add %s, %s, #:tprel_lo12_nc:switch_scratch" % (t2, t2)]
        number = self.rng.choice((8, 1600, 65535))
        vector = "d%d" % self.rng.choice((0, 3, 7, 16, 31))
        return {
            "mov": ["mov sp, %s" % t],
            "memory": tls + ["str %s, [%s]" % (t, t2),
                             "ldr %s, [%s]" % (t3, t2), "mov sp, %s" % t3],
            "pair": tls + ["stp %s, %s, [%s]" % (t, t, t2),
                           "ldp %s, %s, [%s]" % (t, t3, t2),
                           "mov sp, %s" % t3],
            "stack_memory": ["str %s, [sp, #-16]!" % t, "ldr %s, [sp]" % t3,
                             "mov sp, %s" % t3],
            "add_constant": ["sub %s, %s, #%d" % (t, t, constant),
                             "add sp, %s, #%d" % (t, constant)],
            "sub_constant": ["add %s, %s, #%d" % (t, t, constant),
                             "sub sp, %s, #%d" % (t, constant)],
            "add_two": ["mov %s, #%d" % (t2, number),
                        "sub %s, %s, %s" % (t, t, t2),
                        "add sp, %s, %s" % (t, t2)],
            "sub_two": ["mov %s, #%d" % (t2, number),
                        "add %s, %s, %s" % (t, t, t2),
                        "sub sp, %s, %s" % (t, t2)],
            "add_shifted": ["mov %s, sp" % t3, "sub %s, %s, %s" % (t, t, t3),
                            "asr %s, %s, #4" % (t, t),
                            "add sp, sp, %s, lsl #4" % t],
            "add": ["mov %s, sp" % t3, "sub %s, %s, %s" % (t, t, t3),
                    "add sp, sp, %s" % t],
            "sub": ["mov %s, sp" % t3, "sub %s, %s, %s" % (t, t3, t),
                    "sub sp, sp, %s" % t],
            "align": ["add %s, %s, #%d" % (t, t, self.rng.randrange(16)),
                      "and sp, %s, #-16" % t],
            "select": ["mov %s, sp" % t2, "cmp %s, %s" % (t2, t),
                       "csel %s, %s, %s, eq" % (t3, t2, t),
                       "mov sp, %s" % t3],
            "vector": ["fmov %s, %s" % (vector, t),
                       "fmov %s, %s" % (t3, vector), "mov sp, %s" % t3],
            "eor": ["eor %s, %s, #16" % (t, t), "eor sp, %s, #16" % t],
        }[way]

    @staticmethod
    def spoilt(way):
        return []

    def save(self):
        order = self.callee_saved + ["x30"]
        self.rng.shuffle(order)
        pairs = list(zip(order[0::2], order[1::2]))
        size = 16 * self.rng.choice((1, 2, 5, 12, 40))
        if self.rng.random() < 0.5:
            first = ["stp %s, %s, [sp, #-16]!" % pair for pair in pairs]
            last = ["ldp %s, %s, [sp], #16" % pair for pair in reversed(pairs)]
        else:
            first = ["sub sp, sp, #96"]
            first += ["stp %s, %s, [sp, #%d]" % (pair + (16 * i,))
                      for i, pair in enumerate(pairs)]
            last = ["ldp %s, %s, [sp, #%d]" % (pair + (16 * i,))
                    for i, pair in enumerate(pairs)] + ["add sp, sp, #96"]
        first.append("sub sp, sp, #%d" % size)
        last = ["add sp, sp, #%d" % size] + last
        last += self.rng.choice((["ret"], ["br x30"]))
        return first, last, size

    def data(self, size, red_zone):
        places = [(o, self.rng.randrange(1, 1 << 16))
                  for o in range(0, size, 8)][:12]
        put, compare = [], []
        for o, v in places:
            put += ["mov x9, #%d" % v, "str x9, [sp, #%d]" % o]
            compare += ["ldr x9, [sp, #%d]" % o, "mov x10, #%d" % v,
                        "cmp x9, x10", "b.eq 2f",
                        "adrp x9, asm_damage",
                        "add x9, x9, #:lo12:asm_damage", "ldr x10, [x9]",
                        "add x10, x10, #1", "str x10, [x9]", "2:"]
        return put, compare

    def go(self, p):
        return self.rng.choice((["br %s" % p], ["ret %s" % p]))

    def switch(self, way, t):
        first, last, size = self.save()
        put, compare = self.data(size, False)
        p = self.other("x0", "x1", t)
        lines = first + put
        lines += ["mov %s, sp" % p, "str %s, [x0]" % p, "adr %s, 1f" % p,
                  "str %s, [x0, #8]" % p]
        if p != t and self.rng.random() < 0.3:
            lines.append("ldp %s, %s, [x1]" % (t, p))
        else:
            lines += ["ldr %s, [x1, #8]" % p, "ldr %s, [x1]" % t]
        return (lines + self.set_sp(way, t, [p]) + self.go(p) + ["1:"] + compare
                + last)

    def call(self, way, t, back):
        first, last, size = self.save()
        put, compare = self.data(size, False)
        keeper = self.rng.choice([r for r in self.callee_saved if r != t])
        function = self.other(keeper, t, "x0", "x1", "x2")
        pushed = self.rng.random() < 0.3
        lines = first + put + ["mov %s, x0" % function]
        if t == "x0":  # the argument's place
            t = "x3" if function != "x3" else "x4"
        lines += ["mov x0, x1", "mov %s, sp" % keeper, "mov %s, x2" % t]
        lines += self.set_sp(way, t, [keeper, function, "x0"])
        if pushed:
            lines += ["stp %s, %s, [sp, #-16]!" % (keeper, keeper)]
        lines += ["blr %s" % function]
        source = keeper
        if pushed:
            source = self.other()
            lines += ["ldr %s, [sp], #16" % source]
        return lines + self.set_sp(back, source, []) + compare + last

    def mirror(self, distance):
        first, last, size = self.save()
        put, compare = self.data(size, False)

        def step(d):
            op, n = ("add", d) if d > 0 else ("sub", -d)
            if self.rng.random() < 0.5:
                return ["%s sp, sp, #%d, lsl #12" % (op, n >> 12),
                        "%s sp, sp, #%d" % (op, n & 4095)]
            return ["mov x11, #%d" % (n & 65535),
                    "movk x11, #%d, lsl #16" % (n >> 16),
                    "%s sp, sp, x11" % op]
        return (first + put + ["mov x9, x0", "mov x0, x1"] + step(distance)
                + ["blr x9"] + step(-distance) + compare + last)

    def dive(self, kind):
        first, last, size = self.save()
        put, compare = self.data(size, False)
        lines = first + put + ["mov x19, sp"]
        if kind == "mov":
            lines += ["mov sp, x0"]
        elif kind == "register":
            lines += ["sub x9, x19, x0", "sub sp, sp, x9"]
        else:  # "push"
            lines += ["3:", "stp x0, x0, [sp, #-16]!", "mov x9, sp",
                      "cmp x9, x0", "b.hi 3b"]
        lines += ["str x0, [sp]"]
        way = self.rng.choice(("mov", "add", "add_constant"))
        return lines + self.set_sp(way, "x19", []) + compare + last

    dives = ("mov", "register", "push")

    def entry(self):
        return ["mov x29, xzr", "bl switch_enter", "brk #1"]


ARCHS = {"amd64": Amd64, "x86_64": Amd64, "arm64": Arm64, "aarch64": Arm64}


def functions(arch, rng):
    """(table, name, distance, lines) of each."""
    def registers(way):
        return [r for r in arch.registers if r not in arch.spoilt(way)]

    def rounds(n):
        ways = list(arch.ways) * (n // len(arch.ways) + 1)
        rng.shuffle(ways)
        return ways[:n]

    for way in rounds(N_SWITCHES):
        t = rng.choice([r for r in registers(way)
                        if r not in ("%rdi", "x0", "x1")])
        yield "switches", "%s_%s" % (way, t), 0, arch.switch(way, t)
    for way, back in zip(rounds(N_CALLS), rounds(N_CALLS)):
        t = rng.choice([r for r in registers(way)
                        if r not in ("%rdi", "%rsi")])
        yield ("calls", "%s_%s_back_%s" % (way, t, back), 0,
               arch.call(way, t, back))
    for stride in STRIDES:
        for n in (-3, -2, -1, 1, 2, 3):
            yield "mirrors", "%d" % (n * stride), n * stride, \
                arch.mirror(n * stride)
    for kind in arch.dives * 2:
        yield "dives", kind, 0, arch.dive(kind)


def emit(seed, arch_name):
    rng = random.Random(seed)
    arch = ARCHS[arch_name](rng)
    out = ["/* ways.py %d --arch %s */" % (seed, arch.name),
           '.section .note.GNU-stack, "", %progbits', ".text"]
    tables = {"switches": [], "calls": [], "mirrors": [], "dives": []}

    def function(label, lines):
        out.extend([".globl %s" % label, ".type %s, %%function" % label,
                    ".balign 4", "%s:" % label])
        out.extend("    " + line if not line.endswith(":") else line
                   for line in lines)
        out.append(".size %s, .-%s" % (label, label))

    for table, name, distance, lines in functions(arch, rng):
        label = "%s_%d" % (table, len(tables[table]))
        tables[table].append((label, name.replace("%", ""), distance))
        function(label, lines)
    function("switch_start", arch.entry())
    for table, rows in tables.items():
        out.extend([".section .rodata.str", ""])
        for label, name, _ in rows:
            out.append('%s_name: .asciz "%s"' % (label, name))
        out.extend([".data", ".balign 8", ".globl %s" % table, "%s:" % table])
        for label, _, distance in rows:
            out.append("    .quad %s, %s_name, %d" % (label, label, distance))
        out.extend([".globl n_%s" % table, "n_%s: .quad %d"
                    % (table, len(rows))])
    out.extend([".globl asm_damage", "asm_damage: .quad 0"])
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int)
    parser.add_argument("--arch", default=platform.machine(), choices=ARCHS)
    args = parser.parse_args()
    print(emit(args.seed, args.arch), end="")


if __name__ == "__main__":
    main()
