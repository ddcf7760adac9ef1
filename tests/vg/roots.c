/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One block for each place that can hold the only pointer to a block.  Without
   the class of that place (--roots), the block is lost; with it, the block is
   reachable.  Sizes identify the blocks.

   The second thread keeps two pointers in registers and nowhere else, while
   the first one makes the leak check.  Until then all pointers are hidden:
   stored inverted. */

#include "vgt.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <valgrind/memcheck.h>

void *volatile in_data = (void *)1;
void *volatile in_bss;
static __thread void *volatile in_tls;
void *volatile *anonymous, *volatile *shared, *volatile *file_mapping;
void *volatile *brk_area;
static volatile uintptr_t hidden_register, hidden_vector;
static volatile int ready, stop;

DISTINCT static void *for_register(void) { return calloc(1, 101); }
DISTINCT static void *for_vector(void) { return calloc(1, 102); }
DISTINCT static void *for_stack(void) { return calloc(1, 103); }
DISTINCT static void *for_other_stack(void) { return calloc(1, 104); }
DISTINCT static void *for_tls(void) { return calloc(1, 105); }
DISTINCT static void *for_other_tls(void) { return calloc(1, 106); }
DISTINCT static void *for_data(void) { return calloc(1, 107); }
DISTINCT static void *for_bss(void) { return calloc(1, 108); }
DISTINCT static void *for_anonymous(void) { return calloc(1, 109); }
DISTINCT static void *for_shared(void) { return calloc(1, 110); }
DISTINCT static void *for_file(void) { return calloc(1, 111); }
DISTINCT static void *for_brk(void) { return calloc(1, 112); }

static void make_hidden(void)
{
    hidden_register = ~(uintptr_t)for_register();
    hidden_vector = ~(uintptr_t)for_vector();
}

/* Takes the two hidden pointers into registers, says it is ready, and waits
   without touching memory but `stop`. */
static void hold_in_registers(void)
{
#if defined(__x86_64__)
    __asm__ volatile("mov %[r], %%rbx; not %%rbx;"
                     "pcmpeqd %%xmm14, %%xmm14; movq %[v], %%xmm15;"
                     "pxor %%xmm14, %%xmm15; pxor %%xmm14, %%xmm14;"
                     "movl $1, %[ready];"
                     "1: mov %[yield], %%eax; syscall;"
                     "cmpl $0, %[stop]; je 1b;"
                     "xor %%ebx, %%ebx; pxor %%xmm15, %%xmm15"
                     : [ready] "=m"(ready)
                     : [r] "m"(hidden_register), [v] "m"(hidden_vector),
                       [stop] "m"(stop), [yield] "i"(SYS_sched_yield)
                     : "rax", "rbx", "rcx", "r11", "xmm14", "xmm15", "cc",
                       "memory");
#elif defined(__aarch64__)
    __asm__ volatile("ldr x19, %[r]; mvn x19, x19;"
                     "ldr d15, %[v]; not v15.8b, v15.8b;"
                     "mov w9, #1; str w9, %[ready];"
                     "1: mov x8, %[yield]; svc #0;"
                     "ldr w9, %[stop]; cbz w9, 1b;"
                     "mov x19, #0; movi v15.2d, #0"
                     : [ready] "=m"(ready)
                     : [r] "m"(hidden_register), [v] "m"(hidden_vector),
                       [stop] "m"(stop), [yield] "i"(SYS_sched_yield)
                     : "x0", "x8", "x9", "x19", "v15", "cc", "memory");
#endif
}

static void *other_thread(void *unused)
{
    (void)unused;
    void *volatile on_stack = for_other_stack();
    in_tls = for_other_tls();
    CLEAR_REGISTERS();
    hold_in_registers();
    on_stack = NULL;
    return on_stack;
}

static void *map(int flags, int fd)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, fd, 0);
    NEED(p != MAP_FAILED);
    return p;
}

static void fill_places(void)
{
    in_tls = for_tls();
    in_data = for_data();
    in_bss = for_bss();
    anonymous = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    anonymous[3] = for_anonymous();
    shared = map(MAP_SHARED | MAP_ANONYMOUS, -1);
    shared[5] = for_shared();
    char name[] = "roots-XXXXXX";
    int fd = mkstemp(name);
    NEED(fd >= 0 && unlink(name) == 0 && ftruncate(fd, 4096) == 0);
    file_mapping = map(MAP_SHARED, fd);
    close(fd);
    file_mapping[7] = for_file();
    brk_area = sbrk(4096);
    NEED(brk_area != (void *)-1);
    brk_area[9] = for_brk();
}

int main(void)
{
    void *volatile on_stack = for_stack();
    make_hidden();
    fill_places();
    pthread_t thread;
    NEED(pthread_create(&thread, NULL, other_thread, NULL) == 0);
    while (!ready)
        syscall(SYS_sched_yield);
    CLEAR_REGISTERS();
    VALGRIND_DO_LEAK_CHECK;
    stop = 1;
    pthread_join(thread, NULL);
    on_stack = NULL;
    (void)on_stack;
    return 0;
}
