/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_python.h: what is known of the Python in this process: its version and
   layout, and how to read its memory.

   The preload library reports a Python when it places its hooks (see
   lg_guest.h).  Until then, and in a program without Python, the layout in
   lg_python() is NULL, and everything else does nothing.  Threads are in
   lg_pythreads, blocks and arenas in tool/python, the end of an interpreter in
   tool/finalize. */

#ifndef LG_PYTHON_H
#define LG_PYTHON_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"

#include "../../base/lg_ranges.h"
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

/* What a debug allocator puts around the data: the size of the prefix, which
   has the size (big-endian) and the domain; and the size of prefix and suffix
   together, without the serial number that some builds add. */
enum { LG_PY_PREFIX_SZB = 16, LG_PY_DEBUG_SZB = 24 };

/* The data of a block of Python's with these flags, without what a debug
   allocator puts around them. */
static inline LgRange lg_python_data(Addr start, SizeT szB, UShort flags)
{
    if (!(flags & LG_BF_PY_PREFIX))
        return (LgRange){start, start + szB};
    start += LG_PY_PREFIX_SZB;
    return (LgRange){start, szB > LG_PY_DEBUG_SZB
                                ? start + szB - LG_PY_DEBUG_SZB
                                : start};
}

/* What the modules that know the program's blocks do for this one. */
typedef struct {
    /* A Python was found: forget what is known of an earlier one. */
    void (*onFound)(void);
    /* Is there an object at `a`, in a block of its own? */
    Bool (*isObject)(Addr a);
    /* This code object was found on a stack: call lg_pytraces_forget_code when
       it is freed. */
    void (*onCode)(Addr code);
} LgPythonHost;

/* To be called before the program starts.  `host` must stay valid. */
void lg_python_init(const LgPythonHost* host);

typedef struct {
    Bool              isPresent; /* the preload library has reported it */
    ULong             version;   /* as PY_VERSION_HEX */
    const LgPyLayout* layout;    /* NULL: the version is not known, or the
                                    layout is not proven yet */
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
/* Is it one of CPython's own types, the one of this name? */
Bool lg_python_is_builtin(UInt type, const HChar* name);
/* The text of the str at `obj`, as lg_pystr_read has it; False: there is none. */
Bool lg_python_text(Addr obj, HChar* buf, UInt szB);
/* The name of the module at `module`; False: it has none. */
Bool lg_python_module_name(Addr module, HChar* buf, UInt szB);
/* If the object at `obj`, of this type, is itself a class: the number of that
   class; else 0. */
UInt lg_python_class_at(UInt type, Addr obj);

/* The thread state of the running thread; 0 if there is none, or if its place
   is not known. */
Addr lg_python_current_tstate(const VexGuestArchState* gst);

/* Handles the requests of the preload library.  Returns False for any other
   request. */
Bool lg_python_handle_request(const UWord* args, UWord* ret);
/* The addresses that the preload library has sent; all 0 before that. */
const LgGuestHooks* lg_python_guest_hooks(void);

/* The layout as the version's row has it, and as far as it is proven.  The
   second is the layout in lg_python(); it lacks lists and tables of the
   interpreter state (LG_PY_NONE, or n is 0) until they are proven. */
const LgPyProof* lg_python_proof(void);
LgPyLayout*      lg_python_proven(void);
/* The struct that the preload library reads. */
LgGuestPython* lg_python_guest(void);

/* To be called when the running thread has a new thread state: the layout may
   be provable now. */
void lg_python_on_tstate(Addr tstate, const VexGuestArchState* gst);
/* To be called when a leak check begins: proves what can be proven now. */
void lg_python_settle(void);

/* Calls fn at the beginning of lg_python_on_tstate and lg_python_settle, until
   it returns True.  A second call replaces the fn of the first. */
void lg_python_defer(Bool (*fn)(void));

/* Has the interpreter begun to end, and has no other one begun since?  Then its
   collector will not run again. */
Bool lg_python_is_finalized(void);
/* Has an interpreter begun after the end of another one?  The first one's objects
   that are left may have lost their holders. */
Bool lg_python_is_another(void);
void lg_python_set_finalized(Bool isFinalized);

/* For lg_pytraces_record; `unused` is NULL. */
void lg_python_on_code(void* unused, Addr code);

/* Prints, once in a run, what is not known about this Python, and what follows
   from that. */
void lg_python_warn(const HChar* why, const HChar* what);

/* To be called when mappings have changed. */
void lg_python_forget_memory(void);

#endif
