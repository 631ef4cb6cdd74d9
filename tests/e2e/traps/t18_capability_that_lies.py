#!/usr/bin/env python3
"""T18: a capability that does not work: what needs it is gated on it, falls back to the plain form on NO or BAD, and that is remembered."""
import re

from trap import Case, compare, lib, mails
from tamper import literals

# What each would be refused for: (side, what of a command it needs, commands that may be refused in one run).
LIES = {
    "elenco": ("source", lambda whole: re.match(rb"\S+ LIST .*RETURN", whole), 2),      # with HIGHESTMODSEQ, then without it
    "elenco-meta": ("target", lambda whole: re.match(rb"\S+ LIST .*RETURN", whole), 2),
    "cerca": ("source", lambda whole: re.match(rb"\S+ UID SEARCH RETURN", whole), 4),
    "cerca-meta": ("target", lambda whole: re.match(rb"\S+ UID SEARCH RETURN", whole), 4),
    "multi": ("target", lambda whole: b" APPEND " in whole[:20] and len(literals(whole)) > 1, 4),
    "avanti": ("target", lambda whole: b" APPEND " in whole[:20] and re.search(rb"\{\d+\+\}\r\n", whole), 300),     # all that was on its way
    "spazi": ("source", lambda whole: re.match(rb"\S+ NAMESPACE", whole), 2),
}


class CapabilityThatLies(Case):
    def one(self, name, word):
        side, needs, most = LIES[name]
        user = name + "-" + word.decode().lower()
        self.fill_counts(user, INBOX=260, Uno=150, Due=30)
        if side == "target":    # some of it is there, so that it is searched
            self.add(self.target, user, *mails(5, "Uno"), folder="Uno")
        refused = []

        def command(session, whole):
            if not needs(whole):
                return whole
            refused.append(whole[:60])
            if name.startswith("cerca"):    # behind an EXAMINE: only a server can say it in its turn
                return whole.split(b" ", 1)[0] + (b" UID SEARCH CHARSET X-NONE ALL\r\n" if word == b"NO" else b" UID SEARCH BOGUS\r\n")
            session.say(whole.split(b" ", 1)[0] + b" " + word + b" I can't do that\r\n")
            return b""
        job = self.job(self.side(user, **{side: self.tamper(getattr(self, side), None, command)}), workers=1)
        self.ended(job.run())
        self.assertTrue(refused)
        self.assertLessEqual(len(refused), most, refused)
        a, b = compare.read(self.source, user), compare.read(self.target, user)
        self.assertEqual((user, compare.differences(a, b, subscriptions=False)), (user, []))
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_each(self):
        """At once: after a BAD to an APPEND the rest waits to see whether anything still arrives."""
        cases = [(name, word) for name in LIES for word in (b"NO", b"BAD") if (name, word) != ("avanti", b"NO")]    # no server says NO to a {5+}
        lib.at_once([lambda case=case: self.one(*case) for case in cases])

    def signs_in(self, name, answer, code=0, **more):
        """A server that answers so to what goes along with AUTHENTICATE: how often it was tried so, and by the plain form."""
        user, tried, lost = "entra-" + name, [], []
        self.fill_counts(user, INBOX=20)

        def command(session, whole):
            words = whole.split()
            if b"EXAMINE" in words and not lost:    # a second connection is needed
                lost.append(session.hang_up())
            if len(words) < 3 or words[1] != b"AUTHENTICATE":
                return whole
            tried.append(len(words) > 3)
            if len(words) == 3:
                return whole
            if answer == b"+":      # as if nothing had come along
                return b" ".join(words[:3]) + b"\r\n"
            session.say(words[0] + b" " + answer + b"\r\n")
            return b""
        tamper = self.tamper(self.source, lambda session, whole: whole.replace(b"AUTH=SCRAM-SHA-256", b""), command)
        job = self.job(lib.account(user, tamper, self.target, source_more=more), workers=1)
        self.ended(job.run(), code)
        if code == 0:
            self.same(user)
        return tried.count(True), tried.count(False)

    def test_sasl_ir(self):
        """Once for each server; a secret that was looked at and refused is not sent again by another form."""
        cases = {       # (answer[, status]), more of the source, (with the answer, without) in the whole run
            "bad": ((b"BAD Error in IMAP command",), {}, (1, 2)),
            "no": ((b"NO Error in IMAP command received by server.",), {}, (1, 2)),
            "unheard": ((b"+",), {}, (2, 0)),
            "wrong": ((b"BAD what", 4), {"password": "sbagliata"}, (1, 2)),
            "refused": ((b"NO [AUTHENTICATIONFAILED] no", 4), {}, (2, 0)),
            "plainly": ((b"NO Login failed.", 4), {}, (2, 0)),
        }
        tried = lib.at_once([lambda name=name: self.signs_in(name, *cases[name][0], **cases[name][1]) for name in cases])
        self.assertEqual(dict(zip(cases, tried)), {name: case[2] for name, case in cases.items()})


if __name__ == "__main__":
    lib.tail()
