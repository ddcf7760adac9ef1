/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_why.c: see lg_why.h. */

#include "lg_why.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../host/lg_options.h"
#include "../memory/lg_guestmem.h"
#include "../process/lg_python.h"
#include "lg_placenames.h"
#include "lg_rootpaths.h"

typedef struct {
    LgHeapSearch search;
    LgRootPaths* paths; /* NULL: there are none */
    XArray*      text;  /* of HChar */
} Question;

static void open_question(Question* q, LgMoment moment)
{
    VG_(memset)(q, 0, sizeof *q);
    q->text = VG_(newXA)(VG_(malloc), "lg.why", VG_(free), 1);
    if (lg_heapsearch_begin(&q->search, LgSearchAll, lg_options.heuristics,
                            moment, False))
        q->paths = lg_rootpaths_new(&q->search, /*isGeneral*/ False);
}

static void close_question(Question* q)
{
    lg_rootpaths_delete(q->paths);
    if (q->search.snap != NULL)
        lg_heapsearch_end(&q->search);
    VG_(deleteXA)(q->text);
}

/* Appends the steps to the block at the address.  False: there is no block. */
static Bool append_answer(Question* q, Addr at, Int* block, Bool* hasPath)
{
    *block = q->paths == NULL ? -1 : lg_snap_find(q->search.snap, at);
    *hasPath = False;
    if (*block < 0)
        return False;
    UInt path = lg_rootpaths_of(q->paths, (UInt)*block);
    *hasPath = path != LG_NO_PATH;
    VG_(dropHeadXA)(q->text, VG_(sizeXA)(q->text));
    if (*hasPath)
        lg_rootpaths_append_steps(q->paths, q->text, path);
    return True;
}

static void print_asked_block(const Question* q, UInt i)
{
    const LgSnapBlock* b = &lg_snap_blocks(q->search.snap)[i];
    UInt               type = lg_pysnap_type(q->search.py, i);

    if (type != 0)
        VG_(umsg)("'%s' object at 0x%lx\n", lg_python_type_name(type),
                  lg_sb_base(b));
    else
        VG_(umsg)("block of %lu bytes at 0x%lx\n", lg_sb_szB(b),
                  lg_sb_start(b));
}

void lg_why_print(const Addr* at, UInt n)
{
    Question q;
    Int      block;
    Bool     hasPath;

    open_question(&q, LgAnywhere);
    for (UInt i = 0; i < n; i++) {
        if (!append_answer(&q, at[i], &block, &hasPath)) {
            VG_(umsg)("No block at 0x%lx\n", at[i]);
            continue;
        }
        print_asked_block(&q, (UInt)block);
        if (hasPath)
            lg_placenames_print(q.text, "  ");
        else
            VG_(umsg)("  nothing leads to it: it is lost\n");
    }
    close_question(&q);
}

SizeT lg_why_tell(Addr obj, Addr buf, SizeT szB)
{
    Question q;
    Int      block;
    Bool     hasPath;
    SizeT    textSzB = 0;

    open_question(&q, LgAtCall);
    if (append_answer(&q, obj, &block, &hasPath) && hasPath) {
        textSzB = (SizeT)VG_(sizeXA)(q.text);
        if (textSzB <= szB)
            lg_guestmem_write(buf, VG_(indexXA)(q.text, 0), textSzB);
    }
    close_question(&q);
    return textSzB;
}
