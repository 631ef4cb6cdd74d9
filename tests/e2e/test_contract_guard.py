#!/usr/bin/env python3
"""Sudden losses: which of them stop an account (6, 8) and which do not; and when the old mailbox may be closed."""
import json
import os
import shutil
import sqlite3
import time

import compare
import corpus
import lib


def mails(first, last, date=1400000000, tag="m", body=""):
    return [corpus.Message(b"Message-ID: <%s%d@x>\r\nSubject: n\r\n\r\n%d%s\r\n" % (tag.encode(), n, n, body.encode()), date) for n in range(first, last)]


class Base(lib.Case):
    def begin(self, user, guard=None, **counts):
        folders = [corpus.Folder(name, mails(0, count, tag=name.replace(" ", ""))) for name, count in counts.items()]
        corpus.write_maildir(self.source, user, folders)
        job = self.simple(user, **({"guard": {"shrink": guard}} if guard else {}))
        self.ended(job.run())
        return job

    def lose(self, server, user, folder, count):
        imap = server.login(user)
        imap.select('"%s"' % corpus.wire_name(folder, server.prefix, server.separator))
        imap.uid("STORE", "1:%d" % count, "+FLAGS", "(\\Deleted)")
        imap.expunge()
        imap.logout()

    def drop(self, server, user, folder):
        imap = server.login(user)
        compare.checked(imap.delete('"%s"' % corpus.wire_name(folder, server.prefix, server.separator)))
        imap.logout()


class Source(Base):
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
                self.drop(self.source, user, folder) if whole else self.lose(self.source, user, folder, count)
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
        self.lose(self.source, "pari", "INBOX", 40)
        corpus.append(self.source.login("pari"), [corpus.Folder("INBOX", mails(0, 40, tag="altre"))], "source")
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
        corpus.write_maildir(self.source, "meta", [corpus.Folder("Clienti", mails(0, 20, tag="Clienti"))])
        doc = self.ended(job.run(), 6)
        self.assertTrue(lib.problems(doc, "source-shrunk"))
        self.assertEqual(compare.read(self.target, "meta").count(), 45)

    def test_one_stops_alone(self):
        """6 for one, 8 for another, the third is moved; the job says 6; no word of the trade in either language."""
        users = ("sei", "otto", "zero")
        for user in users:
            corpus.write_maildir(self.source, user, [corpus.Folder("INBOX", mails(0, 30))])
        job = self.job(*(lib.account(user, self.source, self.target) for user in users))
        self.ended(job.run())
        self.lose(self.source, "sei", "INBOX", 20)
        self.lose(self.target, "otto", "INBOX", 20)
        corpus.append(self.source.login("zero"), [corpus.Folder("INBOX", mails(90, 92))], "source")
        doc = self.ended(job.run(), 6)
        self.assertEqual([a["exit"] for a in doc["accounts"]], [6, 8, 0])
        self.assertEqual(self.copied_now(doc), 2)
        for lang in ("it", "en"):
            text = job.call("run", "--lang", lang).out
            for word in ("IMAP", "APPEND", "UID", "quota", "EXPUNGE"):
                self.assertNotRegex(text, r"\b%s\b" % word)
            self.assertIn("20", text)


class Target(Base):
    def test_folder_deleted(self):
        """A whole folder is gone at the target: 8, it is not made again; --again is what copies it anew."""
        job = self.begin("tolta", INBOX=30, Clienti=25)
        self.drop(self.target, "tolta", "Clienti")
        for command, call in (("verify", lambda: job.call("verify", "--json")), ("run", lambda: job.run())):
            doc = self.ended(call(), 8, command=command)
            self.assertTrue(lib.problems(doc, "target-shrunk"))
        self.assertEqual(compare.read(self.target, "tolta").count(), 30)
        self.assertEqual(job.call("accept", "--shrunk").code, 0)
        doc = self.ended(job.run())
        self.assertEqual((self.copied_now(doc), sum(f["verified"]["gone"] for f in lib.only(doc)["folders"] if f["verified"])), (0, 25))
        self.assertEqual(self.copied_now(self.ended(job.run("--again"))), 25)
        self.same("tolta")


class Close(Base):
    def test_answers(self):
        now = int(time.time())

        def one(case):
            user, folder, date, filters, options, expected = case
            corpus.write_maildir(self.source, user, [corpus.Folder("INBOX", mails(0, 6)), corpus.Folder("Inviata", mails(0, 2, tag="i"))])
            corpus.write_maildir(self.source, user, [corpus.Folder(folder, mails(20, 22, date, body="n" * 9))])
            doc = self.ended(self.simple(user, **filters).run(*options))
            close = lib.only(doc)["may_close"]
            self.assertEqual(close["answer"], expected, close)
            self.assertEqual(close["left_out"], 8 if filters else 0)
            self.assertEqual(time.strptime(close["last_new_mail"], "%Y-%m-%dT%H:%M:%SZ")[:5] if folder == "INBOX" else (), time.gmtime(date)[:5] if folder == "INBOX" else ())
            if expected != "yes":
                self.assertTrue(close["why"])
        for case in (
                ("quieta", "INBOX", now - 20 * 86400, {}, (), "yes"),
                ("viva", "INBOX", now - 3 * 86400, {}, (), "still-receiving"),
                ("robaccia", "Spam", now - 3600, {}, (), "yes"),
                ("ignota", "INBOX", now - 20 * 86400, {}, ("--no-verify",), "not-yet"),
                ("filtrata", "INBOX", now - 20 * 86400, {"messages": {"since": "2016-01-01"}}, (), "yes")):
            with self.subTest(user=case[0]):
                one(case)

    def test_who_writes(self):
        """Each pass tells from whom its mail was; after a day the verification is too old."""
        job = self.begin("passate", INBOX=5)
        self.assertEqual(lib.only(job.run().report)["may_close"]["answer"], "yes")
        now = int(time.time())
        late = [corpus.Message(b"From: \"Banca <x>\" <conto%d@banca>\r\nMessage-ID: <late%d@x>\r\n\r\nx\r\n" % (n % 2, n), now - n) for n in range(3)]
        corpus.append(self.source.login("passate"), [corpus.Folder("INBOX", late)], "source")
        doc = self.ended(job.run())
        self.assertEqual([(s["address"], s["messages"]) for s in lib.only(doc)["may_close"]["senders"]], [("conto0@banca", 2), ("conto1@banca", 1)])
        text = job.call("report", "--text", "-").out
        self.assertIn("New since the run before, from: conto0@banca, conto1@banca.", text)
        self.assertIn("3 messages came within the last 14 days (from conto0@banca, conto1@banca)", " ".join(text.split()))
        with sqlite3.connect(job.state) as db:
            db.execute("UPDATE run SET started = started - 90000, finished = finished - 90000")
        close = json.loads(job.call("status", "--json").out)["accounts"][0]["may_close"]
        self.assertEqual(close["answer"], "not-yet")
        self.assertIn("the last check on both servers is 25 hours old", close["why"])


if __name__ == "__main__":
    lib.tail()
