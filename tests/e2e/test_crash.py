#!/usr/bin/env python3
"""kill -9 at the n-th crash point, for every n: of a whole move, of the run that settles a killed one, of an upgrade of the state, and of the commands that
change it. test_kill.py does so with several lanes, where no two runs pass in the same order. Here there is one, and a mailbox that is as small as one can be
that passes them all: a folder to be made, a mail that leaves in parts, one that is refused.

TRASLOCO_TEST_PASSES: every so manieth pass is tried (default 1 of a move, 5 of a settling run, about 20 of each command; 1: all)."""
import glob
import os
import re
import shutil
import sqlite3
import tempfile
import unittest

import compare
import corpus
import machine
import lib

STEP = int(os.environ.get("TRASLOCO_TEST_PASSES", "0"))
SETTLING = 130      # passes of a run that settles, at most
AT_ONCE = 6


def small(number, size=300, flags=()):
    body = b"Message-ID: <%d@x>\r\nSubject: %d\r\n\r\n" % (number, number)
    return corpus.Message(body + (b"x" * 70 + b"\r\n") * (max(size - len(body), 72) // 72), 1400000000 + number, flags)


REFUSED = small(9, 120000)
FOLDERS = [corpus.Folder("INBOX", [small(1), small(2, flags=("\\Seen",)), small(3, 95000), REFUSED]), corpus.Folder("Rossi", [small(4), small(5)])]
COUNT = sum(len(folder.messages) for folder in FOLDERS) - 1


def in_turn(calls):
    """A few at once, in their order: each is a process that works."""
    with lib.concurrent.futures.ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(lambda call: call(), calls))


def all_names():
    """Every crash point that stands in the sources."""
    top, names = os.path.join(lib.HERE, "..", ".."), set()
    for room in ("core", "providers", "cmd"):
        for path in glob.glob(os.path.join(top, room, "**", "*.c"), recursive=True):
            with open(path, encoding="utf-8") as file:
                names.update(re.findall(r'crash_point\("([^"]+)"\)', file.read()))
    return names


class Crash(lib.Case):
    source_options = {"connections": 300}       # all that go on after a kill do so at once, as one user
    target_options = {"max_mail_size": "100k"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in ("mario", "segni"):
            corpus.write_maildir(cls.source, user, FOLDERS)

    def one(self, target_user, user="mario"):
        return self.simple(user, target_user=target_user, workers=1)

    def passes(self, job, *command, **env):
        """What that command passes, and its result."""
        path = os.path.join(job.folder, "passes")
        if os.path.exists(path):
            os.unlink(path)
        result = job.call(*command, TRASLOCO_CRASH_LIST=path, **env)
        with open(path) if os.path.exists(path) else open(os.devnull) as file:
            names = file.read().split()
        if not names:
            raise unittest.SkipTest("a build without crash points")
        return names, result

    def whole(self, user, result):
        """The run ended as one that nothing happened to: all but one mail is there once, and that one is kept as a file."""
        doc = self.ended(result, 1)
        ledger = lib.only(doc)["totals"]["ledger"]
        self.assertEqual((ledger["copied"], ledger["refused"], ledger["already_there"], ledger["pending"]), (COUNT, 1, 0, 0), ledger)
        a, b = compare.read(self.source, "mario"), compare.read(self.target, user)
        a.boxes["INBOX"].mails = [m for m in a.boxes["INBOX"].mails if m.size < 100 * 1024]
        self.assertEqual(compare.differences(a, b), [])

    def kept(self, job):
        """The refused mail, once and whole."""
        self.assertEqual([open(path, "rb").read() for path in job.refused()], [REFUSED.data])

    def dies(self, job, number, *command, **env):
        """Whether the command was killed at that pass; it may be over before."""
        result = job.call(*command, TRASLOCO_CRASH="ANY:%d" % number, **env)
        self.assertIn(result.code, (-9, 0, 1), result.tell())
        return result.code == -9

    def go_on(self, tries):
        results = lib.at_once([job.run for _, job in tries])
        for (user, job), result in zip(tries, results):
            with self.subTest(user=user):
                self.whole(user, result)
                self.kept(job)

    def test_every_pass_of_a_move(self):
        names, result = self.passes(self.one("lista"), "run", "--json")
        self.whole("lista", result)
        numbers = range(1, len(names) + 1, STEP or 1)
        tries = [("p%d" % n, self.one("p%d" % n)) for n in numbers]
        died = in_turn([lambda job=job, n=n: self.dies(job, n, "run", "--json") for (_, job), n in zip(tries, numbers)])
        # what the lane's two threads do at the same time is not counted alike each time
        self.assertGreater(sum(died), len(tries) - 6)
        self.go_on(tries)
        print("    %d passes of a move, %d names, killed at %d" % (len(names), len(set(names)), sum(died)), flush=True)

    def test_every_pass_of_what_settles(self):
        """Killed with open intents, and the run that settles them as well."""
        numbers = range(1, SETTLING, STEP or 5)
        tries = [("s%d" % n, self.one("s%d" % n)) for n in numbers]
        first = in_turn([lambda job=job: job.run(TRASLOCO_CRASH="sent:1").code for _, job in tries])
        if set(first) == {1}:
            self.skipTest("a build without crash points")
        self.assertEqual(set(first), {-9})
        lists = [os.path.join(job.folder, "passes") for _, job in tries]
        died = lib.at_once([lambda job=job, n=n, to=to: self.dies(job, n, "run", "--json", TRASLOCO_CRASH_LIST=to) for (_, job), n, to in zip(tries, numbers, lists)])
        passed = max((open(path).read().split() for path in lists), key=len)
        self.assertIn("looked", passed)
        self.assertGreater(sum(died), len([n for n in numbers if n <= len(passed)]) - 4)
        self.go_on(tries)
        print("    %d passes of a run that settles, killed at %d" % (len(passed), sum(died)), flush=True)

    def sent_rows(self, job):
        """How many messages the state believes to have been sent. SQLite may mend what it opens: a copy."""
        other = self.copy(job)
        db = sqlite3.connect(other.state)
        try:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return 0
            return db.execute("SELECT count(*) FROM message WHERE state BETWEEN 1 AND 3").fetchone()[0]
        finally:
            db.close()

    def test_power_cut(self):
        """Killed, and what was not synced is lost, all of it or any sectors. No mail may have left whose intent was not on the disk: such a one would be
        told as already there, or be sent twice when the server is late."""
        names, _ = self.passes(self.one("forza"), "run", "--json", **machine.loaded())
        numbers = range(2, len(names) + 1, STEP or 6)
        tries = []
        for number in numbers:
            job, survived = self.one("w%d" % number), tempfile.mkdtemp(prefix="power-")
            self.addCleanup(shutil.rmtree, survived)
            tries.append((number, job, survived))
        in_turn([lambda n=n, job=job, to=to: self.dies(job, n, "run", "--json", **machine.loaded(power="%s:%s" % (job.state, to))) for n, job, to in tries])
        lost = 0
        for turn, (number, job, survived) in enumerate(tries):
            before = machine.read(job.state + "-wal")
            machine.cut_power(job.state, survived, number if turn % 2 else None)
            lost += before != machine.read(job.state + "-wal")
            self.assertGreaterEqual(self.sent_rows(job), compare.read(self.target, "w%d" % number).count(), "pass %d" % number)
        self.assertGreater(lost, len(tries) // 4)
        self.go_on([("w%d" % number, job) for number, job, _ in tries])
        print("    power cut at %d passes, %d of them with something lost" % (len(tries), lost), flush=True)

    # ---- what begins from a state that is there ----

    def copy(self, job):
        """The same job with a state of its own, into the same mailbox."""
        other = lib.Job(job.accounts, workers=1)
        self.addCleanup(other.close)
        for name in os.listdir(job.folder):
            if name.startswith("migrate.state"):
                shutil.copy(os.path.join(job.folder, name), other.folder)
        return other

    def moved(self, user):
        job = self.one(user)
        self.whole(user, job.run())
        return job

    def make_old(self, job):
        """The state as the first version of its schema had it (core/store/schema.c)."""
        db = sqlite3.connect(job.state)
        for table, column in (("account", "source_provider"), ("account", "target_provider"), ("folder", "left_out"), ("folder", "source_id"), ("folder", "seal"), ("folder", "quiet"), ("message", "reason"),
                              ("message", "measured"), ("message", "stored")):
            db.execute("ALTER TABLE %s DROP COLUMN %s" % (table, column))
        for table in ("accepted", "sender", "substitute"):
            db.execute("DROP TABLE " + table)
        db.execute("PRAGMA user_version=1")
        db.commit()
        db.close()

    def version(self, job):
        db = sqlite3.connect(job.state)
        try:
            return db.execute("PRAGMA user_version").fetchone()[0], db.execute("PRAGMA integrity_check").fetchone()[0]
        finally:
            db.close()

    def test_upgrade(self):
        job = self.moved("vecchio")
        new = self.version(job)
        self.make_old(job)
        self.assertEqual(self.version(job), (1, "ok"))
        names, result = self.passes(self.copy(job), "run", "--json")
        self.assertEqual(self.copied_now(self.ended(result, 1)), 0)
        last = names.index("upgraded") + 3
        self.assertIn("upgrading", names)
        jobs = [self.copy(job) for _ in range(last)]
        self.assertEqual(in_turn([lambda job=job, n=n: self.dies(job, n + 1, "run", "--json") for n, job in enumerate(jobs)]), [True] * last)
        for killed, name in zip(jobs, names):
            self.assertEqual(self.version(killed), new if name in ("upgraded", "commit", "committed") else (1, "ok"), name)
        for job, result in zip(jobs, in_turn([job.run for job in jobs])):
            self.assertEqual(self.copied_now(self.ended(result, 1)), 0)
            self.assertEqual(self.version(job), new)
        print("    %d passes of an upgrade" % last, flush=True)

    def every_pass(self, job, command, after):
        """Killed at every pass of that command, and then given again; `after` is told each job with the second's result."""
        names, result = self.passes(self.copy(job), *command)
        self.assertIn(result.code, (0, 1), result.tell())
        numbers = range(1, len(names) + 1, STEP or 1 + len(names) // 20)
        jobs = [self.copy(job) for _ in numbers]
        died = in_turn([lambda job=job, n=n: self.dies(job, n, *command) for job, n in zip(jobs, numbers)])
        self.assertGreater(sum(died), len(died) - 4)
        for job, again in zip(jobs, in_turn([lambda job=job: job.call(*command) for job in jobs])):
            self.assertEqual(again.code, result.code, again.tell())
            after(job, again)
        print("    %d passes of %s, killed at %d" % (len(names), " ".join(command), sum(died)), flush=True)

    def test_every_pass_of_commands(self):
        job = self.moved("comandi")
        before = compare.read(self.target, "comandi").uidnexts()
        self.every_pass(job, ["verify", "--json"], lambda job, result: self.ended(result, 1, "verify"))
        self.every_pass(job, ["plan", "--json"], lambda job, result: None)
        accepted = []
        self.every_pass(job, ["accept", "--refused"], lambda job, result: accepted.append(job))
        for result in in_turn([job.run for job in accepted[:3]]):
            self.assertEqual((result.code, self.copied_now(result.report)), (0, 0), result.tell())
        queued = []
        self.every_pass(job, ["refused", "--retry"], lambda job, result: queued.append(job))
        for result in in_turn([job.run for job in queued[:3]]):
            self.assertEqual(lib.only(self.ended(result, 1))["totals"]["ledger"]["refused"], 1)
        self.assertEqual(compare.read(self.target, "comandi").uidnexts(), before)
        self.every_pass(job, ["report", "--json", "out.json"], self.reported)

    def reported(self, job, result):
        with open(os.path.join(job.folder, "out.json"), encoding="utf-8") as file:
            self.assertEqual(lib.json.load(file)["schema"], "trasloco-report/1")

    def test_every_name_is_passed(self):
        """A crash point that no test comes to is found here."""
        job, seen = self.one("nomi", "segni"), set()     # a mailbox of its own: its marks change
        for command in (["run", "--json"], ["verify", "--json"], ["report", "--json", "out.json"]):
            seen.update(self.passes(job, *command)[0])
        imap = self.source.login("segni")
        imap.select("INBOX")
        imap.uid("STORE", b"1", "+FLAGS", "(\\Flagged)")
        imap.logout()
        seen.update(self.passes(job, "run", "--json")[0])
        job.forget()
        seen.update(self.passes(job, "run", "--json")[0])
        self.assertEqual(all_names() - seen, set())


if __name__ == "__main__":
    lib.tail()
