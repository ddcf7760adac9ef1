/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyhooks.c: tells the tool of every block that CPython's allocators hand
   out and take back.

   Wraps the allocators of the MEM and OBJ domains and the arena allocator, by
   the functions that CPython has for that (PyMem_SetAllocator,
   PyObject_SetArenaAllocator; since 3.4).  The wrapped allocators stay as they
   are.  An allocator that is chosen at start (PYTHONMALLOC, -X dev) takes our
   place; therefore lg_py_install runs again when Py_InitializeFromConfig is
   entered, which is after that choice and before the first object.

   The structures are CPython's, declared here because this is built without
   Python. */

#include <stddef.h>

#include "lg_preload.h"

#define WEAK __attribute__((weak))

/* PyMemAllocatorEx, PyObjectArenaAllocator */
typedef struct {
    void* ctx;
    void* (*malloc)(void* ctx, size_t szB);
    void* (*calloc)(void* ctx, size_t n, size_t elemSzB);
    void* (*realloc)(void* ctx, void* p, size_t szB);
    void (*free)(void* ctx, void* p);
} Allocator;

typedef struct {
    void* ctx;
    void* (*alloc)(void* ctx, size_t szB);
    void (*free)(void* ctx, void* p, size_t szB);
} ArenaAllocator;

/* PyMemAllocatorDomain */
enum { PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ };

/* The symbols of a Python that are used; NULL if it does not have one. */
typedef struct {
    void (*getAllocator)(int domain, Allocator* a);
    void (*setAllocator)(int domain, Allocator* a);
    void (*getArenaAllocator)(ArenaAllocator* a);
    void (*setArenaAllocator)(ArenaAllocator* a);
    void* (*getThreadState)(void);
    const char* (*getVersion)(void);
    const unsigned long* version; /* Py_Version */
    void*                runtime;
    void*                typeType;
    void*                types[LG_GUEST_N_TYPES];
} Python;

extern WEAK void PyMem_GetAllocator(int domain, Allocator* a);
extern WEAK void PyMem_SetAllocator(int domain, Allocator* a);
extern WEAK void PyObject_GetArenaAllocator(ArenaAllocator* a);
extern WEAK void PyObject_SetArenaAllocator(ArenaAllocator* a);
extern WEAK void* _PyThreadState_UncheckedGet(void);
extern WEAK void* PyThreadState_GetUnchecked(void); /* since 3.13 */
extern WEAK const char* Py_GetVersion(void);
extern WEAK const unsigned long Py_Version;
extern WEAK char _PyRuntime[];
extern WEAK char PyType_Type[];
extern WEAK char PyTuple_Type[], PyList_Type[], PyDict_Type[], PyFloat_Type[],
    PyUnicode_Type[], PyBytes_Type[], PyCode_Type[];

/* --- Blocks -------------------------------------------------------------- */

/* What the tool and we know of this Python. */
static LgGuestPython about;

/* A dict with its PyGC_Head, since 3.6; there may be more before ob_refcnt. */
enum { DICT_SZB = 64 };

/* One wrapped allocator; its address is the `ctx` of the hooks. */
typedef struct {
    Allocator inner;
    unsigned  toAlloc;   /* LG_NOTE_ALLOC_* of the domain */
    unsigned  toRealloc; /* LG_NOTE_REALLOC_* */
    void* (*getThreadState)(void);
} Wrapped;

/* For the tool; NULL when it knows by itself. */
static inline const void* thread_state(const Wrapped* w)
{
    return w->getThreadState != NULL ? w->getThreadState() : NULL;
}

static __attribute__((noinline)) void empty_free_lists(const Wrapped* w);

/* The hooks end with a jump to lg_py_note or to the wrapped allocator: they
   must do nothing after that call. */

static void* hook_malloc(void* ctx, size_t szB)
{
    const Wrapped* w = ctx;

    if (szB == DICT_SZB + about.obRefcnt && w->toAlloc == LG_NOTE_ALLOC_OBJ)
        empty_free_lists(w);
    void* p = w->inner.malloc(w->inner.ctx, szB);
    return lg_py_note(p, w->toAlloc, szB, NULL, thread_state(w));
}

static void* hook_calloc(void* ctx, size_t n, size_t elemSzB)
{
    const Wrapped* w = ctx;
    void*          p = w->inner.calloc(w->inner.ctx, n, elemSzB);
    return lg_py_note(p, w->toAlloc, n * elemSzB, NULL, thread_state(w));
}

static void* hook_realloc(void* ctx, void* old, size_t szB)
{
    const Wrapped* w = ctx;
    void*          p = w->inner.realloc(w->inner.ctx, old, szB);
    return lg_py_note(p, w->toRealloc, szB, old, thread_state(w));
}

void lg_py_hook_free(void* ctx, void* p)
{
    const Wrapped* w = ctx;
    w->inner.free(w->inner.ctx, p);
}

/* Called through a variable, so that the tool sees it entered. */
static void (*volatile const hookFree)(void* ctx, void* p) = lg_py_hook_free;

/* Points to the number of objects in the free list; NULL if its place is not
   known, or the number is not possible. */
static int* number_parked(const char* interp, LgGuestWord at, LgGuestWord max)
{
    int* n = (int*)(interp + at);
    return max > 0 && *n >= 0 && (LgGuestWord)*n <= max ? n : NULL;
}

/* Nothing refers to objects in a free list. */
static void free_parked_keys(const Wrapped* w, const char* interp)
{
    int*   numfree =
        number_parked(interp, about.keysNumfree, about.nKeysFreeList);
    void** list = (void**)(interp + about.keysFreeList);

    while (numfree != NULL && *numfree > 0) {
        void* keys = list[--*numfree];
        list[*numfree] = NULL;
        hookFree((void*)w, keys);
    }
}

/* The list that says that it is full, and is empty, neither takes floats nor
   gives them out. */
static void free_parked_floats(const Wrapped* w, const char* interp)
{
    const LgGuestWord obType = about.obRefcnt / sizeof(void*) + 1;
    int*   numfree =
        number_parked(interp, about.floatNumfree, about.nFloatFreeList);
    void** first = (void**)(interp + about.floatFreeList);

    if (numfree == NULL)
        return;
    while (*first != NULL) {
        void** parked = *first;
        *first = parked[obType];
        hookFree((void*)w, parked);
    }
    *numfree = (int)about.nFloatFreeList;
}

/* The keys of dead dicts, and floats that the evaluation loop has done with,
   are parked in lists that cannot be bypassed as those of lg_pyfree.c are.
   They are emptied before a new dict is made: it will want keys, and dicts are
   made all the time. */
static void empty_free_lists(const Wrapped* w)
{
    if (about.tstateInterp == 0)
        return;
    const char* tstate = ((void* (*)(void))about.getThreadState)();
    if (tstate == NULL)
        return;
    const char* interp = *(const char* const*)(tstate + about.tstateInterp);
    free_parked_keys(w, interp);
    free_parked_floats(w, interp);
}

/* --- Arenas -------------------------------------------------------------- */

typedef struct {
    ArenaAllocator inner;
    int            isCPythons; /* nobody can have set another: mmap, munmap */
} WrappedArena;

extern WEAK void* mmap(void* hint, size_t szB, int prot, int flags, int fd,
                       long offset);

enum { PROT_READ_WRITE = 3, MAP_PRIVATE_ANONYMOUS = 0x22 };

/* Valgrind maps memory from low addresses on.  There, a number like a hundred
   million would look like a pointer into an arena, and make blocks reachable.
   So arenas are mapped at 32 GiB, in a region of half that size that nobody
   else uses: the program's other mappings are below it, and Valgrind's own
   above. */
#define ARENAS_FROM ((LgGuestWord)32 << 30)
#define ARENAS_TO   ((LgGuestWord)48 << 30)

/* As CPython's own arena allocator, which frees what comes from here. */
static void* map_arena(size_t szB)
{
    static LgGuestWord next = ARENAS_FROM;

    if (mmap == NULL)
        return NULL;
    if (szB > ARENAS_TO - next)
        next = ARENAS_FROM;
    void* p = mmap((void*)next, szB, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS,
                   -1, 0);
    next += szB;
    return p != (void*)-1 ? p : NULL;
}

static void* hook_arena_alloc(void* ctx, size_t szB)
{
    const WrappedArena* w = ctx;
    void*               p = w->isCPythons ? map_arena(szB) : NULL;
    if (p == NULL)
        p = w->inner.alloc(w->inner.ctx, szB);
    if (p != NULL)
        lg_py_note(p, LG_NOTE_ARENA_ALLOC, szB, NULL, NULL);
    return p;
}

static void hook_arena_free(void* ctx, void* p, size_t szB)
{
    const WrappedArena* w = ctx;
    if (p != NULL)
        lg_py_note(p, LG_NOTE_ARENA_FREE, szB, NULL, NULL);
    w->inner.free(w->inner.ctx, p, szB);
}

/* --- Placing the hooks --------------------------------------------------- */

/* Each installation over another allocator takes two.  A program that chooses
   allocators again and again gets no more hooks after these. */
enum { MAX_WRAPPED = 32, MAX_ARENAS = 16 };
static Wrapped        wrapped[MAX_WRAPPED];
static unsigned       nWrapped;
static WrappedArena   arenas[MAX_ARENAS];
static unsigned       nArenas;

static int is_hooked(const Allocator* a)
{
    return a->malloc == hook_malloc;
}

/* Where another allocator was put on top of ours (tracemalloc), the tool hears
   of each block twice, and takes the second for news of the first. */
static void hook_domain(const Python* py, int domain, unsigned toAlloc,
                        unsigned toRealloc)
{
    Allocator a;

    py->getAllocator(domain, &a);
    if (is_hooked(&a) || nWrapped == MAX_WRAPPED)
        return;
    Wrapped* w = &wrapped[nWrapped++];
    w->inner = a;
    w->toAlloc = toAlloc;
    w->toRealloc = toRealloc;
    w->getThreadState = about.knowsThreadState ? NULL : py->getThreadState;
    a = (Allocator){w, hook_malloc, hook_calloc, hook_realloc,
                    lg_py_hook_free};
    py->setAllocator(domain, &a);
}

/* isFirst: the program's own code has not run yet. */
static void hook_arenas(const Python* py, int isFirst)
{
    ArenaAllocator a;

    py->getArenaAllocator(&a);
    if (a.alloc == hook_arena_alloc || nArenas == MAX_ARENAS)
        return;
    WrappedArena* w = &arenas[nArenas++];
    w->inner = a;
    w->isCPythons = isFirst;
    a = (ArenaAllocator){w, hook_arena_alloc, hook_arena_free};
    py->setArenaAllocator(&a);
}

/* --- Finding Python ------------------------------------------------------ */

extern WEAK void* dlopen(const char* file, int mode);
extern WEAK void* dlsym(void* handle, const char* name);
extern WEAK int   dlclose(void* handle);
extern WEAK int   dladdr(const void* a, void* info);

#define RTLD_LAZY   1
#define RTLD_NOLOAD 4

static void find_linked(Python* py)
{
    *py = (Python){PyMem_GetAllocator,
                   PyMem_SetAllocator,
                   PyObject_GetArenaAllocator,
                   PyObject_SetArenaAllocator,
                   PyThreadState_GetUnchecked != NULL
                       ? PyThreadState_GetUnchecked
                       : _PyThreadState_UncheckedGet,
                   Py_GetVersion,
                   &Py_Version,
                   _PyRuntime,
                   PyType_Type,
                   {PyTuple_Type, PyList_Type, PyDict_Type, PyFloat_Type,
                    PyUnicode_Type, PyBytes_Type, PyCode_Type}};
}

/* The library that has the function at `inPython` was loaded by dlopen(), and
   its names may not be visible to us. */
static void find_loaded(Python* py, LgGuestWord inPython)
{
    struct {
        const char* dli_fname;
        void *      dli_fbase, *dli_sname, *dli_saddr;
    } info;

    if (dladdr == NULL || dlopen == NULL || dlsym == NULL || dlclose == NULL ||
        dladdr((const void*)inPython, &info) == 0)
        return;
    void* lib = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (lib == NULL)
        return;
#define FIND(field, name) py->field = (__typeof__(py->field))dlsym(lib, name)
    FIND(getAllocator, "PyMem_GetAllocator");
    FIND(setAllocator, "PyMem_SetAllocator");
    FIND(getArenaAllocator, "PyObject_GetArenaAllocator");
    FIND(setArenaAllocator, "PyObject_SetArenaAllocator");
    FIND(getThreadState, "PyThreadState_GetUnchecked");
    if (py->getThreadState == NULL)
        FIND(getThreadState, "_PyThreadState_UncheckedGet");
    FIND(getVersion, "Py_GetVersion");
    FIND(version, "Py_Version");
    FIND(runtime, "_PyRuntime");
    FIND(typeType, "PyType_Type");
    FIND(types[LG_GUEST_TUPLE], "PyTuple_Type");
    FIND(types[LG_GUEST_LIST], "PyList_Type");
    FIND(types[LG_GUEST_DICT], "PyDict_Type");
    FIND(types[LG_GUEST_FLOAT], "PyFloat_Type");
    FIND(types[LG_GUEST_STR], "PyUnicode_Type");
    FIND(types[LG_GUEST_BYTES], "PyBytes_Type");
    FIND(types[LG_GUEST_CODE], "PyCode_Type");
#undef FIND
    dlclose(lib);
}

static unsigned parse_number(const char** s)
{
    unsigned n = 0;
    while (**s >= '0' && **s <= '9')
        n = 10 * n + (unsigned)(*(*s)++ - '0');
    return n;
}

/* As PY_VERSION_HEX, the release level aside. */
static LgGuestWord version_of(const Python* py)
{
    if (py->version != NULL)
        return *py->version;
    if (py->getVersion == NULL)
        return 0;
    const char* s = py->getVersion(); /* "3.9.2 (default, ...)" */
    unsigned    major = parse_number(&s);
    unsigned    minor = *s == '.' ? (s++, parse_number(&s)) : 0;
    unsigned    micro = *s == '.' ? (s++, parse_number(&s)) : 0;
    return major << 24 | minor << 16 | micro << 8;
}

LgGuestAnswer lg_py_answer;

void lg_py_install(LgGuestWord inPython)
{
    Python py;

    if (lg_py_answer == LG_GUEST_REST)
        return;
    find_linked(&py);
    if (py.setAllocator == NULL && inPython != 0)
        find_loaded(&py, inPython);
    if (py.getAllocator == NULL || py.setAllocator == NULL)
        return;
    about.version      = version_of(&py);
    about.pyRuntime    = (LgGuestWord)py.runtime;
    about.pyTypeType   = (LgGuestWord)py.typeType;
    about.getThreadState = (LgGuestWord)py.getThreadState;
    for (unsigned i = 0; i < LG_GUEST_N_TYPES; i++)
        about.types[i] = (LgGuestWord)py.types[i];
    about.hasArenaHook = lg_py_answer == LG_GUEST_HOOK &&
                         py.getArenaAllocator != NULL &&
                         py.setArenaAllocator != NULL;
    VALGRIND_DO_CLIENT_REQUEST_STMT(LG_GUEST_PYTHON, &about, 0, 0, 0, 0);
    if (lg_py_answer != LG_GUEST_HOOK)
        return;
    hook_domain(&py, PYMEM_DOMAIN_MEM, LG_NOTE_ALLOC_MEM, LG_NOTE_REALLOC_MEM);
    hook_domain(&py, PYMEM_DOMAIN_OBJ, LG_NOTE_ALLOC_OBJ, LG_NOTE_REALLOC_OBJ);
    if (about.hasArenaHook)
        hook_arenas(&py, inPython == 0);
    if (about.bypassesFreeLists)
        lg_py_bypass_free_lists(about.types, about.obRefcnt);
}

/* --- At Py_InitializeFromConfig ------------------------------------------ */

LgGuestWord lg_py_init_entry;

/* PyStatus, PyWideStringList */
typedef struct {
    int         type;
    const char *func, *message;
    int         exitcode;
} Status;
typedef struct {
    ptrdiff_t length;
    void**    items;
} StringList;

extern WEAK Status PyConfig_SetWideStringList(void* config, StringList* list,
                                              ptrdiff_t length, void** items);

/* From 3.12 on, the allocators are a part of the runtime state, which every
   start but the first initialises again.  Calling this function makes that
   happen before the hooks are placed; besides, it only empties a list.  (If a
   library was loaded by dlopen(), its name may not be visible.) */
static void prepare_again(void* config)
{
    StringList list = {0, NULL};

    if (nWrapped > 0 && about.version >= 0x030C0000 &&
        PyConfig_SetWideStringList != NULL)
        (void)PyConfig_SetWideStringList(config, &list, 0, NULL);
}

__attribute__((used)) static void install_at_init(void* config)
{
    static int isAgain;

    if (isAgain)
        prepare_again(config);
    isAgain = 1;
    lg_py_install(lg_py_init_entry);
}

/* All argument registers are kept: the function returns a structure, whose
   place is passed in a register, too. */
#if defined(__x86_64__)
__asm__(".pushsection .text\n"
        ".hidden lg_py_at_init\n"
        ".globl lg_py_at_init\n"
        ".type lg_py_at_init, @function\n"
        "lg_py_at_init:\n"
        "    push %rdi\n"
        "    push %rsi\n"
        "    push %rdx\n"
        "    push %rcx\n"
        "    push %r8\n"
        "    push %r9\n"
        "    push %rax\n" /* and the stack is aligned */
        "    mov %rsi, %rdi\n" /* the configuration */
        "    call install_at_init\n"
        "    pop %rax\n"
        "    pop %r9\n"
        "    pop %r8\n"
        "    pop %rcx\n"
        "    pop %rdx\n"
        "    pop %rsi\n"
        "    pop %rdi\n"
        "    jmp *lg_py_init_entry(%rip)\n"
        ".size lg_py_at_init, . - lg_py_at_init\n"
        ".popsection\n");
#elif defined(__aarch64__)
__asm__(".pushsection .text\n"
        ".hidden lg_py_at_init\n"
        ".globl lg_py_at_init\n"
        ".type lg_py_at_init, %function\n"
        "lg_py_at_init:\n"
        "    stp x29, x30, [sp, #-96]!\n"
        "    stp x0, x1, [sp, #16]\n"
        "    stp x2, x3, [sp, #32]\n"
        "    stp x4, x5, [sp, #48]\n"
        "    stp x6, x7, [sp, #64]\n"
        "    str x8, [sp, #80]\n"
        "    bl install_at_init\n"
        "    ldr x8, [sp, #80]\n"
        "    ldp x6, x7, [sp, #64]\n"
        "    ldp x4, x5, [sp, #48]\n"
        "    ldp x2, x3, [sp, #32]\n"
        "    ldp x0, x1, [sp, #16]\n"
        "    ldp x29, x30, [sp], #96\n"
        "    adrp x16, lg_py_init_entry\n"
        "    ldr x16, [x16, #:lo12:lg_py_init_entry]\n"
        "    br x16\n"
        ".size lg_py_at_init, . - lg_py_at_init\n"
        ".popsection\n");
#endif
