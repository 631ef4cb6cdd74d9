#!/usr/bin/env python3
"""T16: UIDs without a message behind them: vanished only if a fresh look no longer lists them; listed and not readable: refused,
`message-unreadable`, 1."""
import re

from trap import Case, lib, mails
from proxy import Command, Reply

SICK = 30       # the UID that the source stumbles over


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


class NoMessageBehind(Case):
    def one_unreadable(self, user, match):
        self.put(user, *mails(60))
        source = self.proxy(self.source)
        make_sick(source, match)
        job = self.simple(user, source=source, limits={"give_up": "5s"})
        for _ in range(2):
            doc = self.ended(job.run(), 1)
            ledger = lib.only(doc)["totals"]["ledger"]
            self.assertEqual((ledger["refused"], ledger["copied"]), (1, 59), ledger)
            self.assertEqual(self.verified(doc, "identical"), 59)
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
        self.put("testa", *mails(60))
        source = self.proxy(self.source)
        job = self.again("testa", source)
        make_sick(source, r"UID FETCH .*BODY\.PEEK\[HEADER\]\)")
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.same("testa")

    def test_expunged_before_it_is_compared(self):
        """Deleted at the source after it was copied and before it was verified: vanished, and the rest is verified."""
        self.put("tolta", *mails(1100))
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
        self.assertEqual(self.verified(doc, "identical"), 1099)

    def test_nil(self):
        """Listed, and the server has NIL or nothing for it, each time: refused by name, 1; never an empty mail at the target. When it can be read again,
        it comes."""
        for name, answer in (("nil", rb"\1 BODY[] NIL)\r\n"), ("vuota", rb'\1 BODY[] "")\r\n'), ("niente", rb"\1)\r\n")):
            with self.subTest(answer=answer):
                user = "senza-" + name
                self.put(user, *mails(40))

                def response(_, whole, answer=answer):
                    if b"UID %d " % SICK in whole[:40] and (b"BODY[] {" in whole or b"RFC822 {" in whole):
                        return re.sub(rb"(?s)^(.*?) (BODY\[\]|RFC822) \{.*", answer, whole)
                    return whole
                source = self.tamper(self.source, response)
                job = self.job(self.side(user, source), workers=1, limits={"give_up": "5s"})
                for _ in range(2):
                    doc = self.ended(job.run(), 1)
                    self.assertEqual(self.ledger(doc, "copied", "refused", "vanished"), (39, 1, 0))
                    self.assertEqual([(p["uid"], p["side"]) for p in lib.problems(doc, "message-unreadable")], [(SICK, "source")])
                source.response = None
                self.assertEqual(job.call("refused", "--retry").code, 0)
                self.ended(job.run())
                self.same(user)


if __name__ == "__main__":
    lib.tail()
