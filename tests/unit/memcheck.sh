#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit tests under memcheck: uninitialised values, which the sanitizers do
# not see, and leaks.  Reads that are meant to fault (of pages without
# permissions) are no errors: tests/unit/memcheck.supp.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset VALGRIND_LIB

defines="-DVGA_amd64=1 -DVGO_linux=1 -DVGP_amd64_linux=1
         -DVGPV_amd64_linux_vanilla=1"
case $LG_PLATFORM in
arm64-linux) defines=$(echo "$defines" | sed 's/amd64/arm64/g') ;;
esac

compile()
{
    # shellcheck disable=SC2086 # a list of words
    $CC -std=gnu11 -O1 -g -gdwarf-4 $defines \
        -isystem "$LG_VALGRIND_INCLUDE" "$@"
}

# What all of them use, as an archive: a test may include a module itself.
for source in "$LG_SRCDIR"/leakgrind/base/*.c "$LG_SRCDIR"/leakgrind/engine/*.c \
              "$LG_SRCDIR"/leakgrind/python/*.c; do
    compile -c -o "$dir/$(basename "$source" .c).o" "$source"
done
for name in framegen heapgen oracle oracle_compare platform_native poolgen tableops; do
    compile -c -o "$dir/$name.o" "$LG_SRCDIR/tests/unit/$name.c"
done
ar rc "$dir/libnative.a" "$dir"/*.o

failed=0
for test in "$LG_SRCDIR"/tests/unit/test_*.c; do
    name=$(basename "$test" .c)
    compile -o "$dir/$name" "$test" "$dir/libnative.a"
    args=
    test "$name" != test_oracle || args="1 40" # seed, rounds: memcheck is slow
    status=0
    # shellcheck disable=SC2086
    "$VALGRIND" -q --leak-check=full --error-exitcode=9 \
        --suppressions="$LG_SRCDIR/tests/unit/memcheck.supp" \
        "$dir/$name" $args >"$dir/log" 2>&1 || status=$?
    # What embeds CPython is built without it here, and skipped.
    if test $status != 0 && test $status != 77; then
        failed=1
        echo "under memcheck: $name"
        head -n 60 "$dir/log"
    fi
done
exit $failed
