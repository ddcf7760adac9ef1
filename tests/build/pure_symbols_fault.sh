#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# pure_symbols.sh finds each fault: a call of a library function, a variable, and
# a source that is not in the library.
set -eu
here=$LG_SRCDIR/tests/build
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/leakgrind/engine" "$dir/leakgrind/python"

# expect WANTED-EXIT-CODE WANTED-OUTPUT SOURCE-TEXT
expect()
{
    rm -f "$dir/lib.a"
    printf '%s\n' "$3" >"$dir/leakgrind/engine/lg_x.c"
    $CC -O1 -fno-builtin -fno-pie -fno-stack-protector -c \
        -o "$dir/libpure_a-lg_x.o" "$dir/leakgrind/engine/lg_x.c"
    ar cr "$dir/lib.a" "$dir/libpure_a-lg_x.o"
    code=0
    output=$(LG_SRCDIR=$dir sh "$here/pure_symbols.sh" "$dir/lib.a") || code=$?
    if test "$code" != "$1" || test "$output" != "$2"; then
        echo "for: $3"
        echo "wanted exit code $1 and: $2"
        echo "got exit code $code and: $output"
        exit 1
    fi
}

expect 0 "" 'void lg_plat_free(void*); void* memset(void*, int, unsigned long);
             static const char* const names[] = {"a", "b"};
             const char* lg_x(void* p, int i) {
                 lg_plat_free(memset(p, 0, 8)); return names[i]; }'
expect 1 "not allowed: strlen" \
    'unsigned long strlen(const char*);
     unsigned long lg_x(const char* s) { return strlen(s); }'
expect 1 "mutable state: count in .bss" \
    'static int count; int lg_x(void) { return ++count; }'
expect 1 "mutable state: lg_limit in .data" 'int lg_limit = 3;'

: >"$dir/leakgrind/python/lg_y.c"
expect 1 "$dir/leakgrind/python/lg_y.c is not in the list of pure sources" \
    'int lg_x(void) { return 1; }'
