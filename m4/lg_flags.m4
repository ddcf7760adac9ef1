# SPDX-License-Identifier: GPL-2.0-or-later
# lg_flags.m4: how to compile for the two unusual places that our code runs in,
# the tool (static, no libc) and the preload library (a guest of every program).

# _LG_TRY_FLAG(VARIABLE, FLAG)
# ----------------------------
# Appends FLAG to VARIABLE when the compiler takes it without complaint.
AC_DEFUN([_LG_TRY_FLAG], [
AC_MSG_CHECKING([whether $CC accepts $2])
lg_save_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -Werror $2"
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([])],
    [AC_MSG_RESULT([yes]); AS_VAR_APPEND([$1], [" $2"])],
    [AC_MSG_RESULT([no])])
CFLAGS=$lg_save_CFLAGS
])

# LG_TOOL_FLAGS
# -------------
# After this:
#   LG_WARN_CFLAGS      warnings, for everything we compile
#   LG_DEBUG_CFLAGS     debug information that Valgrind can read, likewise
#   LG_BARE_CFLAGS      code without a libc below it: tool and preload
#   LG_TOOL_CFLAGS      the tool only
#   LG_VALGRIND_CPPFLAGS  Valgrind's headers and the macros that choose the
#                       platform in them
#   LG_TOOL_LDFLAGS, LG_TOOL_LDADD        how a tool is linked
#   LG_PRELOAD_LDFLAGS, LG_PRELOAD_LDADD  how a preload library is linked
#   LG_REPLACEMALLOC    Valgrind's heap functions, for leakgrind/replacemalloc.a
AC_DEFUN([LG_TOOL_FLAGS], [
AC_REQUIRE([LG_FIND_VALGRIND])

LG_WARN_CFLAGS="-Wall -Wextra -Wstrict-prototypes"
_LG_TRY_FLAG([LG_WARN_CFLAGS], [-Werror=incompatible-pointer-types])

# Valgrind reads the debug information of the tool, of the preload library and
# of every test program, and its older versions do not know all of DWARF 5.
LG_DEBUG_CFLAGS=
_LG_TRY_FLAG([LG_DEBUG_CFLAGS], [-gdwarf-4])

# -fno-builtin: a hand-written length loop would become a call of strlen.
# The others switch off what a distribution's compiler may do by default and
# what needs support from a libc.
LG_BARE_CFLAGS="-Wmissing-prototypes"
AS_VAR_APPEND([LG_BARE_CFLAGS],
              [" -fno-builtin -fno-strict-aliasing -U_FORTIFY_SOURCE"])
_LG_TRY_FLAG([LG_BARE_CFLAGS], [-fno-stack-protector])
_LG_TRY_FLAG([LG_BARE_CFLAGS], [-fno-stack-clash-protection])
_LG_TRY_FLAG([LG_BARE_CFLAGS], [-fcf-protection=none])
_LG_TRY_FLAG([LG_BARE_CFLAGS], [-fno-lto])

LG_TOOL_CFLAGS="-fomit-frame-pointer"
_LG_TRY_FLAG([LG_TOOL_CFLAGS], [-fno-pie])

# As system headers, because their macros do not aim at -Wextra.
LG_VALGRIND_CPPFLAGS="-isystem $LG_VALGRIND_INCLUDE"
for lg_macro in VGA_$LG_ARCH VGO_$LG_OS VGP_${LG_ARCH}_$LG_OS \
                VGPV_${LG_ARCH}_${LG_OS}_vanilla; do
    AS_VAR_APPEND([LG_VALGRIND_CPPFLAGS], [" -D$lg_macro=1"])
done

LG_TOOL_LDFLAGS="-static -nodefaultlibs -nostartfiles -u _start"
AS_VAR_APPEND([LG_TOOL_LDFLAGS], [" -Wl,--build-id=none"])
# What tool/host/lg_corefuncs.c has in place of the core's.
AS_VAR_APPEND([LG_TOOL_LDFLAGS], [" -Wl,--wrap=vgPlain_string_match"])
AS_VAR_APPEND([LG_TOOL_LDFLAGS], [" -Wl,--wrap=vgPlain_memset"])
AS_VAR_APPEND([LG_TOOL_LDFLAGS], [" -Wl,-Ttext-segment=$LG_LOAD_ADDRESS"])
LG_TOOL_LDADD="$LG_VALGRIND_LIB/libcoregrind-$LG_PLATFORM.a"
AS_VAR_APPEND([LG_TOOL_LDADD], [" $LG_VALGRIND_LIB/libvex-$LG_PLATFORM.a -lgcc"])
# Present only when Valgrind itself was built by a compiler that needs it.
if test -f "$LG_VALGRIND_LIB/libgcc-sup-$LG_PLATFORM.a"; then
    AS_VAR_APPEND([LG_TOOL_LDADD],
                  [" $LG_VALGRIND_LIB/libgcc-sup-$LG_PLATFORM.a"])
fi

LG_PRELOAD_LDFLAGS="-shared -nodefaultlibs -Wl,-z,interpose,-z,initfirst"
AS_VAR_APPEND([LG_PRELOAD_LDFLAGS],
              [" -Wl,-soname,vgpreload_leakgrind-$LG_PLATFORM.so.0"])
LG_PRELOAD_LDADD="-Wl,--whole-archive leakgrind/replacemalloc.a"
AS_VAR_APPEND([LG_PRELOAD_LDADD], [" -Wl,--no-whole-archive"])
LG_REPLACEMALLOC="$LG_VALGRIND_LIB/libreplacemalloc_toolpreload-$LG_PLATFORM.a"

AC_SUBST([LG_WARN_CFLAGS])
AC_SUBST([LG_BARE_CFLAGS])
AC_SUBST([LG_TOOL_CFLAGS])
AC_SUBST([LG_DEBUG_CFLAGS])
AC_SUBST([LG_VALGRIND_CPPFLAGS])
AC_SUBST([LG_TOOL_LDFLAGS])
AC_SUBST([LG_TOOL_LDADD])
AC_SUBST([LG_PRELOAD_LDFLAGS])
AC_SUBST([LG_PRELOAD_LDADD])
AC_SUBST([LG_REPLACEMALLOC])
])
