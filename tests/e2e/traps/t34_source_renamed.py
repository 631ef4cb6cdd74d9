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


if __name__ == "__main__":
    lib.tail()
