/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A C library as Python programs use them, with an everyday leak: one of the
   two ways out of setting_length() forgets the copy. */

#include <stdlib.h>
#include <string.h>

int setting_length(const char *line);

/* The length of the value in "name=value", or -1 when there is no value. */
int setting_length(const char *line)
{
    char *copy = malloc(strlen(line) + 1);
    strcpy(copy, line);
    char *value = strchr(copy, '=');
    if (value == NULL)
        return -1;
    *value++ = '\0';
    int length = (int)strlen(value);
    free(copy);
    return length;
}
