#!/usr/bin/env python3
"""Run after run while the job changes between them: rules of folders, filters, a lost state, a kill, a dry run in between. After each step nothing
is gone at the target, nothing is there more often than at the source, and what a finished run says is there is there.

By hand for longer: TRASLOCO_TEST_SEEDS=1,2,3 TRASLOCO_TEST_STEPS=20
"""
import collections
import json
import os
import random
import time

import compare
import corpus
import lib

STEPS = int(os.environ.get("TRASLOCO_TEST_STEPS", "5"))
SEEDS = [int(n) for n in os.environ.get("TRASLOCO_TEST_SEEDS", "1,2,3,4").split(",")]
SIZES = {"INBOX": 30, "A": 60, "A/sotto": 10, "B": 20, "C": 25}
DOUBLES = 5         # of the mails in C there are two
FIRST, DAY = 1600000000, 86400
SPLIT, SPLIT_AT = "2020-09-24", 1600905600   # between the eleventh and the twelfth


def mail(folder, n):
    text = "Message-ID: <%d.%s@sequenza>\r\nSubject: %d\r\n\r\n%s\r\n" % (n, folder.replace("/", "."), n, "x" * 400)
    return corpus.Message(text.encode(), FIRST + n * DAY)


class Sequence:
    """One mailbox, its job, and what has to be true of it."""

    def __init__(self, case, seed):
        self.case, self.rng, self.user = case, random.Random(seed), "sequenza%d" % seed
        folders = [corpus.Folder(name, [mail(name, n) for n in range(count)] + ([mail(name, n) for n in range(DOUBLES)] if name == "C" else []))
                   for name, count in SIZES.items()]
        corpus.write_maildir(case.source, self.user, folders)
        self.source = compare.read(case.source, self.user)
        self.all = self.counted(self.source)
        self.before = collections.Counter()
        self.rules, self.messages = {"exclude": [], "map": {}, "under": ""}, {}
        self.job = case.job(lib.account("nobody", 1, 1))
        self.said = []

    def counted(self, account):
        return collections.Counter(m.same for box in account.boxes.values() for m in box.mails)

    def write(self, rules):
        account = lib.account(self.user, self.case.source, self.case.target)
        account["folders"] = {key: value for key, value in rules.items() if value}
        self.job.write_text(json.dumps({"version": 1, "workers": 2, "limits": {"give_up": "60s"}, "messages": self.messages, "accounts": [account]}))

    def change(self):
        """Another job, or the same."""
        rules = dict(self.rules)
        what = self.rng.choice(["exclude", "map", "under", "messages", "messages", "nothing", "state"])
        if what == "exclude":
            rules["exclude"] = self.rng.choice([[], ["A"], ["B", "C"], ["A/sotto"]])
        elif what == "map":
            rules["map"] = self.rng.choice([{}, {"A": "Altro"}, {"B": "A/da B"}])
        elif what == "under":
            rules["under"] = self.rng.choice(["", "Libero"])
        elif what == "messages":
            self.messages = self.rng.choice([{}, {"since": SPLIT}, {"before": SPLIT}, {"duplicates": "skip"}, {"since": SPLIT, "duplicates": "skip"}])
        elif what == "state" and not rules["exclude"] and not self.messages:    # what it is not told to look at it can't adopt
            self.job.forget()
        self.said.append("%s %s %s" % (what, rules, self.messages))
        return rules

    def place(self, folder):
        """Where the rules send it: the nearest entry of the map, then under."""
        levels, below = folder.split("/"), []
        while levels and "/".join(levels) not in self.rules["map"]:
            below.insert(0, levels.pop())
        name = "/".join(([self.rules["map"]["/".join(levels)]] if levels else []) + below)
        return self.rules["under"] + "/" + name if self.rules["under"] else name

    def wanted(self, m):
        date = time.mktime(m.date)
        return ("since" not in self.messages or date >= SPLIT_AT) and ("before" not in self.messages or date < SPLIT_AT)

    def excluded(self, folder):
        return any(folder == e or folder.startswith(e + "/") for e in self.rules["exclude"])

    def sound(self):
        target = compare.read(self.case.target, self.user)
        now = self.counted(target)
        self.case.assertFalse(self.before - now, "gone: " + self.tell())
        self.case.assertFalse(now - self.all, "more often than at the source: " + self.tell())
        self.before = now
        return target

    def whole(self, target):
        """What a run that ended with 0 has brought."""
        for name, box in self.source.boxes.items():
            if self.excluded(name):
                continue
            want = collections.Counter(m.same for m in box.mails if self.wanted(m))
            if self.messages.get("duplicates") == "skip":
                want = collections.Counter(want.keys())
            there = target.boxes.get(self.place(name))
            have = collections.Counter(m.same for m in there.mails) if there else collections.Counter()
            self.case.assertFalse(want - have, "%s: lacking: %s" % (name, self.tell()))

    def tell(self):
        return self.user + ": " + "; ".join(self.said)

    def kill_once(self):
        process = self.job.start("run", "--json")
        time.sleep(self.rng.random() * 0.8)
        lib.kill(process)
        self.said.append("killed")
        self.sound()

    def step(self):
        rules = self.change()
        self.write(rules)
        killed = self.rng.random() < 0.3
        if killed:
            self.kill_once()
        if self.rng.random() < 0.4:
            self.case.assertIn(self.job.call("plan", "--json").code, (0, 1, 2), self.tell())
            self.said.append("planned")
            if not killed:  # else the server may still carry out what it was sent
                self.case.assertEqual(self.counted(compare.read(self.case.target, self.user)), self.before, "a plan changed something: " + self.tell())
        before = self.counted(self.sound())
        result = self.job.run(*self.rng.choice([[], [], ["--no-verify"]]))
        self.said.append("%d" % result.code)
        self.case.assertIn(result.code, (0, 2), self.tell() + result.tell())
        if result.code == 2:    # would copy a second time: nothing was written
            self.case.assertTrue(lib.problems(result.report, "mapping-changed"), self.tell() + result.tell())
            if not killed:
                self.case.assertEqual(self.counted(self.sound()), before, self.tell())
            self.write(self.rules)
            self.said.append("back")
            result = self.job.run()
            self.case.assertEqual(result.code, 0, self.tell() + result.tell())
        else:
            self.rules = rules
        self.whole(self.sound())


class Sequences(lib.Case):
    def test_sequences(self):
        def one(seed):
            sequence = Sequence(self, seed)
            for _ in range(STEPS):
                sequence.step()
            result = sequence.job.call("verify", "--deep", "--json")
            self.assertEqual(result.code, 0, sequence.tell() + result.tell())
        lib.at_once([lambda s=s: one(s) for s in SEEDS])


if __name__ == "__main__":
    lib.tail()
