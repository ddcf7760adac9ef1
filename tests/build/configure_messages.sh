#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# configure stops with a message that names the cause when the Valgrind it
# finds cannot be used: each case is a made-up installation with one fault.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
platform=$LG_PLATFORM
arch=${platform%%-*}
os=${platform#*-}

# Uses a copy of the source tree, since a configured tree cannot be used from
# another build directory.
mkdir -p "$dir/src/leakgrind"
cp -R "$LG_SRCDIR/configure" "$LG_SRCDIR/build-aux" "$LG_SRCDIR/Makefile.in" \
    "$LG_SRCDIR/lg_config.h.in" "$dir/src/"
cp "$LG_SRCDIR/leakgrind/lg_main.c" "$dir/src/leakgrind/"

# A complete installation of version $1 whose launcher prints version $2.
install_fake()
{
    rm -rf "$dir/vg"
    mkdir -p "$dir/vg/bin" "$dir/vg/include" "$dir/vg/lib/pkgconfig" \
             "$dir/vg/libexec/valgrind"
    printf '#!/bin/sh\necho valgrind-%s\n' "$2" >"$dir/vg/bin/valgrind"
    chmod +x "$dir/vg/bin/valgrind"
    echo "#define VERSION \"$1\"" >"$dir/vg/include/config.h"
    : >"$dir/vg/include/pub_tool_basics.h"
    for lib in coregrind vex replacemalloc_toolpreload; do
        : >"$dir/vg/lib/lib$lib-$platform.a"
    done
    : >"$dir/vg/libexec/valgrind/memcheck-$platform"
    cat >"$dir/vg/lib/pkgconfig/valgrind.pc" <<PC
prefix=$dir/vg
exec_prefix=\${prefix}
arch=$arch
os=$os
platform=$platform
valt_load_address=0x58000000
Name: Valgrind
Description: made up
Version: $1
Libs: -L$dir/vg/lib
Cflags: -I$dir/vg/include
PC
}

# expect MESSAGE [OPTION]: configure fails, or succeeds when MESSAGE is empty.
expect()
{
    rm -rf "$dir/build"
    mkdir "$dir/build"
    code=0
    output=$(cd "$dir/build" &&
        VALGRIND=$dir/vg/bin/valgrind PKG_CONFIG_LIBDIR=$dir/vg/lib/pkgconfig \
        "$dir/src/configure" --cache-file="$dir/cache" \
        ${2+"$2"} 2>&1) || code=$?
    # What is found differs from case to case, and must not be remembered.
    sed -i -e '/valgrind/Id' -e '/lg_cv_/d' "$dir/cache"
    if test -z "$1"; then
        test "$code" = 0 && return
    elif test "$code" != 0 && printf '%s\n' "$output" | grep -q -e "$1"; then
        return
    fi
    printf 'wanted: %s\nexit code %s, got:\n%s\n' "${1:-success}" "$code" "$output"
    exit 1
}

# The made-up installation is good as long as nothing is wrong with it.
install_fake 3.19.0 3.19.0
expect ""

install_fake 3.20.0.GIT 3.20.0.GIT
expect ""
grep -q '^#define LG_VG_VERSION 32000$' "$dir/build/lg_config.h"

install_fake 3.15.0 3.15.0
expect "Valgrind 3.15.0 is too old"

install_fake 3.19.0 3.24.0
expect "two Valgrinds are mixed up"

install_fake 3.19.0 3.19.0
rm "$dir/vg/lib/pkgconfig/valgrind.pc"
expect "development files are missing"

install_fake 3.19.0 3.19.0
rm "$dir/vg/include/pub_tool_basics.h"
expect "development files are missing"

install_fake 3.19.0 3.19.0
rm "$dir/vg/lib/libcoregrind-$platform.a"
expect "development files are missing"

install_fake 3.19.0 3.19.0
rm "$dir/vg/lib/libreplacemalloc_toolpreload-$platform.a"
expect "development files are incomplete"

install_fake 3.19.0 3.19.0
rm "$dir/vg/libexec/valgrind/memcheck-$platform"
expect "Name its directory with --with-valgrind-libexecdir"

# ---- --with-valgrind-tree ---------------------------------------------------
# A tree of version $1, configured and built, whose launcher says $2.
make_fake_tree()
{
    rm -rf "$dir/tree"
    mkdir -p "$dir/tree/include/vki" "$dir/tree/VEX/pub" "$dir/tree/coregrind" \
        "$dir/tree/memcheck" "$dir/tree/.in_place"
    echo "#define VERSION \"$1\"" >"$dir/tree/config.h"
    for f in include/pub_tool_basics.h include/valgrind.h VEX/pub/libvex.h \
        memcheck/memcheck.h .in_place/memcheck-$platform \
        coregrind/libcoregrind-$platform.a VEX/libvex-$platform.a \
        coregrind/libreplacemalloc_toolpreload-$platform.a; do
        : >"$dir/tree/$f"
    done
    # Like the real one, it finds nothing without being told where.
    printf '#!/bin/sh\ntest "$VALGRIND_LIB" = "%s" && echo valgrind-%s\n' \
        "$dir/tree/.in_place" "$2" >"$dir/tree/coregrind/valgrind"
    chmod +x "$dir/tree/coregrind/valgrind"
    sed -e "s,^Version:.*,Version: $1," -e "s,^prefix=.*,prefix=/opt/vg," \
        "$dir/vg.pc" >"$dir/tree/valgrind.pc"
}
install_fake 3.19.0 3.19.0
mv "$dir/vg/lib/pkgconfig/valgrind.pc" "$dir/vg.pc"
rm -r "$dir/vg"

make_fake_tree 3.24.0 3.24.0
expect "" --with-valgrind-tree="$dir/tree"
grep -q '^#define LG_VG_VERSION 32400$' "$dir/build/lg_config.h"
grep -q "^vglibexecdir = /opt/vg/libexec/valgrind$" "$dir/build/Makefile"
for f in include/valgrind/libvex.h include/valgrind/memcheck.h \
    include/valgrind/vki lib/valgrind/libvex-$platform.a; do
    test -e "$dir/build/valgrind-tree/$f"
done
# A name that is relative to the build directory is good, too.
expect "" --with-valgrind-tree=../tree

make_fake_tree 3.16.1 3.16.1
expect "" --with-valgrind-tree="$dir/tree"
grep -q "^vglibexecdir = /opt/vg/lib/valgrind$" "$dir/build/Makefile"

expect "with-valgrind-tree needs a directory" --with-valgrind-tree
expect "with-valgrind-tree=/nowhere: this is not Valgrind's source" \
    --with-valgrind-tree=/nowhere

rm "$dir/tree/config.h"
expect "this Valgrind is not configured yet" --with-valgrind-tree="$dir/tree"

for f in coregrind/valgrind coregrind/libcoregrind-$platform.a \
    VEX/libvex-$platform.a .in_place/memcheck-$platform; do
    make_fake_tree 3.24.0 3.24.0
    rm "$dir/tree/$f"
    expect "this Valgrind is not built yet" --with-valgrind-tree="$dir/tree"
done

make_fake_tree 3.24.0 3.23.0
expect "Build the tree again" --with-valgrind-tree="$dir/tree"

make_fake_tree 3.15.0 3.15.0
expect "Valgrind 3.15.0 is too old" --with-valgrind-tree="$dir/tree"

# ---- No Valgrind --------------------------------------------------------------
# No launcher at all: everything else of PATH stays.
install_fake 3.19.0 3.19.0
rm "$dir/vg/bin/valgrind"
mkdir "$dir/bin"
IFS=:
for d in $PATH; do
    for f in "$d"/*; do
        case $f in */valgrind) ;; *) ln -s "$f" "$dir/bin/" 2>/dev/null || : ;; esac
    done
done
unset IFS
PATH=$dir/bin
rm -rf "$dir/build" && mkdir "$dir/build" && cd "$dir/build"
if output=$(env -u VALGRIND PKG_CONFIG_LIBDIR="$dir/vg/lib/pkgconfig" \
            "$dir/src/configure" --cache-file="$dir/cache" 2>&1); then
    echo "configure succeeds without a launcher"
    exit 1
fi
printf '%s\n' "$output" | grep 'Valgrind is not installed'
