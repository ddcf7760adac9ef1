/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydeficits.h: objects that were released too often.

   If containers surely own more references to an object (lg_pyowners.h) than its
   reference count says, somebody has called Py_DECREF once too often: the object
   will be freed while it is in use.  Only the references that are surely owned
   count, so that no other object is taken for one of these. */

#ifndef LG_PYDEFICITS_H
#define LG_PYDEFICITS_H

#include "lg_pysnapshot.h"

/* Counts the references; at most once, and before an interpreter ends.  Does
   nothing where reference counts are not the sum of the references. */
void lg_pydeficits_count(LgPySnapshot* c);

/* Of object i: how many more references are owned than counted; 0 before
   lg_pydeficits_count.  `c` NULL: there are no objects. */
UInt lg_pydeficits_of(const LgPySnapshot* c, UInt i);

/* The names of these objects, and of one that holds each: "app.LIMITS, held by
   app.CACHE['limits']".  As numbers of lg_texts, by block; 0: no deficit.  NULL if
   there are no such objects.  For lg_pydeficits_delete_names. */
UInt* lg_pydeficits_names(LgPySnapshot* c);
void  lg_pydeficits_delete_names(const LgPySnapshot* c, UInt* names);

#endif
