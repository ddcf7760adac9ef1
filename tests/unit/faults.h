/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faults.h: whether a check function finds a planted fault. */

#ifndef LG_TESTS_FAULTS_H
#define LG_TESTS_FAULTS_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Runs the statement in a child, without its messages; true if an assertion
   has ended it. */
#define ends_in_assertion(statement)                                          \
    ({                                                                        \
        int   status_ = 0;                                                    \
        pid_t child_;                                                         \
        fflush(NULL);                                                         \
        child_ = fork();                                                      \
        if (child_ == 0) {                                                    \
            if (freopen("/dev/null", "w", stderr) == NULL)                    \
                _exit(2);                                                     \
            signal(SIGABRT, SIG_DFL);                                         \
            statement;                                                        \
            _exit(0);                                                         \
        }                                                                     \
        child_ > 0 && waitpid(child_, &status_, 0) == child_ &&               \
            WIFSIGNALED(status_) && WTERMSIG(status_) == SIGABRT;             \
    })

/* The check passes; with the fault planted, it does not.  The fault is planted
   in a child and nowhere else. */
#define expect_found(fault, check)                                            \
    do {                                                                      \
        expect_false(ends_in_assertion(check));                               \
        expect_true(ends_in_assertion({                                       \
            fault;                                                            \
            check;                                                            \
        }));                                                                  \
    } while (0)

#endif
