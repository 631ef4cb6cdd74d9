#!/usr/bin/env python3
"""T15: \\\\Noselect and \\\\NonExistent folders, shared and public namespaces: the own namespace is moved, a \\\\Noselect folder is still a parent, what is
shared is listed and stays where it is. Of a folder that shows all mail (\\All), or a choice of it (\\Flagged, \\Important), only what no other folder has is moved."""
import os

from trap import Case, OLD, compare, corpus, lib, mail, mails
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


ALL, STARRED, IMPORTANT = "[Gmail]/Tutti i messaggi", "[Gmail]/Speciali", "[Gmail]/Importanti"
VIEWS = {ALL: b"\\All", STARRED: b"\\Flagged", IMPORTANT: b"\\Important"}


def as_gmail(views=VIEWS):
    """For a Tamper: what the folders are for is told, as Gmail does; [Gmail] itself can't be opened."""
    def response(_, whole):
        if not whole.startswith(b"* LIST "):
            return whole
        name = whole.rstrip().rstrip(b'"').split(b'"')[-1].strip().split(b"INBOX.")[-1]
        for view, role in views.items():
            if name.decode() == view.replace("/", "."):
                return whole.replace(b"* LIST (", b"* LIST (" + role + b" ", 1)
        return whole
    return response


class AllMail(Case):
    """A mailbox with labels: each mail is in the folder of all mail besides."""

    def gmail(self, user, inbox, work=(), archived=(), starred=(), **top):
        inbox, work, archived = list(inbox), list(work), list(archived)
        boxes = {"INBOX": inbox, "Lavoro": work, ALL: inbox + [m for m in work if m not in inbox] + archived, STARRED: list(starred), IMPORTANT: inbox[:1]}
        corpus.write_maildir(self.source, user, [corpus.Folder(name, box) for name, box in boxes.items()])
        return self.job(self.side(user, source=self.tamper(self.source, as_gmail())), **top)

    def terms(self, doc, *terms):
        """Of each folder that has any mail."""
        return {name.replace("INBOX.", "").replace(".", "/"): tuple(l[term] for term in terms) for name, l in self.ledgers(doc).items() if l["source"]}

    def label(self, user, *messages, folder):
        """New mail, or a label for mail that is there."""
        self.add(self.source, user, *messages, folder=folder)

    def test_only_what_no_other_folder_has(self):
        both = mails(3, "ambo")
        job = self.gmail("tutti", mails(5, "posta") + both, mails(4, "lavoro") + both, mails(6, "archiviata"), starred=mails(1, "archiviata") + mails(1, "posta"))
        plan = job.call("plan", "--json").report
        self.assertEqual(self.terms(plan, "pending", "skipped"), {"INBOX": (8, 0), "Lavoro": (7, 0), ALL: (6, 12), STARRED: (0, 2), IMPORTANT: (0, 1)})
        doc = self.ended(job.run())
        self.assertEqual(self.terms(doc, "copied", "skipped"), {"INBOX": (8, 0), "Lavoro": (7, 0), ALL: (6, 12), STARRED: (0, 2), IMPORTANT: (0, 1)})
        self.assertEqual(self.counts("tutti"), {"INBOX": 8, "Lavoro": 7, ALL: 6})
        target = compare.read(self.target, "tutti")
        self.assertEqual(set(target.boxes) & {STARRED, IMPORTANT, "[Gmail]"}, set())
        told = lib.problems(doc, "in-other-folders")
        self.assertEqual({(p["folder"], p["severity"], p["text"][-2:].strip()) for p in told},
                         {("INBOX." + ALL.replace("/", "."), "note", "12"), ("INBOX." + STARRED.replace("/", "."), "note", "2"), ("INBOX." + IMPORTANT.replace("/", "."), "note", "1")})
        self.assertEqual(lib.only(doc)["may_close"]["left_out"], 0)
        receipt = job.call("report", "--text", "-").out
        self.assertIn("in other folders too: 15", receipt)
        self.assertNotIn("as asked)", receipt)
        self.ended(job.call("verify", "--json"), command="verify")
        self.twice(job)
        self.assertEqual(self.counts("tutti"), {"INBOX": 8, "Lavoro": 7, ALL: 6})

    def test_again_and_again(self):
        """New mail comes into a folder and into all mail at once; mail is archived, that is: it leaves its folder. Nothing comes twice, nothing stays behind."""
        first = mails(6, "prima")
        job = self.gmail("passi", first)
        self.ended(job.run())
        new, filed = mails(2, "nuova"), mails(3, "filata")
        self.label("passi", *new, folder="INBOX")
        self.label("passi", *new, *filed, folder=ALL)
        self.remove(self.source, "passi", "1:2")
        for copied in (5, 0):
            doc = self.ended(job.run())
            self.assertEqual(self.copied_now(doc), copied)
            self.assertEqual(self.counts("passi"), {"INBOX": 8, ALL: 3})
        self.assertEqual(self.terms(doc, "copied", "skipped", "vanished"), {"INBOX": (6, 0, 2), ALL: (3, 8, 0), IMPORTANT: (0, 1, 0)})
        # the bodies of those that left their folder were compared, one for two views; that is known from then on
        self.assertEqual(self.rows(job, "SELECT count(*) FROM message WHERE state = 4 AND reason = 8"), [(3,)])

    def test_between_two_looks(self):
        """INBOX is asked how far it goes, mail comes in, then all mail is asked: it goes with INBOX, in the next run."""
        job = self.gmail("tempo", mails(5, "posta"), archived=mails(2, "archiviata"))
        told = as_gmail()

        def response(session, whole):
            if whole.startswith(b"* STATUS INBOX ") and not session.memory.get("asked"):
                session.memory["asked"] = True
                whole = whole.replace(b"MESSAGES 5", b"MESSAGES 4").replace(b"UIDNEXT 6", b"UIDNEXT 5")
            return told(session, whole)
        entry = job.accounts[0]
        job.write([dict(entry, source=dict(entry["source"], port=self.tamper(self.source, response).port))], workers=1)
        self.ended(job.run())
        self.assertEqual(self.counts("tempo"), {"INBOX": 4, ALL: 2})
        job.write([entry])
        for _ in range(2):
            self.ended(job.run())
            self.assertEqual(self.counts("tempo"), {"INBOX": 5, ALL: 2})

    def test_renumbered(self):
        """All folders get another UIDVALIDITY, also one that shows nothing of its own, and for which no folder was made."""
        job = self.gmail("numeri", mails(5, "posta"), mails(4, "lavoro"), mails(6, "archiviata"), starred=mails(1, "posta"))
        self.ended(job.run())
        for name in ("INBOX", "Lavoro", ALL, STARRED, IMPORTANT):
            wire = name if name == "INBOX" else "INBOX." + corpus.wire_name(name, "", ".")
            self.source.doveadm("mailbox", "update", "--uid-validity", "1800000000", "-u", "numeri", wire)
        for _ in range(2):
            doc = self.ended(job.run())
            self.assertEqual(self.copied_now(doc), 0)
            self.assertEqual(self.terms(doc, "copied", "skipped"), {"INBOX": (5, 0), "Lavoro": (4, 0), ALL: (6, 9), STARRED: (0, 1), IMPORTANT: (0, 1)})
        self.assertEqual(self.counts("numeri"), {"INBOX": 5, "Lavoro": 4, ALL: 6})

    def test_twins(self):
        """The same header, size and date as mail of another folder, and another body: it is another mail. An exact double is none."""
        def twin(text, **more):
            return mail("gemella", text, **more)
        job = self.gmail("gemelle", [twin("aaaa"), mail("doppia", "d"), mail("resta")], archived=[twin("bbbb"), mail("doppia", "d")])
        doc = self.ended(job.run())
        self.assertEqual(self.counts("gemelle"), {"INBOX": 3, ALL: 1})
        texts = {box: {m.same for m in held.mails} for box, held in compare.read(self.target, "gemelle").boxes.items()}
        self.assertFalse(texts[ALL] & texts["INBOX"])
        self.assertEqual(self.terms(doc, "copied", "skipped")[ALL], (1, 4))
        self.twice(job)

    def test_twin_of_mail_that_left(self):
        """The mail left the mailbox for good; what all mail has is another of the same header, size and date."""
        job = self.gmail("partita", [mail("stessa", "aaaa"), mail("resta")])
        self.ended(job.run())
        self.remove(self.source, "partita", "1")
        self.remove(self.source, "partita", "1", ALL)
        self.label("partita", mail("stessa", "bbbb"), folder=ALL)
        for copied in (1, 0):
            self.assertEqual(self.copied_now(self.ended(job.run())), copied)
            self.assertEqual(self.counts("partita"), {"INBOX": 2, ALL: 1})

    def test_excluded_folders_have_nothing(self):
        """What is left out with its folder is not left out of all mail; nor is what the target refused of another folder."""
        job = self.gmail("escluse", mails(3, "posta"), mails(2, "lavoro"))
        entry = dict(job.accounts[0], folders={"exclude": ["Lavoro"]})
        job.write([entry])
        doc = self.ended(job.run())
        self.assertEqual(self.counts("escluse"), {"INBOX": 3, ALL: 2})
        job.write([dict(entry, folders={"special_use": False})])
        self.ended(job.run())
        self.assertEqual(self.counts("escluse"), {"INBOX": 3, "Lavoro": 2, ALL: 5, IMPORTANT: 1})
        self.assertEqual(doc["exit"], 0)

    def test_killed_and_forgotten(self):
        """Stopped in the middle of all mail, then the state is lost as well: each mail once."""
        job = self.gmail("persa", mails(4, "posta"), archived=mails(150, "archiviata"))
        self.assertEqual(job.run(TRASLOCO_CRASH="answered:2").code, -9)
        job.forget()
        self.ended(job.run())
        self.assertEqual(self.counts("persa"), {"INBOX": 4, ALL: 150})
        self.assertEqual(self.bodies("persa", ALL), [1] * 150)
        self.twice(job)


if __name__ == "__main__":
    lib.tail()
