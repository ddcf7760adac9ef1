#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The few real programs of `make check`; the others are for the slow target.
exec "${PYTHON3:-python3}" "$(dirname "$0")/real.py" --short
