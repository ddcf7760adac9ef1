# SPDX-License-Identifier: GPL-2.0-or-later
"""JUnit XML, for test reports: a test case for each leak.

Leaks of one's own that count as errors are failures; the others, and those of
libraries, are skipped test cases.  Names have neither lines nor numbers, so that the
history of a leak is found again.
"""
from xml.sax.saxutils import escape, quoteattr

from ..exporting import level, relative, stack_lines
from ..leaks import shorten_name
from ..printable import printable

__all__ = ["write"]


def _attribute(text):
    return quoteattr(printable(text))


def _names(view, leak):
    """Of the test case: its class, and its own."""
    what = leak.name or leak.type or "memory"
    if leak.where is None:
        return "library." + (leak.library or "unknown"), "%s [%s]" % (
            what, leak.signature)
    return relative(view, leak.where.file or leak.where.object) or "unknown", \
        "%s: %s [%s]" % (shorten_name(leak.where.function, view.full_names) or "???",
                         what, leak.signature)


def _write_case(view, leak, out):
    where, name = _names(view, leak)
    out.write('    <testcase classname=%s name=%s time="0">\n' % (
        _attribute(where), _attribute(name)))
    if level(leak) != "error":
        out.write("      <skipped message=%s/>\n" % _attribute(leak.sentence()))
    else:
        text = ["%s bytes; leak %s" % (format(leak.total_bytes, ","), leak.signature)]
        text += stack_lines(view, leak.records[0])
        for path in leak.records[0].paths:
            text.append("held by: %s" % printable(" -> ".join(path.steps)))
        out.write("      <failure type=%s message=%s>%s</failure>\n" % (
            _attribute(leak.kind), _attribute(leak.sentence()),
            escape("\n".join(text))))
    out.write("    </testcase>\n")


def write(view, out):
    failures = sum(level(leak) == "error" for leak in view.leaks)
    # With no test case at all, readers of test results find that no test was run.
    counts = 'tests="%d" failures="%d" errors="0" skipped="%d" time="0"' % (
        len(view.leaks) or 1, failures, len(view.leaks) - failures)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write("<testsuites %s>\n" % counts.replace(
        ' skipped="%d"' % (len(view.leaks) - failures), ""))
    out.write('  <testsuite name="leakgrind" %s>\n' % counts)
    for leak in view.leaks:
        _write_case(view, leak, out)
    if not view.leaks:
        out.write('    <testcase classname="leakgrind" name="no leaks" time="0"/>\n')
    out.write("  </testsuite>\n</testsuites>\n")
