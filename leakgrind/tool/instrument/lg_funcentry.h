/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_funcentry.h: the functions of the program of which we want to know when
   they are entered: exit(), by which the frames below it are dead; that by which
   the C library frees its own blocks at the end; the preload library's own, by
   which hooks tell of Python's blocks; and those by which a Python interpreter
   begins and ends. */

#ifndef LG_FUNCENTRY_H
#define LG_FUNCENTRY_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

#include "../../engine/lg_vocab.h"

typedef enum {
    LgFuncEntryNone,
    LgFuncEntryExit,       /* exit() and its kin */
    LgFuncEntryFreeres,    /* __libc_freeres */
    LgFuncEntryNote,       /* lg_py_note */
    LgFuncEntryFree,       /* lg_py_hook_free */
    LgFuncEntryInitialize, /* Py_InitializeFromConfig */
    LgFuncEntryInitObject, /* PyObject_Init, PyObject_InitVar, _Py_NewReference */
    LgFuncEntryEndSub,     /* Py_EndInterpreter */
    LgFuncEntryFinalize    /* Py_FinalizeEx; Py_Exit, which since 3.13 does not
                          go through it */
} LgFuncEntry;

/* The first of them within a translation, and where it is. */
LgFuncEntry lg_funcentry_in(const VexGuestExtents* vge, Addr* at);

/* Adds what is to be done there.  offsetIP: of the instruction pointer. */
void lg_funcentry_emit(IRSB* out, LgFuncEntry entry, Addr at, Int offsetIP);

/* What a thread that is in exit() has left alive, or one that ends the process by
   a system call alone. */
enum {
    LG_MAX_EXIT_REGS    = 31,
    LG_MAX_EXIT_VECTORS = 64
};
typedef struct {
    Bool     valid;
    ThreadId tid;
    Addr     sp;  /* of the caller of exit: the stack is alive from here up */
    LgRange  alt; /* the thread's alternate signal stack */
    UInt     nRegs;
    UWord    regs[LG_MAX_EXIT_REGS]; /* that the caller expects to find, or all */
    UInt     nVectors;
    UWord    vectors[LG_MAX_EXIT_VECTORS]; /* likewise, words */
} LgExitFrame;

const LgExitFrame* lg_funcentry_exit_frame(void);

/* All registers of a thread, but those vector registers that are not in use. */
void lg_funcentry_note_registers(ThreadId tid, LgExitFrame* f);

/* The running thread makes this system call. */
void lg_funcentry_on_syscall(ULong number);

#endif
