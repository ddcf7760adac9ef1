# SPDX-License-Identifier: GPL-2.0-or-later
# lg_valgrind.m4: everything about the Valgrind that leakgrind is built for.

# LG_FIND_VALGRIND
# ----------------
# Finds the Valgrind to build for, the installed one or that of
# --with-valgrind-tree, and stops with a message when something is missing, too
# old or does not fit together.  After this:
#   VALGRIND             the launcher
#   LG_VALGRIND_VERSION  its version, as a text; LG_VG_VERSION in lg_config.h
#                        is the same as a number (3.19.0 is 31900)
#   LG_ARCH, LG_OS, LG_PLATFORM       amd64, linux, amd64-linux
#   LG_VALGRIND_INCLUDE  directory of the pub_tool_*.h headers
#   LG_VALGRIND_LIB      directory of the static libraries
#   LG_VALGRIND_LIBEXEC  directory of its tools
#   LG_TREE_PATH         what tests put before PATH: empty, or DIR:
#   LG_LOAD_ADDRESS      where a tool's text starts
#   vglibexecdir, vgincludedir        where "make install" puts our files
AC_DEFUN([LG_FIND_VALGRIND], [
AC_REQUIRE([PKG_PROG_PKG_CONFIG])

lg_floor=3.16.0
lg_advice="On Debian, \"apt-get install valgrind\" brings everything."

if test -z "$PKG_CONFIG"; then
    AC_MSG_ERROR([pkg-config is missing; it is how Valgrind is found.])
fi

AC_ARG_VAR([VALGRIND], [the valgrind launcher to build and test with])
AC_ARG_WITH([valgrind-tree],
    [AS_HELP_STRING([--with-valgrind-tree=DIR],
        [build for the Valgrind that is built, but not installed, in its
         source tree DIR (default: the installed Valgrind)])],
    [AS_CASE([$withval],
        [no], [lg_tree=],
        [yes], [AC_MSG_ERROR([--with-valgrind-tree needs a directory: --with-valgrind-tree=DIR])],
        [lg_tree=$withval])],
    [lg_tree=])
LG_TREE_PATH=
AS_IF([test -n "$lg_tree"], [_LG_USE_VALGRIND_TREE], [_LG_USE_INSTALLED_VALGRIND])

_LG_CHECK_VALGRIND_VERSION

AC_ARG_WITH([valgrind-libexecdir],
    [AS_HELP_STRING([--with-valgrind-libexecdir=DIR],
        [install the tool and its preload library into DIR
         (default: where memcheck is installed)])],
    [vglibexecdir=$withval], [vglibexecdir=$lg_install_libexec])
AC_ARG_WITH([valgrind-includedir],
    [AS_HELP_STRING([--with-valgrind-includedir=DIR],
        [install leakgrind.h into DIR (default: where memcheck.h is installed)])],
    [vgincludedir=$withval], [vgincludedir=$lg_install_include])

AC_SUBST([LG_ARCH])
AC_SUBST([LG_OS])
AC_SUBST([LG_PLATFORM])
AC_SUBST([LG_LOAD_ADDRESS])
AC_SUBST([LG_TREE_PATH])
AC_SUBST([LG_VALGRIND_VERSION])
AC_SUBST([LG_VALGRIND_INCLUDE])
AC_SUBST([LG_VALGRIND_LIB])
AC_SUBST([LG_VALGRIND_LIBEXEC])
AC_SUBST([vglibexecdir])
AC_SUBST([vgincludedir])
])

# _LG_READ_PLATFORM(WHAT)
# -----------------------
# The platform, from the pkg-config file that WHAT names to pkg-config.
AC_DEFUN([_LG_READ_PLATFORM], [
AC_MSG_CHECKING([for Valgrind's platform])
LG_ARCH=`$PKG_CONFIG --variable=arch "$1"`
LG_OS=`$PKG_CONFIG --variable=os "$1"`
LG_PLATFORM=`$PKG_CONFIG --variable=platform "$1"`
LG_LOAD_ADDRESS=`$PKG_CONFIG --variable=valt_load_address "$1"`
AC_MSG_RESULT([$LG_PLATFORM])
if test -z "$LG_ARCH" || test -z "$LG_OS" || test -z "$LG_PLATFORM" ||
   test -z "$LG_LOAD_ADDRESS"; then
    AC_MSG_ERROR([valgrind.pc does not say arch, os, platform and valt_load_address.])
fi
AS_CASE([$LG_ARCH],
    [amd64], [lg_arch_macro=__x86_64__],
    [arm64], [lg_arch_macro=__aarch64__],
    [AC_MSG_ERROR([leakgrind knows amd64 and arm64, not Valgrind's platform $LG_PLATFORM.])])
AC_PREPROC_IFELSE([AC_LANG_SOURCE([[
#ifndef $lg_arch_macro
#error another machine
#endif
]])], [], [AC_MSG_ERROR([$CC does not compile for Valgrind's platform $LG_PLATFORM.])])
])

# _LG_USE_INSTALLED_VALGRIND
# --------------------------
# Sets the variables that LG_FIND_VALGRIND promises, except the version, for the
# Valgrind that PATH and pkg-config find.
AC_DEFUN([_LG_USE_INSTALLED_VALGRIND], [
AC_PATH_PROG([VALGRIND], [valgrind])
if test -z "$VALGRIND"; then
    AC_MSG_ERROR([Valgrind is not installed: no program "valgrind" in PATH.
$lg_advice])
fi

AC_MSG_CHECKING([for Valgrind's pkg-config file])
if $PKG_CONFIG --exists valgrind; then
    AC_MSG_RESULT([yes])
else
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([Valgrind's development files are missing: pkg-config knows no "valgrind".
$lg_advice
For a Valgrind that you installed yourself, add the directory that holds its
valgrind.pc to PKG_CONFIG_PATH.])
fi

_LG_READ_PLATFORM([valgrind])

LG_VALGRIND_INCLUDE=
for lg_flag in `$PKG_CONFIG --cflags-only-I valgrind`; do
    lg_dir=`AS_ECHO(["$lg_flag"]) | sed 's/^-I//'`
    if test -f "$lg_dir/pub_tool_basics.h" && test -f "$lg_dir/config.h"; then
        LG_VALGRIND_INCLUDE=$lg_dir
        break
    fi
done
AC_MSG_CHECKING([for Valgrind's tool headers])
if test -z "$LG_VALGRIND_INCLUDE"; then
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([Valgrind's development files are missing: no pub_tool_basics.h and config.h
where valgrind.pc points (`$PKG_CONFIG --cflags-only-I valgrind`).
$lg_advice])
fi
AC_MSG_RESULT([$LG_VALGRIND_INCLUDE])

LG_VALGRIND_LIB=
for lg_flag in `$PKG_CONFIG --libs-only-L valgrind`; do
    lg_dir=`AS_ECHO(["$lg_flag"]) | sed 's/^-L//'`
    if test -f "$lg_dir/libcoregrind-$LG_PLATFORM.a"; then
        LG_VALGRIND_LIB=$lg_dir
        break
    fi
done
AC_MSG_CHECKING([for Valgrind's static libraries])
if test -z "$LG_VALGRIND_LIB"; then
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([Valgrind's development files are missing: no libcoregrind-$LG_PLATFORM.a
where valgrind.pc points (`$PKG_CONFIG --libs-only-L valgrind`).
$lg_advice])
fi
AC_MSG_RESULT([$LG_VALGRIND_LIB])
for lg_lib in vex replacemalloc_toolpreload; do
    if test ! -f "$LG_VALGRIND_LIB/lib$lg_lib-$LG_PLATFORM.a"; then
        AC_MSG_ERROR([Valgrind's development files are incomplete:
$LG_VALGRIND_LIB/lib$lg_lib-$LG_PLATFORM.a is missing.
$lg_advice])
    fi
done

lg_advice_mixed="Set VALGRIND and PKG_CONFIG_PATH so that both name the same installation."

_LG_FIND_VALGRIND_LIBEXEC
lg_install_libexec=$LG_VALGRIND_LIBEXEC
lg_install_include=$LG_VALGRIND_INCLUDE
])

# _LG_CHECK_VALGRIND_VERSION
# --------------------------
# A tool linked with one version's libraries starts silently in another
# version's directory and then misbehaves, so nothing less than equal will do.
# When cross-compiling, the launcher cannot be asked.
AC_DEFUN([_LG_CHECK_VALGRIND_VERSION], [
AC_MSG_CHECKING([for Valgrind's version])
lg_headers=`sed -n 's/^#define VERSION "\(.*\)"/\1/p' "$LG_VALGRIND_INCLUDE/config.h"`
if test "x$cross_compiling" = xyes; then
    lg_launcher=$lg_headers
else
    # A launcher that is not installed does not know where its tools are.
    lg_launcher=`env VALGRIND_OPTS= ${lg_tree:+"VALGRIND_LIB=$LG_VALGRIND_LIBEXEC"} \
        "$VALGRIND" --version 2>/dev/null | sed -n 's/^valgrind-//p'`
fi
AC_MSG_RESULT([$lg_launcher])
if test -z "$lg_launcher"; then
    AC_MSG_ERROR([$VALGRIND --version does not work.])
fi
if test "x$lg_launcher" != "x$lg_headers"; then
    AC_MSG_ERROR([two Valgrinds are mixed up: $VALGRIND is version $lg_launcher,
but the headers in $LG_VALGRIND_INCLUDE are of version $lg_headers.
$lg_advice_mixed])
fi
LG_VALGRIND_VERSION=$lg_headers
AS_VERSION_COMPARE([$LG_VALGRIND_VERSION], [$lg_floor],
    [AC_MSG_ERROR([Valgrind $LG_VALGRIND_VERSION is too old: leakgrind needs $lg_floor or newer.])])
lg_number=`AS_ECHO(["$LG_VALGRIND_VERSION"]) | tr -c '0-9\n' ' ' | {
    read lg_major lg_minor lg_patch lg_rest
    expr "$lg_major" '*' 10000 + "${lg_minor:-0}" '*' 100 + "${lg_patch:-0}"; }`
AC_DEFINE_UNQUOTED([LG_VG_VERSION], [$lg_number],
    [Version of the Valgrind to build for: 3.19.0 is 31900.])
])

# _LG_FIND_VALGRIND_LIBEXEC
# -------------------------
# Tools live in libexecdir since 3.17 and in libdir before; the truth is where
# memcheck is.
AC_DEFUN([_LG_FIND_VALGRIND_LIBEXEC], [
AC_MSG_CHECKING([where Valgrind's tools are installed])
lg_prefix=`$PKG_CONFIG --variable=prefix valgrind`
lg_exec_prefix=`$PKG_CONFIG --variable=exec_prefix valgrind`
lg_bin=`AS_DIRNAME(["$VALGRIND"])`
LG_VALGRIND_LIBEXEC=
for lg_dir in ${with_valgrind_libexecdir+"$with_valgrind_libexecdir"} \
              "$lg_exec_prefix/libexec/valgrind" "$lg_prefix/libexec/valgrind" \
              "$LG_VALGRIND_LIB" "$lg_exec_prefix/lib/valgrind" \
              "$lg_bin/../libexec/valgrind" "$lg_bin/../lib/valgrind"; do
    if test -f "$lg_dir/memcheck-$LG_PLATFORM"; then
        LG_VALGRIND_LIBEXEC=$lg_dir
        break
    fi
done
if test -z "$LG_VALGRIND_LIBEXEC"; then
    AC_MSG_RESULT([not found])
    AC_MSG_ERROR([memcheck-$LG_PLATFORM is nowhere near $VALGRIND.
Name its directory with --with-valgrind-libexecdir=DIR.])
fi
AC_MSG_RESULT([$LG_VALGRIND_LIBEXEC])
])
