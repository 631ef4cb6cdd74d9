#!/usr/bin/env python3
"""T15: \\\\Noselect and \\\\NonExistent folders, shared and public namespaces: the own namespace is moved, a \\\\Noselect folder is still a parent, what is
shared is listed and stays where it is."""
import os

from trap import Case, compare, corpus, lib, mails
from dovecot import Dovecot

PUBLIC = """
namespace public {
  type = public
  separator = .
  prefix = Pubbliche.
  location = maildir:%s/public:INDEXPVT=~/public
  subscriptions = no
}
namespace others {
  type = shared
  separator = .
  prefix = Altri.%%%%u.
  location = maildir:%s/mail/%%%%u/Maildir:INDEXPVT=~/others
  list = yes
  subscriptions = no
}
"""


class Shared(Dovecot):
    """With a folder for everybody."""

    def _write_conf(self):
        super()._write_conf()
        with open(self.conf, "a") as conf:
            conf.write(PUBLIC % (self.root, self.root))
        place = os.path.join(self.root, "public", ".Circolari")
        for sub in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(place, sub), exist_ok=True)
        for n, message in enumerate(mails(4, "pubblica")):
            corpus.write_mail(place, message, n)
        for top, folders, names in os.walk(os.path.join(self.root, "public")):
            for name in [top] + [os.path.join(top, name) for name in folders + names]:
                if os.geteuid() == 0:
                    os.chown(name, *corpus.mail_owner())


class Namespaces(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared = Shared("source")
        cls.addClassCleanup(cls.shared.close)

    def test_shared_and_public(self):
        self.fill_counts("comune", self.shared, INBOX=3, Mia=2)
        job = self.job(lib.account("comune", self.shared, self.target))
        for command in ("plan", "run", "run"):
            doc = job.call(command, "--json").report
            rows = {f["source"]: (f["target"], f["why"], f["ledger"]["copied"]) for f in lib.only(doc)["folders"]}
            self.assertEqual(rows["Pubbliche.Circolari"], ("", "shared", 0), rows)
            self.assertEqual({p["severity"] for p in lib.problems(doc, "not-moved")}, {"note"})
        self.assertEqual(doc["exit"], 0)
        self.assertEqual(self.counts("comune"), {"INBOX": 3, "Mia": 2})

    def test_root_of_a_shared_namespace(self):
        """The folder that the shared ones lie below can be opened here: it is shared as well."""
        self.fill_counts("radice", INBOX=2, Comune=3, **{"Comune/Figlia": 1})
        spaces = b'* NAMESPACE (("" ".")) NIL (("INBOX.Comune." "."))\r\n'
        source = self.tamper(self.source, lambda _, whole: spaces if whole.startswith(b"* NAMESPACE") else whole)
        doc = self.ended(self.job(lib.account("radice", source, self.target)).run())
        self.assertEqual({f["source"]: f["why"] for f in lib.only(doc)["folders"] if "Comune" in f["source"]}, {"INBOX.Comune": "shared", "INBOX.Comune.Figlia": "shared"})
        self.assertEqual(self.counts("radice"), {"INBOX": 2})

    def test_noselect_parent(self):
        """Dovecot lists a parent without a mailbox of its own; the child has its place below it, and no mailbox is made of the parent's mail."""
        self.fill_counts("padre", INBOX=1, **{"Padre/Figlio": 2, "Padre/Figlia/Nipote": 1})
        imap = self.source.login("padre")
        attributes = {name: flags for name, flags, _ in compare.listing(imap)}
        self.assertRegex(attributes["INBOX.Padre"], r"(?i)\\No(select|nexistent)")
        job = self.simple("padre")
        doc = self.ended(job.run())
        self.assertEqual(self.counts("padre"), {"INBOX": 1, "Padre/Figlio": 2, "Padre/Figlia/Nipote": 1})
        self.assertNotIn("INBOX.Padre", self.mapped(doc))
        self.twice(job)

    def test_attributes_of_any_case(self):
        """\\\\NoSelect and \\\\NonExistent, as other servers spell them, on a folder that can't be opened."""
        for n, word in enumerate((b"\\NoSelect", b"\\NOSELECT", b"\\NonExistent", b"\\noselect \\Marked")):
            with self.subTest(word=word):
                user = "scritta%d" % n
                self.fill_counts(user, INBOX=2, Muta=3, **{"Muta/Figlia": 1})

                def response(_, whole, word=word):
                    return whole.replace(b"* LIST (", b"* LIST (" + word + b" ", 1) if whole.startswith(b"* LIST ") and whole.rstrip().endswith(b"INBOX.Muta") else whole
                doc = self.ended(self.job(lib.account(user, self.tamper(self.source, response), self.target)).run())
                self.assertEqual(self.counts(user), {"INBOX": 2, "Muta/Figlia": 1})
                self.assertNotIn("INBOX.Muta", self.mapped(doc))


if __name__ == "__main__":
    lib.tail()
