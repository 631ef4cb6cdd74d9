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


if __name__ == "__main__":
    lib.tail()
