#!/usr/bin/env python3
"""The state is lost, or is none; mail comes and goes during a run; two runs at once: both servers are asked, nothing is doubled."""
import collections
import os
import time

import compare
import lib


class State(lib.Case):
    def test_state_deleted(self):
        self.fill("perso", 90)
        job = self.simple("perso")
        self.ended(job.run())
        job.forget()
        ledger = lib.only(self.ended(job.run()))["totals"]["ledger"]
        self.assertEqual((ledger["already_there"], ledger["copied"], ledger["copied_now"]), (90, 0, 0))
        self.same("perso")

    def test_state_deleted_half_way(self):
        tries = []
        for number, share in enumerate((10, 40, 80)):
            user = "mezzo%d" % number
            job, proxy = self.slow(user)
            process = job.start("run")
            self.until_target_holds(user, share)
            lib.kill(process)
            job.forget()
            proxy.rate = 0
            # Without its state the program can't know that something is still on the way: that is given time to arrive.
            time.sleep(1)
            tries.append((user, job))
        for (user, job), result in zip(tries, lib.at_once([job.run for _, job in tries])):
            self.ended(result)
            self.same(user)

    def test_state_is_private(self):
        self.fill("privato", 30)
        job = self.simple("privato")
        self.ended(job.run())
        for where, folders, names in os.walk(job.folder):
            for name in names:
                self.assertEqual(os.stat(os.path.join(where, name)).st_mode & 0o077, 0, name)
            for name in folders:
                self.assertEqual(os.stat(os.path.join(where, name)).st_mode & 0o077, 0, name)

    def test_not_a_state(self):
        self.fill("falso", 30)
        job = self.simple("falso")
        with open(job.state, "w") as file:
            file.write("this is a letter to my grandmother, and no data base at all\n" * 100)
        result = job.run()
        self.assertEqual(result.code, 2, result.tell())
        self.assertEqual(compare.read(self.target, "falso").count(), 0)
        with open(job.state) as file:
            self.assertIn("grandmother", file.read())

    def test_mail_comes_and_goes_during_the_run(self):
        job, proxy = self.slow("vivo", rate=120000)
        process = job.start("run", "--json")
        self.until_target_holds("vivo", 20)
        imap = self.source.login("vivo")
        gone = []
        for name in ("INBOX", '"INBOX.Posta inviata"', '"INBOX.Clienti.Rossi &- Figli"'):
            for number in range(3):
                imap.append(name, None, None, b"Message-ID: <dopo.%d.%d@x>\r\nSubject: dopo\r\n\r\nx\r\n" % (number, len(name)))
            imap.select(name)
            last = imap.uid("SEARCH", "ALL")[1][0].split()[-6:-3]
            for uid in last:
                meta, data = imap.uid("FETCH", uid, "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")[1][0]
                gone.append(compare.parse(meta + b" UID 1", data).same)
            imap.uid("STORE", b",".join(last).decode(), "+FLAGS", "(\\Deleted)")
            imap.expunge()
        imap.logout()
        proxy.rate = 0
        first = lib.finish(process)
        # Expunged before they were copied: vanished, and no error.
        self.ended(first, 0)
        self.ended(job.run())
        a, b = compare.read(self.source, "vivo"), compare.read(self.target, "vivo")
        count = lambda account: collections.Counter(m.same for box in account.boxes.values() for m in box.mails)
        self.assertEqual(count(a) - count(b), collections.Counter())
        self.assertEqual(count(b) - count(a) - collections.Counter(gone), collections.Counter())

    def test_second_run_beside(self):
        job, proxy = self.slow("conteso", rate=120000)
        process = job.start("run", "--json")
        self.until_target_holds("conteso", 10)
        for command in ("run", "verify"):
            result = job.call(command, limit=30)
            self.assertEqual(result.code, 9, result.tell())
        status = job.call("status", limit=30)
        self.assertEqual(status.code, 0, status.tell())
        self.assertIn("conteso", status.out)
        self.assertIsNone(process.poll())
        proxy.rate = 0
        self.ended(lib.finish(process))
        self.same("conteso")

    def test_account_changed(self):
        """The same name with another mailbox behind it is refused, and nothing is written."""
        self.fill("prima", 30)
        job = self.simple("prima")
        self.ended(job.run())
        job.write([lib.account("prima", self.source, self.target, "altrove")])
        result = job.run()
        self.assertEqual(result.code, 2, result.tell())
        self.assertIn("account-changed", result.out + result.err)
        self.assertEqual(compare.read(self.target, "altrove").count(), 0)


if __name__ == "__main__":
    lib.tail()
