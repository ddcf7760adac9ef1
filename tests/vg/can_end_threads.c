/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit code 0 if the last real-time signal can be sent.  Valgrind interrupts
   system calls of threads with it, so without it a program ends only when
   all of its threads have ended.  qemu keeps this signal for itself. */

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LAST = 64 };

static volatile sig_atomic_t arrived;

static void arrives(int sig)
{
    arrived = sig;
}

int main(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = arrives;
    sigaction(LAST, &action, NULL);
    syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), LAST);
    return arrived == LAST ? 0 : 1;
}
