#!/usr/bin/env python3
"""T5: one Message-ID on different mails: it proposes, size and digests decide, and all of them are copied."""
from trap import OLD, Case, compare, corpus, lib, mail, mails
from proxy import Reply


class SameMessageId(Case):
    def family(self):
        """Nine mails of one Message-ID: three of one header and size that only a byte of the body tells apart, others with another subject, another
        recipient, another date, and one that is longer."""
        same = [mail("uno", "corpo %d" % n) for n in range(3)]
        return same + [mail("uno", "corpo 0", subject="m"), mail("uno", "corpo 0", more="To: b@x\r\n"), mail("uno", "corpo 0", date=OLD + 1),
                       mail("uno", "corpo 0 e altro"), mail("UNO", "corpo 0"), mail("uno", "")]

    def test_all_are_copied(self):
        self.put("famiglia", *self.family())
        job = self.of("famiglia")
        doc = self.ended(job.run())
        self.assertEqual(self.ledger(doc, "copied", "skipped"), (9, 0))
        self.same("famiglia")
        self.twice(job)
        self.same("famiglia")

    def test_some_are_there(self):
        """Of the three that look alike the target has one, of the others two: the rest comes, whichever it is."""
        for number in range(3):
            with self.subTest(there=number):
                user = "parte%d" % number
                self.put(user, *self.family())
                self.add(self.target, user, self.family()[number], *self.family()[3:5])
                job = self.of(user)
                doc = self.ended(job.run())
                self.assertEqual(self.ledger(doc, "copied", "already_there"), (6, 3))
                self.same(user)
                self.twice(job)
                self.same(user)

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
