#!/usr/bin/env python3
"""T28: a target that rewrites mail, as Microsoft 365 does: headers are added, sizes change, line ends are made anew. Settling, adoption and verification
know it: `rewritten`, status 0, and a lost state doubles nothing."""
import base64
import hashlib

from trap import OLD, Case, compare, corpus, lib, mail, mails
from tamper import with_literals

COUNT = 40
STAMP = b"X-MS-Exchange-Organization-AuthSource: AM0PR01MB0001.eurprd01.prod.outlook.example\r\nX-MS-Exchange-Organization-Id: %s\r\n"


def exchange(data):
    """Headers in front and behind, different ones each time, and bare line ends made whole."""
    head, blank, body = data.partition(b"\r\n\r\n")
    return STAMP % hashlib.sha256(data).hexdigest().encode() + head + b"\r\nX-MS-Has-Attach:" + blank + body.rstrip(b"\r\n") + b"\r\n"


class RewritingTarget(Case):
    def rewriter(self, change=exchange):
        return self.tamper(self.target, None, lambda _, whole: with_literals(whole, change) if b" APPEND " in whole.split(b"\r\n", 1)[0] else whole)

    def letters(self):
        """Among them some of one Message-ID, exact doubles, some without."""
        base = mails(COUNT - 8)
        return base + [mail("uno", "corpo 1"), mail("uno", "corpo 2"), mail("due"), mail("due"), mail(None, "senza"), mail(None, "senza id"),
                       mail("tre", "z" * 3000), mail("quattro", "", OLD + 5)]

    def all_rewritten(self, doc):
        self.assertEqual(self.verified(doc, "identical", "rewritten", "altered", "missing", "doubled"), (0, COUNT, 0, 0, 0))
        told = lib.problems(doc, "message-rewritten")
        self.assertEqual((len(told), {p["severity"] for p in told}), (COUNT, {"note"}))

    def there_once(self, user):
        have = compare.read(self.target, user).boxes["INBOX"].mails
        bodies = sorted(m.data for m in self.letters())
        self.assertEqual(sorted(m.sha for m in have), sorted(hashlib.sha256(exchange(data)).hexdigest() for data in bodies))

    def test_copy_and_again(self):
        self.put("scambio", *self.letters())
        job = self.job(self.side("scambio", target=self.rewriter()), workers=2)
        self.all_rewritten(self.ended(job.run()))
        for options in ([], ["--deep"]):
            self.all_rewritten(self.ended(job.call("verify", "--json", *options), command="verify"))
        doc = self.ended(job.run())
        self.assertEqual(self.copied_now(doc), 0)
        self.there_once("scambio")
        self.assertEqual(job.run().code, 0)

    def test_state_lost(self):
        """All of it is found again as what it is, twice over; new mail comes all the same."""
        self.put("perso", *self.letters())
        job = self.job(self.side("perso", target=self.rewriter()), workers=2)
        self.ended(job.run())
        for _ in range(2):
            job.forget()
            doc = self.ended(job.run())
            self.assertEqual((self.copied_now(doc), self.ledger(doc, "already_there")), (0, (COUNT,)))
        self.there_once("perso")
        self.add(self.source, "perso", mail("nuova"))
        self.assertEqual(self.copied_now(self.ended(job.run())), 1)

    def test_encoded(self):
        """Every body comes to lie there in base64: the same mails, told apart by what they say; a lost state doubles none of them."""
        def encode(data):
            head, blank, body = data.partition(b"\r\n\r\n")
            return head + b"\r\nContent-Transfer-Encoding: base64" + blank + base64.encodebytes(body).replace(b"\n", b"\r\n")
        self.put("codici", *self.letters())
        job = self.job(self.side("codici", target=self.rewriter(encode)), workers=2)
        self.all_rewritten(self.ended(job.run()))
        job.forget()
        doc = self.ended(job.run())
        self.all_rewritten(doc)
        self.assertEqual((self.copied_now(doc), self.ledger(doc, "already_there")), (0, (COUNT,)))

    def test_killed(self):
        """Killed behind the reply and before its record: the rewritten mails are found as the ones that were sent."""
        self.put("ucciso", *self.letters())
        job = self.job(self.side("ucciso", target=self.rewriter()), workers=1)
        result = job.run(TRASLOCO_CRASH="answered:1")
        if result.code == 0:
            self.skipTest("a build without crash points")
        self.all_rewritten(self.ended(job.run()))
        self.there_once("ucciso")

    def test_renumbered(self):
        """The target gets another UIDVALIDITY."""
        self.put("numeri", *self.letters())
        job = self.job(self.side("numeri", target=self.rewriter()), workers=1)
        self.ended(job.run())
        self.target.doveadm("mailbox", "update", "--uid-validity", "1800000001", "-u", "numeri", "INBOX")
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.there_once("numeri")

    def test_altered_all_the_same(self):
        """That a target rewrites excuses no change of what is in the mail."""
        def worse(data):
            return exchange(data.replace(b"text 7 ", b"text 1 "))
        self.put("peggio", *self.letters())
        job = self.job(self.side("peggio", target=self.rewriter(worse)), workers=1)
        doc = self.ended(job.run(), 1)
        self.assertEqual(self.verified(doc, "rewritten", "altered"), (COUNT - 1, 1))
        self.assertEqual([self.named("peggio", p) for p in lib.problems(doc, "message-altered")], ["m7@x"])


if __name__ == "__main__":
    lib.tail()
