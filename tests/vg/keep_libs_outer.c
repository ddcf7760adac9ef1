/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keep_libs_outer.c: the library that keep_libs.c loads. */

void inner_keep(void);
void outer_keep(void);

void outer_keep(void)
{
    inner_keep();
}
