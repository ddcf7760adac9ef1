# SPDX-License-Identifier: GPL-2.0-or-later
# lg_python.m4: what the tests need to build extensions of Python and programs
# that embed it.  leakgrind itself needs none of it.

# LG_FIND_PYTHON_DEV
# ------------------
# Looks for the headers and the library that belong to $PYTHON3.  After this:
#   LG_PYTHON_CPPFLAGS   for extensions
#   LG_PYTHON_LIBS       for programs that embed the interpreter
#   LG_PYTHON_SONAME     its library, as the dynamic linker knows it
# and the conditionals LG_HAVE_PYTHON_DEV, LG_HAVE_PYTHON_LIB.
AC_DEFUN([LG_FIND_PYTHON_DEV], [
_lg_python_config()
{
    $PYTHON3 -c "import sysconfig; print($[]1 or '')" 2>/dev/null
}
AC_MSG_CHECKING([for the headers of ${PYTHON3:-python3}])
lg_python_include=
test -z "$PYTHON3" ||
    lg_python_include=`_lg_python_config "sysconfig.get_path('include')"`
LG_PYTHON_CPPFLAGS=
LG_PYTHON_LIBS=
LG_PYTHON_SONAME=
lg_have_python_dev=no
lg_have_python_lib=no
AS_IF([test -n "$lg_python_include" && test -f "$lg_python_include/Python.h"],
    [lg_have_python_dev=yes
     LG_PYTHON_CPPFLAGS="-isystem $lg_python_include"
     AC_MSG_RESULT([$lg_python_include])],
    [AC_MSG_RESULT([no, some tests will be skipped])])
AS_IF([test $lg_have_python_dev = yes],
    [lg_python_libdir=`_lg_python_config \
         "sysconfig.get_config_var('LIBDIR')"`
     lg_python_version=`_lg_python_config \
         "sysconfig.get_config_var('LDVERSION')"`
     AC_MSG_CHECKING([for libpython$lg_python_version as a shared library])
     LG_PYTHON_SONAME=`_lg_python_config \
         "sysconfig.get_config_var('INSTSONAME')"`
     LG_PYTHON_LIBS="-L$lg_python_libdir -lpython$lg_python_version"
     lg_save_CPPFLAGS=$CPPFLAGS
     lg_save_LIBS=$LIBS
     CPPFLAGS="$CPPFLAGS $LG_PYTHON_CPPFLAGS"
     LIBS="$LG_PYTHON_LIBS $LIBS"
     AC_LINK_IFELSE(
         [AC_LANG_PROGRAM([[#include <Python.h>]], [[Py_Initialize();]])],
         [lg_have_python_lib=yes])
     CPPFLAGS=$lg_save_CPPFLAGS
     LIBS=$lg_save_LIBS
     AC_MSG_RESULT([$lg_have_python_lib])])
AC_SUBST([LG_PYTHON_CPPFLAGS])
AC_SUBST([LG_PYTHON_LIBS])
AC_SUBST([LG_PYTHON_SONAME])
AM_CONDITIONAL([LG_HAVE_PYTHON_DEV], [test $lg_have_python_dev = yes])
AM_CONDITIONAL([LG_HAVE_PYTHON_LIB], [test $lg_have_python_lib = yes])
])
