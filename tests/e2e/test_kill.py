#!/usr/bin/env python3
"""kill -9 of the program at every crash point and at random moments, then the same command again: nothing is lost, nothing
is doubled. Each try has a target mailbox and a state of its own, so that all second runs wait side by side.

By hand: TRASLOCO_TEST_MOMENTS=200 kills at so many moments, TRASLOCO_TEST_SEED chooses others."""
import os
import random
import time
import unittest

import compare
import lib

POINTS = int(os.environ.get("TRASLOCO_TEST_POINTS", "24"))      # how many of the passes are tried
MOMENTS = int(os.environ.get("TRASLOCO_TEST_MOMENTS", "10"))
COUNT = 90
TOGETHER = 40       # processes at once


class Kill(lib.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folders = lib.corpus.mailbox("mario", COUNT)
        lib.corpus.write_maildir(cls.source, "mario", folders)

    def one(self, target_user, **top):
        return self.simple("mario", target_user=target_user, **top)

    def resume(self, tries):
        """tries: (target user, job) whose first run was killed. All are run again, and each has to end well."""
        results = []
        for first in range(0, len(tries), TOGETHER):
            results += lib.at_once([job.run for _, job in tries[first:first + TOGETHER]])
        for (user, job), result in zip(tries, results):
            with self.subTest(user=user):
                self.ended(result)
                self.same("mario", user)
        _, last = tries[-1]
        self.assertEqual(self.copied_now(self.ended(last.run())), 0)
        self.same("mario", tries[-1][0])

    def passes(self):
        """How many passes of crash points one whole run has."""
        job = self.one("passes")
        path = os.path.join(job.folder, "passes")
        self.ended(job.run(TRASLOCO_CRASH_LIST=path))
        with open(path) as file:
            return len(file.readlines())

    def killed(self, user, number):
        """The job whose run was killed at that pass, None when the run ended by itself before."""
        job = self.one(user)
        result = job.run(TRASLOCO_CRASH="ANY:%d" % number)
        if result.code == -9:
            return job
        self.assertEqual(result.code, 0, result.tell())
        return None

    def test_every_crash_point(self):
        if self.killed("none", 1) is None:
            raise unittest.SkipTest("a build without crash points")
        last = self.passes()
        self.assertGreater(last, 3)
        rng = random.Random("points")
        chosen = sorted(set(range(1, min(last, POINTS // 2) + 1)) | set(rng.sample(range(1, last + 1), min(last, POINTS // 2))) | {last})
        tries = []
        for number in chosen:
            job = self.killed("k%d" % number, number)
            if job:     # two lanes do not pass in the same order each time
                tries.append(("k%d" % number, job))
        self.assertGreater(len(tries), len(chosen) // 2)
        self.resume(tries)

    def test_twice_in_a_row(self):
        """A run that is killed, and the run that settles is killed as well."""
        tries = []
        for number in (4, 7, 12):
            job = self.killed("t%d" % number, number)
            if job is None:
                continue
            tries.append(("t%d" % number, job))
        if not tries:
            raise unittest.SkipTest("a build without crash points")
        lib.at_once([lambda job=job: job.run(TRASLOCO_CRASH="ANY:3") for _, job in tries])
        self.resume(tries)

    def test_random_moments(self):
        proxy = self.proxy(self.target)
        proxy.rate = 150000
        began = time.monotonic()
        self.ended(self.simple("mario", target=proxy, target_user="whole").run())
        whole = time.monotonic() - began
        rng, tries = random.Random("moments" + os.environ.get("TRASLOCO_TEST_SEED", "")), []
        for number in range(MOMENTS):
            user = "m%d" % number
            job = self.simple("mario", target=proxy, target_user=user)
            process = job.start("run")
            time.sleep(rng.uniform(0.05, 0.9) * whole)
            lib.kill(process)
            tries.append((user, job))
        held = [compare.read(self.target, user).count() for user, _ in tries]
        self.assertTrue(any(0 < count < COUNT for count in held), held)
        print("    killed %d times, %d of them in the middle of copying" % (len(held), sum(0 < count < COUNT for count in held)), flush=True)
        proxy.rate = 0
        self.resume(tries)


if __name__ == "__main__":
    lib.tail()
