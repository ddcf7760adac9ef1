#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# More random suppression files than `make check` tries.
exec "${PYTHON3:-python3}" "$(dirname "$0")/suppressions.py" \
    --seed 2 --files 300 --damaged 200
