/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension that compares leakgrind's blocks with those in memory:
   compare(path) makes a leak check that lists all blocks, and then walks
   CPython's pools itself and writes the blocks in use to a file, one hexadecimal
   address a line.  In between, nothing is allocated.

   The walk does not use the arenas: it looks at every place in writable
   anonymous memory where a pool could begin, and accepts those with a header
   that is right in all details.  So it finds all pools that exist.  The
   layout is that of CPython 3.9 to 3.14; in 3.9, a pool is a page.

   Much of that memory is Valgrind's own, and Valgrind may unmap some of it when
   it translates our code.  So the walk looks at copies of pools made by the
   kernel, which fail for memory that is gone. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "valgrind.h"

enum {
    POOL_SIZE = PY_VERSION_HEX < 0x030A0000 ? 4096 : 16384,
    POOL_OVERHEAD = 48,
    MAX_BLOCKS = 1024
};

typedef struct {
    uint32_t  count;
    uint32_t  padding;
    uintptr_t freeblock;
    uintptr_t nextpool, prevpool;
    uint32_t  arenaindex, szidx, nextoffset, maxnextoffset;
} PoolHeader;

/* What is written, without stdio: that allocates. */
static char   out_buffer[65536];
static size_t out_length;
static int    out_file;

static void out_flush(void)
{
    size_t done = 0;
    while (done < out_length) {
        ssize_t n = write(out_file, out_buffer + done, out_length - done);
        if (n <= 0)
            break;
        done += n;
    }
    out_length = 0;
}

static void out_line(const char* what, uintptr_t a, uintptr_t b)
{
    if (out_length + 64 > sizeof out_buffer)
        out_flush();
    out_length += sprintf(out_buffer + out_length, "%s %lx %lx\n", what,
                          (unsigned long)a, (unsigned long)b);
}

/* /proc/self/mem, and what was read of it last. */
static int memory;
static union {
    PoolHeader    header;
    unsigned char bytes[POOL_SIZE];
} copy;

static int read_copy(uintptr_t at, size_t size)
{
    return pread(memory, &copy, size, (off_t)at) == (ssize_t)size;
}

static uintptr_t word_at(uintptr_t offset)
{
    uintptr_t word;
    memcpy(&word, copy.bytes + offset, sizeof word);
    return word;
}

/* Is the copy's header that of a pool at `start`? */
static int is_pool(uintptr_t start, uint32_t* size)
{
    const PoolHeader* pool = &copy.header;

    if (pool->szidx >= 32)
        return 0;
    *size = (pool->szidx + 1) * 16;
    uint32_t n_blocks = (POOL_SIZE - POOL_OVERHEAD) / *size;
    if (pool->maxnextoffset != POOL_SIZE - *size || pool->count == 0
        || pool->count > n_blocks || pool->nextoffset < POOL_OVERHEAD
        || pool->nextoffset > pool->maxnextoffset + *size
        || (pool->nextoffset - POOL_OVERHEAD) % *size != 0)
        return 0;
    uintptr_t first = start + POOL_OVERHEAD;
    return pool->freeblock == 0
           || (pool->freeblock >= first && pool->freeblock < start + POOL_SIZE
               && (pool->freeblock - first) % *size == 0);
}

/* Tells the blocks that are in use of the pool at `start`, which has been
   copied. */
static void walk_pool(uintptr_t start, uint32_t size)
{
    const PoolHeader* pool = &copy.header;
    unsigned char     is_free[MAX_BLOCKS] = {0};
    uintptr_t         first = start + POOL_OVERHEAD;
    uint32_t carved = (pool->nextoffset - POOL_OVERHEAD) / size, n_free = 0;

    for (uintptr_t at = pool->freeblock; at != 0; at = word_at(at - start)) {
        uintptr_t i = (at - first) / size;
        if (i >= carved || (at - first) % size != 0 || is_free[i]) {
            out_line("torn", start, at);
            return;
        }
        is_free[i] = 1;
        n_free++;
    }
    if (carved - n_free != pool->count) {
        out_line("torn", start, 0);
        return;
    }
    out_line("pool", start, pool->arenaindex);
    for (uint32_t i = 0; i < carved; i++)
        if (!is_free[i])
            out_line("block", first + (uintptr_t)i * size, size);
}

static void walk_mapping(uintptr_t lo, uintptr_t hi)
{
    lo = (lo + POOL_SIZE - 1) & ~(uintptr_t)(POOL_SIZE - 1);
    for (; lo + POOL_SIZE <= hi; lo += POOL_SIZE) {
        uint32_t size;
        if (read_copy(lo, sizeof(PoolHeader)) && is_pool(lo, &size) &&
            read_copy(lo, POOL_SIZE) && is_pool(lo, &size))
            walk_pool(lo, size);
    }
}

/* The lines of /proc/self/maps; buffers are large enough for what there is. */
static char   maps[1 << 20];
static size_t maps_length;

static void read_maps(void)
{
    int file = open("/proc/self/maps", O_RDONLY);
    for (maps_length = 0; maps_length < sizeof maps - 1;) {
        ssize_t n = read(file, maps + maps_length,
                         sizeof maps - 1 - maps_length);
        if (n <= 0)
            break;
        maps_length += n;
    }
    maps[maps_length] = 0;
    close(file);
}

static void walk_all(void)
{
    read_maps();
    memory = open("/proc/self/mem", O_RDONLY);
    for (char* line = maps; *line;) {
        unsigned long lo, hi, inode;
        char          perms[5];
        char*         end = strchr(line, '\n');
        if (end == NULL)
            break;
        *end = 0;
        if (sscanf(line, "%lx-%lx %4s %*x %*s %lu", &lo, &hi, perms, &inode)
                == 4
            && perms[0] == 'r' && perms[1] == 'w' && inode == 0
            && strchr(line, '[') == NULL)
            walk_mapping(lo, hi);
        line = end + 1;
    }
    close(memory);
}

static PyObject* compare(PyObject* self, PyObject* args)
{
    const char* path;
    (void)self;
    if (!PyArg_ParseTuple(args, "s", &path))
        return NULL;
    out_file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (out_file < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    if (RUNNING_ON_VALGRIND) {
        VALGRIND_MONITOR_COMMAND("leak_check full kinds all any");
        VALGRIND_MONITOR_COMMAND("block_list 1..1000000 unlimited");
    }
    walk_all();
    out_flush();
    close(out_file);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"compare", compare, METH_VARARGS, "Writes the blocks in use to a file."},
    {NULL, NULL, 0, NULL}
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pools",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_pools(void)
{
    return PyModule_Create(&module);
}
