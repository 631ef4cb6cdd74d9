#!/usr/bin/env python3
"""T29: mail that is IMAP commands, behind a header that the target rejects: the target's LIST is unchanged afterwards."""
from trap import OLD, Case, lib, mail, with_flag


class MailThatIsCommands(Case):
    def test_commands_in_a_body(self):
        self.through_hostile("corpo", lambda line: line)
        self.same("corpo")

    def test_header_rejected(self):
        """The target says BAD to headers, and takes what runs ahead of its go-ahead for commands: real Dovecot does so with a flag it does not know."""
        for name, flags in {"segno": b"\\Strano", "altro": b"\\Strano $Lavoro Altro"}.items():
            with self.subTest(flags=flags):
                self.through_hostile("rifiuta-" + name, with_flag(flags), 40, (0, 1))

    def test_every_first_header(self):
        """Nothing runs ahead of the go-ahead behind a form that this server has not accepted: the first keyword, an odd date, a very large mail."""
        odd = [mail("a", keywords=["Lavoro"]), mail("b", keywords=["$label1", "NonJunk"]), mail("c", "x" * (3 << 20)), mail("d", date=OLD)]
        self.put("prima", *odd)
        target = self.proxy(self.target)
        job = self.job(self.side("prima", target=target), workers=1)
        self.ended(job.run())
        self.same("prima")
        heads = [text for text in target.commands if text.upper().startswith(b"APPEND")]
        self.assertTrue(heads)
        for text in heads:
            if b"Lavoro" in text or b"label1" in text:
                self.assertFalse(text.rstrip().endswith(b"+}"), text[:120])


if __name__ == "__main__":
    lib.tail()
