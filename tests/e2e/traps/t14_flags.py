#!/usr/bin/env python3
"""T14: \\Recent, \\Deleted, invalid flags, keywords that the target refuses: filtered, sent without, told."""
import re

from trap import Case, compare, lib, mail, with_flag


class Flags(Case):
    def test_unknown_system_flag(self):
        """Dovecot answers such an APPEND with BAD and would take the mail behind it for commands."""
        self.through_hostile("segno", with_flag(b"\\Weird"))

    def test_odd_keywords(self):
        """The first three are atoms that a server may or may not like: the mail goes all the same."""
        odd = {"lunga": b"k" * 300, "parentesi": b"a]b", "percento": b"50%"}
        for name, keyword in odd.items():
            with self.subTest(keyword=keyword[:20]):
                self.through_hostile("parola-" + name, with_flag(keyword), 30, (0, 1))

    def test_keywords_against_the_grammar(self):
        """What is no flag at all never reaches the target; whether the mail goes is left open, but it is told."""
        odd = {"letterale": b"{5}", "accento": "perch\u00e9".encode(), "virgolette": b'"', "aperta": b"(("}
        for name, keyword in odd.items():
            with self.subTest(keyword=keyword):
                self.fill("forma-" + name, 30)
                proxy = self.proxy(self.source)
                proxy.rewrite = with_flag(keyword)
                result = self.simple("forma-" + name, source=proxy, limits={"give_up": "3s"}).run()
                self.assertIn(result.code, (0, 1, 3), result.tell())
                target = compare.read(self.target, "forma-" + name)
                self.assertEqual(set(target.boxes) - set(compare.read(self.source, "forma-" + name).boxes), set())
                if result.code == 0:
                    self.assertEqual(target.count(), 30)

    def test_keywords_not_allowed(self):
        """PERMANENTFLAGS without \\*: mail goes without its keywords, and the report says so once or more."""
        self.fill("senza", 60)
        proxy = self.proxy(self.target)
        proxy.rewrite = lambda line: re.sub(rb"\[PERMANENTFLAGS \(.*?\)\]",
                                            rb"[PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)]", line)
        doc = self.ended(self.simple("senza", target=proxy).run())
        self.assertTrue(lib.problems(doc, "keyword-lost"), doc)
        a, b = compare.read(self.source, "senza"), compare.read(self.target, "senza")
        for account in (a, b):
            for box in account.boxes.values():
                box.mails = [m._replace(flags=frozenset(f for f in m.flags if f.startswith("\\"))) for m in box.mails]
        self.assertEqual(compare.differences(a, b), [])
        self.assertFalse([t for t in proxy.commands if t.upper().startswith(b"APPEND") and b"Lavoro" in t])

    def test_deleted(self):
        self.put("via", mail(1), mail(2, flags=["\\Deleted"]), mail(3, flags=["\\Deleted", "\\Seen"]))
        job = self.job(self.side("via"), workers=2)
        doc = self.ended(job.run())
        self.assertEqual(self.ledger(doc, "copied", "skipped"), (1, 2))
        imap = self.source.login("via")
        imap.select("INBOX")
        imap.uid("STORE", "2", "-FLAGS", "(\\Deleted)")
        doc = self.ended(job.run())
        self.assertEqual(self.ledger(doc, "copied", "skipped"), (2, 1))
        self.same("via")
        # A mark that is set later does not go to the target.
        imap.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
        self.ended(job.run())
        self.assertFalse(any("\\Deleted" in m.flags for m in compare.read(self.target, "via").boxes["INBOX"].mails))

    def test_deleted_copied(self):
        self.put("tutto", mail(1), mail(2, flags=["\\Deleted"]))
        doc = self.ended(self.of("tutto", deleted="copy").run())
        self.assertEqual(self.ledger(doc, "copied", "skipped"), (2, 0))
        mails = compare.read(self.target, "tutto").boxes["INBOX"].mails
        self.assertFalse(any("\\Deleted" in m.flags for m in mails))

    def test_recent(self):
        """\\Recent belongs to the server: never sent, in no form, and no difference."""
        self.put("recente", mail(1, flags=["\\Seen"]), mail(2))
        source = self.proxy(self.source)
        source.rewrite = lambda line: line.replace(b"FLAGS (", b"FLAGS (\\RECENT \\recent ") if b" FETCH " in line else line
        target = self.proxy(self.target)
        job = self.job(self.side("recente", source, target), workers=1)
        doc = self.ended(job.run())
        self.assertFalse([text for text in target.commands if b"recent" in text.lower()])
        self.assertEqual([p["code"] for p in lib.problems(doc)], ["not-moved"])
        self.same("recente")


if __name__ == "__main__":
    lib.tail()
