#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzes the pure modules with libFuzzer, each target for SECONDS (default: 60),
# beginning with the committed corpus.
#
#     tests/fuzz/run-fuzz.sh [SECONDS [TARGET...]]
#
# Inputs that fail are written to crash-* in the current directory; replay_TARGET in
# the build directory runs them again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
seconds=${1:-60}
test $# -gt 0 && shift
targets=${*:-engine patterns pydebugoffsets pyframes pynames pynogil pypools
    pytstate pytypes suppfiles tables}

command -v clang >/dev/null || { echo "no clang"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char* d, unsigned long n);
      int LLVMFuzzerTestOneInput(const char* d, unsigned long n)
      { return d == 0 && n == 1; }' >"$dir/try.c"
clang -fsanitize=fuzzer "$dir/try.c" -o "$dir/try" 2>/dev/null ||
    { echo "clang has no libFuzzer"; exit 77; }

include=${LG_VALGRIND_INCLUDE:-$(pkg-config --cflags-only-I valgrind | sed 's/^ *-I//; s/ .*//')}
case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) echo "which platform is $(uname -m)?"; exit 77 ;;
esac
for target in $targets; do
    clang -g -O1 -std=gnu11 -fsanitize=fuzzer,address,undefined \
        -fno-sanitize-recover=undefined -isystem "$include" \
        -I"${LG_BUILDDIR:-$top}" \
        -DVGA_$arch=1 -DVGO_linux=1 -DVGP_${arch}_linux=1 \
        -DVGPV_${arch}_linux_vanilla=1 \
        -o "$dir/$target" "$here/fuzz_$target.c" "$here/pyimage.c" \
        "$here"/../unit/platform_native.c "$here"/../unit/heapgen.c \
        "$here"/../unit/oracle.c "$here"/../unit/oracle_compare.c \
        "$here"/../unit/tableops.c "$here"/../unit/poolgen.c \
        "$here"/../unit/framegen.c \
        "$top"/leakgrind/base/*.c "$top"/leakgrind/engine/*.c \
        "$top"/leakgrind/python/*.c
    # The corpus must not change: new inputs go elsewhere.
    mkdir "$dir/corpus"
    echo "fuzzing $target for $seconds seconds"
    if ! "$dir/$target" -max_total_time="$seconds" -timeout=20 -max_len=4096 \
            -print_final_stats=1 "$dir/corpus" "$here/corpus/$target" \
            >"$dir/log" 2>&1; then
        tail -60 "$dir/log"
        exit 1
    fi
    grep -e 'number_of_executed_units' -e 'DONE' "$dir/log"
    rm -rf "$dir/corpus"
done
