/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A C library for Python programs with two common leaks: setting_length() does
   not free its copy if it returns early, and setting_remember() does not
   release the object that it held before. */

#include <stdlib.h>
#include <string.h>

int setting_length(const char *line);
void setting_remember(void *setting);
void *setting_latest(void);

/* From Python.h, so that its package is not needed. */
void Py_IncRef(void *object);

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

static void *latest;

/* Remembers the Python object until the next call. */
void setting_remember(void *setting)
{
    Py_IncRef(setting);
    latest = setting;
}

void *setting_latest(void)
{
    return latest;
}
