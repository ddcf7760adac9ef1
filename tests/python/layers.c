/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension that sets allocators of its own, as profilers and test
   tools do: put_layer() installs one that calls the previous allocator, and
   remove_layer() removes it; replace() installs one that allocates by itself.  All
   work for the domains MEM and OBJ. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>

enum { DOMAINS = 2 };

static const PyMemAllocatorDomain domain[DOMAINS] = {PYMEM_DOMAIN_MEM,
                                                     PYMEM_DOMAIN_OBJ};
static PyMemAllocatorEx below[DOMAINS];
static unsigned long    calls;

static void* layer_malloc(void* ctx, size_t size)
{
    PyMemAllocatorEx* next = ctx;
    calls++;
    return next->malloc(next->ctx, size);
}

static void* layer_calloc(void* ctx, size_t n, size_t size)
{
    PyMemAllocatorEx* next = ctx;
    calls++;
    return next->calloc(next->ctx, n, size);
}

static void* layer_realloc(void* ctx, void* block, size_t size)
{
    PyMemAllocatorEx* next = ctx;
    calls++;
    return next->realloc(next->ctx, block, size);
}

static void layer_free(void* ctx, void* block)
{
    PyMemAllocatorEx* next = ctx;
    calls++;
    next->free(next->ctx, block);
}

static PyObject* put_layer(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    for (int i = 0; i < DOMAINS; i++) {
        PyMemAllocatorEx mine = {&below[i], layer_malloc, layer_calloc,
                                 layer_realloc, layer_free};
        PyMem_GetAllocator(domain[i], &below[i]);
        PyMem_SetAllocator(domain[i], &mine);
    }
    Py_RETURN_NONE;
}

/* How many calls went through the layer. */
static PyObject* remove_layer(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    for (int i = 0; i < DOMAINS; i++)
        PyMem_SetAllocator(domain[i], &below[i]);
    return PyLong_FromUnsignedLong(calls);
}

/* Which blocks came from the replacement: those of before must go back to
   where they came from.  Addresses are kept inverted, so that this table is
   not what keeps a block reachable. */
enum { TABLE_SIZE = 1 << 20 };
static uintptr_t table[TABLE_SIZE];
static const uintptr_t DELETED = 1;

static uintptr_t* find(void* block, int insert)
{
    uintptr_t key = ~(uintptr_t)block;
    size_t    i = ((uintptr_t)block >> 4) * 0x9E3779B97F4A7C15u >> 44;
    for (;; i = (i + 1) % TABLE_SIZE) {
        if (table[i] == key)
            return &table[i];
        if (table[i] == 0 || (insert && table[i] == DELETED))
            return insert ? &table[i] : NULL;
    }
}

static void* remember(void* block)
{
    if (block != NULL)
        *find(block, 1) = ~(uintptr_t)block;
    return block;
}

static void* own_malloc(void* ctx, size_t size)
{
    (void)ctx;
    return remember(malloc(size ? size : 1));
}

static void* own_calloc(void* ctx, size_t n, size_t size)
{
    (void)ctx;
    return remember(calloc(n ? n : 1, size ? size : 1));
}

static void own_free(void* ctx, void* block)
{
    PyMemAllocatorEx* before = ctx;
    uintptr_t*        mine = block != NULL ? find(block, 0) : NULL;
    if (mine != NULL) {
        *mine = DELETED;
        free(block);
    } else {
        before->free(before->ctx, block);
    }
}

static void* own_realloc(void* ctx, void* block, size_t size)
{
    PyMemAllocatorEx* before = ctx;
    uintptr_t*        mine = block != NULL ? find(block, 0) : NULL;
    if (block == NULL)
        return own_malloc(ctx, size);
    if (mine == NULL)
        return before->realloc(before->ctx, block, size);
    void* moved = realloc(block, size ? size : 1);
    if (moved == NULL)
        return NULL;
    *mine = DELETED;
    return remember(moved);
}

static PyObject* replace(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    for (int i = 0; i < DOMAINS; i++) {
        PyMemAllocatorEx mine = {&below[i], own_malloc, own_calloc,
                                 own_realloc, own_free};
        PyMem_GetAllocator(domain[i], &below[i]);
        PyMem_SetAllocator(domain[i], &mine);
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"put_layer", put_layer, METH_NOARGS, NULL},
    {"remove_layer", remove_layer, METH_NOARGS, "Returns how much it saw."},
    {"replace", replace, METH_NOARGS, "For good."},
    {NULL, NULL, 0, NULL}
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "layers",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_layers(void)
{
    return PyModule_Create(&module);
}
