#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The random programs of the slow target, with other seeds than in `make check`.
exec "${PYTHON3:-python3}" "$(dirname "$0")/run_diff.py" "${1:-320}" \
    --seed "${2:-1001}"
