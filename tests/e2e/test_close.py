#!/usr/bin/env python3
"""When the old mailbox may be closed, and who still writes to it."""
import json
import sqlite3
import time

import lib
import corpus


def mails(first, last, date=1400000000, tag="m", body=""):
    return [corpus.Message(b"Message-ID: <%s%d@x>\r\nSubject: n\r\n\r\n%d%s\r\n" % (tag.encode(), n, n, body.encode()), date) for n in range(first, last)]


class Base(lib.Case):
    def begin(self, user, guard=None, **counts):
        folders = [corpus.Folder(name, mails(0, count, tag=name.replace(" ", ""))) for name, count in counts.items()]
        corpus.write_maildir(self.source, user, folders)
        job = self.simple(user, **({"guard": {"shrink": guard}} if guard else {}))
        self.ended(job.run())
        return job


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


class NotYet(Base):
    """What stands between a quiet mailbox and "yes": mail on its way, a run without end, what the target refused until somebody accepts it."""
    target_options = {"max_mail_size": "100k"}

    def close(self, job):
        return json.loads(job.call("status", "--json").out)["accounts"][0]["may_close"]

    def test_refused(self):
        big = [corpus.Message(b"Message-ID: <big@x>\r\n\r\n" + b"y" * 150000 + b"\r\n", 1400000000)]
        corpus.write_maildir(self.source, "rifiutata", [corpus.Folder("INBOX", mails(0, 3) + big)])
        job = self.simple("rifiutata")
        close = lib.only(self.ended(job.run(), 1))["may_close"]
        self.assertEqual((close["answer"], close["why"]), ("not-yet", ["1 exception that nobody has accepted yet"]))
        self.assertIn("must not be closed yet: 1 exception", " ".join(job.call("report", "--text", "-").out.split()))
        self.assertEqual(job.call("accept", "--refused").code, 0)
        self.assertEqual(self.close(job), {"answer": "yes", "why": [], "last_new_mail": close["last_new_mail"], "left_out": 0, "senders": []})

    def test_unfinished(self):
        job = self.begin("interrotta", INBOX=5)
        self.assertEqual(self.close(job)["answer"], "yes")
        entry = lib.account("interrotta", self.source, 1)
        job.write([entry], limits={"give_up": "1s"})
        self.assertEqual(lib.only(self.ended(job.run(), 3))["may_close"]["answer"], "not-yet")
        self.assertIn("the last run did not come to its end", self.close(job)["why"])

    def test_pending(self):
        corpus.write_maildir(self.source, "attesa", [corpus.Folder("INBOX", mails(0, 150))])
        job = self.simple("attesa")
        if job.run(TRASLOCO_CRASH="answered:1").code == 0:
            self.skipTest("built without crash points")
        close = self.close(job)
        self.assertEqual(close["answer"], "not-yet")
        self.assertRegex("\n".join(close["why"]), r"\d+ messages are not copied yet")


if __name__ == "__main__":
    lib.tail()
