#!/usr/bin/env python3
"""T9: FETCH cut short by BYE, EOF or a short literal: a mail is whole when its literal has the announced length and its response line is closed;
nothing less is offered to the target. After a tagged NO or BAD of a chunk its mails are read again byte by byte."""
import re

from trap import Case, compare, lib, mails
from tamper import literals, pieces

COUNT, SICK = 30, 12


def body_of(whole, uid):
    return b" FETCH (" in whole[:40] and re.search(rb"UID %d\b" % uid, whole) and b"BODY[] {" in whole and len(literals(whole)) == 1


class CutShort(Case):
    def broken(self, strike, times=1, **more):
        """The source; strike(session, pieces of the response) is what happens to the sick mail."""
        struck = []

        def response(session, whole):
            if not body_of(whole, SICK) or len(struck) == times:
                return whole
            struck.append(1)
            return strike(session, pieces(whole))
        tamper = self.tamper(self.source, response)
        tamper.struck = struck
        return tamper

    def one(self, user, strike, times=1, ordered=True):
        self.put(user, *mails(COUNT))
        source = self.broken(strike, times)
        job = self.job(lib.account(user, source, self.target, source_more={"timeout": "2s"}), workers=1)
        doc = self.ended(job.run())
        self.assertEqual(len(source.struck), times)
        self.assertEqual(self.verified(doc, "identical", "altered"), (COUNT, 0))
        self.same(user, ordered=ordered)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_bye(self):
        """In the middle of the literal the server says goodbye; twice."""
        def strike(session, parts):
            session.say(parts[0] + parts[1][:20] + b"\r\n* BYE Server shutting down\r\n")
            session.hang_up()
            return b""
        self.one("saluto", strike, 2)

    def test_eof(self):
        """… just hangs up: in the literal, behind it, and in the line that closes it."""
        for name, keep in (("dentro", lambda parts: parts[0] + parts[1][:30]), ("dietro", lambda parts: parts[0] + parts[1]),
                           ("quasi", lambda parts: parts[0] + parts[1] + parts[2][:-2])):
            def strike(session, parts, keep=keep):
                session.say(keep(parts))
                session.hang_up()
                return b""
            with self.subTest(where=name):
                self.one("fine-" + name, strike)

    def test_short_literal(self):
        """Fewer bytes than announced, then the next response: what comes instead of the rest is no mail."""
        self.one("breve", lambda session, parts: parts[0] + parts[1][:-10] + parts[2], ordered=False)

    def test_long_literal(self):
        """More bytes than announced."""
        self.one("lunga", lambda session, parts: parts[0] + parts[1] + b"e altro" + parts[2])

    def test_stall(self):
        """Half of it, then silence."""
        def strike(session, parts):
            session.say(parts[0] + parts[1][:30])
            session.memory["still"] = True
            return b""
        self.put("muta", *mails(COUNT))
        source = self.broken(strike)
        answer = source.response
        source.response = lambda session, whole: b"" if session.memory.get("still") else answer(session, whole)
        job = self.job(lib.account("muta", source, self.target, source_more={"timeout": "1s"}), workers=1)
        self.ended(job.run())
        self.same("muta", ordered=True)

    def test_padded_then_no(self):
        """A server whose file is short pads the mail to its length and ends the chunk with NO or BAD: only the bytes tell, and they are looked at."""
        for word in (b"NO", b"BAD"):
            with self.subTest(word=word):
                user = "riempita-" + word.decode().lower()
                self.put(user, *mails(COUNT))
                struck = []

                def response(session, whole, word=word, struck=struck):
                    if body_of(whole, SICK) and not struck:
                        struck.append(1)
                        parts = pieces(whole)
                        session.memory["no"] = True
                        return parts[0] + parts[1][:-12] + b" " * 12 + parts[2]
                    if session.memory.get("no") and re.match(rb"\S+ OK Fetch", whole):
                        session.memory["no"] = False
                        return re.sub(rb" OK .*\r\n", b" %s Some messages could not be read\r\n" % word, whole)
                    return whole
                source = self.tamper(self.source, response)
                job = self.job(lib.account(user, source, self.target), workers=1)
                doc = self.ended(job.run(), 1)
                told = lib.problems(doc, "message-altered")
                self.assertEqual([p["uid"] for p in told], [SICK])
                self.assertEqual(self.verified(doc, "identical", "altered"), (COUNT - 1, 1))
                self.assertEqual(compare.read(self.target, user).count(), COUNT)


if __name__ == "__main__":
    lib.tail()
