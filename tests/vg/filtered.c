/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program under a seccomp filter that kills.

   made       it installs the filter itself, which allows only what it needs and
              what Valgrind's core does for every tool; then it allocates large
              blocks, checks for leaks and ends
   inherited  it starts under a filter that forbids only what no tool needs then
   can        can filters be installed here? */

#include "vgt.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <valgrind/memcheck.h>

#define KILL 0x80000000u /* SECCOMP_RET_KILL_PROCESS */

static const int needed[] = {
    SYS_write, SYS_read, SYS_close, SYS_exit, SYS_exit_group, SYS_mmap,
    SYS_munmap, SYS_mprotect, SYS_brk, SYS_rt_sigaction, SYS_rt_sigprocmask,
    SYS_rt_sigreturn, SYS_rt_sigtimedwait, SYS_sigaltstack, SYS_gettid,
    SYS_getpid, SYS_tgkill, SYS_tkill, SYS_futex, SYS_sched_yield, SYS_fstat,
    SYS_unlinkat,
#ifdef SYS_unlink
    SYS_unlink,
#endif
};

static const int unusual[] = {
    SYS_ioctl, SYS_mincore, SYS_madvise, SYS_sysinfo, SYS_memfd_create,
};

/* The calls are either all that is allowed or all that is not. */
static int set_filter(const int *calls, unsigned n, int allows)
{
    struct sock_filter code[64], *at = code;
    struct sock_fprog program = { 0, code };

    *at++ = (struct sock_filter)BPF_STMT(
        BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < n; i++) {
        *at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                             calls[i], 0, 1);
        *at++ = (struct sock_filter)BPF_STMT(
            BPF_RET | BPF_K, allows ? SECCOMP_RET_ALLOW : KILL);
    }
    *at++ = (struct sock_filter)BPF_STMT(
        BPF_RET | BPF_K, allows ? KILL : SECCOMP_RET_ALLOW);
    program.len = at - code;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#define N(array) (sizeof array / sizeof array[0])

static char *volatile kept[4];

/* Large blocks are kept, so that a check looks into them, and a small one is
   lost.  (By chance, some number may look like a pointer into a large one.) */
static void take_blocks(void)
{
    static const size_t sizes[] = { 100, 400000, 3000000, 20000000 };
    for (unsigned i = 0; i < N(sizes); i++) {
        char *p = malloc(sizes[i]);
        NEED(p != NULL);
        p[sizes[i] / 2] = 1;
        free(p);
        p = calloc(1, sizes[i]);
        NEED(p != NULL && p[sizes[i] / 2] == 0);
        p = realloc(p, sizes[i] + sizes[i] / 2);
        NEED(p != NULL && p[sizes[i]] == 0);
        kept[i] = p;
    }
    kept[0] = NULL;
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    if (strcmp(argv[1], "can") == 0)
        return set_filter(unusual, 0, 0) ? 0 : 1;
    if (strcmp(argv[1], "made") == 0) {
        /* One that is refused is none. */
        NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) == -1);
        NEED(set_filter(needed, N(needed), 1));
        take_blocks();
        CLEAR_REGISTERS();
        VALGRIND_DO_LEAK_CHECK;
        say("checked\n");
        return 0;
    }
    NEED(strcmp(argv[1], "inherited") == 0);
    if (getenv("FILTERED") == NULL) {
        setenv("FILTERED", "yes", 1);
        NEED(set_filter(unusual, N(unusual), 0));
        execv(argv[0], argv);
        NEED(0);
    }
    take_blocks();
    CLEAR_REGISTERS();
    return 0;
}
