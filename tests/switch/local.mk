# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/switch adds to the build: programs that change stacks.

TESTS += \
	tests/switch/run_switch.py \
	tests/switch/self_check.py

CHECK_SLOW += \
	tests/switch/runtimes.py \
	tests/switch/slow.sh

EXTRA_DIST += \
	tests/switch/control.c \
	tests/switch/coroutines.c \
	tests/switch/frames.c \
	tests/switch/programs/Stacks.java \
	tests/switch/programs/callbacks.go \
	tests/switch/programs/contexts.cpp \
	tests/switch/programs/continuations.scm \
	tests/switch/programs/coro.pl \
	tests/switch/programs/effects.ml \
	tests/switch/programs/exceptions.ml \
	tests/switch/programs/fibers.php \
	tests/switch/programs/fibers.rb \
	tests/switch/programs/gevents.py \
	tests/switch/programs/greenlets.py \
	tests/switch/programs/promises.js \
	tests/switch/programs/split.c \
	tests/switch/programs/stacks.go \
	tests/switch/run_switch.py \
	tests/switch/runtimes.py \
	tests/switch/scenario.c \
	tests/switch/self_check.py \
	tests/switch/signals.c \
	tests/switch/slow.sh \
	tests/switch/switch.h \
	tests/switch/ways.py \
	tests/switch/world.c
