/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_guest.h: what the preload library and the tool agree on.

   The preload library runs in the program, on the simulated CPU.  It reports
   rare events by client requests.  For frequent events, the tool knows the
   addresses of two functions of the library, and adds a call to their first
   instructions, which costs a tenth of a request: lg_py_note, which does
   nothing else, and lg_py_hook_free, the hook of free().

   Both sides come from one build, so all of this may change. */

#ifndef LG_GUEST_H
#define LG_GUEST_H

#include "valgrind.h"

/* Requests; their numbers are far from those of leakgrind.h. */
enum {
    /* (const LgGuestHooks*): the library is loaded.  Returns an
       LgGuestAnswer. */
    LG_GUEST_HELLO = VG_USERREQ_TOOL_BASE('L', 'G') + 0x8000,
    /* (const LgGuestPython*): a Python was found, and hooks were placed. */
    LG_GUEST_PYTHON
};

typedef enum {
    LG_GUEST_REST,    /* ignore Python */
    LG_GUEST_HOOK,    /* report Python, and place hooks */
    LG_GUEST_NO_HOOKS /* only report Python */
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

/* Addresses in the preload library and in others that it has looked up. */
typedef struct {
    LgGuestWord note;       /* lg_py_note */
    LgGuestWord free;       /* lg_py_hook_free */
    /* Py_InitializeFromConfig, Py_FinalizeEx, Py_Exit and Py_EndInterpreter of
       a Python that was linked with the program, or 0 */
    LgGuestWord initialize, finalize, exit, endSub;
    LgGuestWord freeres;    /* __libc_freeres, or 0 */
    /* PyObject_Init, PyObject_InitVar and _Py_NewReference of a Python that was
       linked with the program, or 0 */
    LgGuestWord initObject, initVarObject, newReference;
    LgGuestWord malloc;     /* the malloc that the program calls, or 0 */
    LgGuestWord atInit;     /* to jump to instead of Py_InitializeFromConfig */
    LgGuestWord initEntry;  /* the variable in which the tool stores the entry
                               of Py_InitializeFromConfig, to which atInit
                               jumps back */
} LgGuestHooks;

/* What the preload library finds in a Python process; 0 if a symbol is
   missing. */
typedef struct {
    LgGuestWord version;    /* as PY_VERSION_HEX */
    LgGuestWord pyRuntime;  /* &_PyRuntime */
    LgGuestWord pyTypeType; /* &PyType_Type */
    LgGuestWord hasArenaHook;
    LgGuestWord getThreadState; /* _PyThreadState_UncheckedGet, or its
                                   successor */
    LgGuestWord types[LG_GUEST_N_TYPES]; /* in the order of LgGuestType */
    /* The tool fills in what follows. */
    /* Does the tool find the current thread state itself? */
    LgGuestWord knowsThreadState;
    /* Must the library bypass the free lists (lg_pyfree.c)?  Not if that does
       not work in this version, or if the tool can close the lists. */
    LgGuestWord bypassesFreeLists;
    /* The offset of ob_refcnt in an object; ob_type follows it. */
    LgGuestWord obRefcnt;
    /* The free lists that the library empties, as offsets in PyThreadState and
       PyInterpreterState; filled in when they are proven. */
    LgGuestWord tstateInterp;
    LgGuestWord keysFreeList;   /* an array of pointers */
    LgGuestWord keysNumfree;    /* an int: how many of them are in use */
    LgGuestWord nKeysFreeList;  /* how many there are; 0: not known */
    LgGuestWord floatFreeList;  /* the first of a chain through ob_type */
    LgGuestWord floatNumfree;   /* an int: its length */
    LgGuestWord nFloatFreeList; /* its largest length; 0: not known */
} LgGuestPython;

/* The arguments of lg_py_note are (p, what, szB, old, tstate); `what` is one
   of these.  `p` is NULL if there was no memory; it is also the result, and
   therefore comes first: on arm64 the first argument and the result share a
   register, so no instruction of the function changes a register that the tool
   reads.  `tstate` is 0 if the tool finds it itself.  A hook ends with a jump
   to lg_py_note, so that the frame below is that of the function that asked
   for the memory. */
enum {
    LG_NOTE_ALLOC_MEM,   /* p, szB: a block of the MEM domain */
    LG_NOTE_ALLOC_OBJ,   /* p, szB: a block of the OBJ domain */
    LG_NOTE_REALLOC_MEM, /* p, szB, old: block `old` is now p */
    LG_NOTE_REALLOC_OBJ,
    LG_NOTE_ARENA_ALLOC, /* p, szB: memory from the arena allocator */
    LG_NOTE_ARENA_FREE   /* p, szB: about to be given back */
};

#endif
