# SPDX-License-Identifier: GPL-2.0-or-later
"""The outputs of `leakgrind report`: a module for each, with write(view, out).

`view` is a View (leakgrind.view); `out` a text file.  One that is no text has
write_file(view, path) in its place: it makes that file."""
