#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The example of the README: the report counts just what the program says it
# has lost in C.
set -eu
if ! /usr/bin/python3 -c 'import ctypes' 2>/dev/null; then
    echo "SKIP: no /usr/bin/python3 with ctypes"
    exit 77
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$LG_SRCDIR/examples/run" >"$log" 2>&1
lost=$(sed -n 's/^lost in C: //p' "$log")
if test -n "$lost" &&
   grep -A2 "== $lost are definitely lost in loss record" "$log" |
   grep -q 'by 0x[0-9A-F]*: setting_length (forgetful.c:13)'; then
    exit 0
fi
cat "$log"
exit 1
