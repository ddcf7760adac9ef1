#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A few real programs for `make check`; the slow target runs the others.
exec "${PYTHON3:-python3}" "$(dirname "$0")/real.py" --short
