#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The distribution is complete: it contains every file of the repository, builds
# outside of its read-only source, installs exactly what it should, and
# uninstalls all of that.
set -eu
unset MAKEFLAGS MFLAGS MAKELEVEL
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT

make -C "$LG_BUILDDIR" distdir distdir="$dir/src" >"$dir/log" 2>&1 ||
    { cat "$dir/log"; exit 1; }

# What only a checkout needs is not in the distribution.
if test -e "$LG_SRCDIR/.git" && command -v git >/dev/null; then
    missing=$(cd "$LG_SRCDIR" && git -c safe.directory='*' ls-files |
        while read -r file; do
            case $file in
                .ci/* | *.gitignore | .gitattributes) ;;
                *) test -e "$dir/src/$file" || echo "$file" ;;
            esac
        done)
    if test -n "$missing"; then
        echo "not in the distribution:"
        echo "$missing"
        exit 1
    fi
fi

chmod -R a-w "$dir/src"
mkdir "$dir/build"
cd "$dir/build"
if ! { ../src/configure --prefix=/usr/local \
           --with-valgrind-libexecdir=/vg/libexec \
           --with-valgrind-includedir=/vg/include VALGRIND="$VALGRIND" &&
       make && make install DESTDIR="$dir/root"; } >"$dir/log" 2>&1; then
    cat "$dir/log"
    exit 1
fi

installed=$(cd "$dir/root" && find . -type f | sort)
for wanted in vg/libexec/leakgrind-$LG_PLATFORM \
              vg/libexec/vgpreload_leakgrind-$LG_PLATFORM.so \
              vg/include/leakgrind.h \
              usr/local/bin/leakgrind \
              usr/local/share/man/man1/leakgrind.1 \
              usr/local/share/man/man1/valgrind-leakgrind.1; do
    if ! printf '%s\n' "$installed" | grep -qx "./$wanted"; then
        echo "not installed: $wanted; but:"
        echo "$installed"
        exit 1
    fi
done
others=$(printf '%s\n' "$installed" |
    grep -v -e '^\./vg/' -e '^\./usr/local/share/man/' \
            -e '^\./usr/local/share/leakgrind/' \
            -e '^\./usr/local/share/doc/leakgrind/' \
            -e '^\./usr/local/share/bash-completion/completions/leakgrind.bash$' \
            -e '^\./usr/local/share/zsh/site-functions/_leakgrind$' \
            -e '^\./usr/local/bin/lg-supp-convert$' \
            -e '^\./usr/local/bin/leakgrind$') || :
if test -n "$others"; then
    echo "installed without need: $others"
    exit 1
fi

make uninstall DESTDIR="$dir/root" >"$dir/log" 2>&1
left=$(find "$dir/root" -type f)
if test -n "$left"; then
    echo "left after uninstall: $left"
    exit 1
fi
