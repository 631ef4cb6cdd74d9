#!/usr/bin/env python3
"""T11: namespaces and separators: prefix INBOX., `.` or `/`, NIL, a separator inside a name: translated both ways, and all of it is in the plan.
(unit/mail/folder and unit/mail/path have the rules.)"""
import re

from trap import Case, lib, mails
from dovecot import Dovecot


class Separators(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the other way round: from "/" without prefix to "." below INBOX.
        cls.slash = cls.target
        cls.dot = Dovecot("source")
        cls.addClassCleanup(cls.dot.close)

    def planned(self, job, code=0):
        doc = job.call("plan", "--json").report
        return {f["source"]: f["target"] for f in lib.only(doc)["folders"]}

    def test_dot_to_slash(self):
        self.fill_counts("punto", INBOX=2, **{"Clienti/Rossi": 2, "Clienti/Rossi/2020": 1, "a-b_c": 1})
        job = self.simple("punto")
        names = {"INBOX": "INBOX", "INBOX.Clienti.Rossi": "Clienti/Rossi", "INBOX.Clienti.Rossi.2020": "Clienti/Rossi/2020", "INBOX.a-b_c": "a-b_c"}
        self.assertLessEqual(names.items(), self.planned(job).items())
        self.assertLessEqual(names.items(), {s: t[0] for s, t in self.mapped(self.ended(job.run())).items()}.items())
        self.assertEqual(self.counts("punto"), {"INBOX": 2, "Clienti/Rossi": 2, "Clienti/Rossi/2020": 1, "a-b_c": 1})

    def test_slash_to_dot(self):
        """A dot inside a name is no separator at the target; names that become one would be an error before a byte is written."""
        self.add(self.slash, "barra", *mails(2))
        for folder in ("Studio/dott.Bianchi", "v1.0", "Studio"):
            self.add(self.slash, "barra", *mails(1, folder.replace("/", "-")), folder=folder)
        job = self.job(lib.account("barra", self.slash, self.dot))
        doc = self.ended(job.run())
        names = {s: t[0] for s, t in self.mapped(doc).items()}
        self.assertEqual(names, {"INBOX": "INBOX", "Studio": "INBOX.Studio", "Studio/dott.Bianchi": "INBOX.Studio.dott-Bianchi", "v1.0": "INBOX.v1-0"})
        self.assertEqual({p["folder"] for p in lib.problems(doc, "name-changed")}, {"Studio/dott.Bianchi", "v1.0"})
        self.assertEqual(self.counts("barra", self.dot), {"INBOX": 2, "Studio": 1, "Studio/dott-Bianchi": 1, "v1-0": 1})
        self.twice(job)

        self.add(self.slash, "urto", *mails(1), folder="v1.0")
        self.add(self.slash, "urto", *mails(2), folder="v1-0")
        job = self.job(lib.account("urto", self.slash, self.dot))
        self.assertTrue(lib.problems(self.ended(job.run(), 2), "folder-collision"))
        self.assertEqual(self.counts("urto", self.dot), {})

    def test_no_separator(self):
        """A flat source (NIL): its names have no levels, whatever stands in them."""
        self.fill_counts("piatta", INBOX=2, Uno=1, **{"Due/Tre": 1})
        flat = self.tamper(self.source, lambda _, whole: re.sub(rb'(?m)^(\* (?:LIST|LSUB) \([^)]*\)) "\."', rb"\1 NIL", whole.replace(b'("INBOX." ".")', b'("" NIL)')))
        job = self.job(lib.account("piatta", flat, self.target))
        doc = self.ended(job.run())
        self.assertEqual({s: t[0] for s, t in self.mapped(doc).items()}, {"INBOX": "INBOX", "INBOX.Uno": "INBOX.Uno", "INBOX.Due.Tre": "INBOX.Due.Tre"})
        self.assertEqual(self.counts("piatta"), {"INBOX": 2, "INBOX.Uno": 1, "INBOX.Due.Tre": 1})
        self.twice(job)

    def test_no_namespace(self):
        """A source that can't be asked for its prefix: all but INBOX lies below INBOX, so that is the prefix."""
        self.fill_counts("ignota", INBOX=2, Uno=1, **{"Due/Tre": 1})
        mute = self.proxy(self.source)
        mute.capability = "IMAP4rev1 AUTH=PLAIN"
        self.ended(self.job(lib.account("ignota", mute, self.target)).run())
        self.assertEqual(self.counts("ignota"), {"INBOX": 2, "Uno": 1, "Due/Tre": 1})


if __name__ == "__main__":
    lib.tail()
