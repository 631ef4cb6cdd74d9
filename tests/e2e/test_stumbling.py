#!/usr/bin/env python3
"""Servers that stumble: they search badly, say NO to what they store, refuse a folder. No other mail suffers from it, nothing is doubled, and
the report tells."""
import compare
import corpus
import lib
from proxy import Command, Reply


def mails(user, count, first=0, keywords=()):
    return [corpus.Message(b"From: a@example.org\r\nTo: b@example.org\r\nMessage-ID: <%d.%s@x>\r\nSubject: %d\r\n\r\n%s\r\n"
                           % (n, user.encode(), n, b"parola " * (n % 40 + 1)), 1400000000 + 3600 * n, ["\\Seen"], keywords)
            for n in range(first, first + count)]


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

    def test_no_to_what_is_stored(self):
        """NO to a batch that was not stored, then NO to each of its mails, which are: looked at before a second form is tried."""
        self.put("mente", mails("mente", 30, keywords=("Lavoro",)))
        target = self.proxy(self.target)
        target.add(Command("APPEND", do=lambda whole: whole.split(b" ", 1)[0] + b" NOOP\r\n"))
        target.add(Reply("APPEND", do="no", times=None))
        self.ended(self.simple("mente", target=target).run())
        self.same("mente")


if __name__ == "__main__":
    lib.tail()
