/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A C program that embeds Python: linked with libpython, or (compiled with
   EMBED_DLOPEN) loading it by dlopen, so that the program itself has none of its
   symbols.

     embed HOW lose|keep

   HOW has a letter for each thing to do:
     i  initialize          f  finalize
     o  one object is lost (or not), a hundred times
     p  one list and one class are lost (or not)
     s  the same in a subinterpreter, which is ended then
     S  the same in a subinterpreter that is not ended (without f)
     m  modules are imported
     M  the same in six subinterpreters, one after the other, each of which also
        loses a list (or not)
     c  C code loses memory of Python's allocator without any Python code
     a  the program sets allocators of its own before everything else
   and for the loading variant
     l  load it with RTLD_LOCAL      g  with RTLD_GLOBAL */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/* The functions of Python that we call, wherever they come from. */
#define FUNCTIONS(F)                                                          \
    F(Py_Initialize)                                                          \
    F(Py_FinalizeEx)                                                          \
    F(PyRun_SimpleString)                                                     \
    F(PyImport_AddModule)                                                     \
    F(PyObject_GetAttrString)                                                 \
    F(PyMem_SetAllocator)                                                     \
    F(Py_NewInterpreter)                                                      \
    F(Py_EndInterpreter)                                                      \
    F(PyThreadState_Get)                                                      \
    F(PyThreadState_Swap)                                                     \
    F(Py_DecRef)
#define DECLARE(name) static __typeof__(&name) p_##name;
FUNCTIONS(DECLARE)

static void load(int mode)
{
#ifdef EMBED_DLOPEN
    void* library = dlopen(EMBED_DLOPEN, RTLD_NOW | mode);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
#define FIND(name) p_##name = (__typeof__(&name))dlsym(library, #name);
    FUNCTIONS(FIND)
#else
    (void)mode;
#define TAKE(name) p_##name = name;
    FUNCTIONS(TAKE)
#endif
}

static void* own_malloc(void* ctx, size_t size)
{
    (void)ctx;
    return malloc(size ? size : 1);
}

static void* own_calloc(void* ctx, size_t n, size_t size)
{
    (void)ctx;
    return calloc(n ? n : 1, size ? size : 1);
}

static void* own_realloc(void* ctx, void* block, size_t size)
{
    (void)ctx;
    return realloc(block, size ? size : 1);
}

static void own_free(void* ctx, void* block)
{
    (void)ctx;
    free(block);
}

static void set_allocators(void)
{
    PyMemAllocatorEx mine = {NULL, own_malloc, own_calloc, own_realloc,
                             own_free};
    p_PyMem_SetAllocator(PYMEM_DOMAIN_MEM, &mine);
    p_PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &mine);
}

/* Python makes an object; this takes a reference, and may forget it. */
static __attribute__((noinline)) void take(int keep)
{
    PyObject* main_module = p_PyImport_AddModule("__main__");
    PyObject* made = p_PyObject_GetAttrString(main_module, "made");
    if (keep)
        p_Py_DecRef(made);
}

static __attribute__((noinline)) void take_many(int keep)
{
    p_PyRun_SimpleString("class Widget: pass\n"
                         "def make():\n"
                         "    return Widget()\n");
    for (int i = 0; i < 100; i++) {
        p_PyRun_SimpleString("\nmade = make()");
        take(keep);
    }
    p_PyRun_SimpleString("del made");
}

static __attribute__((noinline)) void take_list_and_class(int keep)
{
    p_PyRun_SimpleString("made = [1, 2]");
    take(keep);
    p_PyRun_SimpleString("made = type('Made', (), {})");
    take(keep);
    p_PyRun_SimpleString("del made");
}

/* Packages with .pth files may have left cycles at the start. */
static void collect(void)
{
    p_PyRun_SimpleString("import gc; gc.collect(); del gc");
}

static void initialize(void)
{
    p_Py_Initialize();
    collect();
}

static void in_subinterpreter(int keep, int end)
{
    PyThreadState* before = p_PyThreadState_Get();
    PyThreadState* inner = p_Py_NewInterpreter();
    collect();
    take_many(keep);
    if (end)
        p_Py_EndInterpreter(inner);
    p_PyThreadState_Swap(before);
}

/* Some keep objects in static variables, which the next interpreter that imports
   them overwrites. */
static void import_modules(void)
{
    p_PyRun_SimpleString("import datetime, decimal, _ctypes");
}

static void import_in_subinterpreters(int keep)
{
    PyThreadState* before = p_PyThreadState_Get();
    for (int i = 0; i < 6; i++) {
        PyThreadState* inner = p_Py_NewInterpreter();
        import_modules();
        p_PyRun_SimpleString("made = []");
        take(keep);
        p_PyRun_SimpleString("del made");
        p_Py_EndInterpreter(inner);
        p_PyThreadState_Swap(before);
    }
}

static __attribute__((noinline)) void lose_c_memory(int keep)
{
    for (int i = 0; i < 100; i++) {
        void* volatile block = malloc(60);
        if (keep)
            free(block);
    }
}

int main(int argc, char** argv)
{
    if (argc != 3)
        return 2;
    int keep = argv[2][0] == 'k';
#ifndef EMBED_DLOPEN
    load(0);
#endif
    for (const char* how = argv[1]; *how; how++) {
        switch (*how) {
        case 'l': load(RTLD_LOCAL); break;
        case 'g': load(RTLD_GLOBAL); break;
        case 'a': set_allocators(); break;
        case 'i': initialize(); break;
        case 'f': p_Py_FinalizeEx(); break;
        case 'o': take_many(keep); break;
        case 'p': take_list_and_class(keep); break;
        case 's': in_subinterpreter(keep, 1); break;
        case 'S': in_subinterpreter(keep, 0); break;
        case 'm': import_modules(); break;
        case 'M': import_in_subinterpreters(keep); break;
        case 'c': lose_c_memory(keep); break;
        default: return 2;
        }
    }
    return 0;
}
