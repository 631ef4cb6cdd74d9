#!/usr/bin/env python3
"""T13: two source folders for one target folder, or names that differ in case only: an error before anything is written, unless the job says merge."""
from trap import Case, lib


class Collision(Case):
    def test_collision(self):
        self.fill_counts("urto", INBOX=2, Uno=3, Due=4, Vuota=0)
        target = self.proxy(self.target)
        job = self.job_of(self.account("urto", target=target, map={"Uno": "Insieme", "Due": "Insieme", "Vuota": "INBOX"}))
        doc = self.ended(job.run(), 2)
        self.assertEqual(self.counts("urto"), {})
        self.assertEqual(target.count("APPEND") + target.count("CREATE"), 0)
        told = lib.problems(doc, "folder-collision")
        self.assertEqual(sorted(p["severity"] for p in told), ["error", "note"])
        error = next(p for p in told if p["severity"] == "error")
        for word in ("Uno", "Due", "Insieme", "merge"):
            self.assertIn(word, error["text"] + error["hint"])
        # The way out that it names; the empty one is left out with a note then only if it would collide.
        self.rewrite(job, self.account("urto", map={"Uno": "Insieme", "Due": "Insieme"}, merge=True))
        doc = self.ended(job.run())
        self.assertEqual(self.counts("urto"), {"INBOX": 2, "Insieme": 7})
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        # The state is lost: both folders find their own.
        job.forget()
        doc = self.ended(job.run())
        self.assertEqual(self.copied_now(doc), 0)
        self.assertEqual(self.counts("urto"), {"INBOX": 2, "Insieme": 7})
        self.ended(job.call("verify", "--json"), command="verify")

    def test_case_only(self):
        """Names that differ in capital letters only, for a target that may not tell them apart: an error before a byte, unless they are two at the target
        already, or the job says merge."""
        self.fill_counts("lettere", INBOX=1, Clienti=3, CLIENTI=2)
        target = self.proxy(self.target)
        job = self.job_of(self.account("lettere", target=target))
        doc = self.ended(job.run(), 2)
        told = lib.problems(doc, "folder-collision")
        self.assertEqual([p["severity"] for p in told], ["error"])
        self.assertEqual((self.counts("lettere"), target.count("APPEND") + target.count("CREATE")), ({}, 0))
        self.rewrite(job, self.account("lettere", target=target, merge=True))
        self.ended(job.run())
        self.assertEqual(sorted(self.counts("lettere").values()), [1, 5])
        self.twice(job)

        self.fill_counts("ambedue", INBOX=1, Clienti=3, CLIENTI=2)
        imap = self.target.login("ambedue")
        for name in ("Clienti", "CLIENTI"):
            imap.create(name)
        job = self.simple("ambedue")
        self.ended(job.run())
        self.assertEqual(self.counts("ambedue"), {"INBOX": 1, "Clienti": 3, "CLIENTI": 2})
        self.twice(job)


if __name__ == "__main__":
    lib.tail()
