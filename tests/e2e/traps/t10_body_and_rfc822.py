#!/usr/bin/env python3
"""T10: BODY[] and RFC822 disagree (Courier: a mail of 2.9 MB served as 293 KB by BODY[]): what is not of the announced length is asked for by
RFC822 as well, and the better one is copied and compared. (unit/mail/multipart: whether a mail of parts has its end.)"""
import re

from trap import OLD, Case, compare, corpus, lib, mails
from tamper import with_literals

COUNT, SICK = 30, 9


def large(ident, size):
    """A mail of two parts."""
    head = ("From: a@example.org\r\nMessage-ID: <%s@x>\r\nSubject: allegato\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_q\"\r\n\r\n"
            "--=_q\r\n\r\ntesto\r\n--=_q\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" % ident).encode()
    return corpus.Message(head + b"QUJD" * 18 * (size // 72) + b"\r\n--=_q--\r\n", OLD + 60 * (SICK - 1))


def served(cut_body, cut_plain=None, size=None, word=None):
    """For a Tamper: the sick mail's BODY[] is put through cut_body, its RFC822 through cut_plain, its size through size; word: said to RFC822."""
    def response(session, whole):
        uid = re.match(rb"\* \d+ FETCH \(UID (\d+) ", whole)
        if word and re.match(rb"\S+ OK Fetch", whole) and session.memory.get("plain"):
            session.memory["plain"] = False
            return re.sub(rb" OK .*", word.replace(b"\\", b"\\\\"), whole)
        if not uid or int(uid.group(1)) != SICK:
            return whole
        if size:
            whole = re.sub(rb"RFC822\.SIZE (\d+)", lambda m: b"RFC822.SIZE %d" % size(int(m.group(1))), whole, count=1)
        if b" RFC822 {" in whole:
            session.memory["plain"] = True
            return b"" if word else with_literals(whole, cut_plain) if cut_plain else whole
        return with_literals(whole, cut_body) if b"BODY[] {" in whole else whole
    return response


class BodyAndRfc822(Case):
    def one(self, user, response, code=0, sick=None, verify="standard"):
        messages = mails(COUNT)
        messages[SICK - 1] = sick or large("grande", 200000)
        self.put(user, *messages)
        source = self.tamper(self.source, response)
        job = self.job(self.side(user, source), workers=1, verify=verify)
        doc = self.ended(job.run(), code)
        return job, doc, source

    def test_cut_by_body(self):
        """A tenth of it by BODY[], all by RFC822: all of it is copied, and compared as such, deep as well."""
        for verify in ("standard", "deep"):
            with self.subTest(verify=verify):
                user = "decimo-" + verify
                job, doc, source = self.one(user, served(lambda data: data[:len(data) // 10]), verify=verify)
                self.assertEqual(self.verified(doc, "identical", "altered"), (COUNT, 0))
                self.same(user)
                self.assertTrue(all(b"UID FETCH %d " % SICK in text for text in source.commands if b" RFC822)" in text), "no other mail is asked for twice")
                self.twice(job)
                self.same(user)

    def test_a_little_cut(self):
        """Only the last line is missing, of a mail of parts and of a plain one."""
        plain = corpus.Message(b"Message-ID: <piano@x>\r\n\r\n" + b"riga di testo\r\n" * 50, OLD + 60 * (SICK - 1))
        for name, sick in (("parti", None), ("piana", plain)):
            with self.subTest(sick=name):
                _, doc, _ = self.one("poco-" + name, served(lambda data: data[:-10]), sick=sick)
                self.assertEqual(self.verified(doc, "identical", "altered"), (COUNT, 0))
                self.same("poco-" + name)

    def test_cut_by_rfc822(self):
        """The size is wrong, BODY[] is whole and RFC822 is not: the longer one is the mail."""
        _, doc, _ = self.one("contrario", served(lambda data: data, lambda data: data[:-1000], lambda size: size + 7))
        self.assertEqual(self.verified(doc, "identical", "altered"), (COUNT, 0))
        self.same("contrario")

    def test_no_rfc822(self):
        """RFC822 is answered with NO, BAD, or NIL: what BODY[] gives is copied, once."""
        for name, word in (("no", b" NO I don't know that"), ("bad", b" BAD unknown"), ("muta", b" OK nothing"),):
            with self.subTest(word=word):
                _, doc, source = self.one("senza-" + name, served(lambda data: data, None, lambda size: size + 7, word))
                self.assertEqual(self.verified(doc, "identical", "altered"), (COUNT, 0))
                self.same("senza-" + name)

    def test_sizes_are_guesses(self):
        """A server whose sizes are never right (Exchange) is asked twice for the first mails only."""
        self.put("stime", *mails(2500))
        source = self.tamper(self.source, lambda _, whole: re.sub(rb"RFC822\.SIZE (\d+)", lambda m: b"RFC822.SIZE %d" % (int(m.group(1)) + 4), whole, count=1))
        # Chunks that are on their way already when it is found out are asked for again as well: two of 500.
        job = self.job(self.side("stime", source), workers=1)
        doc = self.ended(job.run())
        self.assertEqual(self.verified(doc, "identical", "altered"), (2500, 0))
        self.assertLess(source.count(r"UID FETCH \d+ .* RFC822\)"), 1200)
        self.same("stime")

    def test_flags_stay(self):
        """RFC822 marks mail as read where a folder is open for writing: the source stays as it was."""
        _, _, source = self.one("nonletta", served(lambda data: data[:len(data) // 2]))
        self.assertGreater(source.count(r".* RFC822\)"), 0)
        self.assertEqual({m.flags for m in compare.read(self.source, "nonletta").boxes["INBOX"].mails}, {frozenset()})


if __name__ == "__main__":
    lib.tail()
