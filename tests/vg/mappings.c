/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings of all kinds must neither crash a leak check nor make it slow, and
   it must search what can be read of them.  Sizes identify the blocks: 1xx must
   be reachable, 2xx lost.

   Argument: which of the cases. */

#include "vgt.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <valgrind/memcheck.h>

#define PAGE 4096

static void *block(int size)
{
    return calloc(1, size);
}

static void **map(size_t size, int prot, int flags, int fd)
{
    void *p = mmap(NULL, size, prot, flags, fd, 0);
    NEED(p != MAP_FAILED);
    return p;
}

static void **slot(void **mapping, size_t offset)
{
    return (void **)((char *)mapping + offset);
}

/* A huge reservation of which three pages were ever touched: 1 TiB, or as much
   as this Valgrind's address space can hold (3.19: less than 64 GiB). */
static void reservation(void)
{
    size_t size = (size_t)1 << 40;
    void **m;
    while ((m = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) ==
           MAP_FAILED)
        size /= 2;
    NEED(size >= (size_t)16 << 30);
    *slot(m, 8) = block(101);
    *slot(m, size / 2) = block(102);
    *slot(m, size - 16) = block(103);
}

/* Pages in the middle of a mapping that cannot be read. */
static void no_access(void)
{
    void **m = map(5 * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1);
    *slot(m, 0) = block(111);
    *slot(m, 2 * PAGE) = block(212);
    *slot(m, 4 * PAGE) = block(113);
    NEED(mprotect(slot(m, 2 * PAGE), PAGE, PROT_NONE) == 0);
}

/* Readable, not writable: no root, as in memcheck. */
static void read_only(void)
{
    void **m = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                   -1);
    *slot(m, 0) = block(221);
    NEED(mprotect(m, PAGE, PROT_READ) == 0);
}

static int temporary_file(size_t size)
{
    char name[] = "mappings-XXXXXX";
    int fd = mkstemp(name);
    NEED(fd >= 0 && unlink(name) == 0 && ftruncate(fd, size) == 0);
    return fd;
}

/* Mapped pages that are no longer in the file: reading them is SIGBUS. */
static void truncated_file(void)
{
    int fd = temporary_file(4 * PAGE);
    void **m = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    *slot(m, 16) = block(131);
    *slot(m, 3 * PAGE) = block(232);
    NEED(ftruncate(fd, PAGE) == 0);
}

/* A mapping beyond the end of the file from the start. */
static void beyond_the_end(void)
{
    int fd = temporary_file(100);
    void **m = map(3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    *slot(m, 48) = block(141);
}

/* A private copy of a file, and a file that others see. */
static void files(void)
{
    int fd = temporary_file(PAGE);
    void **m = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
    *slot(m, 0) = block(151);
    m = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    *slot(m, 64) = block(152);
}

/* Files of 4 GiB that hold a page or two each.  Of the last one, a copy is the
   program's own, and holds another page.  The name is gone, and maybe the
   descriptor. */
static void sparse(void)
{
    const size_t size = (size_t)4 << 30;
    int fd = temporary_file(size);
    void **m = map(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    *slot(m, size / 2) = block(121);
    *slot(m, size - 8) = block(122);
    m = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd);
    *slot(m, size / 4) = block(123);
    fd = memfd_create("sparse", 0);
    NEED(fd >= 0 && ftruncate(fd, size) == 0);
    m = map(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    *slot(m, size / 8) = block(124);
}

/* Memory that is shared, of which the other process has touched a page. */
static void shared_reservation(void)
{
    const size_t size = (size_t)4 << 30;
    void **m = map(size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    void *p = block(126);
    *slot(m, 24) = block(127);
    pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        *slot(m, size / 2) = p;
        execl("/bin/true", "true", NULL); /* ends without a report */
        _exit(97);
    }
    NEED(waitpid(child, NULL, 0) == child);
}

/* Without /proc, for who may change the root. */
static void reservation_without_proc(void)
{
    char name[] = "mappings-XXXXXX";
    NEED(mkdtemp(name) != NULL && chroot(name) == 0 && chdir("/") == 0);
    reservation();
}

/* The one device that is memory. */
static void dev_zero(void)
{
    int fd = open("/dev/zero", O_RDWR);
    NEED(fd >= 0);
    void **m = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
    *slot(m, 0) = block(161);
}

/* Unmapped and mapped again elsewhere: what was there is gone. */
static void unmapped(void)
{
    void **m = map(3 * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1);
    *slot(m, 0) = block(271);
    *slot(m, PAGE) = block(172);
    NEED(munmap(m, PAGE) == 0);
    void *moved = mremap(slot(m, PAGE), PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    NEED(moved != MAP_FAILED);
}

/* Pages that the program gave back are zero; they need not be read. */
static void given_back(void)
{
    void **m = map(64 * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1);
    *slot(m, 5 * PAGE) = block(281);
    *slot(m, 6 * PAGE) = block(182);
    NEED(madvise(slot(m, 5 * PAGE), PAGE, MADV_DONTNEED) == 0);
}

/* Words that are not aligned are no pointers. */
static void unaligned(void)
{
    void **m = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                   -1);
    void *p = block(291);
    memcpy((char *)m + 4, &p, sizeof p);
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    if (strcmp(argv[1], "reservation_without_proc") == 0) {
        reservation_without_proc();
        return 0;
    }
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {
        { "reservation", reservation },
        { "no_access", no_access },
        { "read_only", read_only },
        { "truncated_file", truncated_file },
        { "beyond_the_end", beyond_the_end },
        { "files", files },
        { "sparse", sparse },
        { "shared_reservation", shared_reservation },
        { "dev_zero", dev_zero },
        { "unmapped", unmapped },
        { "given_back", given_back },
        { "unaligned", unaligned },
    };
    int done = 0;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (strcmp(argv[1], cases[i].name) == 0 || strcmp(argv[1], "all") == 0)
            cases[i].run(), done++;
    NEED(done);
    return 0;
}
