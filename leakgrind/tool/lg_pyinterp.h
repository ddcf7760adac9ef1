/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyinterp.h: words in CPython's interpreter and thread states that look
   like references and are none. */

#ifndef LG_PYINTERP_H
#define LG_PYINTERP_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../engine/lg_vocab.h"

/* Appends the parts of data stacks (3.11 and later) that no frame uses. */
void lg_pyinterp_dead_data_stacks(XArray* ranges);

/* Appends what the interpreters themselves hold without a reference: slots of
   free lists from which an object was taken, the values in the type cache. */
void lg_pyinterp_borrowed(XArray* ranges);

#endif
