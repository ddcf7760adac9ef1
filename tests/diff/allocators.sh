#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs whose malloc is not the C library's (linked statically, a shared object,
# or preloaded): leakgrind finds what memcheck finds, with the same
# --soname-synonyms.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

compile()
{
    # shellcheck disable=SC2086 # a list of words
    $CC -g $LG_DEBUG_CFLAGS -fno-builtin -o "$dir/$1" \
        "$LG_SRCDIR/tests/diff/allocators.c" $2 2>/dev/null
}

tried=0
# compare PROGRAM OPTION [ENVIRONMENT]
compare()
{
    for tool in memcheck leakgrind; do
        # shellcheck disable=SC2086 # an option or none
        env ${3:+"$3"} "$VALGRIND" --tool=$tool $2 --leak-check=full \
            "$dir/$1" 2>&1 |
            grep -E 'heap usage|lost:|intercept' |
            sed 's/^==[0-9]*== *//' >"$dir/$tool"
    done
    if ! grep -q 'definitely lost: 1,0' "$dir/memcheck"; then
        echo "FAIL: $*: memcheck"
        exit 1
    fi
    if ! diff "$dir/memcheck" "$dir/leakgrind"; then
        echo "FAIL: $*"
        exit 1
    fi
    tried=$((tried + 1))
}

compile plain ""
compare plain ""
for lib in jemalloc tcmalloc_minimal mimalloc; do
    found=$($CC -print-file-name=lib$lib.so)
    case $found in /*) ;; *) echo "no lib$lib"; continue ;; esac
    compare plain "" LD_PRELOAD="$found"
    compare plain "--soname-synonyms=somalloc=lib$lib*" LD_PRELOAD="$found"
    if compile "$lib" "-l$lib"; then
        compare "$lib" ""
        compare "$lib" "--soname-synonyms=somalloc=lib$lib*"
    fi
    if compile "$lib.static" \
        "-Wl,-Bstatic -l$lib -Wl,-Bdynamic -lstdc++ -lpthread -lm"; then
        compare "$lib.static" ""
        compare "$lib.static" "--soname-synonyms=somalloc=NONE"
    fi
done
echo "$tried programs"
test "$tried" -gt 1 || exit 77
