#!/usr/bin/env python3
"""T30: the target box is in use: new mail is `target_only`; what was verified and is gone is `gone`, never copied again without --again; a sudden
loss stops the account (8)."""
from trap import Case, compare, lib, mail


class TargetInUse(Case):
    def test_gone(self):
        """Moved or deleted by its owner after it was verified: no error, never copied again."""
        self.fill("via", 60)
        job = self.simple("via")
        self.ended(job.run())
        self.remove(self.target, "via", "2:3")
        told = self.ended(job.call("verify", "--json"), command="verify")
        self.assertEqual(self.verified(told, "gone", "missing"), (2, 0))
        before = compare.read(self.target, "via")
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.assertEqual(compare.read(self.target, "via").uidnexts(), before.uidnexts())

    def test_foreign_mail_is_no_fault(self):
        job = self.begin("nuova", INBOX=20)
        self.target.login("nuova").append("INBOX", None, None, b"Message-ID: <mia@x>\r\nSubject: mia\r\n\r\nx\r\n")
        for command, call in (("verify", lambda: job.call("verify", "--json")), ("run", lambda: job.run())):
            self.assertEqual(self.verified(self.ended(call(), command=command), "doubled", "target_only"), (0, 1))

    def test_moved_by_its_owner(self):
        """Filed into another folder at the target, or the whole folder renamed: gone, and never copied again."""
        self.put("ordina", *(mail("o%d" % n) for n in range(6)))
        self.put("ordina", *(mail("p%d" % n) for n in range(5)), folder="Clienti")
        job = self.of("ordina")
        self.ended(job.run())
        imap = self.target.login("ordina")
        imap.create("Archivio")
        imap.select("INBOX")
        imap.uid("MOVE", "1:2", "Archivio")
        imap.rename("Clienti", "Kunden")
        for command, call in (("verify", lambda: job.call("verify", "--json")), ("run", lambda: job.run()), ("run", lambda: job.run())):
            doc = self.ended(call(), command=command)
            self.assertEqual(self.copied_now(doc), 0)
            self.assertEqual(sum(f["verified"]["gone"] for f in lib.only(doc)["folders"]), 7)
        self.assertEqual(compare.read(self.target, "ordina").count(), 11)

    def test_gone_and_a_twin(self):
        """Two equal mails were copied and one is thrown away: one stays gone, the other stays whole."""
        self.put("gemelli", mail("a"), mail("a"), mail("b"))
        job = self.of("gemelli")
        self.ended(job.run())
        self.remove(self.target, "gemelli", "1")
        for _ in range(2):
            doc = self.ended(job.run())
            self.assertEqual((self.copied_now(doc), lib.only(doc)["folders"][0]["verified"]["gone"]), (0, 1))
        self.assertEqual(self.bodies("gemelli"), [1, 1])

    def test_again(self):
        """Anew, but once: what the source has lost as well can't come, and is no internal error."""
        self.put("anew", *(mail("n%d" % n) for n in range(8)))
        job = self.of("anew")
        self.ended(job.run())
        self.remove(self.target, "anew", "1:4")
        self.remove(self.source, "anew", "1:2")
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.assertEqual(self.copied_now(self.ended(job.run("--again"))), 2)
        self.assertEqual(self.copied_now(self.ended(job.run("--again"))), 0)
        self.assertEqual(compare.read(self.target, "anew").count(), 6)
        self.ended(job.call("verify", "--json", "--deep"), command="verify")

    def test_folder_deleted(self):
        """A whole folder is gone at the target: 8, it is not made again; --again is what copies it anew."""
        job = self.begin("tolta", INBOX=30, Clienti=25)
        self.drop(self.target, "tolta", "Clienti")
        for command, call in (("verify", lambda: job.call("verify", "--json")), ("run", lambda: job.run())):
            doc = self.ended(call(), 8, command=command)
            self.assertTrue(lib.problems(doc, "target-shrunk"))
        self.assertEqual(compare.read(self.target, "tolta").count(), 30)
        self.assertEqual(job.call("accept", "--shrunk").code, 0)
        doc = self.ended(job.run())
        self.assertEqual((self.copied_now(doc), sum(f["verified"]["gone"] for f in lib.only(doc)["folders"] if f["verified"])), (0, 25))
        self.assertEqual(self.copied_now(self.ended(job.run("--again"))), 25)
        self.same("tolta")

    def test_lost_then_again(self):
        """8, and then --again without another word: all of it is copied anew. Only who was told may pass: given at once, --again stops as well."""
        job = self.begin("otto", INBOX=60, Clienti=25)
        self.remove(self.target, "otto", "11:50")
        self.drop(self.target, "otto", "Clienti")
        self.ended(job.run("--again"), 8)
        self.assertEqual(compare.read(self.target, "otto").count(), 20)
        self.assertEqual(self.copied_now(self.ended(job.run("--again"))), 65)
        self.same("otto")

    def test_again_comes_back(self):
        """What its owner threw away is there again, the rest as it was."""
        self.fill("ancora", 60)
        job = self.simple("ancora")
        self.ended(job.run())
        imap = self.target.login("ancora")
        imap.select("INBOX")
        imap.uid("STORE", "2:4", "+FLAGS", "(\\Deleted)")
        imap.expunge()
        doc = self.ended(job.run())
        self.assertEqual(sum(f["verified"]["gone"] for f in lib.only(doc)["folders"]), 3)
        result = job.run("--again")
        self.assertEqual(self.copied_now(self.ended(result)), 3)
        self.same("ancora")

    def test_target(self):
        job = self.begin("meta", INBOX=60)
        self.remove(self.target, "meta", "11:50")
        doc = self.ended(job.run(), 8)
        self.assertEqual([p["severity"] for p in lib.problems(doc, "target-shrunk")], ["error"])
        self.assertEqual(compare.read(self.target, "meta").count(), 20)
        result = job.call("accept", "--shrunk")
        self.assertEqual(result.code, 0, result.tell())
        doc = self.ended(job.run())
        self.assertEqual(lib.only(doc)["folders"][0]["verified"]["gone"], 40)
        self.assertEqual(compare.read(self.target, "meta").count(), 20)


if __name__ == "__main__":
    lib.tail()
