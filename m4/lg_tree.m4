# SPDX-License-Identifier: GPL-2.0-or-later
# lg_tree.m4: building for a Valgrind that is built but not installed.

# _LG_TREE_HAS(FILE, WHAT IT MEANS WHEN FILE IS MISSING)
# ------------------------------------------------------
AC_DEFUN([_LG_TREE_HAS], [
if test ! -f "$lg_tree/$1"; then
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([--with-valgrind-tree=$lg_tree: $2;
$lg_tree/$1 is missing.])
fi
])

# _LG_USE_VALGRIND_TREE
# ---------------------
# For --with-valgrind-tree, whose directory is in $lg_tree: sets the variables
# that LG_FIND_VALGRIND promises, except the version.  A tree keeps its headers
# and libraries where they are made, so they are linked into ./valgrind-tree in
# the order of an installation, which is all that the rest of the build knows.
# Stops with a message when the tree is none, or not built.
AC_DEFUN([_LG_USE_VALGRIND_TREE], [
AC_MSG_CHECKING([for Valgrind's source in $lg_tree])
_LG_TREE_HAS([include/pub_tool_basics.h], [this is not Valgrind's source])
_LG_TREE_HAS([valgrind.pc], [this Valgrind is not configured yet])
_LG_TREE_HAS([config.h], [this Valgrind is not configured yet])
AC_MSG_RESULT([configured])
lg_tree=`cd "$lg_tree" && pwd`
_LG_READ_PLATFORM([$lg_tree/valgrind.pc])
AC_MSG_CHECKING([whether it is built])
for lg_file in coregrind/valgrind \
               coregrind/libcoregrind-$LG_PLATFORM.a \
               coregrind/libreplacemalloc_toolpreload-$LG_PLATFORM.a \
               VEX/libvex-$LG_PLATFORM.a \
               .in_place/memcheck-$LG_PLATFORM; do
    _LG_TREE_HAS([$lg_file], [this Valgrind is not built yet])
done
AC_MSG_RESULT([yes])
VALGRIND=$lg_tree/coregrind/valgrind
# For vgdb, which tests take from PATH.
LG_TREE_PATH=$lg_tree/coregrind:
lg_advice_mixed="Build the tree again."
LG_VALGRIND_LIBEXEC=$lg_tree/.in_place

rm -rf valgrind-tree
LG_VALGRIND_INCLUDE=`pwd`/valgrind-tree/include/valgrind
LG_VALGRIND_LIB=`pwd`/valgrind-tree/lib/valgrind
AS_MKDIR_P(["$LG_VALGRIND_INCLUDE"])
AS_MKDIR_P(["$LG_VALGRIND_LIB"])
for lg_file in config.h include/*.h include/vki VEX/pub/*.h \
               callgrind/callgrind.h cachegrind/cachegrind.h dhat/dhat.h \
               drd/drd.h helgrind/helgrind.h memcheck/memcheck.h; do
    # The pattern is the tree's, and not every version has every file.
    for lg_path in "$lg_tree"/$lg_file; do
        test ! -e "$lg_path" || ln -s "$lg_path" "$LG_VALGRIND_INCLUDE/" ||
            AC_MSG_ERROR([cannot make links in $LG_VALGRIND_INCLUDE.])
    done
done
for lg_path in "$lg_tree"/coregrind/lib*-$LG_PLATFORM.a \
               "$lg_tree"/VEX/lib*-$LG_PLATFORM.a; do
    ln -s "$lg_path" "$LG_VALGRIND_LIB/" ||
        AC_MSG_ERROR([cannot make links in $LG_VALGRIND_LIB.])
done

# "make install" goes where the tree's does.
lg_exec_prefix=`$PKG_CONFIG --variable=exec_prefix "$lg_tree/valgrind.pc"`
AS_VERSION_COMPARE([`$PKG_CONFIG --modversion "$lg_tree/valgrind.pc"`], [3.17],
    [lg_install_libexec=$lg_exec_prefix/lib/valgrind],
    [lg_install_libexec=$lg_exec_prefix/libexec/valgrind],
    [lg_install_libexec=$lg_exec_prefix/libexec/valgrind])
lg_install_include=`$PKG_CONFIG --variable=includedir "$lg_tree/valgrind.pc"`
])
