/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_glob.c: see lg_glob.h. */

#include "lg_glob.h"

#include "lg_text.h"

/* Each "*" takes as little as lets the rest match up to the next one; more
   than the last "*" never has to be tried again. */
Bool lg_glob_part(const HChar* p, SizeT nP, const HChar* t, SizeT nT)
{
    SizeT iP = 0, iT = 0;
    SizeT star = nP, starT = 0; /* the last "*", and what it took up to */

    while (iT < nT) {
        if (iP < nP && p[iP] == '*') {
            star  = iP++;
            starT = iT;
        } else if (iP < nP && (p[iP] == '?' || p[iP] == t[iT])) {
            iP++;
            iT++;
        } else if (star < nP) {
            iP = star + 1;
            iT = ++starT;
        } else
            return False;
    }
    while (iP < nP && p[iP] == '*')
        iP++;
    return iP == nP;
}

Bool lg_glob(const HChar* pattern, const HChar* text)
{
    return lg_glob_part(pattern, lg_text_length(pattern), text,
                        lg_text_length(text));
}
