/* SPDX-License-Identifier: GPL-2.0-or-later */
/* newrefs.c: new references to ints that nobody keeps, for a Python program
   to call by ctypes.PyDLL.  The two functions of CPython that it uses are
   declared here, so that it needs no headers of Python. */

extern void* PyLong_FromLong(long value);
extern void  Py_DecRef(void* object);

/* Not inlined: the frame that a report must show. */
__attribute__((noinline)) void* new_reference(long value)
{
    void* volatile object = PyLong_FromLong(value);
    return object;
}

void lose_new_references(long value, long count)
{
    for (long i = 0; i < count; i++)
        new_reference(value);
}

void release_new_references(long value, long count)
{
    for (long i = 0; i < count; i++)
        Py_DecRef(new_reference(value));
}
