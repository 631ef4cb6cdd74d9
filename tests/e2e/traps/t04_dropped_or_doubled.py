#!/usr/bin/env python3
"""T4: the server says OK and drops the message, or stores it twice: the verification reads both servers and tells."""
from trap import Case, compare, lib
from proxy import Command


class DroppedOrDoubled(Case):
    def through(self, user, fault, *options, count=60, **top):
        self.fill(user, count)
        proxy = self.proxy(self.target)
        proxy.add(fault)
        job = self.simple(user, target=proxy, **top)
        return job, job.run(*options), proxy

    def test_dropped(self):
        """Found before the run ends, sent again once, and there."""
        job, result, _ = self.through("perso", Command("APPEND", nth=2, do="drop"))
        doc = self.ended(result)
        self.assertTrue(lib.problems(doc, "message-missing"))
        self.assertTrue(all(p["severity"] == "warning" for p in lib.problems(doc, "message-missing")))
        self.same("perso")
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_dropped_always(self):
        """A target that stores nothing: sent again once, then pending and 1; nothing is called copied."""
        job, result, proxy = self.through("nero", Command("APPEND", do="drop", times=None), count=40)
        doc = self.ended(result, 1)
        self.assertTrue(lib.problems(doc, "message-missing"))
        ledger = lib.only(doc)["totals"]["ledger"]
        self.assertEqual((ledger["copied"], ledger["already_there"], ledger["pending"]), (0, 0, 40))
        proxy.clear()
        self.ended(job.run())
        self.same("nero")

    def test_doubled(self):
        job, result, _ = self.through("doppio", Command("APPEND", nth=2, do="double"))
        before = compare.read(self.target, "doppio")
        extra = before.count() - 60
        self.assertGreater(extra, 0)
        doc = self.ended(result, 1)
        self.assertEqual(self.verified(doc, "doubled"), extra)
        self.assertTrue(lib.problems(doc, "message-doubled"))
        # It stands until somebody accepts it, and it does not grow.
        again = self.ended(job.run(), 1)
        self.assertEqual(self.verified(again, "doubled"), extra)
        self.assertEqual(compare.read(self.target, "doppio").uidnexts(), before.uidnexts())


if __name__ == "__main__":
    lib.tail()
