/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_xmltext.c: see lg_xmltext.h. */

#include "lg_xmltext.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"
#include "pub_tool_clientstate.h"

#include "../../base/lg_utf8.h"

/* The originals, while copies replace them. */
static XArray* arguments; /* of HChar* */
static HChar*  program; /* const in some versions of Valgrind */

static HChar* new_copy(const HChar* s)
{
    HChar* copy = VG_(strdup)("lg.xmltext", s);
    lg_utf8_make_xml(copy);
    return copy;
}

/* Options are not parsed yet. */
static Bool wants_xml(void)
{
    Bool wants = False;

    for (Word i = 0; i < VG_(sizeXA)(VG_(args_for_valgrind)); i++) {
        const HChar* arg =
            *(HChar**)VG_(indexXA)(VG_(args_for_valgrind), i);
        if (VG_(strncmp)(arg, "--xml=", 6) == 0)
            wants = VG_STREQ(arg + 6, "yes");
    }
    return wants;
}

void lg_xmltext_begin_preamble(void)
{
    if (!wants_xml())
        return;
    program = (HChar*)VG_(args_the_exename);
    if (program != NULL)
        VG_(args_the_exename) = new_copy(program);
    arguments = VG_(args_for_client);
    VG_(args_for_client) =
        VG_(newXA)(VG_(malloc), "lg.xmltext", VG_(free), sizeof(HChar*));
    for (Word i = 0; i < VG_(sizeXA)(arguments); i++) {
        HChar* copy = new_copy(*(HChar**)VG_(indexXA)(arguments, i));
        VG_(addToXA)(VG_(args_for_client), &copy);
    }
}

/* The copies are not freed: the core may have kept pointers to them. */
void lg_xmltext_end_preamble(void)
{
    if (arguments == NULL)
        return;
    VG_(args_the_exename) = program;
    VG_(args_for_client) = arguments;
    arguments = NULL;
}

const HChar* lg_xmltext(const HChar* text)
{
    static HChar* last;

    if (lg_utf8_is_xml(text))
        return text;
    VG_(free)(last);
    last = new_copy(text);
    return last;
}
