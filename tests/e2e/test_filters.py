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

    def test_deleted(self):
        self.put("via", mail(1), mail(2, flags=["\\Deleted"]), mail(3, flags=["\\Deleted", "\\Seen"]))
        job = self.job(self.account_of("via"), workers=2)
        doc = self.ended(job.run())
        self.assertEqual((self.ledger(doc)["copied"], self.ledger(doc)["skipped"]), (1, 2))
        imap = self.source.login("via")
        imap.select("INBOX")
        imap.uid("STORE", "2", "-FLAGS", "(\\Deleted)")
        doc = self.ended(job.run())
        self.assertEqual((self.ledger(doc)["copied"], self.ledger(doc)["skipped"]), (2, 1))
        self.same("via")
        # A mark that is set later does not go to the target.
        imap.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
        self.ended(job.run())
        self.assertFalse(any("\\Deleted" in m.flags for m in compare.read(self.target, "via").boxes["INBOX"].mails))

    def test_deleted_copied(self):
        self.put("tutto", mail(1), mail(2, flags=["\\Deleted"]))
        doc = self.ended(self.with_messages("tutto", deleted="copy").run())
        self.assertEqual((self.ledger(doc)["copied"], self.ledger(doc)["skipped"]), (2, 0))
        mails = compare.read(self.target, "tutto").boxes["INBOX"].mails
        self.assertFalse(any("\\Deleted" in m.flags for m in mails))

    def test_duplicates(self):
        self.put("doppi", mail(1), mail(1), mail(1, "y"), mail(2), mail(1, date=1500000000))
        job = self.with_messages("doppi", duplicates="skip")
        doc = self.ended(job.run())
        self.assertEqual((self.ledger(doc)["copied"], self.ledger(doc)["skipped"]), (3, 2))
        self.assertEqual(len({m.sha for m in compare.read(self.target, "doppi").boxes["INBOX"].mails}), 3)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        job.write([self.account_of("doppi")], workers=2)
        self.ended(job.run())
        self.same("doppi")

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

    def test_again(self):
        self.fill("ancora", 60)
        job = self.simple("ancora")
        self.ended(job.run())
        imap = self.target.login("ancora")
        imap.select("INBOX")
        imap.uid("STORE", "2:4", "+FLAGS", "(\\Deleted)")
        imap.expunge()
        doc = self.ended(job.run())
        self.assertEqual(sum(f["verified"]["gone"] for f in lib.only(doc)["folders"]), 3)
        result = job.run("--again")
        if result.code == 2:
            self.skipTest("this program does not know --again yet")
        self.assertEqual(self.copied_now(self.ended(result)), 3)
        self.same("ancora")


class Guard(lib.Case):
    def lose(self, server, user, first, last):
        imap = server.login(user)
        imap.select("INBOX")
        imap.uid("STORE", "%d:%d" % (first, last), "+FLAGS", "(\\Deleted)")
        imap.expunge()
        imap.logout()

    def begin(self, user):
        corpus.write_maildir(self.source, user, [corpus.Folder("INBOX", [mail(n) for n in range(60)])])
        job = self.simple(user)
        self.ended(job.run())
        return job

    def test_source(self):
        job = self.begin("fonte")
        self.lose(self.source, "fonte", 1, 30)
        doc = self.ended(job.run(), 6)
        self.assertEqual([p["severity"] for p in lib.problems(doc, "source-shrunk")], ["error"])
        self.assertEqual(lib.only(doc)["totals"]["ledger"]["vanished"], 0)
        self.assertEqual(lib.only(doc)["next"], "decide")
        self.assertEqual(compare.read(self.target, "fonte").count(), 60)
        result = job.call("accept", "--shrunk")
        if "not in this version" in result.err:
            self.skipTest("this program does not know accept yet")
        self.assertEqual(result.code, 0, result.tell())
        doc = self.ended(job.run())
        self.assertEqual(lib.only(doc)["totals"]["ledger"]["vanished"], 30)
        self.assertEqual(compare.read(self.target, "fonte").count(), 60)

    def test_target(self):
        job = self.begin("meta")
        self.lose(self.target, "meta", 11, 50)
        doc = self.ended(job.run(), 8)
        self.assertEqual([p["severity"] for p in lib.problems(doc, "target-shrunk")], ["error"])
        self.assertEqual(compare.read(self.target, "meta").count(), 20)
        result = job.call("accept", "--shrunk")
        if "not in this version" in result.err:
            self.skipTest("this program does not know accept yet")
        self.assertEqual(result.code, 0, result.tell())
        doc = self.ended(job.run())
        self.assertEqual(lib.only(doc)["folders"][0]["verified"]["gone"], 40)
        self.assertEqual(compare.read(self.target, "meta").count(), 20)


if __name__ == "__main__":
    lib.tail()
