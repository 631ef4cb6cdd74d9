#!/usr/bin/env python3
"""T34: a source folder renamed between runs: the same UIDVALIDITY under a new name is the same folder: it keeps its target, `name-changed`, not
shrunk; also where the name was another's until now."""
import re

from trap import Case, compare, lib, mail


class SourceRenamed(Case):
    def test_renamed_at_the_source(self):
        self.fill_counts("nuovo", INBOX=2, Vecchia=5)
        job = self.job_of(self.account("nuovo"))
        self.ended(job.run())
        self.source.login("nuovo").rename("INBOX.Vecchia", "INBOX.Altra")
        imap = self.source.login("nuovo")
        imap.append("INBOX.Altra", None, None, mail("altra").data)
        for copied in (1, 0):
            doc = self.ended(job.run())
            self.assertEqual(self.copied_now(doc), copied)
            self.assertEqual(self.counts("nuovo"), {"INBOX": 2, "Vecchia": 6})
            self.assertEqual(self.mapped(doc)["INBOX.Altra"][:2], ("Vecchia", "same"))
            self.assertEqual(self.ledgers(doc)["INBOX.Altra"]["copied"], 6)
            self.assertEqual([(p["severity"], p["folder"]) for p in lib.problems(doc, "name-changed")], [("note", "INBOX.Altra")])
            self.assertNotIn("INBOX.Vecchia", self.mapped(doc))

    def test_not_shrunk(self):
        """A folder with enough mail to be missed, and its children: renamed, not lost; the guard is silent, no mail is copied."""
        job = self.begin("grande", INBOX=5, **{"Clienti": 30, "Clienti/Rossi": 12})
        self.source.login("grande").rename("INBOX.Clienti", "INBOX.Kunden")
        for _ in range(2):
            doc = self.ended(job.run())
            self.assertEqual((self.copied_now(doc), lib.problems(doc, "source-shrunk")), (0, []))
            self.assertEqual({s: t[0] for s, t in self.mapped(doc).items()}, {"INBOX": "INBOX", "INBOX.Kunden": "Clienti", "INBOX.Kunden.Rossi": "Clienti/Rossi"})
            self.assertEqual(sorted(p["folder"] for p in lib.problems(doc, "name-changed")), ["INBOX.Kunden", "INBOX.Kunden.Rossi"])
            self.assertEqual(self.counts("grande"), {"INBOX": 5, "Clienti": 30, "Clienti/Rossi": 12})

    def test_renamed_and_halved(self):
        """Renamed, and most of it gone: the new name hides no loss."""
        job = self.begin("meta", INBOX=5, Clienti=30)
        self.source.login("meta").rename("INBOX.Clienti", "INBOX.Kunden")
        self.remove(self.source, "meta", "1:20", "Kunden")
        doc = self.ended(job.run(), 6)
        self.assertTrue(lib.problems(doc, "source-shrunk"))
        self.assertEqual(self.counts("meta"), {"INBOX": 5, "Clienti": 30})


    def rename(self, user, *pairs):
        imap = self.source.login(user)
        for old, new in pairs:
            compare.checked(imap.rename("INBOX." + old, "INBOX." + new))
        imap.logout()

    def stays(self, user, job, where, **counts):
        """Run, and run again: nothing is copied, and each folder has the target that it had."""
        for order in ("plan", "run", "run"):
            result = job.call(order, "--json")
            doc = result.report if order == "plan" else self.ended(result)
            self.assertEqual((self.copied_now(doc), lib.problems(doc, "source-shrunk")), (0, []))
            self.assertEqual({s.replace("INBOX.", ""): t[0] for s, t in self.mapped(doc).items()}, where)
            self.assertEqual(self.counts(user), counts)
            self.assertEqual(lib.only(doc)["totals"]["ledger"]["pending"], 0)
        self.assertEqual(self.verified(doc, "identical"), sum(counts.values()))
        return doc

    def test_exchanged(self):
        """Two folders exchange their names, of other and of the same size: each keeps its target."""
        for user, sizes in {"scambio": (30, 12), "pari": (15, 15)}.items():
            with self.subTest(user=user):
                job = self.begin(user, INBOX=1, Anna=sizes[0], Bruno=sizes[1])
                self.rename(user, ("Anna", "Terza"), ("Bruno", "Anna"), ("Terza", "Bruno"))
                doc = self.stays(user, job, {"INBOX": "INBOX", "Anna": "Bruno", "Bruno": "Anna"}, INBOX=1, Anna=sizes[0], Bruno=sizes[1])
                self.assertEqual({p["folder"] for p in lib.problems(doc, "name-changed")}, {"INBOX.Anna", "INBOX.Bruno"})
                self.add(self.source, user, mail("nuova"), folder="Anna")
                self.ended(job.run())
                self.assertEqual(self.counts(user), {"INBOX": 1, "Anna": sizes[0], "Bruno": sizes[1] + 1})

    def test_round_and_on(self):
        """Three names go round; one takes a name that another has just given up."""
        job = self.begin("giro", Anna=12, Bruno=14, Carla=16)
        self.rename("giro", ("Anna", "Terza"), ("Carla", "Anna"), ("Bruno", "Carla"), ("Terza", "Bruno"))
        self.stays("giro", job, {"INBOX": "INBOX", "Anna": "Carla", "Bruno": "Anna", "Carla": "Bruno"}, Anna=12, Bruno=14, Carla=16)
        job = self.begin("fila", Anna=12, Bruno=14)
        self.rename("fila", ("Bruno", "Nuova"), ("Anna", "Bruno"))
        self.stays("fila", job, {"INBOX": "INBOX", "Nuova": "Bruno", "Bruno": "Anna"}, Anna=12, Bruno=14)

    def test_verified_in_between(self):
        """Somebody verifies before the next run."""
        job = self.begin("guarda", Anna=12, Bruno=14)
        self.rename("guarda", ("Anna", "Terza"), ("Bruno", "Anna"), ("Terza", "Bruno"))
        job.call("verify", "--json")
        self.stays("guarda", job, {"INBOX": "INBOX", "Anna": "Bruno", "Bruno": "Anna"}, Anna=12, Bruno=14)

    def with_ids(self):
        """A source that gives all its folders one UIDVALIDITY, and each a MAILBOXID (RFC 8474)."""
        def response(_, whole):
            if whole.startswith(b"* STATUS "):
                whole = re.sub(rb"UIDVALIDITY (\d+)", rb"UIDVALIDITY \1 MAILBOXID (F\1)", whole)
            return re.sub(rb"UIDVALIDITY \d+", b"UIDVALIDITY 7", whole).replace(b"CAPABILITY IMAP4rev1", b"CAPABILITY IMAP4rev1 OBJECTID")
        return self.tamper(self.source, response, lambda _, whole: whole.replace(b" MAILBOXID)", b")"))

    def test_one_number_for_all(self):
        """The server's own identity of a folder counts: exchanged, and renamed, where UIDVALIDITY says nothing."""
        for user, sizes in {"uno": (30, 12), "unopari": (15, 15)}.items():
            with self.subTest(user=user):
                self.fill_counts(user, INBOX=1, Anna=sizes[0], Bruno=sizes[1], Carla=11)
                job = self.job(self.side(user, source=self.with_ids()))
                self.ended(job.run())
                self.rename(user, ("Anna", "Terza"), ("Bruno", "Anna"), ("Terza", "Bruno"), ("Carla", "Dora"))
                self.stays(user, job, {"INBOX": "INBOX", "Anna": "Bruno", "Bruno": "Anna", "Dora": "Carla"}, INBOX=1, Anna=sizes[0], Bruno=sizes[1], Carla=11)

    def test_numbers_exchanged(self):
        """All folders were made anew, and one has the number that the other had: the mail tells that it is no exchange."""
        job = self.begin("numeri", Anna=15, Bruno=15)

        def response(_, whole):
            return re.sub(rb"UIDVALIDITY (%s)" % b"|".join(numbers), lambda m: b"UIDVALIDITY " + numbers[m.group(1)], whole)
        boxes = compare.read(self.source, "numeri").boxes
        one, other = (b"%d" % boxes[name].uidvalidity for name in ("Anna", "Bruno"))
        numbers = {one: other, other: one}
        entry = job.accounts[0]
        job.write([dict(entry, source=dict(entry["source"], port=self.tamper(self.source, response).port))])
        self.stays("numeri", job, {"INBOX": "INBOX", "Anna": "Anna", "Bruno": "Bruno"}, Anna=15, Bruno=15)


if __name__ == "__main__":
    lib.tail()
