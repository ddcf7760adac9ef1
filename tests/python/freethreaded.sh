#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# CPython without the GIL: leaks are found as in other CPythons, with type, line and
# number of references, and nothing else is reported.  Runs in a Debian release that
# has the source of such a CPython, which is built there once and kept.
set -u
cd "$(dirname "$0")/../.."

rows="row_list row_bytes100 row_bytes2000 row_dict row_cycle row_instance
      row_malloc row_memory row_references threads class_names alloc_mimalloc
      noise_pass"
tests=
for row in $rows; do
    tests="$tests tests/python/$row.pycase"
done
said=$(mktemp)
trap 'rm -f "$said"' EXIT
scripts/suite --check scripts/check-without-gil trixie \
    $tests >"$said"
code=$?
cat "$said"
test $code = 0 || exit $code
# No test was skipped.
test "$(tail -n 1 "$said")" = "$(echo $rows | wc -w) passed, 0 failed, 0 skipped"
