#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks at the page (leakgrind report --html) in a real browser, without a window: each
tab, search, zoom, keyboard, light and dark, a phone's width, 100,000 groups, and hostile
names.  Nothing may be written to the console, nothing loaded, nothing run.

With LG_SCREENSHOTS=FOLDER it also takes pictures of all tabs."""
import json
import os
import shutil
import sys
import tempfile
import time
import unittest

import handmade
from handmade import c, py

try:
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    print("SKIP: there is no selenium (python3-selenium)")
    sys.exit(77)

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
WIDE, PHONE = 1200, 360
TABS = ["suspects", "leaks", "owners", "flame", "tables", "course"]
BAD = "</script><script>window.bad=1</script><img src=x onerror=window.bad=1>\"'\x01"


def start_browser():
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu",
                 "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--window-size=%d,900" % WIDE):
        options.add_argument(word)
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    try:
        from selenium.webdriver.chrome.service import Service
        return webdriver.Chrome(service=Service(DRIVER), options=options)
    except TypeError:  # selenium 3
        return webdriver.Chrome(executable_path=DRIVER, options=options)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.browser = start_browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.browser.set_window_size(WIDE, 900)

    def tearDown(self):
        errors = [entry for entry in self.browser.get_log("browser")
                  if entry["level"] in ("SEVERE", "WARNING")]
        self.assertEqual(errors, [])
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                self.assertTrue(url.startswith(("file:", "data:")), url)

    def open(self, *files):
        """Writes the page of the data files, and opens it."""
        page = os.path.join(self.folder, "page.html")
        done = handmade.command("report", "--html", "-o", page, *files)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.browser.get("about:blank")  # or else a #fragment only scrolls
        self.browser.get("file://" + page)

    def file(self, name="data"):
        return handmade.DataFile(os.path.join(self.folder, name))

    def service(self):
        """What most tests look at."""
        file = self.file()
        file.check("finalize")
        file.record([handmade.MALLOC, py("fill", "/work/app/cache.py", 3),
                     py("main", "/work/app/app.py", 9)], kind="reachable",
                    type="app.Item", blocks=10, size=640, flags=0,
                    paths=[["module cache", ".CACHE (dict)", "[*]"]])
        file.owner("cache.CACHE", 10, 640)
        file.owner("sys.modules", 3, 64)
        file.end_check()
        file.check("exit")
        file.record([handmade.MALLOC, c("split"), py("parse", "/work/app/csv.py", 4),
                     py("main", "/work/app/app.py", 8)], type="str", blocks=3, size=150,
                    references=3)
        file.record([handmade.MALLOC, c("copy"), c("run"),
                     py("main", "/work/app/app.py", 7)], blocks=2, size=50,
                    indirect=30)
        file.end_check()
        file.line({"course": "ms"})
        for at in range(5):
            file.line(["c", at * 1000, [at, 0, 0, 1, 9, 0], [at * 50, 0, 0, 8, 900, 0]])
        file.line({"end": "course"})
        return file.write()

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def tab(self, name):
        self.one("#tab-" + name).click()
        self.assertTrue(self.one("#view-" + name).is_displayed())
        self.assertEqual(sum(view.is_displayed()
                             for view in self.all("[role=tabpanel]")), 1)
        return self.one("#view-" + name)

    def press(self, *keys):
        self.browser.switch_to.active_element.send_keys(*keys)

    def focused(self):
        return self.browser.switch_to.active_element

    def picture(self, name):
        if "LG_SCREENSHOTS" in os.environ:
            self.browser.save_screenshot(
                os.path.join(os.environ["LG_SCREENSHOTS"], name + ".png"))

    # --- Tabs

    def test_suspects(self):
        self.open(self.service())
        suspects = self.all(".suspect")
        self.assertEqual(
            [each.find_element(By.TAG_NAME, "h3").text for each in suspects],
            ["3 str objects made by split (csv.c:35) were never released: a missing "
             "Py_DECREF.",
             "2 blocks made by copy (csv.c:35) were never freed.",
             "cache.CACHE keeps 640 B in 10 blocks."])
        self.assertIn("Nothing leads there.", suspects[0].text)
        self.assertIn("--py-watch=str@csv.py:4", suspects[0].text)
        self.assertIn("80 B (30 B in what hangs from them) · 2 blocks",
                      suspects[1].text)
        self.assertEqual(self.one("#totals").text.split("\n")[0], "lost")

    def test_every_tab_draws(self):
        self.open(self.service())
        for name in TABS:
            view = self.tab(name)
            self.assertGreater(len(view.text), 20, name)
            self.picture(name)
        self.assertEqual(self.browser.execute_script("return location.hash"), "#course")

    def test_leaks_search_and_filters(self):
        self.open(self.service())
        view = self.tab("leaks")
        names = lambda: [e.text for e in view.find_elements(  # noqa: E731
            By.CSS_SELECTOR, ".row:not(.head) .name")]
        self.assertEqual(len(names()), 2)
        search = self.one("#search")
        search.send_keys("parse SPLIT")
        self.wait(lambda: len(names()) == 1)
        self.assertIn("split", names()[0])
        search.send_keys(" nothing")
        self.wait(lambda: names() == [])
        search.clear()
        search.send_keys(" ")
        self.wait(lambda: len(names()) == 2)
        self.all("#view-leaks option[value='2']")[0].click()
        self.wait(lambda: len(names()) == 1)
        self.assertIn("in use", names()[0])
        row = self.all("#view-leaks .row[role=button]")[0]
        row.click()
        self.assertEqual(row.get_attribute("aria-expanded"), "true")
        self.assertIn("module cache→.CACHE (dict)→[*]",
                      self.one("#view-leaks .detail").text)

    def wait(self, condition):
        end = time.time() + 10
        while not condition():
            self.assertLess(time.time(), end, "nothing happened")
            time.sleep(0.05)

    def test_owners(self):
        self.open(self.service())
        view = self.tab("owners")
        self.assertEqual([e.text for e in view.find_elements(
            By.CSS_SELECTOR, ".row:not(.head) .name")],
            ["owncache.CACHE", "sys.modules"])
        self.assertEqual(len(self.all(".treemap .cell")), 2)

    def test_flame_graph_zooms(self):
        self.open(self.service())
        self.tab("flame")
        readout = self.one(".readout")
        self.assertIn("230 B in 5 blocks and what hangs from them", readout.text)
        label = "[aria-label^='split']"
        self.one(label).click()
        self.assertTrue(readout.text.startswith("split (csv.c:35) · 150 B in 3 blocks"))
        self.assertFalse(self.all("[aria-label^='copy']"))
        self.one("#view-flame button").click()
        self.assertTrue(self.all("[aria-label^='copy']"))
        self.one("#python").click()
        self.assertFalse(self.all(label))
        self.assertTrue(self.all("[aria-label^='parse']"))

    def test_course(self):
        self.open(self.service())
        self.assertEqual(len(self.tab("course").find_elements(
            By.CSS_SELECTOR, ".chart > path")), 3)

    def test_two_files(self):
        before = self.file("before")
        before.check()
        before.record([c("split")], type="str", blocks=1, size=50)
        before.end_check()
        self.open(before.write(), self.service())
        self.assertIn("new", self.tab("compare").text)

    # --- Keyboard

    def test_tabs_by_keyboard(self):
        self.open(self.service())
        self.one("#tab-suspects").send_keys(Keys.ARROW_RIGHT)
        self.assertEqual(self.focused().get_attribute("id"), "tab-leaks")
        self.press(Keys.END)
        self.assertEqual(self.focused().get_attribute("id"), "tab-course")
        self.press(Keys.ARROW_RIGHT)
        self.assertEqual(self.focused().get_attribute("id"), "tab-suspects")
        self.press("/")
        self.assertEqual(self.focused().get_attribute("id"), "search")
        self.press("/")
        self.assertEqual(self.focused().get_attribute("value"), "/")

    def test_rows_by_keyboard(self):
        self.open(self.service())
        self.tab("leaks")
        row = self.all("#view-leaks .row[role=button]")[0]
        row.send_keys(Keys.ENTER)
        self.assertEqual(row.get_attribute("aria-expanded"), "true")
        row.send_keys(Keys.SPACE)
        self.assertEqual(row.get_attribute("aria-expanded"), "false")

    def test_flame_graph_by_keyboard(self):
        self.open(self.service())
        self.tab("flame")
        self.one("#view-flame .cell[tabindex='0']").send_keys(Keys.ARROW_DOWN)
        self.assertTrue(self.focused().get_attribute("aria-label").startswith("main"))
        first = self.focused().get_attribute("aria-label")
        self.press(Keys.ARROW_RIGHT)
        self.assertNotEqual(self.focused().get_attribute("aria-label"), first)
        self.press(Keys.ARROW_LEFT)
        self.assertEqual(self.focused().get_attribute("aria-label"), first)
        self.press(Keys.ENTER)
        self.assertFalse(self.all("[aria-label^='copy']"))
        self.press(Keys.ESCAPE)
        self.assertTrue(self.all("[aria-label^='copy']"))

    # --- Looks

    def test_light_and_dark(self):
        self.open(self.service())
        ground = lambda: self.one("body").value_of_css_property(  # noqa: E731
            "background-color")
        light = ground()
        self.one("#theme").click()
        self.assertNotEqual(ground(), light)
        for name in TABS:
            self.tab(name)
            self.picture("dark-" + name)

    def test_phone(self):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": PHONE, "height": 740, "deviceScaleFactor": 1, "mobile": True})
        try:
            self.open(self.service())
            for name in TABS:
                self.browser.execute_script(
                    "document.getElementById('tab-%s').click()" % name)
                self.assertEqual(self.browser.execute_script(
                    "return document.documentElement.scrollWidth"), PHONE, name)
                self.picture("phone-" + name)
        finally:
            self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    # --- Limits

    def test_hostile_names(self):
        file = self.file()
        file.check()
        for what in (BAD, "std::map<" + "int, " * 200000 + ">::f", "\u202e\x1b[31m",
                     "a" * 100000):
            file.record([handmade.MALLOC, c(what, "/work/app/" + what[:50])], type=what,
                        paths=[[what, what]])
            file.owner(what, 1, 2)
        file.end_check()
        self.open(file.write())
        for name in TABS:
            self.tab(name)
        self.assertIsNone(self.browser.execute_script("return window.bad || null"))
        self.assertFalse(self.all("img"))
        self.assertEqual(len(self.all("script")), 3)

    def test_many_groups(self):
        file = self.file()
        file.check()
        for i in range(100000):
            file.record([handmade.MALLOC, c("f%d" % (i % 1000), line=i % 77 + 1),
                         py("g%d" % (i // 1000), "/work/app/a.py", i % 50)],
                        type="t%d" % (i % 100), blocks=1 + i % 9, size=100 + i)
        file.end_check()
        self.open(file.write())
        # How long the browser worked until all was there: a second on a quiet machine.
        took = self.browser.execute_script(
            "const t = performance.getEntriesByType('navigation')[0];"
            "return t.loadEventEnd - t.responseEnd")
        self.assertLess(took, 1000 * 5 * float(os.environ.get("LG_SLOWDOWN", "1")))
        for name in TABS:
            self.tab(name)


if __name__ == "__main__":
    if not CHROMIUM or not DRIVER:
        print("SKIP: there is no chromium with chromedriver")
        sys.exit(77)
    unittest.main()
