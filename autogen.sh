#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes configure and the Makefile.in files.  Needs autoconf, automake and
# pkg-config (for its m4 macros).
set -e
cd "$(dirname "$0")"

for program in autoreconf automake pkg-config; do
    if ! command -v "$program" >/dev/null 2>&1; then
        echo "autogen.sh: $program is missing; on Debian:" \
             "apt-get install autoconf automake pkg-config" >&2
        exit 1
    fi
done

exec autoreconf --install --force "$@"
