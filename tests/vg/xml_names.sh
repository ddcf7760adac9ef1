#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The XML output is well-formed whatever bytes are in the names of the program, its
# file and its arguments; and the program gets its arguments unchanged.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
program=$dir/$(printf 'd\351mo \001 \303\251 \355\240\200 <&>')
argument=$(printf '\377\376x')

# Without symbols, so that the frames have the file's name.
$CC -O0 -s -I "$LG_SRCDIR/tests/vg" -o "$program" \
    "$LG_SRCDIR/tests/vg/xml_names.c"
"$VALGRIND" --tool=leakgrind --xml=yes --xml-file="$dir/out.xml" \
    "$program" "$argument" >"$dir/out" 2>"$dir/err" </dev/null
printf '%s\0%s\0' "$program" "$argument" >"$dir/expected"
if ! cmp "$dir/expected" "$dir/out"; then
    cat "$dir/err"
    echo "FAIL: the program has got other arguments"
    exit 1
fi
"$PYTHON3" - "$dir/out.xml" <<'END'
import sys
import xml.etree.ElementTree as ElementTree

tree = ElementTree.parse(sys.argv[1])
argv = tree.find("args/argv")
name = "d_mo _ \xe9 ___ <&>"
assert argv.find("exe").text.endswith("/" + name), argv.find("exe").text
assert argv.find("arg").text == "__x", argv.find("arg").text
objects = [obj.text for obj in tree.iter("obj")]
assert any(obj.endswith("/" + name) for obj in objects), objects
END
