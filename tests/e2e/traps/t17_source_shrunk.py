#!/usr/bin/env python3
"""T17: a source that lists nothing or far less during an outage: compared with the last run, a sharp drop stops the account (6), nothing is
deleted."""
import os
import re
import shutil
import time

from trap import Case, compare, corpus, lib, mails


class SourceShrunk(Case):
    def test_which_losses_stop(self):
        """guard: more than the share and at least 10 messages, of a folder or of all; trash and junk apart; other mail that arrives hides no loss."""
        many = {"Uno": 10, "Due": 10, "Tre": 10, "Quattro": 10, "INBOX": 20}
        cases = [
            ("nove", None, {"INBOX": 90, "Piccola": 9}, [("Piccola", 9, False)], 0),
            ("poche", None, {"INBOX": 200}, [("INBOX", 12, False)], 0),
            ("quota", "60%", {"INBOX": 60}, [("INBOX", 30, False)], 0),
            ("cestino", None, {"INBOX": 60, "Cestino": 50, "Spam": 40}, [("Cestino", 50, False), ("Spam", 40, False)], 0),
            ("cartella", None, {"INBOX": 300, "Clienti": 12}, [("Clienti", 12, True)], 6),
            ("vuota", None, {"INBOX": 300, "Clienti": 12}, [("Clienti", 12, False)], 6),
            ("sparse", None, many, [(name, 3, False) for name in ("Uno", "Due", "Tre", "Quattro")], 6),
        ]

        def one(case):
            user, guard, counts, losses, code = case
            job = self.begin(user, guard, **counts)
            before = compare.read(self.target, user).count()
            for folder, count, whole in losses:
                self.drop(self.source, user, folder) if whole else self.remove(self.source, user, "1:%d" % count, folder)
            for _ in range(2):
                result = job.run()
                doc = self.ended(result, code)
                self.assertEqual(bool(lib.problems(doc, "source-shrunk")), code == 6, user)
            self.assertEqual(compare.read(self.target, user).count(), before, user)
            if code:
                self.assertEqual(lib.only(doc)["next"], "decide")
                self.assertEqual(job.call("accept", "--shrunk").code, 0)
                self.ended(job.run())
                self.ended(job.run())
        for case in cases:
            with self.subTest(case=case[0]):
                one(case)

    def test_hidden_by_new_mail(self):
        """As many arrive as were lost: the count is the same, the loss is not."""
        job = self.begin("pari", INBOX=60)
        self.remove(self.source, "pari", "1:40")
        corpus.append(self.source.login("pari"), [corpus.Folder("INBOX", mails(40, "altre"))], "source")
        doc = self.ended(job.run(), 6)
        self.assertTrue(lib.problems(doc, "source-shrunk"))
        self.assertEqual(compare.read(self.target, "pari").count(), 60)
        self.assertEqual(job.call("accept", "--shrunk").code, 0)
        self.assertEqual(self.copied_now(self.ended(job.run())), 40)

    def test_renumbered_and_halved(self):
        """The folder is made anew with half of its mail."""
        job = self.begin("meta", INBOX=5, Clienti=40)
        time.sleep(1.1)
        shutil.rmtree(os.path.join(self.source.home("meta"), "Maildir", ".Clienti"))
        corpus.write_maildir(self.source, "meta", [corpus.Folder("Clienti", mails(20, "Clienti"))])
        doc = self.ended(job.run(), 6)
        self.assertTrue(lib.problems(doc, "source-shrunk"))
        self.assertEqual(compare.read(self.target, "meta").count(), 45)

    def test_another_mailbox(self):
        """An outage that shows other mail in the place of what was there, as much of it and under another numbering: nothing of it is copied."""
        job = self.begin("altro", INBOX=40, Clienti=15)
        time.sleep(1.1)
        shutil.rmtree(os.path.join(self.source.home("altro"), "Maildir"))
        corpus.write_maildir(self.source, "altro", [corpus.Folder("INBOX", mails(40, "altrui")), corpus.Folder("Clienti", mails(15, "loro"))])
        for command in ("plan", "run", "run"):
            result = job.call(command, "--json")
            self.assertEqual(result.code, 6, result.tell())
            self.assertEqual([p["side"] for p in lib.problems(result.report, "source-shrunk")], ["source"])
            self.assertEqual(compare.read(self.target, "altro").count(), 55)

    def test_one_stops_alone(self):
        """6 for one, 8 for another, the third is moved; the job says 6; no word of the trade in either language."""
        users = ("sei", "otto", "zero")
        for user in users:
            corpus.write_maildir(self.source, user, [corpus.Folder("INBOX", mails(30))])
        job = self.job(*(lib.account(user, self.source, self.target) for user in users))
        self.ended(job.run())
        self.remove(self.source, "sei", "1:20")
        self.remove(self.target, "otto", "1:20")
        corpus.append(self.source.login("zero"), [corpus.Folder("INBOX", mails(2, first=90))], "source")
        doc = self.ended(job.run(), 6)
        self.assertEqual([a["exit"] for a in doc["accounts"]], [6, 8, 0])
        self.assertEqual(self.copied_now(doc), 2)
        for lang in ("it", "en"):
            text = job.call("run", "--lang", lang).out
            for word in ("IMAP", "APPEND", "UID", "quota", "EXPUNGE"):
                self.assertNotRegex(text, r"\b%s\b" % word)
            self.assertIn("20", text)

    def test_source(self):
        job = self.begin("fonte", INBOX=60)
        self.remove(self.source, "fonte", "1:30")
        doc = self.ended(job.run(), 6)
        self.assertEqual([p["severity"] for p in lib.problems(doc, "source-shrunk")], ["error"])
        self.assertEqual(lib.only(doc)["totals"]["ledger"]["vanished"], 0)
        self.assertEqual(lib.only(doc)["next"], "decide")
        self.assertEqual(compare.read(self.target, "fonte").count(), 60)
        result = job.call("accept", "--shrunk")
        self.assertEqual(result.code, 0, result.tell())
        doc = self.ended(job.run())
        self.assertEqual(lib.only(doc)["totals"]["ledger"]["vanished"], 30)
        self.assertEqual(compare.read(self.target, "fonte").count(), 60)

    def test_lists_nothing(self):
        """No folder at all, in the first run or a later one, with OK, NO or BAD, before its turn or in it: never taken for a move that is through."""
        def one(name, answer, first):
            user = "niente-" + name.lower() + ("-prima" if first else "-poi")
            self.fill_counts(user, INBOX=20, Clienti=15)
            source = self.tamper(self.source)
            job = self.job(lib.account(user, source, self.target, source_more={"timeout": "2s"}), workers=2, limits={"give_up": "2s"})
            if not first:
                self.ended(job.run())
            source.response, source.command = answer
            result = job.run()
            self.assertEqual(result.code, 3 if first or "NO" in name else 6, user + ": " + result.tell())
            self.assertEqual(compare.read(self.target, user).count(), 0 if first else 35, user)
            source.response = source.command = None
            self.ended(job.run())
            self.same(user)

        def refuse(word):
            def command(session, whole):
                if whole.split()[1] not in (b"LIST", b"LSUB", b"STATUS"):
                    return whole
                session.say(whole.split()[0] + b" " + word + b" not now\r\n")
                return b""
            return None, command
        empty = (lambda _, whole: b"" if re.match(rb"\* (LIST|STATUS|LSUB) ", whole) else whole), None
        cases = [("vuoto", empty), ("NO", refuse(b"NO")), ("BAD-NO", refuse(b"BAD"))]
        lib.at_once([lambda name=name, answer=answer, first=first: one(name, answer, first)
                     for name, answer in cases for first in (True, False)])


if __name__ == "__main__":
    lib.tail()
