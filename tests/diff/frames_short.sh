#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The written programs and a few random ones; more are for the slow target.
exec "${PYTHON3:-python3}" "$(dirname "$0")/frames.py" --short
