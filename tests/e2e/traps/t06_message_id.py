#!/usr/bin/env python3
"""T6: no Message-ID, several, folded, empty or malformed ones: the header's digest says which mail it is; a header is never added to the mail.
(unit/mail/identity has the digests.)"""
from trap import OLD, Case, compare, corpus, lib

BASE = "From: a@example.org\r\nTo: b@example.org\r\nDate: Sat, 01 Jan 2011 00:00:00 +0000\r\n"
FORMS = ["", "Message-ID: <a@x>\r\nMessage-ID: <b@x>\r\n", "Message-ID:\r\n <piegato@x>\r\n", "Message-ID: <a\r\n\tb@x>\r\n", "Message-ID:\r\n", "Message-ID: <>\r\n",
         "Message-ID: senza angoli\r\n", "Message-ID: <aperto@x\r\n", "Message-Id : <spazio@x>\r\n", "message-id: <minuscolo@x>\r\n", "Message-ID: <@>\r\n",
         "Message-ID: <%s@x>\r\n" % ("l" * 900), "Message-ID: (commento) <dopo@x> (ancora)\r\n", "Message-ID: <due@x> <tre@x>\r\n", "Message-ID: \"quoted\"\r\n"]


def letters():
    """Of each form two that only the body tells apart, and two exact doubles."""
    out = []
    for n, form in enumerate(FORMS):
        for body in ("uno", "due", "due"):
            out.append(corpus.Message((BASE + form + "Subject: forma %d\r\n\r\n%s\r\n" % (n, body)).encode(), OLD + 60 * n))
    # 8 bits in it, and none of the fields that name a mail.
    out.append(corpus.Message(BASE.encode() + b"Message-ID: <perch\xe9@x>\r\n\r\nx\r\n", OLD))
    out.append(corpus.Message(b"Subject: solo\r\n\r\nx\r\n", OLD))
    return out


class MessageId(Case):
    def test_copied_and_found_again(self):
        self.put("forme", *letters())
        job = self.of("forme")
        self.ended(job.run())
        a, b = self.same("forme", ordered=True)
        self.assertEqual(compare.rewritten(a, b), 0, "no header was added")
        self.twice(job)
        self.same("forme")

    def test_half_is_there(self):
        """The state is lost and half of the target as well: exactly that half comes."""
        self.put("meta", *letters())
        job = self.of("meta")
        self.ended(job.run())
        count = compare.read(self.target, "meta").count()
        gone = [uid for uid in range(1, count + 1) if uid % 3 == 1]     # never one of the doubles
        self.remove(self.target, "meta", ",".join(map(str, gone)))
        job.forget()
        self.assertEqual(self.copied_now(self.ended(job.run())), len(gone))
        self.same("meta")
        self.twice(job)


if __name__ == "__main__":
    lib.tail()
