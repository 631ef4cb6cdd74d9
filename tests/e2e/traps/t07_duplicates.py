#!/usr/bin/env python3
"""T7: exact duplicates at the source are copied as they are; `duplicates: skip` leaves all but one out, and counts them."""
from trap import NEW, OLD, Case, compare, corpus, lib, mail


class Duplicates(Case):
    def test_the_twin_that_may_go(self):
        """Of two equal mails one is left out for another reason: the other one is copied."""
        for user, first, second, messages in (
                ("marcata", {"flags": ["\\Deleted"]}, {}, {}),
                ("dopo-marcata", {}, {"flags": ["\\Deleted"]}, {}),
                ("vecchia", {"date": OLD}, {"date": NEW}, {"since": "2016-01-01"}),
                ("recente", {"date": OLD}, {"date": NEW}, {"before": "2016-01-01"})):
            with self.subTest(user=user):
                self.put(user, mail("a", **first), mail("a", **second), mail("b", date=NEW if user == "vecchia" else OLD))
                job = self.of(user, duplicates="skip", **messages)
                doc = self.ended(job.run())
                self.assertEqual(self.ledger(doc, "copied", "skipped"), (2, 1))
                self.assertEqual(self.bodies(user), [1, 1])
                self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_near(self):
        """Whatever differs in a single byte is no duplicate; a flag and a date are no byte of it."""
        self.put("quasi", mail("a", "uno"), mail("a", "due"), mail(None, "uno"), mail(None, "due"), mail("a", "uno", subject="m"),
                 mail("A", "uno"), mail("a", "uno "), mail("a", "uno", flags=["\\Seen"]), mail("", "uno", date=NEW))
        doc = self.ended(self.of("quasi", duplicates="skip").run())
        self.assertEqual(self.ledger(doc, "copied", "skipped"), (7, 2))
        self.assertEqual(self.bodies("quasi"), [1] * 7)

    def test_other_folder(self):
        """In another folder it is another mail."""
        for folder in ("INBOX", "Altra"):
            self.put("altrove", mail("a"), mail("a"), folder=folder)
        doc = self.ended(self.of("altrove", duplicates="skip").run())
        self.assertEqual(self.ledger(doc, "copied", "skipped"), (2, 2))
        self.assertEqual((self.bodies("altrove"), self.bodies("altrove", "Altra")), ([1], [1]))

    def test_copied_before(self):
        """Both were copied when that was asked for: they stay, and are no fault."""
        self.put("prima", mail("a"), mail("a"), mail("b"))
        job = self.of("prima")
        self.ended(job.run())
        job.write([self.side("prima", duplicates="skip")], workers=2)
        for command, call in (("run", lambda: job.run()), ("verify", lambda: job.call("verify", "--json"))):
            self.assertEqual(self.copied_now(self.ended(call(), command=command)), 0)
        self.assertEqual(self.bodies("prima"), [1, 2])

    def test_a_twin_arrives(self):
        """A duplicate that comes later is left out as well; the first one's end at the source changes nothing at the target."""
        self.put("tardi", mail("a"), mail("b"))
        job = self.of("tardi", duplicates="skip")
        self.ended(job.run())
        self.source.login("tardi").append("INBOX", None, None, mail("a").data)
        doc = self.ended(job.run())
        self.assertEqual(self.ledger(doc, "copied", "skipped", "copied_now"), (2, 1, 0))
        self.remove(self.source, "tardi", "1")
        self.assertEqual(self.ledger(self.ended(job.run()), "copied_now"), (0,))
        self.assertEqual(self.bodies("tardi"), [1, 1])

    def test_duplicates(self):
        self.put("doppi", mail(1), mail(1), mail(1, "y"), mail(2), mail(1, date=1500000000))
        job = self.of("doppi", duplicates="skip")
        doc = self.ended(job.run())
        self.assertEqual(self.ledger(doc, "copied", "skipped"), (3, 2))
        self.assertEqual(len({m.sha for m in compare.read(self.target, "doppi").boxes["INBOX"].mails}), 3)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        job.write([self.side("doppi")], workers=2)
        self.ended(job.run())
        self.same("doppi")

    def test_state_lost(self):
        """One of two was copied, then the state is lost: the other one is still left out."""
        self.put("perso", mail("a"), mail("a"), mail("b"))
        job = self.of("perso", duplicates="skip")
        self.ended(job.run())
        job.forget()
        for _ in range(2):
            doc = self.ended(job.run())
            self.assertEqual((self.copied_now(doc), self.bodies("perso"), self.ledger(doc, "skipped")), (0, [1, 1], (1,)))

    def test_one_is_there(self):
        """The target held one of two before the first run: it is not sent a second time."""
        twins = [mail("a"), mail("a"), mail("b")]
        self.put("uno-solo", *twins)
        corpus.append(self.target.login("uno-solo"), [corpus.Folder("INBOX", twins[:1])])
        doc = self.ended(self.of("uno-solo", duplicates="skip").run())
        self.assertEqual(self.bodies("uno-solo"), [1, 1])
        self.assertEqual(self.ledger(doc, "copied", "already_there", "skipped"), (1, 1, 1))


if __name__ == "__main__":
    lib.tail()
