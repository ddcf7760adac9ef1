/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfinal.c: the search before the finalization.  See lg_pyfinal.h. */

#include "lg_pyfinal.h"

#include "../engine/lg_mark.h"
#include "lg_heap.h"
#include "lg_leakcheck.h"
#include "lg_options.h"
#include "lg_pycheck.h"
#include "lg_python.h"
#include "lg_roots.h"

Bool        lg_pyfinal_awaited;
static Bool isDone;

Bool lg_pyfinal_is_done(void)
{
    return isDone;
}

void lg_pyfinal_on_init(void)
{
    lg_pyfinal_awaited = isDone = False;
}

void lg_pyfinal_on_finalize(void)
{
    if (lg_python()->isPresent && !isDone &&
        lg_options.leakCheck != LgCheckOff)
        lg_pyfinal_awaited = True;
}

/* Has the interpreter's end begun?  Where that cannot be told, the entry of
   Py_FinalizeEx must do. */
static Bool is_finalizing(void)
{
    const LgPython* py = lg_python();
    Addr            finalizing;

    if (py->layout == NULL || py->pyRuntime == 0 ||
        !lg_py_word(lg_python_mem(),
                    py->pyRuntime + py->layout->runtime_finalizing,
                    &finalizing))
        return True;
    return finalizing != 0;
}

static void flag_reached(LgSnapshot* snap)
{
    const LgSnapBlock* blocks = lg_snap_blocks(snap);

    for (UInt i = 0; i < lg_snap_count(snap); i++) {
        LgBlock b;
        if (lg_sb_kind(&blocks[i]) == LgDefinite ||
            !(lg_snap_flags(snap, i) & LG_BF_PY) ||
            !lg_bt_find(lg_heap_blocks(), blocks[i].start,
                        lg_sb_allocKind(&blocks[i]), &b))
            continue;
        b.flags |= LG_BF_PY_LEFT;
        lg_bt_update(lg_heap_blocks(), b.start, (LgAllocKind)b.allocKind, &b);
    }
}

void lg_pyfinal_poll(void)
{
    if (!is_finalizing())
        return;
    lg_pyfinal_awaited = False;
    isDone = True;

    LgSearch s;
    if (lg_search_begin(&s, lg_options.heuristics, LgAtCall,
                        /*tells*/ False)) {
        flag_reached(s.snap);
        lg_search_end(&s);
    }
}
