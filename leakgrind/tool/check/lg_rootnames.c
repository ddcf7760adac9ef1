/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_rootnames.c: see lg_rootnames.h. */

#include "lg_rootnames.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_machine.h"
#include "pub_tool_threadstate.h"

#include "../../python/lg_pylocals.h"
#include "../host/lg_arch.h"
#include "../process/lg_python.h"
#include "lg_placenames.h"

/* Has any of some words a symbol?  A file without any is stripped. */
static Bool has_symbols(LgRange words)
{
    enum { N_SAMPLES = 32 };
    Addr step = (words.hi - words.lo) / N_SAMPLES + 1;

    for (Addr at = words.lo; at < words.hi; at += step) {
        const HChar* symbol;
        PtrdiffT     offset;
        if (lg_placenames_symbol(at, &symbol, &offset))
            return True;
    }
    return False;
}

UChar lg_rootnames_rank(LgRange words)
{
    HChar        python[256] = "";
    const HChar* object;

    object = lg_placenames_object(lg_python()->pyTypeType);
    if (object != NULL)
        VG_(snprintf)(python, sizeof python, "%s", object);
    object = lg_placenames_object(words.lo);
    if (object == NULL)
        return 1;
    if (VG_STREQ(object, python) || VG_(strncmp)(object, "vgpreload", 9) == 0)
        return 2;
    return !has_symbols(words);
}

Bool lg_rootnames_is_own_frame(const LgPyFrame* f)
{
    static LgPyLocation where;
    const HChar*        name;

    if (!lg_pycode_locate(lg_python_mem(), lg_python()->layout, f->code,
                          f->instr, &where))
        return False;
    name = VG_(strstr)(where.file, "/leakgrind/client.py");
    return name != NULL && VG_(strlen)(name) == sizeof "/leakgrind/client.py" - 1;
}

/* The thread that has `at` near its thread pointer, where its thread-local
   variables are; VG_INVALID_THREADID: none has. */
static ThreadId thread_local_owner(Addr at)
{
    enum { NEAR_SZB = 4096 };
    ThreadId tid;
    Addr     lo, hi, tp;

    VG_(thread_stack_reset_iter)(&tid);
    while (VG_(thread_stack_next)(&tid, &lo, &hi)) {
        VG_(get_shadow_regs_area)(tid, (UChar*)&tp, 0,
                                  (PtrdiffT)LG_OFFSET_THREAD_POINTER,
                                  sizeof tp);
        if (tp != 0 && at + NEAR_SZB >= tp && at < tp + NEAR_SZB)
            return tid;
    }
    return VG_INVALID_THREADID;
}

static void append_global(XArray* text, Addr at, Bool isGeneral,
                          const HChar* object)
{
    HChar        variable[LG_VARIABLE_SZB], declared[LG_VARIABLE_SZB];
    const HChar* symbol;
    PtrdiffT     offset;

    if (!isGeneral && lg_placenames_variable(at, variable, declared)) {
        VG_(xaprintf)(text, "global %s (in %s, %s)", variable, object, declared);
        return;
    }
    if (!lg_placenames_symbol(at, &symbol, &offset))
        VG_(xaprintf)(text, "data");
    else if (offset == 0 || isGeneral)
        VG_(xaprintf)(text, "global %s", symbol);
    else
        VG_(xaprintf)(text, "global %s+%ld", symbol, (Word)offset);
    VG_(xaprintf)(text, " (in %s)", object);
}

/* What else of a frame than a local variable it is. */
static Bool append_frame_word(XArray* text, const XArray* frames, Addr at)
{
    HChar local[LG_PY_NAME_SZB];

    for (Word i = 0; i < VG_(sizeXA)(frames); i++) {
        const LgPyFrame* f = VG_(indexXA)(frames, i);
        LgPyFrameWord    word = lg_pylocals_find(
               lg_python_mem(), lg_python()->layout, f, at, local);
        if (word == LgPyNotInFrame)
            continue;
        lg_rootnames_append_local(text, f, at);
        if (word == LgPyStackSlot)
            VG_(xaprintf)(text, " stack");
        return True;
    }
    return False;
}

/* A word on the stack of a thread.  The stack of a thread that is not the first
   ends with its thread-local variables. */
static void append_stack_word(XArray* text, ThreadId tid, Addr at)
{
    HChar variable[LG_VARIABLE_SZB], declared[LG_VARIABLE_SZB];
    Word  before = VG_(sizeXA)(text);

    VG_(xaprintf)(text, "thread %u", tid);
    if (lg_placenames_stack(text, ", ", tid, at)) {
        if (lg_placenames_variable(at, variable, declared))
            VG_(xaprintf)(text, " local %s", variable);
    } else if (thread_local_owner(at) == tid) {
        VG_(dropTailXA)(text, VG_(sizeXA)(text) - before);
        VG_(xaprintf)(text, "thread-local memory of thread %u", tid);
    }
}

void lg_rootnames_append(XArray* text, const XArray* frames, Addr at,
                         Bool isGeneral)
{
    const HChar* object = lg_placenames_object(at);
    ThreadId     tid;

    if (object != NULL)
        append_global(text, at, isGeneral, object);
    else if ((tid = lg_placenames_stack_owner(at)) != VG_INVALID_THREADID)
        append_stack_word(text, tid, at);
    else if ((tid = thread_local_owner(at)) != VG_INVALID_THREADID)
        VG_(xaprintf)(text, "thread-local memory of thread %u", tid);
    else if (!append_frame_word(text, frames, at))
        VG_(xaprintf)(text, "a mapping");
}

void lg_rootnames_append_local(XArray* text, const LgPyFrame* f, Addr at)
{
    HChar local[LG_PY_NAME_SZB];

    VG_(xaprintf)(text, "frame ");
    lg_placenames_python_frame(text, f);
    if (lg_pylocals_find(lg_python_mem(), lg_python()->layout, f, at, local) ==
        LgPyLocal)
        VG_(xaprintf)(text, " local %s", local);
}
