#!/usr/bin/env python3
"""Which folder goes where: filters, map, under, roles, collisions, names, and a mapping that changes between runs."""
import os
import time

import compare
import corpus
import lib
from dovecot import Dovecot
from tamper import Tamper

ROLES = """
namespace inbox {
%s}
"""


def message(number, folder):
    text = "Message-ID: <%s.%d@x>\r\nDate: Mon, 01 Jan 2024 00:00:%02d +0000\r\nSubject: %s %d\r\n\r\ntext %d\r\n" % (
        folder.replace(" ", "_"), number, number % 60, folder, number, number)
    return corpus.Message(text.encode("ascii", "replace"), 1704067200 + number)


class Roles(Dovecot):
    """A server that tells special uses: folder=role, made for everybody who signs in."""

    def __init__(self, kind, **roles):
        self.roles = roles
        super().__init__(kind)

    def _write_conf(self):
        super()._write_conf()
        boxes = "".join("  mailbox \"%s\" {\n    auto = create\n    special_use = \\%s\n  }\n" % (name, role) for role, name in self.roles.items())
        with open(self.conf, "a") as conf:
            conf.write(ROLES % boxes)


class Base(lib.Case):
    def put(self, user, server=None, **counts):
        """A mailbox with so many messages in each folder."""
        folders = [corpus.Folder(name, [message(n, name) for n in range(count)]) for name, count in counts.items()]
        corpus.write_maildir(server or self.source, user, folders)

    def mapped(self, doc):
        return {f["source"]: (f["target"], f["why"], f["role"]) for f in lib.only(doc)["folders"]}

    def counts(self, user, server=None):
        return {name: len(box.mails) for name, box in compare.read(server or self.target, user).boxes.items() if box.mails}

    def rows(self, doc):
        return {f["source"]: f["ledger"] for f in lib.only(doc)["folders"]}


class Folders(Base):
    def test_filters_and_map(self):
        self.put("mappa", INBOX=3, **{"Posta inviata": 4, "Clienti/A": 2, "Clienti": 1, "Spam": 5, "Spam/2020": 2})
        job = self.job_of(self.account("mappa", exclude=["Spam"], map={"Posta inviata": "Uscita/Inviata", "Clienti": "Kunden"}))
        doc = self.ended(job.run())
        self.assertEqual(self.counts("mappa"), {"INBOX": 3, "Uscita/Inviata": 4, "Kunden/A": 2, "Kunden": 1})
        names = self.mapped(doc)
        self.assertEqual(names["INBOX.Posta inviata"], ("Uscita/Inviata", "map", "sent"))
        self.assertEqual(names["INBOX.Clienti.A"][:2], ("Kunden/A", "map"))
        self.assertEqual(names["INBOX.Spam"], ("", "excluded", "junk"))
        self.assertEqual(self.rows(doc)["INBOX.Spam"], {"source": 5, "copied": 0, "already_there": 0, "skipped": 5, "refused": 0, "vanished": 0,
                                                          "pending": 0, "copied_now": 0})
        self.assertEqual(lib.only(doc)["totals"]["ledger"]["skipped"], 7)
        # Taken in again: it comes, and nothing else comes twice.
        self.rewrite(job, self.account("mappa", map={"Posta inviata": "Uscita/Inviata", "Clienti": "Kunden"}))
        self.assertEqual(self.copied_now(self.ended(job.run())), 7)
        self.assertEqual(self.counts("mappa")["Spam"], 5)
        # And left out again: what was copied stays in the books.
        self.rewrite(job, self.account("mappa", include=["INBOX", "Clienti/*"], map={"Posta inviata": "Uscita/Inviata", "Clienti": "Kunden"}))
        doc = self.ended(job.run())
        self.assertEqual(self.copied_now(doc), 0)
        self.assertEqual(self.rows(doc)["INBOX.Spam"]["copied"], 5)

    def test_under(self):
        self.put("sotto", INBOX=2, **{"Posta inviata": 2, "a/b": 1})
        doc = self.ended(self.job_of(self.account("sotto", under="Libero", subscribe="all")).run())
        self.assertEqual(self.counts("sotto"), {"Libero/INBOX": 2, "Libero/Posta inviata": 2, "Libero/a/b": 1})
        self.assertEqual(self.mapped(doc)["INBOX"][0], "Libero/INBOX")
        self.assertLessEqual({"Libero/INBOX", "Libero/a/b"}, compare.read(self.target, "sotto").subscribed)

    def test_subscriptions(self):
        self.put("iscritto", INBOX=1, Una=1)
        self.ended(self.job_of(self.account("iscritto", subscribe="none")).run())
        self.assertEqual(compare.read(self.target, "iscritto").subscribed, set())

    def test_one_subscribes_at_a_time(self):
        """Courier rewrites the file of all subscriptions, and forgets one of two that come at once."""
        names = ["Cartella %d" % n for n in range(12)]
        self.put("turno", **{name: 2 for name in names})
        imap = self.source.login("turno")
        for name in names:
            imap.subscribe('"%s%s"' % (self.source.prefix, name))
        imap.logout()
        asked, most = set(), []

        def command(session, whole):
            words = whole.split()
            if b"SUBSCRIBE" in words[1:2]:
                asked.add((session, words[0]))
                most.append(len(asked))
            return whole

        def response(session, whole):
            one = (session, whole.split(b" ", 1)[0])
            if one in asked:
                time.sleep(0.03)
                asked.discard(one)
            return whole.replace(b"Dovecot (Debian)", b"Courier-IMAP")
        target = Tamper(self.target.port, response, command)
        self.addCleanup(target.close)
        job = self.job(lib.account("turno", self.source, target), workers=8)
        self.ended(job.run())
        self.assertEqual((len(most), max(most)), (len(names), 1))
        self.same("turno")

    def test_names_that_cannot_be(self):
        imap = self.source.login("nomi")
        for name in ("INBOX.50%", "INBOX.a*", "INBOX.Lavoro"):
            self.assertEqual(imap.create('"%s"' % name)[0], "OK")
            imap.append('"%s"' % name, None, None, message(1, name).data)
        there = self.target.login("nomi")
        there.create("LAVORO")
        doc = self.ended(self.job_of(self.account("nomi")).run())
        made = set(self.counts("nomi"))
        self.assertIn("LAVORO", made)
        self.assertIn("50-", made)
        self.assertIn("a-", made)
        told = {p["folder"]: p for p in lib.problems(doc, "name-changed")}
        self.assertEqual(told["INBOX.50%"]["severity"], "warning")
        self.assertIn("50-", told["INBOX.50%"]["text"])
        self.assertEqual(told["INBOX.Lavoro"]["severity"], "note")


class Mapping(Base):
    def test_changed(self):
        self.put("cambio", INBOX=2, Vecchia=5)
        job = self.job_of(self.account("cambio"))
        self.ended(job.run())
        target = self.proxy(self.target)
        self.rewrite(job, self.account("cambio", target=target, map={"Vecchia": "Nuova"}))
        # Elsewhere, and its mail is not: before a byte.
        for _ in range(2):
            doc = self.ended(job.run(), 2)
            told = lib.problems(doc, "mapping-changed")
            self.assertEqual([(p["severity"], p["folder"]) for p in told], [("error", "INBOX.Vecchia")])
            self.assertIn("Nuova", told[0]["text"])
            self.assertTrue(told[0]["hint"])
        self.assertEqual(target.count("APPEND") + target.count("CREATE"), 0)
        self.assertEqual(self.counts("cambio"), {"INBOX": 2, "Vecchia": 5})
        # A verification looks where the mail is.
        doc = self.ended(job.call("verify", "--json"), command="verify")
        self.assertEqual(self.mapped(doc)["INBOX.Vecchia"][0], "Vecchia")
        # The job as it was.
        self.rewrite(job, self.account("cambio"))
        doc = self.ended(job.run())
        self.assertEqual(self.copied_now(doc), 0)
        self.assertEqual(self.counts("cambio"), {"INBOX": 2, "Vecchia": 5})

    def test_changed_and_moved(self):
        self.put("mosso", INBOX=2, Vecchia=5)
        job = self.job_of(self.account("mosso"))
        self.ended(job.run())
        imap = self.target.login("mosso")
        imap.create("Nuova")
        imap.select("Vecchia")
        imap.uid("MOVE", "1:3", "Nuova")
        self.rewrite(job, self.account("mosso", map={"Vecchia": "Nuova"}))
        self.ended(job.run(), 2)        # two are not there
        self.assertEqual(self.counts("mosso"), {"INBOX": 2, "Vecchia": 2, "Nuova": 3})
        imap.uid("MOVE", "1:*", "Nuova")
        corpus.write_maildir(self.source, "mosso", [corpus.Folder("Vecchia", [message(9, "altra")])])
        doc = self.ended(job.run())
        self.assertEqual(self.copied_now(doc), 1)
        self.assertEqual(self.rows(doc)["INBOX.Vecchia"]["copied"], 6)
        self.assertEqual(self.counts("mosso"), {"INBOX": 2, "Nuova": 6})
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_changed_and_renumbered(self):
        self.put("ambedue", INBOX=2, Vecchia=5)
        job = self.job_of(self.account("ambedue"))
        self.ended(job.run())
        time.sleep(1.1)     # UIDVALIDITY is the time in seconds
        place = os.path.join(self.source.home("ambedue"), "Maildir", ".Vecchia")
        before = compare.read(self.source, "ambedue").uidnexts()["Vecchia"]
        for name in os.listdir(place):
            if name.startswith("dovecot"):
                os.unlink(os.path.join(place, name))
        self.assertNotEqual(compare.read(self.source, "ambedue").uidnexts()["Vecchia"][0], before[0])
        self.rewrite(job, self.account("ambedue", map={"Vecchia": "Nuova"}))
        self.assertEqual(len(lib.problems(self.ended(job.run(), 2), "mapping-changed")), 1)
        self.assertEqual(self.counts("ambedue"), {"INBOX": 2, "Vecchia": 5})
        self.rewrite(job, self.account("ambedue"))
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.assertEqual(self.counts("ambedue"), {"INBOX": 2, "Vecchia": 5})

    def test_roles(self):
        source = Roles("source", Sent="Uscite")
        self.addCleanup(source.close)
        target = Roles("target", Sent="Sent Items", Trash="Deleted Items", Junk="Junk")
        self.addCleanup(target.close)
        self.put("ruoli", source, INBOX=1, **{"Uscite": 3, "Cestino": 2, "Posta inviata": 4, "Clienti/Cestino": 1})
        account = self.account("ruoli", source, target)
        job = self.job_of(account)
        doc = self.ended(job.run())
        self.assertEqual(self.counts("ruoli", target), {"INBOX": 1, "Sent Items": 3, "Deleted Items": 2, "Posta inviata": 4, "Clienti/Cestino": 1})
        names = self.mapped(doc)
        self.assertEqual(names["INBOX.Uscite"], ("Sent Items", "special-use", "sent"))
        self.assertEqual(names["INBOX.Cestino"], ("Deleted Items", "name", "trash"))
        self.assertEqual(names["INBOX.Posta inviata"][:2], ("Posta inviata", "same"))
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        job.forget()
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        # Without roles every name stays; what lies elsewhere would be copied again.
        self.rewrite(job, dict(account, folders={"special_use": False}))
        doc = self.ended(job.run(), 2)
        self.assertEqual(sorted(p["folder"] for p in lib.problems(doc, "mapping-changed")), ["INBOX.Cestino", "INBOX.Uscite"])

    def test_a_role_that_comes_later(self):
        self.put("dopo", INBOX=1, **{"Posta inviata": 3})
        job = self.job_of(self.account("dopo"))
        self.assertEqual(self.mapped(self.ended(job.run()))["INBOX.Posta inviata"][:2], ("Posta inviata", "same"))
        self.target.login("dopo").create("Sent")
        doc = self.ended(job.run())
        self.assertEqual(self.copied_now(doc), 0)
        self.assertEqual(self.mapped(doc)["INBOX.Posta inviata"][:2], ("Posta inviata", "same"))


if __name__ == "__main__":
    lib.tail()
