#!/usr/bin/env python3
"""Servers without extensions, or with few of them: the plain forms do."""
import compare
import lib

LISTS = {
    "nuda": "IMAP4rev1",
    "literal": "IMAP4rev1 LITERAL+",
    "minus": "IMAP4rev1 LITERAL- SASL-IR AUTH=PLAIN",
    "multi": "IMAP4rev1 MULTIAPPEND UIDPLUS",
    "spazi": "IMAP4rev1 NAMESPACE LIST-EXTENDED LIST-STATUS CHILDREN",
}


class Bare(lib.Case):
    def test_capabilities(self):
        for name, offered in LISTS.items():
            for side in ("source", "target"):
                with self.subTest(offered=offered, side=side):
                    self.one("%s-%s" % (name, side), side, offered)

    def one(self, user, side, offered):
        self.fill(user, 60)
        proxy = self.proxy(getattr(self, side))
        proxy.capability = offered
        job = self.simple(user, **{side: proxy})
        self.ended(job.run())
        self.arrived(user)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.arrived(user)
        asked = [text.split()[0].upper() for text in proxy.commands if text]
        for word, needed in ((b"NAMESPACE", "NAMESPACE"), (b"ENABLE", "ENABLE"), (b"ID", "ID"), (b"IDLE", "IDLE"), (b"COMPRESS", "COMPRESS")):
            if needed not in offered.split():
                self.assertNotIn(word, asked)
        if side == "target" and "LITERAL+" not in offered:
            self.assertFalse([t for t in proxy.commands if t.upper().startswith(b"APPEND") and t.endswith(b"+}")
                              and ("LITERAL-" not in offered or int(t[t.rindex(b"{") + 1:-2]) > 4096)])

    def arrived(self, user):
        """A source that can't be asked for its prefix may have its folders below INBOX at the target as well."""
        a, b = compare.read(self.source, user), compare.read(self.target, user)
        below = lambda name: name[6:] if name.startswith("INBOX/") else name
        self.assertEqual(len({below(name) for name in b.boxes}), len(b.boxes))
        b.boxes = {below(name): box for name, box in b.boxes.items()}
        b.subscribed = {below(name) for name in b.subscribed}
        self.assertEqual(compare.differences(a, b), [])

    def test_without_appenduid(self):
        self.fill("muto", 90)
        proxy = self.proxy(self.target)
        proxy.strip_appenduid = True
        job = self.simple("muto", target=proxy)
        self.ended(job.run())
        self.same("muto", ordered=True)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)


if __name__ == "__main__":
    lib.tail()
