#!/usr/bin/env python3
"""The state is lost, the mailboxes change between runs or during one: both servers are asked, nothing is doubled."""
import collections
import os
import shutil
import threading
import time

import compare
import corpus
import lib


class State(lib.Case):
    def slow(self, user, count=120, rate=250000, **top):
        """A job whose run takes some seconds, and the proxy that slows it."""
        self.fill(user, count)
        proxy = self.proxy(self.target)
        proxy.rate = rate
        return self.simple(user, target=proxy, **top), proxy

    def until_target_holds(self, user, share):
        """Waits until that many messages have arrived."""
        imap = self.target.login(user)
        try:
            lib.wait_for(lambda: compare.held(imap) >= share, 60)
        finally:
            imap.logout()

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

    def test_state_deleted_two_accounts_into_one_mailbox(self):
        """The second account's mail is there already; that the first one brings more meanwhile does not hide it."""
        made = lambda user, n, size: corpus.Message(b"Message-ID: <%d.%s@x>\r\nSubject: %d\r\n\r\n%s\r\n" % (n, user.encode(), n, b"x" * size), 1400000000 + n)
        first, second = ([made(user, n, 300) for n in range(count)] for user, count in (("primo", 40), ("secondo", 25)))
        more = [made("primo", n, 2000) for n in range(100, 260)]
        corpus.write_maildir(self.source, "primo", [corpus.Folder("INBOX", first + more)])
        corpus.write_maildir(self.source, "secondo", [corpus.Folder("INBOX", second)])
        corpus.append(self.target.login("insieme"), [corpus.Folder("INBOX", first + second)])
        slow, late = self.proxy(self.target), self.proxy(self.source)
        slow.rate, late.rate = 150000, 500      # the second one sees the target early, and comes to its turn late
        accounts = [lib.account("primo", self.source, slow, "insieme"), lib.account("secondo", late, self.target, "insieme")]
        timer = threading.Timer(4, lambda: setattr(late, "rate", 0))
        timer.start()
        self.ended(self.job(*accounts).run())
        timer.join()
        self.assertEqual(compare.read(self.target, "insieme").count(), 225)

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
