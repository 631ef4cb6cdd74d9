#!/usr/bin/env python3
"""Servers that stumble: they break off at one mail, search badly, say NO to what they store, refuse a folder. No other mail
suffers from it, nothing is doubled, and the report tells."""
import re

import compare
import corpus
import lib
from proxy import Command, Reply

SICK = 30       # the UID that the source stumbles over


def mails(user, count, first=0, keywords=()):
    return [corpus.Message(b"From: a@example.org\r\nTo: b@example.org\r\nMessage-ID: <%d.%s@x>\r\nSubject: %d\r\n\r\n%s\r\n"
                           % (n, user.encode(), n, b"parola " * (n % 40 + 1)), 1400000000 + 3600 * n, ["\\Seen"], keywords)
            for n in range(first, first + count)]


def asked(text):
    """The UIDs of a UID FETCH."""
    out = set()
    for part in re.match(rb"UID FETCH (\S+)", text).group(1).split(b","):
        first, _, last = part.partition(b":")
        out |= set(range(int(first), int(last or first) + 1))
    return out


class AtSick:
    def concerns(self, text):
        return bool(self.match.match(text)) and SICK in asked(text) and self.strike()


class SickReply(AtSick, Reply):
    pass


class SickCommand(AtSick, Command):
    pass


def less(whole):
    """Only what comes before the sick mail is fetched."""
    tag, _, text = whole.partition(b" ")
    before = sorted(uid for uid in asked(text) if uid < SICK)
    if not before:
        return tag + b" NOOP\r\n"
    return tag + b" " + re.sub(rb"UID FETCH \S+", b"UID FETCH %d:%d" % (before[0], before[-1]), text)


def make_sick(proxy, match):
    """From now on the server breaks off with NO at that mail, whenever it is asked for it in that way."""
    proxy.add(SickReply(match, do="no", times=None))
    proxy.add(SickCommand(match, do=less, times=None))


class Stumbling(lib.Case):
    def put(self, user, messages, more=()):
        corpus.write_maildir(self.source, user, [corpus.Folder("INBOX", messages), *more])

    def identical(self, doc):
        return sum(f["verified"]["identical"] for f in lib.only(doc)["folders"] if f["verified"])

    def again(self, user, source=None, target=None, **top):
        """A job whose mail is all at the target already, and its state lost."""
        job = self.simple(user)
        self.ended(job.run())
        job.forget()
        job.write([lib.account(user, source or self.source, target or self.target)], **top)
        return job

    def one_unreadable(self, user, match):
        self.put(user, mails(user, 60))
        source = self.proxy(self.source)
        make_sick(source, match)
        job = self.simple(user, source=source, limits={"give_up": "5s"})
        for _ in range(2):
            doc = self.ended(job.run(), 1)
            ledger = lib.only(doc)["totals"]["ledger"]
            self.assertEqual((ledger["refused"], ledger["copied"]), (1, 59), ledger)
            self.assertEqual(self.identical(doc), 59)
            told = [(p["code"], p["uid"]) for p in lib.problems(doc) if p["severity"] == "error"]
            self.assertEqual(told, [("message-unreadable", SICK)])
        return job

    def test_body(self):
        self.one_unreadable("corpo", r"UID FETCH .*BODY\.PEEK\[\]")

    def test_unreadable_in_any_way(self):
        job = self.one_unreadable("tutto", r"UID FETCH")
        self.ended(job.call("verify", "--json"), 1, "verify")
        self.ended(job.call("verify", "--json", "--deep"), 1, "verify")

    def test_header(self):
        """What is at the target already is known by its header; one that can't be read hides no other."""
        self.put("testa", mails("testa", 60))
        source = self.proxy(self.source)
        job = self.again("testa", source)
        make_sick(source, r"UID FETCH .*BODY\.PEEK\[HEADER\]\)")
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.same("testa")

    def test_expunged_before_it_is_compared(self):
        """Deleted at the source after it was copied and before it was verified: vanished, and the rest is verified."""
        self.put("tolta", mails("tolta", 1100))
        source = self.proxy(self.source)

        def expunge(whole):
            imap = self.source.login("tolta")
            imap.select("INBOX")
            imap.uid("STORE", "5", "+FLAGS", "(\\Deleted)")
            imap.expunge()
            imap.logout()
            return whole
        source.add(Command(r"UID FETCH .*MESSAGE-ID", do=expunge))
        doc = self.ended(self.simple("tolta", source=source).run())
        self.assertEqual(lib.only(doc)["totals"]["ledger"]["vanished"], 1)
        self.assertEqual(self.identical(doc), 1099)

    def test_search_leaves_mail_out(self):
        """At the source it would vanish, at the target it would be sent once more."""
        short = lambda line: b"* SEARCH 1 2\r\n" if line.startswith(b"* SEARCH") else line
        for side in ("source", "target"):
            with self.subTest(side=side):
                user = "cerca-" + side
                self.put(user, mails(user, 40))
                proxy = self.proxy(getattr(self, side))
                proxy.capability = "IMAP4rev1 LITERAL+ AUTH=PLAIN UIDPLUS MULTIAPPEND"
                job = self.again(user, **{side: proxy})
                proxy.rewrite = short
                doc = self.ended(job.run(), 3)
                self.assertTrue(lib.problems(doc, "folder-failed"))
                self.assertEqual(compare.read(self.target, user).count(), 40)
                proxy.rewrite = None
                self.ended(job.run())
                self.same(user)

    def test_long_search(self):
        """Without ESEARCH a large folder is a line of megabytes."""
        self.put("lunga", mails("lunga", 40))
        long = lambda line: b"* SEARCH" + line[8:-2] * (1500000 // len(line)) + b"\r\n" if line.startswith(b"* SEARCH") else line
        ends = [self.proxy(self.source), self.proxy(self.target)]
        for proxy in ends:
            proxy.capability, proxy.rewrite = "IMAP4rev1 LITERAL+ AUTH=PLAIN UIDPLUS", long
        self.ended(self.simple("lunga", *ends, limits={"give_up": "5s"}).run())
        self.same("lunga")

    def test_folder_that_can_not_be_made(self):
        """The run ends, and everything else is moved."""
        self.put("vietata", mails("vietata", 20), [corpus.Folder("Privato", mails("vietata", 5, 100))])
        target = self.proxy(self.target)
        for command in ("SELECT", "CREATE"):
            target.add(Reply(command + ' "?Privato', do="no", times=None))
        doc = self.ended(self.simple("vietata", target=target).run(limit=60), 3)
        self.assertTrue(lib.problems(doc, "folder-failed"))
        self.assertEqual(self.copied_now(doc), 20)

    def test_appenduid_of_another_numbering(self):
        """A wrong hint, no more: where the mail lies is found out."""
        self.fill("altra", 60)
        target = self.proxy(self.target)
        target.rewrite = lambda line: re.sub(rb"\[APPENDUID (\d+) ", lambda m: b"[APPENDUID %d " % (int(m.group(1)) + 1), line)
        result = self.simple("altra", target=target).run()
        self.ended(result)
        self.same("altra")
        self.assertEqual(target.connections, 2)     # one a lane: no session broke

    def test_no_to_what_is_stored(self):
        """NO to a batch that was not stored, then NO to each of its mails, which are: looked at before a second form is tried."""
        self.put("mente", mails("mente", 30, keywords=("Lavoro",)))
        target = self.proxy(self.target)
        target.add(Command("APPEND", do=lambda whole: whole.split(b" ", 1)[0] + b" NOOP\r\n"))
        target.add(Reply("APPEND", do="no", times=None))
        self.ended(self.simple("mente", target=target).run())
        self.same("mente")

    def test_no_while_doubts_are_open(self):
        """Twins that only their bodies tell apart, and a NO before they are compared."""
        base = b"From: a@example.org\r\nMessage-ID: <gemelli@x>\r\nSubject: gemelli\r\n\r\n"
        twins = [corpus.Message(base + b"corpo %02d" % n + b"y" * 3000 + b"\r\n", 1500000000 + n * 60) for n in range(4)]
        self.put("dubbi", mails("dubbi", 150) + twins)
        source, target = self.proxy(self.source), self.proxy(self.target)
        job = self.again("dubbi", source, target)
        imap = self.target.login("dubbi")
        imap.select("INBOX")
        imap.uid("STORE", "1:149", "+FLAGS", "(\\Deleted)")
        imap.expunge()
        imap.logout()
        source.rate = 30000
        target.add(Reply("APPEND", do="no"))
        self.ended(job.run())
        self.same("dubbi")

    def test_many_twins(self):
        """More mails with one header than are compared at once; at the target they lie the other way round."""
        base = b"From: a@example.org\r\nMessage-ID: <gemelli@x>\r\nSubject: gemelli\r\n\r\n"
        twins = [corpus.Message(base + b"corpo %03d\r\n" % n, 1500000000) for n in range(45)]
        self.put("gemelli", twins)
        corpus.append(self.target.login("gemelli"), [corpus.Folder("INBOX", twins[::-1])])
        self.assertEqual(self.copied_now(self.ended(self.simple("gemelli").run())), 0)
        self.assertEqual(compare.read(self.target, "gemelli").count(), 45)

    def test_flags_after_a_renumbering(self):
        """UIDs that were compared mean nothing under another UIDVALIDITY: no flag is set by them."""
        self.put("segni", mails("segni", 20))
        job = self.simple("segni")
        self.ended(job.run())
        imap = self.source.login("segni")
        imap.select("INBOX")
        imap.uid("STORE", "1:20", "+FLAGS", "(\\Flagged)")
        imap.logout()
        target = self.proxy(self.target)

        def renumber(whole):
            self.target.doveadm("mailbox", "update", "--uid-validity", "1900000000", "-u", "segni", "INBOX")
            return whole
        target.add(Command("SELECT", nth=2, do=renumber))
        job.write([lib.account("segni", self.source, target)])
        self.ended(job.run())
        self.same("segni")
        selects = [at for at, text in enumerate(target.commands) if text == b'SELECT "INBOX"']
        self.assertFalse(target.commands[selects[1] + 1].startswith(b"UID STORE"))


if __name__ == "__main__":
    lib.tail()
