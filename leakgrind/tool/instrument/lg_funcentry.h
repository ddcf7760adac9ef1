/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_funcentry.h: the functions of the program of which we want to know when
   they are entered: exit(), by which the frames below it are dead; that by which
   the C library frees its own blocks at the end; the preload library's own, by
   which hooks tell of Python's blocks; and those by which a Python interpreter
   begins and ends. */

#ifndef LG_FUNCENTRY_H
#define LG_FUNCENTRY_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"
#include "pub_tool_tooliface.h"

typedef enum {
    LgFuncEntryNone,
    LgFuncEntryExit,       /* exit() and its kin */
    LgFuncEntryFreeres,    /* __libc_freeres */
    LgFuncEntryNote,       /* lg_py_note */
    LgFuncEntryFree,       /* lg_py_hook_free */
    LgFuncEntryInitialize, /* Py_InitializeFromConfig */
    LgFuncEntryInitObject, /* PyObject_Init, PyObject_InitVar,
                              _Py_NewReference */
    LgFuncEntryEndSub,     /* Py_EndInterpreter */
    LgFuncEntryFinalize,   /* Py_FinalizeEx; Py_Exit, which since 3.13 does not
                              go through it */
    LG_N_FUNC_ENTRIES
} LgFuncEntry;

/* Who is called when a function is entered.  The registers are as they are there,
   the instruction pointer included. */
typedef struct {
    void (*on[LG_N_FUNC_ENTRIES])(const VexGuestArchState* gst);
    /* For LgFuncEntryInitialize: nonzero diverts the program to the preload
       library's lg_py_at_init. */
    ULong (*onInitialize)(Addr entry);
} LgFuncHandlers;

/* Before the program starts.  The handlers stay where they are. */
void lg_funcentry_init(const LgFuncHandlers* handlers);

/* The first of them within a translation, and where it is. */
LgFuncEntry lg_funcentry_in(const VexGuestExtents* vge, Addr* at);

/* Adds what is to be done there.  offsetIP: of the instruction pointer. */
void lg_funcentry_emit(IRSB* out, LgFuncEntry entry, Addr at, Int offsetIP);

#endif
