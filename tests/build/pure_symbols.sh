#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The pure modules call only the lg_plat_* functions and memcpy, memmove and
# memset, and keep no state of their own.  This checks the symbols of the object
# files of base/, engine/ and python/.
set -eu
library=${1:-$LG_BUILDDIR/leakgrind/libpure.a}
failed=0

# Every source must be in the library, or this test would not see it.
for source in "$LG_SRCDIR"/leakgrind/base/*.c "$LG_SRCDIR"/leakgrind/engine/*.c \
              "$LG_SRCDIR"/leakgrind/python/*.c; do
    test -f "$source" || continue
    object=libpure_a-$(basename "$source" .c).o
    if ! ar t "$library" | grep -qx "$object"; then
        echo "$source is not in the list of pure sources"
        failed=1
    fi
done

symbols=$($NM -f sysv "$library") || { echo "nm fails"; exit 1; }
complaints=$(printf '%s\n' "$symbols" | awk -F'|' '
    { gsub(/ /, "", $1); gsub(/ /, "", $3); gsub(/ /, "", $7) }
    NF < 7                        { next }
    $3 == "U"                     { wanted[$1] = 1; next }
    $3 ~ /[A-Z]/                  { defined[$1] = 1 }
    $7 ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && $7 !~ /^\.data\.rel\.ro/ {
        print "mutable state: " $1 " in " $7
    }
    END {
        for (name in wanted)
            if (!(name in defined) && name !~ /^lg_plat_/ &&
                name !~ /^mem(cpy|move|set)$/)
                print "not allowed: " name
    }')
if test -n "$complaints"; then
    printf '%s\n' "$complaints"
    failed=1
fi
exit $failed
