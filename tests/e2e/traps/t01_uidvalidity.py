#!/usr/bin/env python3
"""T1: UIDVALIDITY changes between runs, on either side. The state is keyed by both; mail is matched again by what it is, as multisets, and never
copied again blindly."""
import os
import shutil
import time

from trap import Case, compare, corpus, lib


class UidValidity(Case):
    def renumber(self, server, user, *names):
        for name in names:
            server.doveadm("mailbox", "update", "--uid-validity", str(1800000000 + len(name)), "-u", user, name)

    def test_source_renumbered(self):
        self.fill("fonte", 90)
        job = self.simple("fonte")
        self.ended(job.run())
        before = compare.read(self.target, "fonte")
        self.renumber(self.source, "fonte", "INBOX", "INBOX.Posta inviata")
        old = compare.read(self.source, "fonte")
        self.assertEqual(old.boxes["INBOX"].uidvalidity, 1800000005)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        after = compare.read(self.target, "fonte")
        self.assertEqual(after.uidnexts(), before.uidnexts())
        self.same("fonte")

    def test_source_rebuilt(self):
        """The index of a Maildir is lost: other UIDs, another UIDVALIDITY, the same mail."""
        self.fill("indice", 90)
        job = self.simple("indice")
        self.ended(job.run())
        for where, _, names in os.walk(self.source.home("indice")):
            for name in names:
                if name.startswith("dovecot") and not name.endswith("keywords"):
                    os.unlink(os.path.join(where, name))
        time.sleep(1.1)     # UIDVALIDITY is the time in seconds
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.same("indice")

    def test_target_renumbered(self):
        self.fill("meta", 90)
        job = self.simple("meta")
        self.ended(job.run())
        self.renumber(self.target, "meta", "INBOX", "Posta inviata")
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.same("meta")

    def test_target_made_anew_with_the_same_mail(self):
        folders = self.fill("nuovo", 60)
        job = self.simple("nuovo")
        self.ended(job.run())
        shutil.rmtree(self.target.home("nuovo"))
        time.sleep(1.1)
        corpus.append(self.target.login("nuovo"), folders)
        before = compare.read(self.target, "nuovo")
        doc = self.ended(job.run())
        self.assertEqual(self.copied_now(doc), 0)
        self.assertEqual(compare.read(self.target, "nuovo").uidnexts(), before.uidnexts())
        self.same("nuovo")

    def test_killed_then_renumbered(self):
        """Open intents of a folder that has another UIDVALIDITY when the next run looks."""
        tries = []
        for which in ("source", "target"):
            user = "doppio-" + which
            job, proxy = self.slow(user)
            process = job.start("run")
            self.until_target_holds(user, 30)
            lib.kill(process)
            proxy.rate = 0
            time.sleep(1)
            server, prefix = (self.source, "INBOX.") if which == "source" else (self.target, "")
            present = set(compare.read(server, user).boxes)
            self.renumber(server, user, "INBOX", *(prefix + name for name in ("Posta inviata", "Spam") if name in present))
            tries.append((user, job))
        for (user, job), result in zip(tries, lib.at_once([job.run for _, job in tries])):
            with self.subTest(user=user):
                self.ended(result)
                self.same(user)


if __name__ == "__main__":
    lib.tail()
