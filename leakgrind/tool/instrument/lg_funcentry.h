/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_funcentry.h: calls a handler when certain functions of the program are
   entered:
   - exit(), as the frames below its caller's are dead then;
   - the function with which the C library frees its own blocks at the end;
   - functions of the preload library, with which hooks report Python's blocks;
   - functions with which a Python interpreter begins and ends, and initialises
     objects. */

#ifndef LG_FUNCENTRY_H
#define LG_FUNCENTRY_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"
#include "pub_tool_tooliface.h"

typedef enum {
    LgFuncEntryNone,
    LgFuncEntryExit,       /* exit() and similar functions */
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

/* The handlers.  When one is called, all registers, including the instruction
   pointer, have the values that they have at the function's entry. */
typedef struct {
    void (*on[LG_N_FUNC_ENTRIES])(const VexGuestArchState* gst);
    /* For LgFuncEntryInitialize.  A nonzero result makes the program jump to
       the preload library's lg_py_at_init. */
    ULong (*onInitialize)(Addr entry);
} LgFuncHandlers;

/* To be called before the program starts.  `handlers` must stay valid. */
void lg_funcentry_init(const LgFuncHandlers* handlers);

/* The first of these functions whose entry is in a translation, and its
   address in *at. */
LgFuncEntry lg_funcentry_in(const VexGuestExtents* vge, Addr* at);

/* Adds the call of the handler.  offsetIP: the offset of the instruction
   pointer. */
void lg_funcentry_emit(IRSB* out, LgFuncEntry entry, Addr at, Int offsetIP);

#endif
