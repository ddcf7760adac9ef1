/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpython_hooks.h: hooks that record the allocations and frees of the CPython in a
   unit test. */

#ifndef LG_TESTS_CPYTHON_HOOKS_H
#define LG_TESTS_CPYTHON_HOOKS_H

#include <Python.h>

/* Each may be NULL. */
typedef struct {
    void (*asked)(void);               /* before an allocation */
    void (*came)(void* p, size_t szB); /* a block; never NULL */
    void (*gone)(void* p);             /* before free(), after realloc() */
} CpythonHooks;

static CpythonHooks     cpython_hooks;
static PyMemAllocatorEx cpython_below[PYMEM_DOMAIN_OBJ + 1];

static void cpython_ask(void)
{
    if (cpython_hooks.asked != NULL)
        cpython_hooks.asked();
}

static void* cpython_come(void* p, size_t szB)
{
    if (p != NULL && cpython_hooks.came != NULL)
        cpython_hooks.came(p, szB);
    return p;
}

static void cpython_go(void* p)
{
    if (p != NULL && cpython_hooks.gone != NULL)
        cpython_hooks.gone(p);
}

static void* cpython_hook_malloc(void* ctx, size_t szB)
{
    PyMemAllocatorEx* below = ctx;
    cpython_ask();
    return cpython_come(below->malloc(below->ctx, szB), szB);
}

static void* cpython_hook_calloc(void* ctx, size_t n, size_t szB)
{
    PyMemAllocatorEx* below = ctx;
    cpython_ask();
    return cpython_come(below->calloc(below->ctx, n, szB), n * szB);
}

static void* cpython_hook_realloc(void* ctx, void* old, size_t szB)
{
    PyMemAllocatorEx* below = ctx;
    cpython_ask();
    void* p = below->realloc(below->ctx, old, szB);
    if (p != NULL)
        cpython_go(old);
    return cpython_come(p, szB);
}

static void cpython_hook_free(void* ctx, void* p)
{
    PyMemAllocatorEx* below = ctx;
    cpython_go(p);
    below->free(below->ctx, p);
}

/* Places the hooks, the same ones for all domains, above what is there. */
static inline void cpython_hook(PyMemAllocatorDomain domain,
                                CpythonHooks hooks)
{
    PyMemAllocatorEx  mine = {&cpython_below[domain], cpython_hook_malloc,
                              cpython_hook_calloc, cpython_hook_realloc,
                              cpython_hook_free};

    cpython_hooks = hooks;
    PyMem_GetAllocator(domain, &cpython_below[domain]);
    PyMem_SetAllocator(domain, &mine);
}

/* Takes them away again. */
static inline void cpython_unhook(PyMemAllocatorDomain domain)
{
    PyMem_SetAllocator(domain, &cpython_below[domain]);
}

#endif
