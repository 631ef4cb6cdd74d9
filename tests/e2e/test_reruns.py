#!/usr/bin/env python3
"""A run with nothing new opens no folder; one with something new opens that folder, and tells the same as if it had read all."""
import os
import re
import sys

import compare
import lib
from dovecot import Dovecot
from faults import Command

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "traps"))
from trap import Case as TrapCase, mails  # noqa: E402

FACTS = re.compile(rb"UID FETCH ([0-9:,]+) \(.*HEADER\.FIELDS")
OPENS = re.compile(rb'(?:EXAMINE|SELECT) "?([^"\r\n]*)')
COUNTS = {"INBOX": 30, "Clienti": 20, "Privato": 5, "Vuota": 0}


class Reruns(TrapCase):
    def begin_watched(self, user, source=None, **more):
        """A mailbox that is moved and was quiet since; (job, source, target): both lines go through proxies."""
        self.fill_counts(user, server=source, **COUNTS)
        source, target = self.proxy(source or self.source), self.proxy(self.target)
        job = self.job(self.side(user, source, target, **more), workers=2)
        for _ in range(2):
            self.ended(job.run())
        return job, source, target

    def run_watched(self, job, *proxies, command="run", options=()):
        """The document, and the folders that were opened on either side, by their last levels."""
        before = [len(p.commands) for p in proxies]
        doc = self.ended(job.call(command, "--json", *options), command=command)
        opened = [{OPENS.match(c).group(1).decode().split(".")[-1] for c in p.commands[at:] if OPENS.match(c)} for p, at in zip(proxies, before)]
        return doc, opened

    def numbers(self, doc):
        return [(f["source"], f["ledger"], f["verified"], f["bytes"]) for f in lib.only(doc)["folders"]]

    def test_nothing_new(self):
        job, *both = self.begin_watched("quieta")
        whole = self.numbers(job.run().report)
        for _ in range(2):
            doc, opened = self.run_watched(job, *both)
            self.assertEqual(opened, [set(), set()])
            self.assertEqual(self.numbers(doc), whole)
            self.assertEqual(lib.only(doc)["next"], "nothing")
            # … and the report says that this mail was not read again
            told, = lib.problems(doc, "not-read-again")
            self.assertTrue(told["text"].endswith(": %d" % sum(verified["identical"] for _, _, verified, _ in whole)), told)
        self.same("quieta")
        # who asks for a look gets one
        for command, options in (("verify", ()), ("verify", ("--deep",)), ("run", ("--again",))):
            doc, opened = self.run_watched(job, *both, command=command, options=options)
            self.assertTrue({"INBOX", "Clienti", "Privato"} <= opened[0] & opened[1], (command, options, opened))
            self.assertEqual(lib.problems(doc, "not-read-again"), [])
            folders = [(f["source"], f["verified"]["identical"]) for f in lib.only(doc)["folders"]]
            self.assertEqual(folders, [(name, verified["identical"]) for name, _, verified, _ in whole])
        self.assertEqual(self.run_watched(job, *both)[1], [set(), set()])

    def test_something_new(self):
        """One event a run, each in a folder of its own."""
        job, *both = self.begin_watched("viva")
        events = [("Clienti", lambda: self.flag(self.source, "viva", "3", "(\\Flagged)", "Clienti"), 0),
                  ("Privato", lambda: self.add(self.source, "viva", *mails(1, "nuova"), folder="Privato"), 1),
                  ("INBOX", lambda: self.remove(self.source, "viva", "4"), 0),
                  ("Clienti", lambda: self.remove(self.target, "viva", "9", "Clienti"), 0),
                  ("Privato", lambda: self.add(self.target, "viva", *mails(1, "altra"), folder="Privato"), 0)]
        for folder, happens, copied in events:
            happens()
            doc, opened = self.run_watched(job, *both)
            self.assertEqual(opened, [{folder}, {folder}], folder)
            self.assertEqual(self.copied_now(doc), copied)
            # a folder that was changed by the run itself is read once more
            opened = self.run_watched(job, *both)[1]
            self.assertTrue(all(names <= {folder} for names in opened), opened)
            self.assertEqual(self.run_watched(job, *both)[1], [set(), set()], folder)
        doc = job.run().report
        self.assertEqual(self.ledger(doc, "source", "copied", "vanished"), (56, 55, 1))
        self.assertEqual((self.verified(doc, "gone"), self.verified(doc, "target_only"), self.verified(doc, "identical")), (1, 1, 54))
        flagged = [m for m in compare.read(self.target, "viva").boxes["Clienti"].mails if "\\Flagged" in m.flags]
        self.assertEqual(len(flagged), 1)

    def test_part_changed(self):
        """Of a folder that has changed in part, the mails that servers name as changed are compared, and the newest; all others count, and the report says so."""
        self.fill_counts("parte", INBOX=60)
        both = self.proxy(self.source), self.proxy(self.target)
        job = self.job(self.side("parte", *both), workers=1)
        for _ in range(2):
            self.ended(job.run())

        def asked(commands):
            sets = [FACTS.search(c).group(1).decode() for c in commands if FACTS.search(c)]
            ranges = [part.split(":") for text in sets for part in text.split(",")]
            return sum(int(r[-1]) - int(r[0]) + 1 for r in ranges)

        def replace():
            self.remove(self.target, "parte", "9")
            self.add(self.target, "parte", *mails(1, "altra"))
        events = [("new mail", lambda: self.add(self.source, "parte", *mails(1, "nuova"))),
                  ("a mark at the source", lambda: self.flag(self.source, "parte", "3", "(\\Flagged)")),
                  ("a mark at the target", lambda: self.flag(self.target, "parte", "5", "(\\Flagged)")),
                  ("deleted at the source", lambda: self.remove(self.source, "parte", "4")),
                  ("gone at the target", lambda: self.remove(self.target, "parte", "7")),
                  ("other mail in its place", replace),
                  ("the first and the last", lambda: self.flag(self.source, "parte", "1,60", "(\\Flagged)"))]
        for name, happens in events:
            happens()
            before = [len(p.commands) for p in both]
            doc = self.ended(job.run())
            commands = [p.commands[at:] for p, at in zip(both, before)]
            self.assertTrue(all(any(b"MODSEQ" in c for c in side) for side in commands), name)
            self.assertTrue(all(1 <= asked(side) <= 7 for side in commands), (name, [asked(side) for side in commands]))
            told, = lib.problems(doc, "not-read-again")
            self.assertTrue(50 <= int(told["text"].split(": ")[1]) < self.verified(doc, "identical"), (name, told))
        for _ in range(2):  # what the run before has set itself; then nothing
            doc, opened = self.run_watched(job, *both)
        self.assertEqual(opened, [set(), set()])
        self.assertEqual((self.ledger(doc, "source", "copied", "vanished"), self.verified(doc, "identical", "gone", "target_only")), ((61, 60, 1), (58, 2, 1)))
        flagged = [m for m in compare.read(self.target, "parte").boxes["INBOX"].mails if "\\Flagged" in m.flags]
        self.assertEqual(len(flagged), 4)
        # who does not want to tell is read whole
        for n, side in enumerate(both):
            fault = side.add(Command("UID SEARCH .*MODSEQ", do="answer", text="BAD what is that", times=None))
            self.add(self.source, "parte", *mails(1, "ancora%d" % n))
            before = len(side.commands)
            doc = self.ended(job.run())
            self.assertEqual((self.copied_now(doc), lib.problems(doc, "not-read-again")), (1, []))
            self.assertTrue(asked(side.commands[before:]) >= 58)
            side.faults.remove(fault)
        # all of it read anew says the same
        doc = self.ended(job.call("verify", "--json"), command="verify")
        self.assertEqual(self.verified(doc, "identical", "gone", "target_only"), (60, 2, 1))

    def test_other_rules(self):
        job, *both = self.begin_watched("regole", flags="none")
        self.flag(self.source, "regole", "3", "(\\Flagged)", "Clienti")
        for _ in range(2):
            self.ended(job.run())
        flagged = lambda: [m for m in compare.read(self.target, "regole").boxes["Clienti"].mails if "\\Flagged" in m.flags]
        self.assertEqual(flagged(), [])
        job.write([self.side("regole", *both)], workers=2)
        self.ended(job.run())
        self.assertEqual(len(flagged()), 1)

    def test_servers_that_do_not_count(self):
        """HIGHESTMODSEQ is refused, with and without LIST-STATUS, or it is the same for ever: a mark set at the source arrives."""
        forgetful = Dovecot("forgetful-source")
        self.addCleanup(forgetful.close)

        def moved(user, server, fault=None, capability=None):
            self.fill_counts(user, server=server, **COUNTS)
            source = self.proxy(server)
            source.capability = capability
            if fault:
                source.add(fault)
            job = self.job(self.side(user, source), workers=2)
            for _ in range(3):
                self.ended(job.run())
            self.flag(server, user, "3", "(\\Flagged)", "Clienti")
            doc = self.ended(job.run())
            self.assertEqual(self.ledger(doc, "source", "copied"), (55, 55))
            self.assertEqual(len([m for m in compare.read(self.target, user).boxes["Clienti"].mails if "\\Flagged" in m.flags]), 1, user)
        refuses = lambda text: Command(r"(?:LIST|STATUS) .*HIGHESTMODSEQ", do="answer", text=text, times=None)
        lib.at_once([lambda: moved("memoria", forgetful), lambda: moved("male", self.source, refuses("BAD what is that")), lambda: moved("rifiuta", self.source, refuses("NO not here")),
                     lambda: moved("semplice", self.source, refuses("BAD what is that"), "IMAP4rev1 CONDSTORE NAMESPACE UIDPLUS"),
                     lambda: moved("rude", self.source, refuses("NO not here"), "IMAP4rev1 CONDSTORE NAMESPACE UIDPLUS")])


if __name__ == "__main__":
    lib.tail()
