/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppfiles.c: the suppression files themselves: those that come with
   leakgrind, and a hint about those that are for other tools. */

#include "lg_suppress.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_libcproc.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_vki.h"
#include "pub_tool_xarray.h"

#include "../host/lg_compat.h"
#include "lg_suppress_priv.h"

/* --- Files that come with leakgrind -------------------------------------- */

/* In Valgrind's own directory.  One that is not there is not missed: what has
   no entry is not installed. */
static const HChar* const ours[] = {
    "leakgrind-cpython.supp",
    "leakgrind-glibc.supp",
};
enum { N_OURS = sizeof ours / sizeof ours[0] };

/* Which files they are; ino 0: none. */
static struct vg_stat ourIds[N_OURS];

static HChar* our_path(UInt i)
{
    SizeT  n = VG_(strlen)(VG_(libdir)) + 1 + VG_(strlen)(ours[i]) + 1;
    HChar* path = VG_(malloc)("lg.supp.path", n);
    VG_(snprintf)(path, (Int)n, "%s/%s", VG_(libdir), ours[i]);
    return path;
}

void lg_suppress_add_our_files(void)
{
    if (!VG_(clo_default_supp))
        return;
    for (UInt i = 0; i < N_OURS; i++) {
        HChar* path = our_path(i);
        if (sr_isError(VG_(stat)(path, &ourIds[i]))) {
            ourIds[i].ino = 0;
            VG_(free)(path);
        } else
            /* The core asks the entries that were read first last: so the
               user's entries come before ours. */
            VG_(insertIndexXA)(VG_(clo_suppressions), 0, &path);
    }
}

Bool lg_supp_is_our_file(Int fd)
{
    struct vg_stat id;

    if (VG_(fstat)(fd, &id) != 0)
        return False;
    for (UInt i = 0; i < N_OURS; i++)
        if (ourIds[i].ino != 0 && id.ino == ourIds[i].ino &&
            id.dev == ourIds[i].dev)
            return True;
    return False;
}

/* --- The hint ------------------------------------------------------------ */

/* Does the list "tool1,tool2" (up to the colon) name leakgrind? */
static Bool names_us(const HChar* tools, const HChar* colon)
{
    static const HChar us[] = "Leakgrind";
    while (tools < colon) {
        const HChar* end = tools;
        while (end < colon && *end != ',')
            end++;
        if ((SizeT)(end - tools) == sizeof us - 1 &&
            VG_(strncmp)(tools, us, sizeof us - 1) == 0)
            return True;
        tools = end + 1;
    }
    return False;
}

/* Counts the leak entries in text[0..n): ours and those for other tools. */
static void count_leak_entries(HChar* text, SizeT n, UInt* nOurs,
                               UInt* nOthers)
{
    static const HChar leak[] = ":Leak";
    for (HChar* line = text; line < text + n;) {
        HChar* end = line;
        while (end < text + n && *end != '\n')
            end++;
        while (line < end && VG_(isspace)(*line))
            line++;
        HChar* stop = end;
        while (stop > line && VG_(isspace)(stop[-1]))
            stop--;
        HChar* colon = stop - (sizeof leak - 1);
        if (colon > line &&
            VG_(strncmp)(colon, leak, sizeof leak - 1) == 0) {
            if (names_us(line, colon))
                (*nOurs)++;
            else
                (*nOthers)++;
        }
        line = end + 1;
    }
}

/* More of a file than this is not looked at.  Bytes. */
#define MAX_HINT_SZB (4 * 1024 * 1024)

static void hint_for(const HChar* filename)
{
    UInt           nOurs = 0, nOthers = 0;
    struct vg_stat id;

    /* Reading from a pipe here would take the text away from the core. */
    if (sr_isError(VG_(stat)(filename, &id)) || !VKI_S_ISREG(id.mode))
        return;
    Int fd = VG_(fd_open)(filename, VKI_O_RDONLY, 0);
    if (fd < 0)
        return; /* the core has a message for that */
    /* Not by VG_(get_line): its buffer is shared with the core's reading. */
    HChar* text = VG_(malloc)("lg.supp.hint", MAX_HINT_SZB);
    Int    n = VG_(read)(fd, text, MAX_HINT_SZB);
    VG_(close)(fd);
    if (n > 0)
        count_leak_entries(text, (SizeT)n, &nOurs, &nOthers);
    VG_(free)(text);
    if (nOthers > 0 && nOurs == 0)
        VG_(umsg)("Note: the leak entries in %s are for other tools, and have"
                  " no effect here.\n"
                  "Note: lg-supp-convert makes entries for leakgrind of them.\n",
                  filename);
}

void lg_suppress_hint(void)
{
    if (VG_(clo_verbosity) == 0 || VG_(clo_xml))
        return;
    for (Word i = 0; i < VG_(sizeXA)(VG_(clo_suppressions)); i++) {
        const HChar* f = *(HChar**)VG_(indexXA)(VG_(clo_suppressions), i);
        SizeT        dirLen = VG_(strlen)(VG_(libdir));
        /* Valgrind's own default.supp is not the user's. */
        if (VG_(strncmp)(f, VG_(libdir), dirLen) != 0)
            hint_for(f);
    }
}
