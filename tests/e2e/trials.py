"""Scenarios (servers/scenario.py), each tried on its sides, with one account and with three at once of which two are sound.

However a server misbehaves: the status is one that the scenario allows; nothing is lost, doubled or altered once it is well, after two resumed
runs at most; what the server altered or doubled itself is told by its code and by message; the sound accounts end complete in the first run.

With three accounts the servers are far away, as the program believes, and the sick one has a mail that leaves early for that.

TRASLOCO_TEST_SCENARIOS=all tries each with one account and with three; else they take turns. TRASLOCO_TEST_VERBOSE=1 prints a table at the end.
"""
import collections
import itertools
import os
import threading
import time

import compare
import corpus
import lib
import machine
import scenario
from memory import high_water, sanitized

RUN_SECONDS = 120       # no run takes longer, whatever the other side does
MEMORY_KB = 48 << 10     # in a build without sanitizers
HARMS = {"altered": "message-altered", "doubled": "message-doubled"}
DATE = 1400000000
MIDDLING = 200000        # bytes: leaves while it comes, where the servers are far


def plain(user, box, number, size=300):
    text = ("riga %d di %s\r\n" % (number, box)).encode() * (size // 20)
    return corpus.Message(b"From: a@example.org\r\nTo: %s@example.org\r\nDate: Tue, 13 May 2014 16:53:20 +0000\r\nMessage-ID: <%d.%s.%s@example.org>\r\n"
                          b"Subject: %s %d\r\n\r\n%s" % (user.encode(), number, box.encode(), user.encode(), box.encode(), number, text),
                          DATE + number * 60, ["\\Seen"] if number % 2 else ["\\Flagged"])


def mailbox(user, kind):
    few = lambda box, count, size=300: [plain(user, box, n, size) for n in range(count)]
    if kind == "tiny":
        return [corpus.Folder("INBOX", few("in", 4)), corpus.Folder("Posta inviata", few("out", 2))]
    if kind == "large":
        return [corpus.Folder("INBOX", few("in", 700, 1200)), corpus.Folder("Posta inviata", few("out", 150))]
    return [corpus.Folder("INBOX", corpus.traps(user, DATE - 86400 * 90) + few("in", 5) + [plain(user, "big", 9, 40000)]),
            corpus.Folder("Posta inviata", few("out", 12)), corpus.Folder("Clienti/Perché no", few("cl", 4)), corpus.Folder("Vuota", [])]


def anywhere(a, b):
    """As compare.differences, whatever the folders are called."""
    count = lambda account, keep: collections.Counter(mail.same for box in account.boxes.values() for mail in keep(box.mails))
    have, got = count(a, compare.movable), count(b, list)
    return (["lost: %d" % (have - got).total()] if have - got else []) + (["doubled or altered: %d" % (got - have).total()] if got - have else [])


class Trial:
    """One scenario on one side with that many accounts."""

    def __init__(self, case, scene, side, accounts):
        self.case, self.scene, self.side, self.accounts = case, scene, side, accounts
        self.user = "%s-%s-%d" % (scene.name.replace("_", "-"), side, accounts)
        self.others = ["%s-sano%d" % (self.user, n) for n in range(1, accounts)]
        self.far = accounts > 1
        self.surroundings = {**(machine.loaded(far=1) if self.far else {}), **case.surroundings}
        self.statuses, self.peak, self.faults, self.seconds = [], 0, [], 0.0
        self.proxies = {name: case.proxy(getattr(case, name)) for name in ("source", "target") if side in (name, "both")}
        case.addCleanup(case.done.append, self)

    # ---- a run ----
    def _job(self):
        case, ends = self.case, {}
        for name in ("source", "target"):
            ends[name] = {"timeout": "2s", **self.scene.end} if name in self.proxies else {}
            if "tls" in ends[name]:
                ends[name]["ca_file"] = getattr(case, name).ca
        door = lambda name: case.in_front(self.proxies[name]) if name in self.proxies else getattr(case, name)
        sick = lib.account(self.user, door("source"), door("target"), source_more=ends["source"], target_more=ends["target"])
        sound = [lib.account(user, case.source, case.target) for user in self.others]
        return case.job(*sound[:1], sick, *sound[1:], **{"limits": {"give_up": "40s"}, **self.scene.job})

    def _run(self, job, *options):
        process, over = job.start("run", "--json", *options, **self.surroundings), threading.Event()

        def watch():
            while not over.wait(0.05):
                self.peak = max(self.peak, high_water(process.pid))
        threading.Thread(target=watch, daemon=True).start()
        try:
            result = lib.finish(process)
        finally:
            over.set()
        self.seconds += result.seconds
        self.case.assertLess(result.seconds, RUN_SECONDS, result.tell())
        self.case.assertTrue(result.out.strip(), "no document: " + result.tell())
        doc = result.report
        mine = next(account for account in doc["accounts"] if account["name"] == self.user)
        self.statuses.append(mine["exit"])
        self.case.assertEqual(doc["exit"], result.code, result.tell())
        self.case.assertEqual(lib.check_report(doc, "run"), [], result.tell())
        self.case.assertEqual([a["exit"] for a in doc["accounts"] if a is not mine], [0] * len(self.others), result.tell())
        return mine, result

    def _faulty(self, job, run):
        for side, proxy in self.proxies.items():
            self.faults += self.scene.apply(proxy, run, side)
        mine, result = self._run(job)
        expect = self.scene.expect
        allowed = expect.get("first", {}).get(self.side, [0]) if run == 1 else expect.get("second", {}).get(self.side, [0, 3])
        self.case.assertIn(mine["exit"], allowed, result.tell())
        told = [problem["code"] for problem in mine["problems"]]
        for code in expect.get("codes", {}).get(self.side, []) if run == 1 else []:
            self.case.assertIn(code, told, result.tell())
        self._compare(mine, result, blind=bool(expect.get("blind")))

    # ---- what is there ----
    def _compare(self, mine, result, blind=False):
        a, b = (compare.read(getattr(self.case, side), self.user) for side in ("source", "target"))
        names = self.scene.expect.get("names")
        bad = anywhere(a, b) if names else compare.differences(a, b, extra_folders=bool(self.scene.expect.get("extra")))
        harm = self.scene.expect.get("harm")
        if mine["exit"] not in (0, 1) or blind:
            bad = [line for line in bad if ": doubled" in line or "altered" in line or "source has not" in line]
        if not harm:
            if mine["exit"] == 1:
                bad = [line for line in bad if "doubled" in line or "altered" in line]
            self.case.assertEqual(bad, [], result.tell())
        elif mine["exit"] in (0, 1):
            self._told(mine, bad, harm, result)

    def _told(self, mine, bad, harm, result):
        """What the server did is told of each mail, and nothing else is wrong."""
        word = {"altered": ("altered", "lost"), "doubled": ("doubled",)}[harm]
        self.case.assertTrue(bad, "no harm was done: " + result.tell())
        self.case.assertEqual([line for line in bad if not any(w in line for w in word)], [], result.tell())
        self.case.assertEqual(mine["exit"], 1, result.tell())
        told = [problem for problem in mine["problems"] if problem["code"] == HARMS[harm] and problem["severity"] == "error"]
        touched = {name for fault in self.faults for name in fault.touched}
        self.case.assertTrue(told, result.tell())
        if touched:
            self.case.assertEqual({self.case.named(self.user, problem) for problem in told}, touched, result.tell())

    # ---- all of it ----
    def go(self):
        self._runs()
        if not self.scene.expect.get("never"):
            idle = [told for told in {fault.told for fault in self.faults} if not any(f.struck for f in self.faults if f.told == told)]
            self.case.assertEqual(idle, [], "never happened")
        for user in self.others:
            self.case.same(user)
        if not sanitized(lib.program()):
            self.case.assertLess(self.peak, MEMORY_KB)

    def _runs(self):
        users = [(self.user, self.scene.mailbox)] + [(user, "tiny") for user in self.others]
        for user, kind in users:
            folders = mailbox(user, kind)
            if user == self.user and self.far and not self.scene.settings:
                folders[0].messages.append(plain(user, "media", 10, MIDDLING))
            corpus.write_maildir(self.case.source, user, folders)
        job, scene = self._job(), self.scene
        staged = max([run for fault in scene.faults if fault.get("runs") != "all" for run in fault.get("runs", [1])] + [2 if scene.stays() else 1])
        for run in range(1, staged + 1):
            self._faulty(job, run)
        for proxy in self.proxies.values():
            proxy.plain()
        if scene.stays() == "for good":
            return
        end, was = 1 if scene.expect.get("harm") else 0, self.statuses[-1]
        if scene.expect.get("retry"):
            self.case.assertEqual(job.call("refused", "--retry").code, 0)
        for _ in range(2):
            if len(self.statuses) > staged and self.statuses[-1] == end or (self.accounts > 1 and self.statuses[-1] == end):
                break
            mine, result = self._run(job)
            self._compare(mine, result)
        self.case.assertEqual(self.statuses[-1], end, "not well after two more runs: " + result.tell() if len(self.statuses) > staged else "")
        if was == 0 and len(self.statuses) > staged and not scene.expect.get("blind"):
            self.case.assertEqual(mine["totals"]["ledger"]["copied_now"], 0, result.tell())


class Trials(lib.Case):
    """The tests of this class are made of the scenarios that have one of its sides."""

    threads = int(os.environ.get("TRASLOCO_TEST_THREADS", "10"))
    surroundings = {}       # of the program, in its environment

    def in_front(self, proxy):
        """What stands between the program and the proxy."""
        return proxy

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.done, cls.began = [], time.monotonic()

    @classmethod
    def tearDownClass(cls):
        if os.environ.get("TRASLOCO_TEST_VERBOSE") == "1":
            table(cls.done, time.monotonic() - cls.began)


def table(trials, seconds):
    print("%-34s %-7s %8s  %-14s %7s %9s" % ("scenario", "side", "accounts", "statuses", "seconds", "peak KB"))
    for trial in sorted(trials, key=lambda t: (t.scene.name, t.side, t.accounts)):
        print("%-34s %-7s %8d  %-14s %7.1f %9d" % (trial.scene.name, trial.side, trial.accounts, ", ".join(map(str, trial.statuses)), trial.seconds, trial.peak))
    print("%d scenarios, %d trials, %d runs, %.0f s in all, the longest trial %.1f s, the highest peak %d KB"
          % (len({t.scene.name for t in trials}), len(trials), sum(len(t.statuses) for t in trials), seconds,
             max([t.seconds for t in trials], default=0), max([t.peak for t in trials], default=0)))


def made_for(sides, names=None):
    """A class decorator: a test for each scenario (or for those), side and number of accounts."""
    def make(scene, side, accounts):
        def test(self):
            Trial(self, scene, side, accounts).go()
        test.__doc__ = scene.why
        return test

    def add(cls):
        turns = itertools.cycle([(1,), (3,)]) if os.environ.get("TRASLOCO_TEST_SCENARIOS") != "all" else itertools.repeat((1, 3))
        for scene in scenario.every():
            if names and scene.name not in names:
                continue
            # one account on the one side, three on the other
            for side, numbers in zip(scene.sides, turns):
                for accounts in numbers if side in sides else ():
                    setattr(cls, "test_%s_%s_%d" % (scene.name, side, accounts), make(scene, side, accounts))
        return cls
    return add
