"""What the job leaves out, and that it comes back; sudden losses; --again."""
import datetime
import time

import compare
import corpus
import lib

DAY = 86400


def mail(number, body="x", date=1400000000, flags=()):
    return corpus.Message(b"Message-ID: <f%d@x>\r\nSubject: n\r\n\r\n%s\r\n" % (number, body.encode()), date, flags)


def day(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d")


class Filters(lib.Case):
    def put(self, user, *messages):
        corpus.write_maildir(self.source, user, [corpus.Folder("INBOX", list(messages))])

    def with_messages(self, user, **messages):
        job = self.job(self.account_of(user, **messages), workers=2)
        if job.run("--account", "nobody").err.count("messages"):
            self.skipTest("this program does not know `messages` yet")
        return job

    def account_of(self, user, **messages):
        account = lib.account(user, self.source, self.target)
        if messages:
            account["messages"] = messages
        return account

    def ledger(self, doc):
        return lib.only(doc)["totals"]["ledger"]

    def test_dates_both_ways(self):
        midnight = 1400000000 // DAY * DAY
        self.put("date", *(mail(n, date=midnight + (n - 5) * 3600) for n in range(10)))
        job = self.with_messages("date", since=day(midnight))
        doc = self.ended(job.run())
        self.assertEqual((self.ledger(doc)["copied"], self.ledger(doc)["skipped"]), (5, 5))
        dates = [m.date for m in compare.read(self.target, "date").boxes["INBOX"].mails]
        self.assertEqual(min(time.mktime(date) for date in dates), midnight)
        job.write([self.account_of("date", before=day(midnight))], workers=2)
        doc = self.ended(job.run())
        # What is there stays; what was left out before is wanted now.
        self.assertEqual((self.ledger(doc)["copied"], self.ledger(doc)["skipped"]), (10, 0))
        self.same("date")

    def test_size(self):
        self.put("peso", mail(1), mail(2, "y" * 1300000), mail(3))
        job = self.with_messages("peso", max_size="1MB")
        doc = self.ended(job.run())
        self.assertEqual((self.ledger(doc)["copied"], self.ledger(doc)["skipped"]), (2, 1))
        job.write([self.account_of("peso")], workers=2)
        self.ended(job.run())
        self.same("peso")

    def test_flags_none(self):
        self.put("segni", mail(1, flags=["\\Seen"]), mail(2))
        job = self.with_messages("segni", flags="none")
        self.ended(job.run())
        imap = self.source.login("segni")
        imap.select("INBOX")
        imap.uid("STORE", "2", "+FLAGS", "(\\Flagged)")
        self.ended(job.run())
        flags = [m.flags for m in compare.read(self.target, "segni").boxes["INBOX"].mails]
        self.assertEqual(flags, [{"\\Seen"}, set()])


if __name__ == "__main__":
    lib.tail()
