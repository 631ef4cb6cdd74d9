#!/usr/bin/env python3
"""T33: a wrong APPENDUID is a hint until verification has seen the message there; no flag is stored at an unconfirmed UID."""
import re

from trap import Case, lib, mails
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
        self.assertEqual(target.connections, 2)     # one a lane: no session broke

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


if __name__ == "__main__":
    lib.tail()
