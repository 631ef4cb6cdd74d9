#!/usr/bin/env python3
"""The plain way: a first copy, a second one, and what a target may hold already."""
import compare
import corpus
import lib


class Copy(lib.Case):
    def test_first_and_second_over_tls(self):
        self.fill("mario", 150, big=2, deleted=2)
        before = compare.read(self.source, "mario")
        tls = {"tls": "implicit"}
        job = self.job(lib.account("mario", self.source, self.target, source_more=tls, target_more=tls))
        doc = self.ended(job.run())
        a, b = self.same("mario", ordered=True)
        self.assertEqual(self.copied_now(doc), 148)
        ledger = lib.only(doc)["totals"]["ledger"]
        self.assertEqual((ledger["source"], ledger["copied"], ledger["skipped"]), (150, 148, 2))
        self.assertEqual(compare.rewritten(a, b), 0)
        for folder in lib.only(doc)["folders"]:
            self.assertEqual(folder["verified"]["identical"], folder["ledger"]["copied"], folder)

        again = self.ended(job.run())
        self.assertEqual(self.copied_now(again), 0)
        self.assertEqual(lib.only(again)["totals"]["ledger"]["copied"], 148)
        after = compare.read(self.target, "mario")
        self.assertEqual(after.uidnexts(), b.uidnexts())
        self.assertEqual(compare.differences(b, after), [])
        # The source is as it was: nothing is marked as seen, nothing is gone.
        source = compare.read(self.source, "mario")
        self.assertEqual(source.uidnexts(), before.uidnexts())
        flags = lambda account: {n: [(m.uid, m.flags, m.sha) for m in box.mails] for n, box in account.boxes.items()}
        self.assertEqual(flags(source), flags(before))

    def test_names_of_folders(self):
        self.fill("nomi", 40)
        doc = self.ended(self.simple("nomi").run())
        names = {f["source"]: f["target"] for f in lib.only(doc)["folders"]}
        self.assertEqual(names["INBOX.Posta inviata"], "Posta inviata")
        self.assertEqual(names["INBOX.Clienti.Città di Forlì.Università"], "Clienti/Città di Forlì/Università")
        self.assertEqual(names["INBOX"], "INBOX")
        self.same("nomi")

    def test_no_round_trip_a_message(self):
        folder = [corpus.Folder("INBOX", [corpus.Message(b"Message-ID: <%d@x>\r\nSubject: n\r\n\r\nx\r\n" % n, 1400000000 + n)
                                          for n in range(1500)])]
        corpus.write_maildir(self.source, "tanti", folder)
        source, target = self.proxy(self.source), self.proxy(self.target)
        self.ended(self.simple("tanti", source, target).run())
        self.same("tanti", ordered=True)
        self.assertLess(len(source.commands), 120, [text[:60] for text in source.commands[:60]])
        self.assertLess(len(target.commands), 200, [text[:60] for text in target.commands[:60]])

    def test_order_of_arrival(self):
        """Of two FETCHes that it has read Dovecot goes on with the second, now and then, when the first can't be written for the moment: mail must not arrive in that order.
        What is done about it: unit/imap/read."""
        folder = [corpus.Folder("INBOX", [corpus.Message(b"Message-ID: <%d@x>\r\nSubject: n\r\n\r\n" % n + 200 * (b"x" * 70 + b"\r\n"), 1400000000 + n) for n in range(1300)])]
        corpus.write_maildir(self.source, "fila", folder)
        self.ended(self.job(lib.account("fila", self.source, self.target), limits={"rate": "6MB/s"}).run())
        self.same("fila", ordered=True)

    def test_half_is_there(self):
        folders = self.fill("meta", 120)
        for folder in folders:
            # Exact doubles with other dates can't be told apart, so which of them is there is not tried here.
            folder.messages = [m for n, m in enumerate(folder.messages) if n % 2 == 0 or b"<trap.1." in m.data]
        corpus.append(self.target.login("meta"), folders)
        have = compare.read(self.target, "meta").count()
        job = self.simple("meta")
        doc = self.ended(job.run())
        self.same("meta")
        ledger = lib.only(doc)["totals"]["ledger"]
        self.assertEqual((ledger["already_there"], ledger["copied"]), (have, 120 - have))
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.same("meta")

    def test_foreign_mail_at_the_target_stays(self):
        self.fill("altri", 60)
        imap = self.target.login("altri")
        for number in range(5):
            imap.append("INBOX", "(\\Seen)", None, b"Message-ID: <altro.%d@y>\r\nSubject: altro\r\n\r\ny\r\n" % number)
        imap.create('"Solo qui"')
        imap.append('"Solo qui"', None, None, b"Subject: solo qui\r\n\r\ny\r\n")
        doc = self.ended(self.simple("altri").run())
        target = compare.read(self.target, "altri")
        self.assertEqual(target.count(), 66)
        inbox = next(f for f in lib.only(doc)["folders"] if f["source"] == "INBOX")
        self.assertEqual(inbox["verified"]["target_only"], 5)
        self.assertEqual(inbox["verified"]["doubled"], 0)

    def test_empty_account(self):
        self.source.login("vuoto").logout()
        doc = self.ended(self.simple("vuoto").run())
        self.assertEqual(self.copied_now(doc), 0)

    def test_one_more_mail(self):
        self.fill("ancora", 60)
        job = self.simple("ancora")
        self.ended(job.run())
        corpus.append(self.source.login("ancora"), [corpus.Folder("Bozze", [corpus.Message(b"Subject: nuovo\r\n\r\nx\r\n", 1700000000)]),
                                                    corpus.Folder("Nuova/Cartella", [corpus.Message(b"Subject: nuovo\r\n\r\ny\r\n", 1700000000)])],
                      "source")
        self.assertEqual(self.copied_now(self.ended(job.run())), 2)
        self.same("ancora", ordered=True)

    def test_new_flags(self):
        self.fill("segni", 60)
        job = self.simple("segni")
        self.ended(job.run())
        imap = self.source.login("segni")
        imap.select("INBOX")
        imap.uid("STORE", "1:5", "+FLAGS", "(\\Flagged Importante)")
        target = self.target.login("segni")
        target.select("INBOX")
        target.uid("STORE", "7", "+FLAGS", "(Mio)")
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        mails = compare.read(self.target, "segni").boxes["INBOX"].mails
        self.assertTrue(all({"\\Flagged", "Importante"} <= m.flags for m in mails[:5]), mails[:5])
        self.assertIn("Mio", mails[6].flags)


class MaildirTarget(lib.Case):
    target_kind = "maildir-target"

    def test_copy(self):
        self.fill("mario", 80)
        job = self.simple("mario")
        self.ended(job.run())
        self.same("mario", ordered=True)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)


class Accounts(lib.Case):
    def test_several_at_once(self):
        users = ["a%d" % n for n in range(6)]
        for user in users:
            self.fill(user, 60)
        job = self.job(*(lib.account(user, self.source, self.target) for user in users), workers=8)
        doc = self.ended(job.run())
        self.assertEqual([a["name"] for a in doc["accounts"]], users)
        self.assertEqual(self.copied_now(doc), 360)
        for user in users:
            self.same(user, ordered=True)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_one_account_only(self):
        for user in ("uno", "due"):
            self.fill(user, 40)
        job = self.job(*(lib.account(user, self.source, self.target) for user in ("uno", "due")))
        doc = self.ended(job.run("--account", "due"))
        self.assertEqual([a["name"] for a in doc["accounts"] if a["totals"]["ledger"]["copied"]], ["due"])
        self.same("due")
        self.assertEqual(compare.read(self.target, "uno").count(), 0)
        self.assertEqual(job.run("--account", "tre").code, 2)


if __name__ == "__main__":
    lib.tail()
