#!/usr/bin/env python3
"""T26: a hostile or broken server: oversized literals, endless lines, garbage, wrong tags, evil folder names, escape sequences: a clear error, no
crash, no control character on a screen."""
import os
import re
import time

from trap import Case, lib, mails


ESC = b"\x1b]0;titolo\x07\x1b[2J"


def instead(match, what, times=1):
    """For a Tamper: the first such responses of each session become what(whole); None: the line is hung up."""
    def response(session, whole):
        if session.memory.get("struck", 0) >= times or not re.match(match, whole, re.I | re.S):
            return whole
        session.memory["struck"] = session.memory.get("struck", 0) + 1
        return what(whole)
    return response


BODY = rb"\* \d+ FETCH .*BODY\["
# What is said instead, and in the place of what.
SAID = {
    "letterale-4g": (BODY, lambda whole: re.sub(rb"\{\d+\}", b"{4294967296}", whole, count=1)),
    "letterale-30-cifre": (BODY, lambda whole: re.sub(rb"\{\d+\}", b"{%s}" % (b"9" * 30), whole, count=1)),
    "letterale-negativo": (BODY, lambda whole: re.sub(rb"\{\d+\}", b"{-1}", whole, count=1)),
    "riga-senza-fine": (BODY, lambda whole: b"* OK " + b"x" * (20 << 20)),
    "rumore": (BODY, lambda whole: bytes(range(256)) * 8 + b"\r\n"),
    "etichetta": (rb"T\d+ OK", lambda whole: b"T999999 OK nobody asked\r\n"),
    "annidato": (BODY, lambda whole: b"* 1 FETCH (" + b"(" * 100000 + b"\r\n"),
    "uid-enorme": (BODY, lambda whole: re.sub(rb"UID \d+", b"UID 99999999999999999999", whole)),
    "alluvione": (BODY, lambda whole: b"* 5 EXISTS\r\n* OK still here\r\n" * 20000 + whole),
    "capacita": (rb"T\d+ OK \[CAPABILITY", lambda whole: b"* CAPABILITY IMAP4rev1 " + b"X" * (1 << 20) + b"\r\n" + whole),
    "saluto": (rb"\* OK", lambda whole: b"220 smtp.example.org ESMTP" + ESC + b"\r\n"),
    "parole": (rb"T\d+ OK", lambda whole: re.sub(rb" OK .*", b" NO " + ESC + b"no\r\n", whole)),
    "addio": (rb"\* FLAGS", lambda whole: b"* BYE " + ESC + b"\r\n"),
}


class HostileServer(Case):
    def test_what_servers_say(self):
        """On either side, in every session: an end within its time, with a status that is one, no crash, nothing harmed, nothing for a terminal to obey;
        and when the server is well again, all is moved."""
        def one(name, side):
            user = name + "-" + side
            self.put(user, *mails(12))
            tamper = self.tamper(getattr(self, side), instead(*SAID[name]))
            ends = {"source": self.source, "target": self.target, side: tamper}
            quick = {"timeout": "2s"}
            job = self.job(lib.account(user, ends["source"], ends["target"], source_more=quick, target_more=quick), workers=2, limits={"give_up": "2s"})
            began = time.monotonic()
            result = job.run("-v", "--log", os.path.join(job.folder, "log"), limit=90)
            self.assertIn(result.code, (0, 1, 3, 4), user + ": " + result.tell())
            with open(os.path.join(job.folder, "log"), errors="surrogateescape") as log:
                said = result.out + result.err + log.read()
            self.assertNotRegex(said, "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
            self.assertLess(time.monotonic() - began, 60, user)
            tamper.response = None
            result = job.run()
            self.ended(result)
            self.assertEqual(self.counts(user).get("INBOX"), 12, user + result.tell())
        cases = [(name, side) for name in SAID for side in ("source", "target")]
        for at in range(0, len(cases), 14):
            lib.at_once([lambda case=case: one(*case) for case in cases[at:at + 14]])

    def test_name_that_is_no_imap(self):
        """A folder that the old server names in no form that IMAP knows is not left behind without a word, and its name does nothing to a screen."""
        self.fill_counts("strano", INBOX=3, Privato=2)
        proxy = self.proxy(self.source)
        proxy.rewrite = lambda line: line.replace(b"Privato", b"P\x1b[31mo")
        job = self.job(lib.account("strano", proxy, self.target))
        for command in ("plan", "run", "verify"):
            result = job.call(command, "--json", "-v", "--log", os.path.join(job.folder, "log"))
            self.assertEqual(result.code, 1, result.tell())
            told = lib.problems(result.report, "folder-unreadable")
            self.assertEqual([(p["severity"], p["side"]) for p in told], [("error", "source")])
            self.assertIn("P [31mo", told[0]["text"])
        self.assertEqual(lib.only(result.report)["totals"]["ledger"]["copied"], 3)
        text = job.call("run", "-v", "--lang", "it")
        self.assertIn("non viene spostata", " ".join(text.out.split()))
        with open(os.path.join(job.folder, "log")) as log:
            self.assertNotIn("\x1b", text.out + text.err + log.read())


if __name__ == "__main__":
    lib.tail()
