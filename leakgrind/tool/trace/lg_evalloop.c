/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_evalloop.c: the addresses of the evaluation loop.  See lg_evalloop.h.

   The addresses are kept in a set, and not as a range: the parts of a split
   function are far apart, with other functions between them.  A few hundred
   places in the loop call something that may allocate. */

#include "lg_evalloop.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_options.h"
#include "pub_tool_stacktrace.h"

#include "../../engine/lg_wordset.h"
#include "../../python/lg_pyloops.h"
#include "../host/lg_compat.h"
#include "../process/lg_python.h"
#include "../process/lg_pythreads.h"

/* Maps each address to another word of the set. */
static LgWordSet* known;

static Addr word_for_ip(Addr ip)
{
    return ip * sizeof(UWord);
}

/* The frame of the function that was just entered, and one at the outer end,
   to know where the last frame of the stack ends. */
enum { N_MORE = 2 };

/* If frames are left out, the ends of the others are not known. */
static UInt complete_stack(ThreadId tid, Addr* ips, Addr* sps, UInt max)
{
    Int merged = VG_(clo_merge_recursive_frames);

    VG_(clo_merge_recursive_frames) = 0;
    UInt n = VG_(get_StackTrace)(tid, ips, max, sps, NULL, 0);
    VG_(clo_merge_recursive_frames) = merged;
    return n;
}

Bool lg_evalloop_learn(ThreadId tid)
{
    UInt max = (UInt)VG_(clo_backtrace_size) + N_MORE;
    Addr ips[max], sps[max];
    Bool isLoop[max];
    Addr tstate = lg_pythreads_tstate(tid);

    if (tstate == 0 || lg_python()->layout == NULL)
        return False;
    UInt n = complete_stack(tid, ips, sps, max);
    if (n < 2 || lg_pyloops_mark(lg_python_mem(), lg_python()->layout, tstate,
                                 sps, n - 1, isLoop) == 0)
        return True;
    if (known == NULL)
        known = lg_ws_new();
    for (UInt i = 0; i < n - 1; i++)
        if (isLoop[i])
            lg_ws_add(known, word_for_ip(ips[i]), word_for_ip(ips[i] + 1));
    return True;
}

static const HChar* const names[] = {"_PyEval_EvalFrameDefault",
                                     "PyEval_EvalFrameEx"};

static Bool is_named_so(DiEpoch ep, Addr ip)
{
    const HChar* name;

    if (!VG_(get_fnname)(ep, ip, &name))
        return False;
    for (UInt i = 0; i < sizeof names / sizeof names[0]; i++) {
        SizeT n = VG_(strlen)(names[i]);
        /* The compiler may have split it: ".cold", ".part.0". */
        if (VG_(strncmp)(name, names[i], n) == 0 &&
            (name[n] == 0 || name[n] == '.'))
            return True;
    }
    return False;
}

static Bool is_known_ip(Addr ip)
{
    return known != NULL && lg_ws_contains(known, word_for_ip(ip));
}

Bool lg_evalloop_has(DiEpoch ep, Addr ip)
{
    return is_known_ip(ip) || is_named_so(ep, ip);
}

const HChar* lg_evalloop_name(DiEpoch ep, Addr ip)
{
    const HChar* name;

    return is_known_ip(ip) && !VG_(get_fnname)(ep, ip, &name) ? names[0] : NULL;
}

Bool lg_evalloop_is_interpreter(const HChar* path)
{
    static const HChar* const starts[] = {"python", "libpython"};
    const HChar*              base = VG_(basename)(path);

    for (UInt i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (VG_(strncmp)(base, starts[i], VG_(strlen)(starts[i])) == 0)
            return True;
    return False;
}

void lg_evalloop_check(void)
{
    lg_ws_check(known);
}
