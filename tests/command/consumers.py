#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Outputs of `leakgrind report` in the hands of their consumers, which npm has: the
schemas of SARIF 2.1.0 and speedscope, and speedscope itself in a browser."""
import base64
import glob
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

from handmade import DataFile, command, run_program
from test_formats import PROGRAM, write_hostile

SPEEDSCOPE = "speedscope@1.25.0"
SARIF_SCHEMA = "@microsoft/jest-sarif@1.0.0-beta.0"
TIMEOUT = 120 * float(os.environ.get("LG_SLOWDOWN", "1"))

# The interpreter for which Debian has packages.
VALIDATE = ["/usr/bin/python3", "-c", """
import json, sys
import jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))
"""]


class Consumers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.real = run_program(cls.folder, PROGRAM, "--show-reachable=yes")
        cls.hostile = write_hostile(os.path.join(cls.folder, "hostile"))
        empty = DataFile(os.path.join(cls.folder, "empty"))
        empty.check()
        empty.end_check()
        cls.empty = empty.write()

    def package(self, name):
        """The folder of the npm package."""
        if shutil.which("npm") is None:
            self.skipTest("no npm")
        folder = tempfile.mkdtemp(dir=self.folder)
        done = subprocess.run(["npm", "pack", name], cwd=folder, timeout=TIMEOUT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        archives = glob.glob(os.path.join(folder, "*.tgz"))
        if done.returncode or not archives:
            self.skipTest("npm cannot get " + name)
        with tarfile.open(archives[0]) as archive:
            archive.extractall(folder)
        return os.path.join(folder, "package")

    def report(self, output, data):
        path = os.path.join(self.folder, "report." + output)
        done = command("report", "--" + output, data, "-o", path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return path

    def validate(self, output, schema):
        if subprocess.run([VALIDATE[0], "-c", "import jsonschema"],
                          stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no python3-jsonschema")
        for data in (self.real, self.hostile, self.empty):
            done = subprocess.run([*VALIDATE, self.report(output, data), schema],
                                  stderr=subprocess.PIPE, universal_newlines=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_sarif_schema(self):
        schema, = glob.glob(self.package(SARIF_SCHEMA) + "/lib/schemas/sarif-2.1.0*")
        self.validate("sarif", schema)

    def test_speedscope_schema(self):
        self.validate("speedscope", self.package(SPEEDSCOPE) +
                      "/dist/release/file-format-schema.json")

    def shown(self, page, data):
        """What speedscope's page shows of the data, as its command opens it."""
        with open(self.report("speedscope", data), "rb") as file:
            text = base64.b64encode(file.read()).decode()
        script = os.path.join(self.folder, "profile.js")
        with open(script, "w") as out:
            out.write("speedscope.loadFileFromBase64('data.speedscope.json', %s)"
                      % json.dumps(text))
        return subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
             "--user-data-dir=" + os.path.join(self.folder, "profile"),
             "--virtual-time-budget=5000", "--dump-dom",
             "file://%s#localProfilePath=%s" % (page, script)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
            check=True, timeout=TIMEOUT).stdout

    def test_speedscope(self):
        if shutil.which("chromium") is None:
            self.skipTest("no chromium")
        page = self.package(SPEEDSCOPE) + "/dist/release/index.html"
        text = self.shown(page, self.real)
        self.assertRegex(text, "lost</span></td><td[^>]*>500 B<")
        self.assertRegex(text, "in use</span></td><td[^>]*>800 B<")
        self.assertRegex(self.shown(page, self.hostile),
                         "in use</span></td><td[^>]*>1.17 KB<")  # 1,200 bytes


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    if result.skipped and len(result.skipped) >= result.testsRun:
        sys.exit(77)
    sys.exit(not result.wasSuccessful())
