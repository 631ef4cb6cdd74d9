#!/usr/bin/env python3
"""T22: a mail that the target refuses is recorded with the server's words and kept as .eml; the others go on; it can be exported."""
import os
import re

from trap import OLD, Case, compare, corpus, lib, mails
from tamper import literals, with_literals

# What real servers say of such mail (Cyrus, Exchange, Courier), and which it is.
PICKY = [
    (b"NO Message contains NUL characters", lambda data: b"\0" in data),
    (b"NO Message contains bare newlines", lambda data: re.search(rb"[^\r]\n", data)),
    (b"NO Message contains invalid header", lambda data: re.search(rb"(?m)^[^:\r\n\t ][^:\r\n]*\r?$", data.partition(b"\r\n\r\n")[0])),
    (b"NO [CANNOT] Message contains a line that is too long", lambda data: any(len(line) > 5000 for line in data.split(b"\r\n"))),
    (b"NO APPEND failed: empty message", lambda data: not data),
]


class Picky(Case):
    def picky(self, session, whole):
        """NO to a command with such a mail in it, and nothing of it is stored."""
        if b" APPEND " not in whole.split(b"\r\n", 1)[0]:
            return whole
        for data in literals(whole):
            for word, bad in PICKY:
                if bad(data):
                    session.say(whole.split(b" ", 1)[0] + b" " + word + b"\r\n")
                    return b""
        return whole

    def bad(self):
        """Dovecot hands out neither NUL nor bare LF: a source that does is made of it on the way (as_they_are)."""
        head = b"From: a@x\r\nMessage-ID: <male%d@x>\r\n"
        return [head % 0 + b"\r\nuno\1due\r\n", head % 1 + b"\r\nuno\2\2due\r\n", head % 2 + b"riga senza senso\r\n\r\nx\r\n",
                head % 3 + b"\r\n" + b"l" * 6000 + b"\r\n"]

    @staticmethod
    def as_they_are(data):
        return data.replace(b"\1", b"\0").replace(b"\2\2", b"x\n")

    def test_each_for_itself(self):
        """Refused with the server's words and kept to the byte, wherever it stands among others; they go. Exported, accepted, sent when the server has
        become less picky."""
        good = mails(40)
        for n, data in enumerate(self.bad()):
            good.insert(5 + 9 * n, corpus.Message(data, OLD + 60 * (5 + 9 * n)))
        self.put("difficile", *good)
        target = self.tamper(self.target, None, self.picky)
        source = self.tamper(self.source, lambda _, whole: with_literals(whole, self.as_they_are) if b" FETCH " in whole[:30] else whole)
        job = self.job(self.side("difficile", source, target), workers=1)
        for run in range(2):
            doc = self.ended(job.run(), 1)
            self.assertEqual(self.ledger(doc, "copied", "refused", "pending", "copied_now"), (40, 4, 0, 0 if run else 40))
            told = {self.named("difficile", p): p["text"] for p in lib.problems(doc, "message-refused")}
            self.assertEqual(sorted(told), ["male%d@x" % n for n in range(4)])
            for n, words in enumerate(("NUL characters", "bare newlines", "invalid header", "too long")):
                self.assertIn(words, told["male%d@x" % n])
            self.assertEqual(lib.only(doc)["next"], "decide")
        read = lambda paths: sorted(open(path, "rb").read() for path in paths)
        self.assertEqual(read(job.refused()), sorted(map(self.as_they_are, self.bad())))
        out = os.path.join(job.folder, "fuori")
        self.assertEqual(job.call("refused", "--export", out).code, 0)
        self.assertEqual(read(os.path.join(out, name) for name in os.listdir(out)), read(job.refused()))
        self.assertEqual(compare.read(self.target, "difficile").count(), 40)
        self.assertEqual(job.call("accept", "--refused").code, 0)
        self.assertEqual(job.run().code, 0)
        self.assertEqual(job.call("refused", "--retry").code, 0)
        target.command, source.response = None, None
        self.assertEqual(self.copied_now(self.ended(job.run())), 4)
        self.same("difficile")


class Empty(Case):
    def test_mail_of_no_bytes(self):
        """Dovecot refuses it; 1, and everything else is moved."""
        self.fill("nulla", 40)
        place = lib.os.path.join(self.source.home("nulla"), "Maildir")
        path = corpus.write_mail(place, corpus.Message(b"", 1500000000), 999)
        if lib.os.geteuid() == 0:
            lib.os.chown(path, *corpus.mail_owner())
        job = self.simple("nulla")
        for _ in range(2):
            doc = self.ended(job.run(), 1)
            ledger = lib.only(doc)["totals"]["ledger"]
            self.assertEqual((ledger["refused"], ledger["copied"], ledger["pending"]), (1, 40, 0))
        self.assertEqual(len(job.refused()), 1)


if __name__ == "__main__":
    lib.tail()
