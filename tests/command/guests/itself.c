// SPDX-License-Identifier: GPL-2.0-or-later
// Prints all that a program gets from who starts it: arguments, working directory,
// environment, open files, standard input, and what happens with signals.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

extern char** environ;

int main(int argc, char** argv)
{
    char     text[4096];
    sigset_t blocked;

    for (int i = 0; i < argc; i++)
        printf("argument %s\n", argv[i]);
    printf("in %s\n", getcwd(text, sizeof text));
    for (char** e = environ; *e != NULL; e++)
        printf("%s\n", *e);
    for (int fd = 0; fd < 20; fd++)
        if (fcntl(fd, F_GETFD) != -1)
            printf("file %d\n", fd);
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int s = 1; s < 32; s++) {
        struct sigaction action;
        sigaction(s, NULL, &action);
        if (sigismember(&blocked, s) || action.sa_handler != SIG_DFL)
            printf("signal %d: %s%s\n", s,
                   sigismember(&blocked, s) ? "blocked " : "",
                   action.sa_handler == SIG_IGN ? "ignored" : "");
    }
    while (fgets(text, sizeof text, stdin) != NULL)
        printf("input %s", text);
    return 0;
}
