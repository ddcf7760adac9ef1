/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_python.h: the Python in this process, as far as it is known: its version
   and layout, and how its memory is read.

   The preload library tells of a Python when it places its hooks (see
   lg_guest.h); until then, and in a program without one, lg_python() says so
   by a NULL layout and everything else is idle.  What follows from it is in
   other files: threads in lg_pythreads, blocks and arenas in tool/python, what
   happens when an interpreter ends in tool/finalize. */

#ifndef LG_PYTHON_H
#define LG_PYTHON_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"

#include "../../engine/lg_vocab.h"
#include "../../lg_guest.h"
#include "../../python/lg_pylayout.h"
#include "../../python/lg_pymem.h"
#include "../../python/lg_pyprove.h"
#include "../../python/lg_pytraces.h"
#include "../../python/lg_pytstate.h"
#include "../../python/lg_pytypes.h"

/* The flags of a block that Python's allocators have handed out. */
#define LG_BF_PY (LG_BF_PY_MEM | LG_BF_PY_OBJ)

/* What a debug allocator puts around the data, bytes: a prefix, in which the
   size (big-endian) and the domain are; and in all, with the suffix, to which a
   serial number may be added. */
enum { LG_PY_PREFIX_SZB = 16, LG_PY_DEBUG_SZB = 24 };

/* What those who know the program's blocks do for this module. */
typedef struct {
    /* A Python was found: what is known of another one is void. */
    void (*onFound)(void);
    /* Does an object stand at `a`, in a block of its own? */
    Bool (*isObject)(Addr a);
    /* This code object was met on a stack: from its end on it is unknown
       (lg_pytraces_forget_code). */
    void (*onCode)(Addr code);
} LgPythonHost;

/* Before the program starts; `host` stays where it is. */
void lg_python_init(const LgPythonHost* host);

typedef struct {
    Bool              isPresent; /* the preload library has told of it */
    ULong             version;   /* as PY_VERSION_HEX */
    const LgPyLayout* layout;    /* NULL: not a version that is known, or not
                                    proven yet */
    Addr              pyRuntime; /* &_PyRuntime, or 0 */
    Addr              pyTypeType;
    Bool              hasArenaHook;
    Bool              isFreeThreaded; /* built without the GIL */
    LgPyTState        tstate; /* where the current thread state is */
} LgPython;

const LgPython* lg_python(void);

/* The memory of the program, for python/. */
const LgPyMem* lg_python_mem(void);
LgPyTraces*    lg_python_traces(void);
LgPyTypes*     lg_python_types(void);
/* "tuple", ...; "" for 0. */
const HChar* lg_python_type_name(UInt type);
/* The number of the class that the object at `obj`, of this type, is itself; 0
   if it is none. */
UInt lg_python_class_at(UInt type, Addr obj);

/* The thread state of the thread that runs now; 0 when there is none or it is
   not known where it is. */
Addr lg_python_current_tstate(const VexGuestArchState* gst);

/* The preload library's requests.  False: none of them. */
Bool lg_python_handle_request(const UWord* args, UWord* ret);
/* Its addresses; all 0 before it has said hello. */
const LgGuestHooks* lg_python_guest_hooks(void);

/* What the layout is made of: as the version has it, and what is proven of it.
   In the latter, which is that of lg_python(), lists and tables of the
   interpreter's state are missing (LG_PY_NONE, or n is 0) until their proof. */
const LgPyProof* lg_python_proof(void);
LgPyLayout*      lg_python_proven(void);
/* What the preload library looks at. */
LgGuestPython* lg_python_guest(void);

/* A thread runs with this thread state, and had another one before: now the layout
   may be proven. */
void lg_python_on_tstate(Addr tstate, const VexGuestArchState* gst);
/* A leak check begins: likewise, as far as that is possible. */
void lg_python_settle(void);

/* At each of these moments fn is called first, until it returns True.  One can
   wait; another one takes its place. */
void lg_python_defer(Bool (*fn)(void));

/* The interpreter's end was seen to begin, and no other one has begun since: its
   collector will not run again. */
Bool lg_python_is_finalized(void);
void lg_python_set_finalized(Bool isFinalized);

/* For lg_pytraces_record; `unused` is NULL. */
void lg_python_on_code(void* unused, Addr code);

/* Says, once in a run, what about this Python is not known, and what that
   means. */
void lg_python_warn(const HChar* why, const HChar* what);

/* Mappings have changed. */
void lg_python_forget_memory(void);

#endif
