#!/usr/bin/env python3
"""T21: over quota stops that account (7) and says how to go on; too big skips that message, keeps it as .eml, goes on."""
from trap import Case, compare, corpus, lib


class TooBig(Case):
    target_options = {"max_mail_size": "100k"}

    def test_refused_and_kept(self):
        folders = self.fill("mario", 60)
        big = corpus.mailbox("grande", 3, big=2, with_traps=False)
        mails = [m for f in big for m in f.messages if len(m.data) > 1 << 20]
        self.assertEqual(len(mails), 2)
        corpus.append(self.source.login("mario"), [corpus.Folder("INBOX", mails[:1]), corpus.Folder("Bozze", mails[1:])], "source")
        fitting = sum(len(m.data) < 100 * 1024 for f in folders for m in f.messages)
        job = self.simple("mario")
        for run in range(3):
            doc = self.ended(job.run(), 1)
            account = lib.only(doc)
            ledger = account["totals"]["ledger"]
            self.assertEqual((ledger["refused"], ledger["copied"], ledger["pending"]), (62 - fitting, fitting, 0), ledger)
            self.assertEqual(self.copied_now(doc), 0 if run else fitting)
            self.assertEqual(account["next"], "decide")
            refused = lib.problems(doc, "message-refused") + lib.problems(doc, "too-big")
            self.assertEqual(len(refused), 62 - fitting)
            self.assertIn("maximum size allowed", refused[0]["text"])
            kept = sorted(open(path, "rb").read() for path in job.refused())
            self.assertEqual(kept, sorted([m.data for m in mails] + [m.data for f in folders for m in f.messages if len(m.data) >= 100 * 1024]))
        a, b = compare.read(self.source, "mario"), compare.read(self.target, "mario")
        for box in a.boxes.values():
            box.mails = [m for m in box.mails if m.size < 100 * 1024]
        self.assertEqual(compare.differences(a, b), [])
        self.assertEqual(job.call("verify").code, 1)
        self.assertEqual(job.call("status").code, 0)


class Full(Case):
    target_options = {"quota": "1M"}

    def test_quota(self):
        """7 for the account that does not fit; the other one is moved; nothing is taken for a refused message."""
        self.fill("pieno", 40, big=3)
        self.fill("magro", 30)
        job = self.job(lib.account("pieno", self.source, self.target), lib.account("magro", self.source, self.target))
        doc = self.ended(job.run(), 7)
        self.assertEqual([a["exit"] for a in doc["accounts"]], [7, 0])
        self.assertTrue(lib.problems(doc, "over-quota"))
        self.assertEqual(doc["accounts"][0]["totals"]["ledger"]["refused"], 0)
        self.assertGreater(doc["accounts"][0]["totals"]["ledger"]["pending"], 0)
        self.same("magro")


if __name__ == "__main__":
    lib.tail()
