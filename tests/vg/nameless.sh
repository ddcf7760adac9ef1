#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A frame of a stripped file has no name, but a file and an offset, for which
# addr2line finds the line if it has the debug information.  This is checked for a
# program at a fixed address, a position-independent one, and a library.
set -eu
for tool in addr2line strip; do
    command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done
source=$LG_SRCDIR/tests/vg/nameless.c
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# With debug information, and the same without any names.
compile()
{
    file=$1
    shift
    # shellcheck disable=SC2086 # lists of words
    $CC -O1 -g $LG_DEBUG_CFLAGS -fno-optimize-sibling-calls -o "$file.full" \
        "$source" "$@"
    strip -s -o "$file" "$file.full"
}

fail()
{
    echo "FAIL: $*"
    cat log
    exit 1
}

# FILE's frame leads to where lose() calls malloc.
check()
{
    file=$1
    offset=$(sed -n "s|.*??? (in $dir/$file+\(0x[0-9A-F]*\))\$|\1|p" log |
             head -n 1)
    test -n "$offset" || fail "no frame in $file"
    found=$(addr2line -f -e "$file.full" "$offset")
    line=$(grep -n 'malloc(100)' "$source" | cut -d: -f1)
    case $found in
    "lose
"*/nameless.c:$line*) echo "$file: $offset is in lose(), line $line" ;;
    *) fail "$file: $offset is $found" ;;
    esac
    # The XML has it as an element of its own.
    grep -q "<offset>$offset</offset>" xml || fail "$file: not in the XML"
}

run()
{
    "$VALGRIND" --tool=leakgrind --log-file=log "./$1"
    "$VALGRIND" -q --tool=leakgrind --xml=yes --xml-file=xml "./$1"
}

for pie in -no-pie -pie; do
    compile program$pie $pie -fPIE
    run program$pie
    check program$pie
done
compile lib.so -shared -fPIC -DNO_MAIN
# shellcheck disable=SC2086
$CC -o user "$source" -DONLY_MAIN "$dir/lib.so"
run user
check lib.so
