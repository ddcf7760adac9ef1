/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a process ends by _exit, buffered output is never written, and the offsets
   of input files are not set back: neither by a child, which shares them with its
   parent, nor by the parent at its end. */

#include "vgt.h"
#include <sys/wait.h>

static off_t offset(FILE *f)
{
    return lseek(fileno(f), 0, SEEK_CUR);
}

int main(void)
{
    char line[10];
    FILE *f = tmpfile();

    NEED(f != NULL);
    fputs("one\ntwo\n", f);
    rewind(f);
    NEED(fgets(line, sizeof line, f) != NULL);
    off_t before = offset(f);

    pid_t pid = fork();
    NEED(pid >= 0);
    if (pid == 0) {
        printf("held by the child\n");
        _exit(0);
    }
    NEED(waitpid(pid, NULL, 0) == pid);
    printf("read up to %d, then up to %d\n", (int)before, (int)offset(f));
    fflush(stdout);
    printf("held by the parent\n");
    _exit(0);
}
