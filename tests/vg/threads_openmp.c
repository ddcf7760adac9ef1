/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads that OpenMP keeps for the next parallel region: none of their blocks
   is lost, neither while the program runs nor at its end.

   With an argument: exit code 0 if the compiler knows OpenMP. */

#include <unistd.h>
#include <valgrind/memcheck.h>

#ifdef _OPENMP
enum { HAS_OPENMP = 1 };
#else
enum { HAS_OPENMP = 0 };
#endif

int main(int argc, char **argv)
{
    int sum = 0;

    (void)argv;
    if (argc > 1)
        return HAS_OPENMP ? 0 : 1;
#ifdef _OPENMP
#pragma omp parallel num_threads(3) reduction(+ : sum)
#endif
    sum++;
    VALGRIND_DO_LEAK_CHECK;
    return sum != 3;
}
