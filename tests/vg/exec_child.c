/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loses a block, runs the program named by its first argument with the other
   arguments, and prints how that ended. */

#include "vgt.h"
#include <sys/wait.h>

int main(int argc, char **argv)
{
    NEED(argc >= 2);
    calloc(1, 77);
    pid_t pid = fork();
    NEED(pid >= 0);
    if (pid == 0) {
        execv(argv[1], argv + 1);
        say("exec failed\n");
        _exit(97);
    }
    int status;
    NEED(waitpid(pid, &status, 0) == pid);
    NEED(WIFEXITED(status));
    say("the child's exit status: %d\n", WEXITSTATUS(status));
    return 0;
}
