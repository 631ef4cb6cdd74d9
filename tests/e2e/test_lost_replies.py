#!/usr/bin/env python3
"""Lines that are cut or freeze, servers that say nothing: each append happens once."""
import time

import compare
import lib
from proxy import Cut, Freeze


class LostReplies(lib.Case):
    def test_cut(self):
        """Both lines are cut again and again, at other places each time."""
        def one(side, way, after):
            user = "taglio-%s-%s-%d" % (side, way, after)
            job, source, target = self.impatient(user)
            fault = {"source": source, "target": target}[side].add(Cut(way, after, times=2))
            return user, job.run(), fault
        cases = [("target", "up", 9000), ("target", "up", 40001), ("target", "down", 1500), ("source", "down", 30000),
                 ("source", "down", 90001), ("source", "up", 300)]
        for user, result, fault in lib.at_once([lambda c=c: one(*c) for c in cases]):
            with self.subTest(user=user):
                self.ended(result)
                self.same(user)
                self.assertGreater(fault.struck, 0)

    def test_cut_with_reset(self):
        job, _, target = self.impatient("rst")
        target.add(Cut("up", 50000, times=2, reset=True))
        self.ends_well("rst", job)

    def test_frozen(self):
        def one(side, way, after):
            user = "gelo-%s-%s" % (side, way)
            job, source, target = self.impatient(user)
            fault = {"source": source, "target": target}[side].add(Freeze(way, after))
            return user, job.run(), fault
        cases = [("target", "up", 20000), ("target", "down", 1200), ("source", "down", 40000), ("source", "up", 200)]
        for user, result, fault in lib.at_once([lambda c=c: one(*c) for c in cases]):
            with self.subTest(user=user):
                self.ended(result)
                self.same(user)
                self.assertEqual(fault.struck, 1)

    def test_silent_server(self):
        """It accepts and never says a word: 3, within the time limits."""
        self.fill("muto", 30)
        proxy = self.proxy(self.target)
        proxy.add(Freeze("down", 0, times=None))
        job = self.job(lib.account("muto", self.source, proxy, target_more={"timeout": "1s"}), limits={"give_up": "4s"})
        began = time.monotonic()
        self.ended(job.run(), 3)
        self.assertLess(time.monotonic() - began, 40)
        self.assertEqual(compare.read(self.target, "muto").count(), 0)


if __name__ == "__main__":
    lib.tail()
