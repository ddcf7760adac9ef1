/* SPDX-License-Identifier: GPL-2.0-or-later */
/* constants_cxx.cpp: the module of constants.c as C++, which mangles the names of its
   functions. */

#define PyInit_constants PyInit_constants_cxx
#include "constants.c"
