#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The fixed programs and a few random ones; the slow target runs more.
exec "${PYTHON3:-python3}" "$(dirname "$0")/frames.py" --short
