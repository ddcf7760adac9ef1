/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_forks.c: see lg_forks.h. */

#include "lg_forks.h"

#include "../host/lg_compat.h"
#include "../host/lg_options.h"

UChar lg_forks_generation;
Bool  lg_forks_isChild, lg_forks_hasForked;

/* The C library frees its own blocks so that they are not shown as still
   reachable.  That takes many functions, which would have to be translated in
   every child. */
static void skip_freeres(void)
{
    VG_(clo_run_libc_freeres) = VG_(clo_run_cxx_freeres) = False;
}

void lg_forks_in_parent(void)
{
    lg_forks_hasForked = True;
}

Bool lg_forks_in_child(void)
{
    lg_forks_hasForked = False;
    if (!(lg_options.showLeakKinds & LG_KIND_BIT(LgReachable)))
        skip_freeres();
    if (!lg_forks_isChild) {
        lg_forks_isChild = True;
        lg_forks_generation = LG_BF_GENERATION;
        return False;
    }
    lg_forks_generation = 0;
    return True;
}

Bool lg_forks_is_mute(void)
{
    return lg_forks_isChild && VG_(clo_child_silent_after_fork) &&
           VG_(clo_error_exitcode) == 0 && !lg_options.xtreeLeak;
}
