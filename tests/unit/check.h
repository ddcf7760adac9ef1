/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h: the checks of the unit tests.

   expect_* records a failure and goes on; assert_* ends the program.  Each prints
   its place, both expressions and both values.  A test program is

       int main(void)
       {
           check_run(first_test);
           check_run(second_test);
           return check_done();
       } */

#ifndef LG_TESTS_CHECK_H
#define LG_TESTS_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char* test;
    unsigned    nTests, nChecks, nFailed;
} check;

static inline void check_failed(const char* file, int line)
{
    check.nFailed++;
    printf("%s:%d: %s: ", file, line, check.test);
}

static inline int check_numbers(const char* file, int line, const char* textA,
                                const char* textB, unsigned long long a,
                                unsigned long long b)
{
    check.nChecks++;
    if (a == b)
        return 1;
    check_failed(file, line);
    printf("%s is %llu (0x%llx), %s is %llu (0x%llx)\n", textA, a, a, textB, b,
           b);
    return 0;
}

static inline int check_texts(const char* file, int line, const char* textA,
                              const char* textB, const char* a, const char* b)
{
    check.nChecks++;
    if (a != NULL && b != NULL && strcmp(a, b) == 0)
        return 1;
    check_failed(file, line);
    printf("%s is\n  \"%s\", %s is\n  \"%s\"\n", textA, a == NULL ? "NULL" : a,
           textB, b == NULL ? "NULL" : b);
    return 0;
}

#define expect_eq(a, b)                                                       \
    check_numbers(__FILE__, __LINE__, #a, #b, (unsigned long long)(a),        \
                  (unsigned long long)(b))
#define expect_str(a, b) check_texts(__FILE__, __LINE__, #a, #b, a, b)
#define expect_true(e)   check_numbers(__FILE__, __LINE__, #e, "true", !!(e), 1)
#define expect_false(e)                                                       \
    check_numbers(__FILE__, __LINE__, #e, "false", !!(e), 0)

#define CHECK_OR_STOP(good)                                                   \
    do {                                                                      \
        if (!(good))                                                          \
            exit(1);                                                          \
    } while (0)
#define assert_eq(a, b)  CHECK_OR_STOP(expect_eq(a, b))
#define assert_str(a, b) CHECK_OR_STOP(expect_str(a, b))
#define assert_true(e)   CHECK_OR_STOP(expect_true(e))
#define assert_false(e)  CHECK_OR_STOP(expect_false(e))

#define check_run(fn)                                                         \
    do {                                                                      \
        check.test = #fn;                                                     \
        check.nTests++;                                                       \
        fn();                                                                 \
    } while (0)

static inline int check_done(void)
{
    printf("%u tests, %u checks, %u failed\n", check.nTests, check.nChecks,
           check.nFailed);
    return check.nFailed > 0 || check.nChecks == 0;
}

#endif
