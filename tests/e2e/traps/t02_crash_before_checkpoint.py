#!/usr/bin/env python3
"""T2: a crash between APPEND and the checkpoint: durable intents, with the target's UIDNEXT as floor, lie in the state before the first byte leaves;
on restart each is settled by what the target holds. (e2e/kill tries every crash point and random moments.)"""
import unittest

from trap import Case, compare, lib, mails

COUNT = 40


class CrashBeforeCheckpoint(Case):
    def killed(self, user, point):
        job = self.job(self.side(user), workers=1)
        result = job.run(TRASLOCO_CRASH=point)
        if result.code == 0:
            raise unittest.SkipTest("a build without crash points, or it was not passed: " + point)
        self.assertEqual(result.code, -9, result.tell())
        return job

    def one(self, point):
        """Foreign mail is there already, so the floor is no 1."""
        user = point.replace(":", "-")
        self.put(user, *mails(COUNT))
        self.add(self.target, user, *mails(3, "altra"))
        job = self.killed(user, point)
        held = compare.read(self.target, user).count() - 3
        intended = self.rows(job, "SELECT m.uid, b.floor FROM message m JOIN batch b ON b.id = m.batch WHERE m.state = 1")
        done = self.rows(job, "SELECT count(*) FROM message WHERE state IN (2, 3)")[0][0]
        return user, job, held, intended, done

    def test_points(self):
        points = ("intend-before:1", "answered:1", "recorded:1", "step-before:2")
        tried = lib.at_once([lambda point=point: self.one(point) for point in points])
        for (user, _, held, intended, done), point in zip(tried, points):
            with self.subTest(point=point):
                # Whatever the target holds of ours is either recorded or intended.
                self.assertLessEqual(held, len(intended) + done)
                self.assertTrue(all(floor == 4 for _, floor in intended), intended)
                if point == "intend-before:1":
                    self.assertEqual((held, intended), (0, []))
                if point == "answered:1":
                    self.assertTrue(0 < held <= len(intended) and done == 0, (held, intended, done))
        for (user, job, *_), result in zip(tried, lib.at_once([job.run for _, job, *_ in tried])):
            with self.subTest(user=user):
                doc = self.ended(result)
                self.assertEqual(self.ledger(doc, "copied"), (COUNT,))
                self.assertEqual(compare.read(self.target, user).count(), COUNT + 3)
                self.assertEqual(self.verified(doc, "identical", "doubled", "target_only"), (COUNT, 0, 3))


if __name__ == "__main__":
    lib.tail()
