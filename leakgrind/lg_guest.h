/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_guest.h: what the preload library and the tool agree on.

   The preload library runs in the program, on the simulated CPU; the tool runs
   beside it.  They talk in two ways.  Client requests are for what is rare.
   For what is frequent, the tool knows the addresses of two functions of the
   library and has added a call of its own to their first instructions, which
   costs a tenth of a request: lg_py_note, which does nothing else, and
   lg_py_hook_free, the hook itself.

   Both sides come from one build; nothing here needs to stay as it is. */

#ifndef LG_GUEST_H
#define LG_GUEST_H

#include "valgrind.h"

/* Far from the numbers of leakgrind.h. */
enum {
    /* (const LgGuestHooks*): the library is loaded.  Returns an
       LgGuestAnswer. */
    LG_GUEST_HELLO = VG_USERREQ_TOOL_BASE('L', 'G') + 0x8000,
    /* (const LgGuestPython*): a Python was found, and hooks are placed. */
    LG_GUEST_PYTHON
};

typedef enum {
    LG_GUEST_REST,    /* do nothing about Python */
    LG_GUEST_HOOK,    /* tell of it, and place hooks */
    LG_GUEST_NO_HOOKS /* tell of it alone */
} LgGuestAnswer;

typedef unsigned long LgGuestWord;

/* Types that CPython exports. */
typedef enum {
    LG_GUEST_TUPLE,
    LG_GUEST_LIST,
    LG_GUEST_DICT,
    LG_GUEST_FLOAT,
    LG_N_FREE_LIST_TYPES, /* those before this have free lists */
    LG_GUEST_STR = LG_N_FREE_LIST_TYPES,
    LG_GUEST_BYTES,
    LG_GUEST_CODE,
    LG_GUEST_N_TYPES
} LgGuestType;

/* Addresses in the preload library, and what it finds in others. */
typedef struct {
    LgGuestWord note;       /* lg_py_note */
    LgGuestWord free;       /* lg_py_hook_free */
    /* Py_InitializeFromConfig, Py_FinalizeEx, Py_Exit and Py_EndInterpreter of a
       Python that was linked with the program, or 0 */
    LgGuestWord initialize, finalize, exit, endSub;
    LgGuestWord freeres;    /* __libc_freeres, or 0 */
    /* PyObject_Init, PyObject_InitVar and _Py_NewReference of a Python that was
       linked with the program, or 0 */
    LgGuestWord initObject, initVarObject, newReference;
    LgGuestWord malloc;     /* as the program finds it, or 0 */
    LgGuestWord atInit;     /* to be entered in place of
                               Py_InitializeFromConfig */
    LgGuestWord initEntry;  /* where atInit finds the way back: the variable in
                               which the tool leaves the entry's address */
} LgGuestHooks;

/* What a Python process says of itself; 0 where a symbol is missing. */
typedef struct {
    LgGuestWord version;    /* as PY_VERSION_HEX */
    LgGuestWord pyRuntime;  /* &_PyRuntime */
    LgGuestWord pyTypeType; /* &PyType_Type */
    LgGuestWord hasArenaHook;
    LgGuestWord getThreadState; /* _PyThreadState_UncheckedGet, or its
                                   successor */
    LgGuestWord types[LG_GUEST_N_TYPES]; /* in the order of LgGuestType */
    /* Filled in by the tool: it finds the current thread state itself. */
    LgGuestWord knowsThreadState;
    /* Filled in by the tool: the free lists can be bypassed as lg_pyfree.c
       does it, and the tool has no better way. */
    LgGuestWord bypassesFreeLists;
    /* Filled in by the tool: where ob_refcnt is in an object.  ob_type is
       behind it. */
    LgGuestWord obRefcnt;
    /* Filled in by the tool, when it has seen them to be there: the free lists
       that lg_pyhooks.c empties, as offsets in PyThreadState and
       PyInterpreterState. */
    LgGuestWord tstateInterp;
    LgGuestWord keysFreeList;   /* an array of pointers */
    LgGuestWord keysNumfree;    /* an int: so many of them are in the list */
    LgGuestWord nKeysFreeList;  /* the most there can be; 0: not known */
    LgGuestWord floatFreeList;  /* the first of a chain through ob_type */
    LgGuestWord floatNumfree;   /* an int: its length */
    LgGuestWord nFloatFreeList; /* when it is so long, no more are parked; 0:
                                   not known */
} LgGuestPython;

/* What lg_py_note tells: (p, what, szB, old, tstate).  `p`, which it returns,
   is NULL when there was no memory, and first so that no instruction within it
   changes a register that the tool reads: on arm64 an argument's register is
   that of the result.  `tstate` is 0 when the tool knows it.  A hook jumps to
   it in the place of its return, so that the frame below is that of the
   function which asked for the memory. */
enum {
    LG_NOTE_ALLOC_MEM,   /* p, szB: a block of the MEM domain */
    LG_NOTE_ALLOC_OBJ,   /* p, szB: a block of the OBJ domain */
    LG_NOTE_REALLOC_MEM, /* p, szB, old: block `old` is now p */
    LG_NOTE_REALLOC_OBJ,
    LG_NOTE_ARENA_ALLOC, /* p, szB: memory from the arena allocator */
    LG_NOTE_ARENA_FREE   /* p, szB: about to be given back */
};

#endif
