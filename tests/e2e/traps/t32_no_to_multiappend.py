#!/usr/bin/env python3
"""T32: NO to a MULTIAPPEND from a server that stored some of it: looked at before anything is sent again; what is there is not sent twice."""
import re

from trap import Case, lib, mail, mails
from tamper import pieces

COUNT = 24


def stored_in_part(which, word=b"NO Out of luck", times=1):
    """For a Tamper: of the first MULTIAPPENDs the server stores those mails (by their place), and says no."""
    struck = []

    def command(session, whole):
        parts = pieces(whole)
        mails_in = (len(parts) - 1) // 2
        if not re.match(rb"\S+ APPEND ", parts[0]) or mails_in < 2 or len(struck) == times:
            return whole
        struck.append(1)
        keep = [n for n in range(mails_in) if which(n, mails_in)]
        tag, _, mailbox = re.match(rb"(\S+) (APPEND) ((?:\"(?:[^\"\\]|\\.)*\"|\S+))", parts[0]).groups()
        session.memory["no"] = tag
        if not keep:
            session.say(tag + b" " + word + b"\r\n")
            return b""
        heads = [parts[2 * n][re.match(rb"\S+ APPEND (?:\"(?:[^\"\\]|\\.)*\"|\S+)", parts[0]).end():] if n == 0 else parts[2 * n] for n in keep]
        return tag + b" APPEND " + mailbox + b"".join(head + parts[2 * n + 1] for head, n in zip(heads, keep)) + b"\r\n"

    def response(session, whole):
        tag = session.memory.get("no")
        if tag and whole.startswith(tag + b" OK"):
            session.memory["no"] = None
            return tag + b" " + word + b"\r\n"
        return whole
    return response, command, struck


class NoToMultiappend(Case):
    def one(self, user, which, source=None, messages=None, **more):
        response, command, struck = stored_in_part(which, **more)
        messages = messages or mails(COUNT)
        self.put(user, *messages)
        target = self.tamper(self.target, response, command)
        job = self.job(self.side(user, source, target), workers=1)
        doc = self.ended(job.run())
        self.assertTrue(struck)
        self.assertEqual(self.ledger(doc, "copied", "refused", "pending"), (len(messages), 0, 0))
        self.assertEqual(self.verified(doc, "identical", "doubled"), (len(messages), 0))
        self.same(user)
        self.twice(job)
        self.same(user)

    def test_which(self):
        """None, the first, the last, every other one, all."""
        cases = {"nessuna": lambda n, _: False, "prime": lambda n, _: n < 5, "ultime": lambda n, all_: n >= all_ - 5, "pari": lambda n, _: n % 2 == 0,
                 "tutte": lambda *_: True}
        for name, which in cases.items():
            with self.subTest(stored=name):
                self.one(name, which)

    def test_every_time(self):
        self.one("sempre", lambda n, _: n % 3 == 0, times=99)

    def test_reasons(self):
        """Words that speak of a single mail, of nothing, of another time."""
        for name, word in {"grande": b"NO [TOOBIG] one of them is too large", "limite": b"NO [LIMIT] too many", "male": b"NO [SERVERBUG] internal error"}.items():
            with self.subTest(word=word):
                self.one("per-" + name, lambda n, _: n % 2 == 1, word=word)

    def test_doubles_among_them(self):
        """Exact doubles, and others of their Message-ID: as many as there are."""
        family = [mail("uno", "corpo")] * 5 + [mail("uno", "corpo" + "o" * n) for n in range(4)] + mails(6)
        self.one("gemelle", lambda n, _: n % 2 == 0, messages=family)

    def test_twins(self):
        """Mails of one header and one size, and other bodies, whichever of them is stored."""
        twins = [mail("uno", "corpo %d" % n) for n in range(6)] + mails(4)
        for name, which in {"dopo": lambda n, _: n >= 3, "dispari": lambda n, _: n % 2 == 1, "una": lambda n, _: n == 4}.items():
            with self.subTest(stored=name):
                self.one("uguali-" + name, which, messages=twins)

    def test_source_answers_out_of_order(self):
        """The source hands its mails over in another order than that of their UIDs, as Dovecot may."""
        def backwards(session, whole):
            if re.match(rb"\* \d+ FETCH ", whole) and b"BODY[] {" in whole:
                session.memory.setdefault("held", []).append(whole)
                return b""
            held = session.memory.pop("held", [])
            return b"".join(reversed(held)) + whole
        self.one("rovescio", lambda n, _: n % 2 == 0, source=self.tamper(self.source, backwards))


if __name__ == "__main__":
    lib.tail()
