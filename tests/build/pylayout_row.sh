#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# scripts/pylayout-row prints a row that compiles, and that has the same bytes
# as the row of this CPython in lg_pylayout.c.
set -eu
include=$("$PYTHON3" -c 'import sysconfig; print(sysconfig.get_path("include"))')
if ! test -f "$include/internal/pycore_interp.h"; then
    echo "skipped: no headers of Python in $include"
    exit 77
fi
if "$PYTHON3" -c 'import sys; sys.exit(not hasattr(sys, "getobjects"))'; then
    echo "skipped: CPython with --with-trace-refs has no row of its own"
    exit 77
fi
processor=${LG_PLATFORM%-linux}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$LG_SRCDIR/scripts/pylayout-row" > "$dir/row"
version=$("$PYTHON3" -c 'import sys; print(hex(sys.hexversion))')
cat > "$dir/compare.c" <<END
#include <string.h>
#include "$LG_SRCDIR/leakgrind/python/lg_pylayout.h"
static const LgPyLayout made[] = {
#include "row"
};
int main(void)
{
    const LgPyLayout* row = made->isFreeThreaded
                                ? lg_pylayout_without_gil($version)
                                : lg_pylayout_for($version);
    return row == NULL || memcmp(row, made, sizeof *row) != 0;
}
END
$CC -DVGO_linux "-DVGA_$processor" "-DVGP_${processor}_linux" \
    -I"$LG_VALGRIND_INCLUDE" -Wall -Werror -o "$dir/compare" "$dir/compare.c" \
    "$LG_SRCDIR/leakgrind/python/lg_pylayout.c"
if "$dir/compare"; then
    exit 0
fi
echo "lg_pylayout.c has another row than this one:"
cat "$dir/row"
exit 1
