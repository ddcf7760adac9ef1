# SPDX-License-Identifier: GPL-2.0-or-later
"""An SQLite database of everything in the file.  docs/outputs.md has its tables."""
import sqlite3

from ..datafile import KINDS
from ..leaks import find_leaks

__all__ = ["write_file"]

SCHEMA = """
PRAGMA user_version = 1;
CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE checks (id INTEGER PRIMARY KEY, moment TEXT, label TEXT, time INTEGER);
CREATE TABLE totals (check_id INTEGER, kind TEXT, blocks INTEGER, bytes INTEGER);
CREATE TABLE frames (id INTEGER PRIMARY KEY, language TEXT, function TEXT, file TEXT,
    line INTEGER, object TEXT, offset INTEGER, inlined INTEGER, own INTEGER);
CREATE TABLE stacks (id INTEGER, depth INTEGER, frame_id INTEGER,
    PRIMARY KEY (id, depth)) WITHOUT ROWID;
CREATE TABLE records (id INTEGER PRIMARY KEY, check_id INTEGER, number INTEGER,
    kind TEXT, class TEXT, type TEXT, name TEXT, stack_id INTEGER, blocks INTEGER,
    bytes INTEGER, indirect_bytes INTEGER, refs INTEGER, c_refs INTEGER,
    suppressed INTEGER, error INTEGER, old_blocks INTEGER, old_bytes INTEGER,
    signature TEXT);
CREATE TABLE leaks (check_id INTEGER, signature TEXT, kind TEXT, class TEXT, type TEXT,
    name TEXT, sentence TEXT, library TEXT, own INTEGER, error INTEGER,
    blocks INTEGER, bytes INTEGER, indirect_bytes INTEGER, refs INTEGER,
    where_frame_id INTEGER, PRIMARY KEY (check_id, signature));
CREATE TABLE paths (record_id INTEGER, number INTEGER, blocks INTEGER, depth INTEGER,
    step TEXT);
CREATE TABLE owners (id INTEGER PRIMARY KEY, check_id INTEGER, name TEXT,
    blocks INTEGER, bytes INTEGER);
CREATE TABLE owner_types (owner_id INTEGER, type TEXT, blocks INTEGER, bytes INTEGER);
CREATE TABLE course (id INTEGER PRIMARY KEY, at INTEGER, unit TEXT);
CREATE TABLE course_kinds (course_id INTEGER, kind TEXT, blocks INTEGER,
    bytes INTEGER);
CREATE TABLE course_rows (course_id INTEGER, what TEXT, name TEXT, blocks INTEGER,
    bytes INTEGER);
"""

VIEWS = """
CREATE INDEX records_signature ON records (signature);
CREATE INDEX stacks_frame ON stacks (frame_id);
CREATE VIEW last_check AS SELECT max(id) AS id FROM checks;
CREATE VIEW last_leaks AS SELECT * FROM leaks
    WHERE check_id = (SELECT id FROM last_check) AND kind <> 'reachable'
    ORDER BY own DESC, error DESC, bytes + indirect_bytes DESC;
CREATE VIEW stack_lines AS SELECT stacks.id AS stack_id, depth, function,
    file || CASE WHEN line THEN ':' || line ELSE '' END AS place, object, own
    FROM stacks JOIN frames ON frames.id = frame_id ORDER BY stacks.id, depth;
CREATE VIEW lost_by_line AS SELECT function, file, line, sum(blocks) AS blocks,
    sum(bytes) AS bytes FROM records JOIN frames ON frames.id =
    (SELECT frame_id FROM stacks JOIN frames ON frames.id = frame_id
     WHERE stacks.id = stack_id AND own ORDER BY depth LIMIT 1)
    WHERE check_id = (SELECT id FROM last_check) AND NOT suppressed AND
    kind IN ('definite', 'indirect', 'possible')
    GROUP BY function, file, line ORDER BY bytes DESC;
CREATE VIEW leak_growth AS SELECT signature, check_id, blocks, bytes, blocks -
    lag(blocks, 1, 0) OVER (PARTITION BY signature ORDER BY check_id) AS new_blocks,
    sentence FROM leaks ORDER BY signature, check_id;
"""


class _Numbers:
    """Numbers for things that appear often; a row is added for each new one."""

    def __init__(self, add):
        self.numbers = {}
        self.add = add

    def __call__(self, thing):
        if thing not in self.numbers:
            self.numbers[thing] = len(self.numbers) + 1
            self.add(self.numbers[thing], thing)
        return self.numbers[thing]


class _Database:
    def __init__(self, view, connection):
        self.view = view
        self.connection = connection
        self.frame = _Numbers(self._add_frame)
        self.stack = _Numbers(self._add_stack)
        self.record_ids = 0
        self.owner_ids = 0

    def insert(self, table, *values):
        self.connection.execute("INSERT INTO %s VALUES (%s)" % (
            table, ",".join("?" * len(values))), [
                min(v, 2**63 - 1) if type(v) is int else v for v in values])

    def _add_frame(self, number, frame):
        self.insert("frames", number, frame.language, frame.function, frame.file,
                    frame.line, frame.object, frame.offset, int(frame.inlined),
                    int(frame in self.view.own))

    def _add_stack(self, number, stack):
        for depth, frame in enumerate(stack):
            self.insert("stacks", number, depth, self.frame(frame))

    def add_run(self):
        header = self.view.data.header
        for name in ("tool", "valgrind", "arch", "pid", "directory"):
            self.insert("run", name, str(header[name]))
        for name in ("command", "options"):
            self.insert("run", name, " ".join(header[name]))
        self.insert("run", "finished", str(int(self.view.data.finished)))

    def add_check(self, check):
        self.insert("checks", check.number, check.moment, check.label, check.time)
        for kind, (blocks, size) in check.totals.items():
            self.insert("totals", check.number, kind, blocks, size)
        signatures = {}
        for leak in find_leaks(check, self.view.own, KINDS):
            self._add_leak(check, leak)
            for record in leak.records:
                signatures[record.number] = leak.signature
        for record in check.records:
            self._add_record(check, record, signatures.get(record.number))
        for owner in check.owners:
            self._add_owner(check, owner)

    def _add_leak(self, check, leak):
        self.insert("leaks", check.number, leak.signature, leak.kind, leak.cls,
                    leak.type, leak.name, leak.sentence(), leak.library,
                    int(leak.is_own), int(leak.error), leak.blocks, leak.bytes,
                    leak.indirect_bytes, leak.references,
                    self.frame(leak.where) if leak.where else None)

    def _add_record(self, check, record, signature):
        self.record_ids += 1
        self.insert("records", self.record_ids, check.number, record.number,
                    record.kind, record.cls, record.type, record.name,
                    self.stack(record.stack), record.blocks, record.bytes,
                    record.indirect_bytes, record.references, record.c_references,
                    int(record.suppressed), int(record.error), record.old_blocks,
                    record.old_bytes, signature)
        for number, path in enumerate(record.paths, 1):
            for depth, step in enumerate(path.steps):
                self.insert("paths", self.record_ids, number, path.blocks, depth, step)

    def _add_owner(self, check, owner):
        self.owner_ids += 1
        self.insert("owners", self.owner_ids, check.number, owner.name, owner.blocks,
                    owner.bytes)
        for row in owner.types:
            self.insert("owner_types", self.owner_ids, *row)

    def add_course(self):
        for number, point in enumerate(self.view.data.course, 1):
            self.insert("course", number, point.at, self.view.data.course_unit)
            for kind, size in point.bytes.items():
                self.insert("course_kinds", number, kind, point.blocks[kind], size)
            for what in ("types", "lines", "owners"):
                for row in getattr(point, what):
                    self.insert("course_rows", number, what, *row)


def write_file(view, path):
    """Makes the database; the file must not exist."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                                 + SCHEMA)
        database = _Database(view, connection)
        database.add_run()
        for check in view.data.checks:
            database.add_check(check)
        database.add_course()
        connection.executescript(VIEWS)
        connection.commit()
    finally:
        connection.close()
