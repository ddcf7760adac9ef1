/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child has a copy of its parent's blocks; they are not the child's leaks.
   Argument: how the child ends. */

#include "vgt.h"
#include <sys/wait.h>

void *volatile held, *volatile held_by_child;

DISTINCT static void *before_fork(int size) { return calloc(1, size); }
DISTINCT static void *in_child(int size) { return calloc(1, size); }
DISTINCT static void *in_parent(int size) { return calloc(1, size); }

static void lose_before(void)
{
    void **leader = before_fork(100);
    leader[0] = before_fork(10);
}

static void child(const char *how)
{
    in_child(20);
    void **leader = in_child(200);
    leader[0] = in_child(21);
    held_by_child = in_child(30);
    /* Also loses an inherited block, and one of its own that hangs from an
       inherited block. */
    *(void **)held = in_child(40);
    if (strcmp(how, "exit") == 0)
        exit(0);
    if (strcmp(how, "_exit") == 0)
        _exit(0);
    if (strcmp(how, "grandchild") == 0) {
        if (fork() == 0) {
            in_child(2000);
            exit(0);
        }
        wait(NULL);
        exit(0);
    }
    if (strcmp(how, "free") == 0) {
        /* Frees what is its parent's: no error. */
        free(held);
        held = NULL;
        exit(0);
    }
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    lose_before();
    held = before_fork(50);
    pid_t pid = fork();
    NEED(pid >= 0);
    if (pid == 0)
        child(argv[1]);
    NEED(waitpid(pid, NULL, 0) == pid);
    in_parent(60);
    return 0;
}
