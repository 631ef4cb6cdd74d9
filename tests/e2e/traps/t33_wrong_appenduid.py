#!/usr/bin/env python3
"""T33: a wrong APPENDUID is a hint until verification has seen the message there; no flag is stored at an unconfirmed UID."""
import re

from trap import Case, compare, lib, mails
from proxy import Command


class WrongAppendUid(Case):
    def test_wrong_appenduid(self):
        """The server names UIDs that are not those of the mails: a hint that verification corrects (T33)."""
        self.fill("falso", 90)
        proxy = self.proxy(self.target)
        proxy.rewrite = lambda line: re.sub(rb"\[APPENDUID (\d+) [\d:,]+\] ", rb"[APPENDUID \1 1] ", line)
        job = self.simple("falso", target=proxy)
        self.ended(job.run())
        self.same("falso")
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.same("falso")

    def test_appenduid_of_another_numbering(self):
        """A wrong hint, no more: where the mail lies is found out."""
        self.fill("altra", 60)
        target = self.proxy(self.target)
        target.rewrite = lambda line: re.sub(rb"\[APPENDUID (\d+) ", lambda m: b"[APPENDUID %d " % (int(m.group(1)) + 1), line)
        result = self.simple("altra", target=target).run()
        self.ended(result)
        self.same("altra")
        self.assertLessEqual(target.connections, 4)  # one a lane: no session broke

    def test_flags_after_a_renumbering(self):
        """UIDs that were compared mean nothing under another UIDVALIDITY: no flag is set by them."""
        self.put("segni", *mails(20))
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
    def test_no_flag_at_an_unconfirmed_uid(self):
        """The UIDs that the server names are those of mail that was there before us: no flag of ours ever goes there, not even when flags change at the
        source before the next run."""
        self.put("altrui", *mails(12, flags=["\\Seen"]))
        self.add(self.target, "altrui", *mails(20, "straniera"))
        target = self.proxy(self.target)
        target.rewrite = lambda line: re.sub(rb"\[APPENDUID (\d+) [\d:,]+\] ", rb"[APPENDUID \1 1:12] ", line)
        job = self.job(lib.account("altrui", self.source, target), workers=1)
        self.ended(job.run("--no-verify"))
        self.flag(self.source, "altrui", "1:12", "(\\Flagged $Nostra)")
        for _ in range(2):
            doc = self.ended(job.run())
            self.assertEqual((self.copied_now(doc), self.verified(doc, "identical", "target_only")), (0, (12, 20)))
            have = compare.read(self.target, "altrui").boxes["INBOX"].mails
            self.assertEqual([m.flags for m in have if "straniera" in m.message_id], [frozenset()] * 20)
            self.assertEqual({m.flags for m in have if "straniera" not in m.message_id}, {frozenset(("\\Seen", "\\Flagged", "$Nostra"))})

    def test_uids_that_are_none(self):
        """Too few, too many, backwards, twice the same, UID 0, of another folder's numbering: hints, no more."""
        forms = {"poche": rb"[APPENDUID \1 5] ", "molte": rb"[APPENDUID \1 1:9999] ", "doppie": rb"[APPENDUID \1 3,3,3,3,3,3,3,3,3,3,3,3] ", "zero": rb"[APPENDUID \1 0:11] ",
                 "numeri": rb"[APPENDUID 0 1:12] ", "enormi": rb"[APPENDUID \1 4294967290:4294967295] ", "parole": rb"[APPENDUID uno due] ", "vuota": rb"[APPENDUID] ",
                 "rovescio": rb"[APPENDUID \1 12:1] "}

        def one(name):
            user = "uid-" + name
            self.put(user, *mails(12))
            target = self.proxy(self.target)
            target.rewrite = lambda line: re.sub(rb"\[APPENDUID (\d+) [\d:,]+\] ", forms[name], line)
            job = self.job(lib.account(user, self.source, target), workers=1)
            self.ended(job.run())
            self.same(user)
            self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        lib.at_once([lambda name=name: one(name) for name in forms])


if __name__ == "__main__":
    lib.tail()
