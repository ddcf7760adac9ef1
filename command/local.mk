# SPDX-License-Identifier: GPL-2.0-or-later
# The command `leakgrind`, a Python package of the standard library.  Its client
# module is for the programs that run under leakgrind: PYTHONPATH=$(pkgdatadir).
# A new file is one line here, in the list of its folder.
packagedir = $(pkgdatadir)/leakgrind
dist_package_DATA = \
	command/leakgrind/__init__.py \
	command/leakgrind/__main__.py \
	command/leakgrind/attach.py \
	command/leakgrind/baseline.py \
	command/leakgrind/cli.py \
	command/leakgrind/client.py \
	command/leakgrind/compare.py \
	command/leakgrind/datafile.py \
	command/leakgrind/exporting.py \
	command/leakgrind/launch.py \
	command/leakgrind/keepers.py \
	command/leakgrind/leaks.py \
	command/leakgrind/outfiles.py \
	command/leakgrind/printable.py \
	command/leakgrind/progress.py \
	command/leakgrind/summary.py \
	command/leakgrind/sources.py \
	command/leakgrind/symbols.py \
	command/leakgrind/view.py

packagecommandsdir = $(packagedir)/commands
dist_packagecommands_DATA = \
	command/leakgrind/commands/__init__.py \
	command/leakgrind/commands/baseline.py \
	command/leakgrind/commands/diff.py \
	command/leakgrind/commands/report.py \
	command/leakgrind/commands/run.py \
	command/leakgrind/commands/snap.py \
	command/leakgrind/commands/watch.py \
	command/leakgrind/commands/why.py

packageformatsdir = $(packagedir)/formats
dist_packageformats_DATA = \
	command/leakgrind/formats/__init__.py \
	command/leakgrind/formats/callgrind.py \
	command/leakgrind/formats/folded.py \
	command/leakgrind/formats/github.py \
	command/leakgrind/formats/html.py \
	command/leakgrind/formats/json.py \
	command/leakgrind/formats/junit.py \
	command/leakgrind/formats/sarif.py \
	command/leakgrind/formats/speedscope.py \
	command/leakgrind/formats/sqlite.py \
	command/leakgrind/formats/text.py

# Debian's bash-completion and zsh look here.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = command/completion/leakgrind.bash
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = command/completion/_leakgrind
packagepagedir = $(packagedir)/page
dist_packagepage_DATA = \
	command/leakgrind/page/page.css \
	command/leakgrind/page/page.html \
	command/leakgrind/page/page.js

# The program that a user runs; `make install` puts it on the path.
bin_SCRIPTS = command/bin/leakgrind
command/bin/leakgrind: command/bin/leakgrind.in Makefile
	$(AM_V_GEN)$(MKDIR_P) command/bin && \
	sed 's|@pkgdatadir@|$(pkgdatadir)|' $(top_srcdir)/command/bin/leakgrind.in >$@ && \
	chmod +x $@
EXTRA_DIST += command/bin/leakgrind.in
CLEANFILES += command/bin/leakgrind
