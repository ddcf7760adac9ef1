#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The example of the README: the report has exactly the losses in C and in Python
# that the program prints, and names the lines.
set -eu
if ! /usr/bin/python3 -c 'import ctypes' 2>/dev/null; then
    echo "SKIP: no /usr/bin/python3 with ctypes"
    exit 77
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$LG_SRCDIR/examples/run" >"$log" 2>&1
in_c=$(sed -n 's/^lost in C: //p' "$log")
in_python=$(sed -n 's/^lost in Python: \([0-9]*\) objects.*/\1/p' "$log")
line_in_c=$(grep -n 'malloc(' "$LG_SRCDIR/examples/forgetful.c" | cut -d: -f1)
line_in_python=$(grep -n 'return Setting' "$LG_SRCDIR/examples/forgetful.py" |
                 cut -d: -f1)
# The interpreter may reach one line by different C stacks, and so there may be more
# than one record.
reported=0
for n in $(sed -n "s/^==[0-9]*== *\([0-9]*\) '__main__.Setting' object.*/\1/p" "$log")
do
    reported=$((reported + n))
done
if test -n "$in_c" && test "$in_python" = "$reported" &&
   grep -A2 "== $in_c are definitely lost in loss record" "$log" |
   grep -q "by 0x[0-9A-F]*: setting_length (forgetful.c:$line_in_c)" &&
   grep -A5 "== *[0-9]* '__main__.Setting' objects" "$log" |
   grep -q "by Python: read (.*forgetful.py:$line_in_python)"; then
    exit 0
fi
cat "$log"
exit 1
