/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_intercept.c: see lg_intercept.h. */

#include "lg_intercept.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcprint.h"

#include "../host/lg_compat.h"
#include "../process/lg_python.h"

typedef enum {
    Intercepted,
    NotLoaded,  /* the preload library is not loaded */
    NotReplaced /* the malloc that the program calls was not replaced */
} Interception;

/* If a program takes the address of malloc, all libraries may get the address
   of a stub in the program that calls malloc. */
static Bool is_function(Addr a)
{
    return VG_(DebugInfo_sect_kind)(NULL, a) == Vg_SectText;
}

static Interception find_interception(void)
{
    const LgGuestHooks* hooks = lg_python_guest_hooks();
    Bool                isWrap;

    if (hooks->note == 0)
        return NotLoaded;
    return is_function(hooks->malloc) &&
                   VG_(redir_do_lookup)(hooks->malloc, &isWrap) == hooks->malloc
               ? NotReplaced
               : Intercepted;
}

Bool lg_intercept_is_complete(void)
{
    return find_interception() == Intercepted;
}

static void explain_not_replaced(Addr malloc)
{
    DebugInfo*   di = VG_(find_DebugInfo)(VG_(current_DiEpoch)(), malloc);
    const HChar* soname = di != NULL ? VG_(DebugInfo_get_soname)(di) : NULL;

    VG_(umsg)("malloc was not intercepted, so its blocks are not known: the"
              " program calls\n"
              "another malloc (in %s), which --soname-synonyms\n"
              "leaves out.  To have its blocks checked, run with:\n"
              "    --soname-synonyms=somalloc=%s\n",
              di != NULL ? VG_(DebugInfo_get_filename)(di) : "???",
              soname != NULL ? soname : "NONE");
}

void lg_intercept_explain(void)
{
    switch (find_interception()) {
    case NotLoaded:
        VG_(umsg)("malloc was not intercepted, so no heap block is known:"
                  " the program is\n"
                  "statically linked, or does not load what LD_PRELOAD names."
                  "  To have its\n"
                  "blocks checked, link it dynamically with the C library.\n");
        break;
    case NotReplaced:
        explain_not_replaced(lg_python_guest_hooks()->malloc);
        break;
    case Intercepted: return;
    }
    VG_(umsg)("\n");
}
