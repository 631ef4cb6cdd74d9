#!/usr/bin/env python3
"""The HTML report in a real browser: nothing is requested, nothing goes wrong, the numbers are those of the JSON, axe-core finds no violation, no line is wider
than a phone, and on paper each account begins a page.

TRASLOCO_TEST_HTML=FOLDER keeps the pages, pictures of them (both languages, light and dark, phone and laptop) and the PDF there, and tries axe-core on each of these
(else on each language, size and colour once).
axe-core is got by npm into a temporary folder; without npm or its registry that part skips itself.
"""
import itertools
import os
import re
import shutil
import subprocess
import tempfile

import lib
from browser import LAPTOP, PHONE, Browser
from corpus import Folder, write_maildir

HOSTILE = "<script>alert(\"x\")<b>&' \u05d0"
LANGS = ("en", "it")
TERMS = ("source", "copied", "already_there", "skipped", "refused", "vanished", "pending")
FOUND = ("identical", "rewritten", "altered", "missing", "gone", "doubled", "target_only")
READ = """
const numbers = where => Object.fromEntries([...where.querySelectorAll('[data-term]')].map(e => [e.dataset.term, [e.dataset.n, e.textContent]]));
return [...document.querySelectorAll('article')].map(a => ({
	name: a.dataset.account, verdict: a.querySelector('.verdict').dataset.verdict, answer: a.querySelector('.answer')?.dataset.answer,
	ledger: numbers(a.querySelector('[data-table=ledger]')), verified: numbers(a.querySelector('[data-table=verified]')),
	folders: [...a.querySelectorAll('[data-table=folders] tbody tr')].map(r => ({name: r.querySelector('bdi').textContent, numbers: numbers(r), bar: r.querySelector('svg').getAttribute('aria-label')})),
	years: [...a.querySelectorAll('[data-table=years] tbody tr')].map(r => ({year: r.cells[0].textContent, numbers: numbers(r)})),
	senders: [...a.querySelectorAll('[data-table=senders] tbody tr')].map(r => r.cells[0].textContent),
}))"""
OPEN = "document.querySelectorAll('details').forEach(d => d.open = true)"
AXE = """
const more = arguments[0], done = arguments[1];
axe.run(document, {resultTypes: ['violations'], ...more}).then(r => done({
	bad: r.violations.map(v => v.id + ': ' + v.help + ': ' + v.nodes.map(n => n.html).slice(0, 3).join(' | ')), passed: r.passes.length,
	version: r.testEngine.version}), e => done({bad: [String(e)], passed: 0}))"""


def people(number, lang):
    """1234 as the page shows it."""
    return format(int(number), ",").replace(",", "." if lang == "it" else ",")


class Page(lib.Case):
    alone = True    # one browser

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        anna, bruno = lib.corpus.mailbox("anna", 60), lib.corpus.mailbox("bruno", 20)
        bruno = [Folder("INBOX", bruno[0].messages), Folder(HOSTILE, bruno[1].messages)]
        write_maildir(cls.source, "anna", anna)
        write_maildir(cls.source, "bruno", bruno)
        more = {"provider": "libero"}
        cls.made = lib.Job([lib.account("anna", cls.source, cls.target, source_more=more), lib.account("bruno", cls.source, cls.target, source_more=more)],
                           folders={"exclude": ["Spam"]})
        cls.addClassCleanup(cls.made.close)
        planned = cls.made.call("plan", "--json")
        assert planned.code == 0, planned.tell()
        cls.planned = planned.report
        cls.plan = os.path.join(cls.made.folder, "plan.html")
        cls.made.call("report", "--of", "plan", "--html", cls.plan)
        ran = cls.made.run()
        assert ran.code == 0, ran.tell()
        cls.pages = {}
        for lang in LANGS:
            cls.pages[lang] = os.path.join(cls.made.folder, lang + ".html")
            told = cls.made.call("report", "--lang", lang, "--html", cls.pages[lang])
            assert (told.code, told.out, told.err) == (0, "", ""), told.tell()
        cls.doc = cls.made.call("report", "--json", "-").report
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.keep = os.environ.get("TRASLOCO_TEST_HTML")
        if cls.keep:
            for page in [cls.plan, *cls.pages.values()]:
                shutil.copy(page, cls.keep)

    def test_loads_nothing(self):
        self.browser.requests(), self.browser.log("browser")    # another test's
        for lang, page in [*self.pages.items(), ("en", self.plan)]:
            self.browser.open(page)
            self.assertEqual(self.browser.run("return performance.getEntriesByType('resource').length"), 0)
            self.assertEqual(self.browser.requests(), ["file://" + page])
            self.assertEqual(self.browser.log("browser"), [])
            self.assertEqual(self.browser.run("return [document.scripts.length, document.images.length, document.documentElement.lang]"), [0, 0, lang])

    def test_nothing_may_be_loaded(self):
        """Not even by markup that somebody would slip in: the page itself forbids it. (This also shows that the test above would see it.)"""
        self.browser.open(self.pages["en"])
        self.browser.log("browser")
        self.browser.run("const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i); const s = document.createElement('script');"
                         "s.textContent = 'window.ran = 1'; document.body.append(s)")
        self.assertIsNone(self.browser.run("return window.ran"))
        said = lib.wait_for(lambda: self.browser.log("browser"), limit=5)
        self.assertIn("Content Security Policy", said[0]["message"])

    def numbers(self, lang, account, shown):
        sums = account["totals"]["ledger"]
        self.assertEqual(shown["verdict"], account["verdict"])
        if account.get("may_close"):
            self.assertEqual(shown["answer"], account["may_close"]["answer"])
        self.assertEqual({t: shown["ledger"][t] for t in TERMS}, {t: [str(sums[t]), people(sums[t], lang)] for t in TERMS})
        found = {t: sum(f["verified"][t] for f in account["folders"] if f["verified"]) for t in FOUND}
        found["checked"] = sum(found[t] for t in FOUND[:5])
        for term, (n, text) in shown["verified"].items():
            self.assertEqual((n, text), (str(found[term]), people(found[term], lang)), term)
        self.assertEqual({t for t in FOUND if found[t]} - set(shown["verified"]), set())
        self.assertEqual([f["name"] for f in shown["folders"]], [f["source"] for f in account["folders"]])
        for row, folder in zip(shown["folders"], account["folders"]):
            ledger = folder["ledger"]
            want = {t: str(ledger[t]) for t in TERMS if ledger[t] or t == "source"}
            self.assertEqual({t: n for t, (n, _) in row["numbers"].items() if t in TERMS}, want, folder)
            self.assertEqual({t: text for t, (_, text) in row["numbers"].items() if t in TERMS}, {t: people(n, lang) for t, n in want.items()})
            self.assertEqual(row["numbers"]["bytes"][0], str(folder["bytes"]))
            self.assertIn(people(ledger["source"], lang), row["bar"])
        for year in shown["years"]:
            self.assertTrue(all(people(n, lang) == text for n, text in year["numbers"].values()))
        if shown["years"]:
            self.assertEqual(sum(int(y["numbers"]["source"][0]) for y in shown["years"]), sums["source"] - sums["vanished"] - sums["skipped"])  # of what is left out no date is known

    def test_numbers(self):
        for lang, page in self.pages.items():
            self.browser.open(page)
            shown = self.browser.run(READ)
            self.assertEqual([s["name"] for s in shown], [a["name"] for a in self.doc["accounts"]])
            for account, one in zip(self.doc["accounts"], shown):
                with self.subTest(lang=lang, account=account["name"]):
                    self.numbers(lang, account, one)
            index = self.browser.run("return [...document.querySelectorAll('[data-table=index] tbody a')].map(a => [a.textContent, document.querySelector(a.hash).dataset.account])")
            self.assertEqual(index, [[a["name"], a["name"]] for a in self.doc["accounts"]])
        self.assertTrue(any(f["name"].endswith(HOSTILE) for f in shown[1]["folders"]))

    def test_screens(self):
        """Nothing is wider than the screen; the first key leads past the beginning; dark is dark."""
        for lang, page in [("plan", self.plan), *self.pages.items()]:
            self.browser.open(page)
            for size in ((320, 640), PHONE, LAPTOP):
                for dark in (False, True):
                    self.browser.look(size, dark)
                    wide, seen, colour, fold = self.browser.run("return [document.documentElement.scrollWidth, innerWidth, getComputedStyle(document.body).backgroundColor, "
                                                                "document.querySelectorAll('details[open]').length]")
                    self.assertLessEqual(wide, seen, (lang, size))
                    self.assertEqual(int(re.findall(r"\d+", colour)[0]) < 60, dark, colour)
                    self.assertEqual(fold, 0)
                    if self.keep and size != (320, 640):
                        self.browser.picture(os.path.join(self.keep, "%s-%s-%s.png" % (lang, "phone" if size == PHONE else "laptop", "dark" if dark else "light")))
        link = self.browser.run("const a = document.querySelector('a'); a.focus(); return [a.hash, getComputedStyle(a).outlineStyle, a.getBoundingClientRect().top >= 0]")
        self.assertEqual((link[0], link[2]), ("#main", True))

    def test_accessible(self):
        folder = tempfile.mkdtemp(prefix="axe-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        if not shutil.which("npm"):
            self.skipTest("npm is not installed: axe-core was not run")
        got = subprocess.run(["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--cache", os.path.join(folder, "cache"), "axe-core@4"],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if got.returncode:
            self.skipTest("npm has no registry: axe-core was not run: " + got.stderr.strip().splitlines()[0])
        with open(os.path.join(folder, "node_modules", "axe-core", "axe.min.js"), encoding="utf-8") as file:
            axe = file.read()
        for lang, page in [("plan", self.plan), *self.pages.items()]:
            self.browser.open(page)
            self.browser.run(OPEN)
            self.browser.run(axe)
            for size, dark in itertools.product((PHONE, LAPTOP), (False, True)):
                if not self.keep and (size == LAPTOP, dark) != (lang == "it", lang == "it"):
                    continue    # it takes seconds: each language, size and colour once
                self.browser.look(size, dark)
                found = self.browser.run_async(AXE, {})
                self.assertEqual(found["bad"], [], (lang, size, dark))
                self.assertGreater(found["passed"], 20)
        # it would see a fault
        self.browser.look(PHONE)
        self.browser.run("document.documentElement.lang = ''; document.querySelector('.said').style.color = '#999'")
        self.assertEqual(len(self.browser.run_async(AXE, {"runOnly": ["color-contrast", "html-has-lang"]})["bad"]), 2)

    def test_paper(self):
        if not shutil.which("pdftotext"):
            self.skipTest("pdftotext is not installed (tests/packages --tests)")
        for lang, page in self.pages.items():
            self.browser.look(LAPTOP, dark=True)
            self.browser.open(page)
            pdf = self.browser.paper()
            if self.keep:
                with open(os.path.join(self.keep, lang + ".pdf"), "wb") as file:
                    file.write(pdf)
            self.assertEqual(set(re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)[.\d]*\]", pdf)), {(b"594", b"841")})
            sheets = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, timeout=20).stdout.decode().rstrip("\f").split("\f")
            lines = [[line.strip() for line in sheet.splitlines() if line.strip()] for sheet in sheets]
            first = [n for n, sheet in enumerate(lines) for a in self.doc["accounts"] if sheet[1:2] == [a["name"]]]
            self.assertEqual(len(first), 2, lines)
            self.assertEqual(first[0], 1, "the index is a page by itself")
            self.assertGreater(first[1], first[0])
            text = "\n".join(sheets)
            self.assertTrue(all(a["source"]["user"] + " →" in text for a in self.doc["accounts"]))

    def test_plan(self):
        """The page of the dry run: the verdict, and the numbers of its JSON."""
        doc = self.planned
        self.browser.open(self.plan)
        shown = self.browser.run(READ.replace("ledger: numbers(a.querySelector('[data-table=ledger]')), verified: numbers(a.querySelector('[data-table=verified]')),",
                                              "ledger: numbers(a.querySelector('[data-table=ledger]')),"))
        self.assertEqual([(s["name"], s["verdict"], s["answer"]) for s in shown], [(a["name"], a["verdict"], None) for a in doc["accounts"]])
        for account, one in zip(doc["accounts"], shown):
            sums = account["totals"]["ledger"]
            self.assertEqual({t: n for t, (n, _) in one["ledger"].items()}, {t: str(sums[t]) for t in one["ledger"]})
            self.assertLessEqual({"source", "pending", "already_there"}, set(one["ledger"]))
            self.assertEqual([f["name"] for f in one["folders"]], [f["source"] for f in account["folders"]])
        self.assertGreater(doc["totals"]["ledger"]["pending"], 0)
        self.assertIn("%d messages to copy" % doc["totals"]["ledger"]["pending"], self.browser.run("return document.querySelector('.total').textContent"))

    def test_where_it_goes(self):
        """An existing file is replaced, no half of it is left, what can't be written is told in a line."""
        path = os.path.join(self.made.folder, "there.html")
        with open(path, "w") as file:
            file.write("old")
        self.assertEqual(self.made.call("report", "--html", path, "--account", "bruno").code, 0)
        with open(path, encoding="utf-8") as file:
            page = file.read()
        self.assertTrue(page.startswith("<!DOCTYPE html>") and page.endswith("</html>\n"))
        self.assertNotIn("<nav", page)
        self.assertIn("&lt;script&gt;alert(&quot;x&quot;)&lt;b&gt;&amp;&#39; \u05d0", page)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        shown = self.made.call("report", "--html", "-", "--account", "bruno")
        self.assertEqual(shown.out, page)
        for bad in ("/dev/full", os.path.join(self.made.folder, "none", "r.html"), self.made.folder):
            told = self.made.call("report", "--html", bad)
            self.assertEqual((told.code, told.out, len(told.err.splitlines())), (2, "", 1), told.tell())
            self.assertIn(bad, told.err)
        self.assertEqual([name for name in os.listdir(self.made.folder) if name.endswith(".part")], [])


if __name__ == "__main__":
    lib.tail()
