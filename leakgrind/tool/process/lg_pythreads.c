/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pythreads.c: see lg_pythreads.h. */

#include "lg_pythreads.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_threadstate.h"

#include "../host/lg_options.h"
#include "lg_python.h"

static LgPyThread* threads; /* by ThreadId; NULL: no thread is known */

LgPyThread* lg_pythreads_get(ThreadId tid)
{
    if (UNLIKELY(threads == NULL))
        threads = VG_(calloc)("lg.pythreads", VG_N_THREADS, sizeof *threads);
    return &threads[tid];
}

Addr lg_pythreads_tstate(ThreadId tid)
{
    return threads == NULL ? 0 : threads[tid].tstate;
}

UInt lg_pythreads_record(Addr tstate)
{
    if (!lg_options.pyStacks || tstate == 0 || lg_python()->layout == NULL)
        return 0;
    return lg_pytraces_record(lg_python_traces(), lg_python_mem(),
                              lg_python()->layout, tstate,
                              lg_python_on_code, NULL);
}

UInt lg_pythreads_trace(ThreadId tid)
{
    return threads == NULL ? 0 : lg_pythreads_record(threads[tid].tstate);
}

void lg_pythreads_forget(void)
{
    if (threads != NULL)
        VG_(memset)(threads, 0, VG_N_THREADS * sizeof *threads);
}

void lg_pythreads_on_exit(ThreadId tid)
{
    if (threads != NULL)
        threads[tid] = (LgPyThread){0, 0};
}
