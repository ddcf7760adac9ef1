/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_texts.c: see lg_texts.h. */

#include "lg_texts.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_oset.h"
#include "pub_tool_xarray.h"

typedef struct {
    const HChar* text; /* the key */
    UInt         number;
} Entry;

static OSet*   entries; /* of Entry */
static XArray* texts;   /* of const HChar*, by number - 1 */

static Word compare_text(const void* key, const void* entry)
{
    return VG_(strcmp)(*(const HChar* const*)key, ((const Entry*)entry)->text);
}

UInt lg_texts_add(const HChar* text)
{
    if (entries == NULL) {
        entries = VG_(OSetGen_Create)(offsetof(Entry, text), compare_text,
                                      VG_(malloc), "lg.texts", VG_(free));
        texts = VG_(newXA)(VG_(malloc), "lg.texts", VG_(free),
                           sizeof(const HChar*));
    }
    Entry* e = VG_(OSetGen_Lookup)(entries, &text);
    if (e != NULL)
        return e->number;
    const HChar* copy = VG_(strdup)("lg.texts", text);
    e = VG_(OSetGen_AllocNode)(entries, sizeof *e);
    *e = (Entry){copy, (UInt)VG_(addToXA)(texts, &copy) + 1};
    VG_(OSetGen_Insert)(entries, e);
    return e->number;
}

UInt lg_texts_take(XArray* text)
{
    HChar nul = 0;

    VG_(addToXA)(text, &nul);
    UInt number = lg_texts_add(VG_(indexXA)(text, 0));
    VG_(dropHeadXA)(text, VG_(sizeXA)(text));
    return number;
}

const HChar* lg_texts_get(UInt number)
{
    return number == 0
               ? ""
               : *(const HChar* const*)VG_(indexXA)(texts, number - 1);
}
