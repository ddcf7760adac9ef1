/* SPDX-License-Identifier: GPL-2.0-or-later */
/* supp_many_tls_lib.c: the library of supp_many_tls.c. */

static _Thread_local volatile char buffer[5000];

void touch(void);

void touch(void)
{
    buffer[7] = 1;
}
