# SPDX-License-Identifier: GPL-2.0-or-later
"""The Python that runs the programs under test: the one that configure has found
(PYTHON3), for which make has built the modules; or one that the user names
(make check PYTHON=..., which sets LG_PYTHON), for which they are built here."""

import contextlib
import fcntl
import json
import os
import shlex
import shutil
import subprocess

SOURCE = os.path.dirname(os.path.abspath(__file__))
MODULES = ["clib", "clobber", "constants", "layers", "leaky", "pools",
           "pretend", "unheld"]
# Its libraries, and options for the compiler.
PROGRAMS = {
    "embed": ("embed.c", ["-L{LIBDIR}", "-lpython{LDVERSION}",
                          "-Wl,-rpath,{LIBDIR}"]),
    "embed_dlopen": ("embed.c", ["-DEMBED_DLOPEN=\"{INSTSONAME}\"", "-ldl",
                                 "-Wl,-rpath,{LIBDIR}"]),
}
# Debian's debug interpreters have their headers elsewhere, or none; use those of
# the ordinary interpreter.
ASK = """
import json, os, sys, sysconfig
about = dict(LIBDIR="", LDVERSION="", INSTSONAME="", version=sys.version)
include = "%s/include/python%d.%d" % (sys.base_prefix, *sys.version_info[:2])
try:
    about.update((n, sysconfig.get_config_var(n) or "") for n in about
                 if n != "version")
    if os.path.exists(sysconfig.get_path("include") + "/Python.h"):
        include = sysconfig.get_path("include")
except ImportError:
    pass
print(json.dumps(dict(about, include=include)))
"""


def named():
    """The interpreter that the user names, or None."""
    return os.environ.get("LG_PYTHON") or None


def _command(about, source, target, extra):
    compiler = [*shlex.split(os.environ.get("CC", "cc")), "-std=gnu11"]
    if source.endswith(".cpp"):
        compiler = shlex.split(os.environ.get("CXX", "c++"))
    return (compiler
            + ["-O2", "-g", "-gdwarf-4", "-fPIC", "-pthread",
               "-fno-optimize-sibling-calls", "-w"]
            + shlex.split(os.environ.get("LG_DEBUG_CFLAGS", ""))
            + ["-isystem", about["include"],
               "-I" + os.path.join(SOURCE, "..", "..", "leakgrind"),
               "-I" + os.environ.get("LG_VALGRIND_INCLUDE",
                                     "/usr/include/valgrind"),
               "-o", target, os.path.join(SOURCE, source)]
            + [word.format(**about) for word in extra])


def _build(about, folder):
    """Builds what can be built; tests that need the rest are skipped."""
    for name in MODULES:
        subprocess.run(_command(about, name + ".c",
                                os.path.join(folder, name + ".so"),
                                ["-shared"]), check=False)
    for name, (source, extra) in PROGRAMS.items():
        subprocess.run(_command(about, source, os.path.join(folder, name),
                                extra), check=False)


def _is_older(stamp):
    sources = [os.path.join(SOURCE, name) for name in os.listdir(SOURCE)
               if name.endswith((".c", ".py"))]
    return not os.path.exists(stamp) or any(
        os.path.getmtime(s) > os.path.getmtime(stamp) for s in sources)


def _about(python):
    """What ASK says, as JSON."""
    return subprocess.run([python, "-c", ASK], check=True,
                          stdout=subprocess.PIPE).stdout


def compile_module(python, source, folder):
    """Compiles an extension module, of C++ (.cpp) or Cython (.pyx), in `folder`;
    False if that is not possible here."""
    name, extension = os.path.splitext(source)
    if extension == ".pyx":
        translated = os.path.join(folder, name + ".c")
        cython = shutil.which("cython3") or shutil.which("cython")
        if not cython or subprocess.run(
                [cython, "-3", os.path.join(SOURCE, source), "-o", translated],
                check=False).returncode:
            return False
        source = translated
    return subprocess.run(
        _command(json.loads(_about(python)), source,
                 os.path.join(folder, name + ".so"), ["-shared"]),
        check=False).returncode == 0


def build(python, build_dir):
    """Has the modules for this interpreter in a folder of their own below the
    build directory, and returns that."""
    said = _about(python)
    folder = os.path.join(build_dir, "with" + python.replace("/", "-") + ".tmp")
    os.makedirs(folder, exist_ok=True)
    stamp = os.path.join(folder, "stamp")
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            with open(stamp, "rb") as before:
                if before.read() != said:
                    os.remove(stamp)
        if _is_older(stamp):
            _build(json.loads(said), folder)
            with open(stamp, "wb") as now:
                now.write(said)
    return folder
