#!/usr/bin/env python3
"""T24: one account's failure never stops the others; a host that is down pauses only the accounts on it."""
from trap import Case, compare, lib


class OneStopsAlone(Case):
    def test_wrong_password_in_one_of_three(self):
        users = ["uno", "due", "tre"]
        for user in users:
            self.fill(user, 40)
        for side in ("source_more", "target_more"):
            with self.subTest(side=side):
                accounts = [lib.account(user, self.source, self.target, user + side[:6]) for user in users]
                accounts[1] = lib.account("due", self.source, self.target, "due" + side[:6], **{side: {"password": "falsa"}})
                job = self.job(*accounts)
                result = job.run()
                doc = self.ended(result, 4)
                self.assertEqual([(a["name"], a["exit"]) for a in doc["accounts"]], [("uno", 0), ("due", 4), ("tre", 0)])
                self.assertEqual([a["next"] for a in doc["accounts"]], ["nothing", "fix-first", "nothing"])
                self.assertTrue(lib.problems(doc, "login-refused"))
                self.assertNotIn("falsa", result.out + result.err)
                for user in ("uno", "tre"):
                    self.same(user, user + side[:6])
                self.assertEqual(compare.read(self.target, "due" + side[:6]).count(), 0)
                # Mended, the same command ends it.
                job.write([lib.account(user, self.source, self.target, user + side[:6]) for user in users])
                self.assertEqual(self.copied_now(self.ended(job.run())), 40)

    def test_account_beside_a_dead_server(self):
        """One account's server is down: the other account is moved, overall status 3."""
        dead = lib.Dovecot("source")
        self.addCleanup(dead.close)
        self.fill("fermo", 40, server=dead)
        self.fill("vivo", 40)
        dead.kill()
        job = self.job(lib.account("fermo", dead, self.target), lib.account("vivo", self.source, self.target), limits={"give_up": "3s"})
        doc = self.ended(job.run(), 3)
        self.assertEqual([(a["name"], a["exit"]) for a in doc["accounts"]], [("fermo", 3), ("vivo", 0)])
        self.same("vivo")
        self.assertEqual(compare.read(self.target, "fermo").count(), 0)


if __name__ == "__main__":
    lib.tail()
