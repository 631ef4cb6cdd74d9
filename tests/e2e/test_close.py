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


if __name__ == "__main__":
    lib.tail()
