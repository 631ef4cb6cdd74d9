#!/usr/bin/env python3
"""T22: a mail that the target refuses is recorded with the server's words and kept as .eml; the others go on; it can be exported."""
from trap import Case, corpus, lib


class Empty(Case):
    def test_mail_of_no_bytes(self):
        """Dovecot refuses it; 1, and everything else is moved."""
        self.fill("nulla", 40)
        place = lib.os.path.join(self.source.home("nulla"), "Maildir")
        path = corpus.write_mail(place, corpus.Message(b"", 1500000000), 999)
        if lib.os.geteuid() == 0:
            lib.os.chown(path, *corpus.mail_owner())
        job = self.simple("nulla")
        for _ in range(2):
            doc = self.ended(job.run(), 1)
            ledger = lib.only(doc)["totals"]["ledger"]
            self.assertEqual((ledger["refused"], ledger["copied"], ledger["pending"]), (1, 40, 0))
        self.assertEqual(len(job.refused()), 1)


if __name__ == "__main__":
    lib.tail()
