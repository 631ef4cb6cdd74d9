#!/usr/bin/env python3
"""T5: one Message-ID on different mails: it proposes, size and digests decide, and all of them are copied."""
from trap import Case, compare, corpus, lib, mails
from proxy import Reply


class SameMessageId(Case):
    def test_no_while_doubts_are_open(self):
        """Twins that only their bodies tell apart, and a NO before they are compared."""
        base = b"From: a@example.org\r\nMessage-ID: <gemelli@x>\r\nSubject: gemelli\r\n\r\n"
        twins = [corpus.Message(base + b"corpo %02d" % n + b"y" * 3000 + b"\r\n", 1500000000 + n * 60) for n in range(4)]
        self.put("dubbi", *mails(150), *twins)
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
        self.put("gemelli", *twins)
        corpus.append(self.target.login("gemelli"), [corpus.Folder("INBOX", twins[::-1])])
        self.assertEqual(self.copied_now(self.ended(self.simple("gemelli").run())), 0)
        self.assertEqual(compare.read(self.target, "gemelli").count(), 45)


if __name__ == "__main__":
    lib.tail()
