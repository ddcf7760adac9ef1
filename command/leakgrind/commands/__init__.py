# SPDX-License-Identifier: GPL-2.0-or-later
"""What the command can do: a module for each, with HELP, add_arguments(parser) and
run(args), which returns the exit code."""
