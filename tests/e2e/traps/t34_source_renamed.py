#!/usr/bin/env python3
"""T34: a source folder renamed between runs: the same UIDVALIDITY under a new name is the same folder: it keeps its target, `name-changed`, not
shrunk."""
from trap import Case, lib, mail


class SourceRenamed(Case):
    def test_renamed_at_the_source(self):
        self.fill_counts("nuovo", INBOX=2, Vecchia=5)
        job = self.job_of(self.account("nuovo"))
        self.ended(job.run())
        self.source.login("nuovo").rename("INBOX.Vecchia", "INBOX.Altra")
        imap = self.source.login("nuovo")
        imap.append("INBOX.Altra", None, None, mail("altra").data)
        for copied in (1, 0):
            doc = self.ended(job.run())
            self.assertEqual(self.copied_now(doc), copied)
            self.assertEqual(self.counts("nuovo"), {"INBOX": 2, "Vecchia": 6})
            self.assertEqual(self.mapped(doc)["INBOX.Altra"][:2], ("Vecchia", "same"))
            self.assertEqual(self.ledgers(doc)["INBOX.Altra"]["copied"], 6)
            self.assertEqual([(p["severity"], p["folder"]) for p in lib.problems(doc, "name-changed")], [("note", "INBOX.Altra")])
            self.assertNotIn("INBOX.Vecchia", self.mapped(doc))

    def test_not_shrunk(self):
        """A folder with enough mail to be missed, and its children: renamed, not lost; the guard is silent, no mail is copied."""
        job = self.begin("grande", INBOX=5, **{"Clienti": 30, "Clienti/Rossi": 12})
        self.source.login("grande").rename("INBOX.Clienti", "INBOX.Kunden")
        for _ in range(2):
            doc = self.ended(job.run())
            self.assertEqual((self.copied_now(doc), lib.problems(doc, "source-shrunk")), (0, []))
            self.assertEqual({s: t[0] for s, t in self.mapped(doc).items()}, {"INBOX": "INBOX", "INBOX.Kunden": "Clienti", "INBOX.Kunden.Rossi": "Clienti/Rossi"})
            self.assertEqual(sorted(p["folder"] for p in lib.problems(doc, "name-changed")), ["INBOX.Kunden", "INBOX.Kunden.Rossi"])
            self.assertEqual(self.counts("grande"), {"INBOX": 5, "Clienti": 30, "Clienti/Rossi": 12})

    def test_renamed_and_halved(self):
        """Renamed, and most of it gone: the new name hides no loss."""
        job = self.begin("meta", INBOX=5, Clienti=30)
        self.source.login("meta").rename("INBOX.Clienti", "INBOX.Kunden")
        self.remove(self.source, "meta", "1:20", "Kunden")
        doc = self.ended(job.run(), 6)
        self.assertTrue(lib.problems(doc, "source-shrunk"))
        self.assertEqual(self.counts("meta"), {"INBOX": 5, "Clienti": 30})


if __name__ == "__main__":
    lib.tail()
