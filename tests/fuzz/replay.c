/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay.c: main() for a fuzz target without a fuzzer: runs the inputs named as
   arguments, or else the whole committed corpus of LG_FUZZ_TARGET. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n);

static int replay(const char* path)
{
    static uint8_t data[1 << 16];
    FILE*          f = fopen(path, "rb");

    if (f == NULL) {
        perror(path);
        exit(1);
    }
    size_t n = fread(data, 1, sizeof data, f);
    fclose(f);
    /* Of just the right size, so that reading too far is noticed. */
    uint8_t* copy = malloc(n + 1);
    memcpy(copy, data, n);
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    return 1;
}

static int replay_corpus(void)
{
    const char* src = getenv("LG_SRCDIR");
    char        dir[4096], path[8192];
    int         n = 0;

    snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s",
             src == NULL ? "." : src, LG_FUZZ_TARGET);
    DIR* d = opendir(dir);
    if (d == NULL) {
        perror(dir);
        return 0;
    }
    for (struct dirent* e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        n += replay(path);
    }
    closedir(d);
    return n;
}

int main(int argc, char** argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++)
        n += replay(argv[i]);
    if (argc == 1)
        n = replay_corpus();
    printf("%d inputs\n", n);
    return n == 0;
}
