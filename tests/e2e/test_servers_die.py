#!/usr/bin/env python3
"""kill -9 of the source's and of the target's server in the middle: the run that saw it, or the next one, finishes.

By hand, many times: TRASLOCO_TEST_ROUNDS (deaths a test, default 3), TRASLOCO_TEST_COUNT (mails, default 90), TRASLOCO_TEST_SEED (other moments)."""
import os
import random
import time

import lib

COUNT, RUNS, ROUNDS = int(os.environ.get("TRASLOCO_TEST_COUNT", "90")), 4, int(os.environ.get("TRASLOCO_TEST_ROUNDS", "3"))


class ServersDie(lib.Case):
    alone = True

    def setUp(self):
        self.rng = random.Random(self.id() + os.environ.get("TRASLOCO_TEST_SEED", ""))

    def middle(self, which):
        """Several runs at once, each at another place, through a slow line; the server dies and comes back, three times."""
        users = ["%s%d" % (which, n) for n in range(RUNS)]
        source, target = self.proxy(self.source), self.proxy(self.target)
        source.rate = target.rate = 150000
        jobs = []
        for user in users:
            self.fill(user, COUNT)
            jobs.append(self.simple(user, source, target, workers=2))
        processes = []
        for job in jobs:
            processes.append(job.start("run", "--json", "--log", "run.log"))
            time.sleep(self.rng.random() * 0.3)
        server = getattr(self, which)
        struck = 0
        for _ in range(ROUNDS):
            time.sleep(0.2 + self.rng.random())
            struck += any(process.poll() is None for process in processes)
            server.kill()
            time.sleep(self.rng.random() * 0.6)
            server.start()
        source.rate = target.rate = 0
        print("    the %s died %d times, %d of them while a run was at work" % (which, ROUNDS, struck), flush=True)
        results = lib.at_once([lambda p=p: lib.finish(p, 120) for p in processes])
        self.assertTrue(any(r.code == 0 for r in results), results[0].tell())
        for user, job, result in zip(users, jobs, results):
            # 3: given up for now; the same command again has to end it.
            self.assertIn(result.code, (0, 3), result.tell())
            self.ended(job.run() if result.code == 3 else result, 0)
            self.same(user)
        self.assertEqual(self.copied_now(self.ended(jobs[0].run())), 0)

    def test_source(self):
        self.middle("source")

    def test_target(self):
        self.middle("target")

    def test_server_that_stays_away(self):
        """A target that is down: 3 after give_up, nothing but patience needed; then it is up and all is moved."""
        self.fill("paziente", 40)
        job = self.simple("paziente", limits={"give_up": "3s"})
        self.target.kill()
        try:
            began = time.monotonic()
            doc = self.ended(job.run(), 3)
            self.assertLess(time.monotonic() - began, 40)
            self.assertEqual(lib.only(doc)["next"], "run-again")
        finally:
            self.target.start()
        self.ended(job.run())
        self.same("paziente")


if __name__ == "__main__":
    lib.tail()
