"""The dry run: it tells what a run would do, changes nothing on either server, and the run after it is the same as without it."""
import calendar
import collections
import imaplib
import os
import re
import time

import compare
import corpus
import lib
from report_check import TERMS


def snapshot(server, user, items="MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ"):
    """Everything of an account that a client can change by looking: counters (\\Recent too), subscriptions, flags, bytes."""
    imap = imaplib.IMAP4("127.0.0.1", server.port)
    imap.login(user, compare.PASSWORD)
    try:
        boxes = {}
        for wire, attributes, _ in compare.listing(imap):
            if "\\noselect" in attributes.lower():
                continue
            line = compare.checked(imap.status(compare.quoted(wire), "(%s)" % items))[0]
            boxes[wire] = re.search(rb"\(.*\)$", line).group(0)
        subscribed = sorted(wire for wire, _, _ in compare.listing(imap, "lsub"))
    finally:
        imap.logout()
    account = compare.read(server, user)
    mails = {name: [(m.uid, m.flags, m.date, m.sha) for m in box.mails] for name, box in account.boxes.items()}
    return boxes, subscribed, mails


class Base(lib.Case):
    def planned(self, job, code=0, *options):
        result = job.call("plan", "--json", *options)
        if result.code == 2 and "not in this version" in result.err:
            self.skipTest("this program does not know plan yet")
        self.assertEqual(result.code, code, result.tell())
        doc = result.report
        self.assertEqual((doc["schema"], doc["command"], doc["exit"]), ("trasloco-report/1", "plan", code))
        for account in doc["accounts"]:
            for folder in account["folders"]:
                ledger = folder["ledger"]
                self.assertEqual(ledger["source"], sum(ledger[term] for term in TERMS), folder)
        return doc


class Plan(Base):
    def half(self, user):
        """80 messages at the source, every second of them at the target already, and some that are only there."""
        folders = corpus.mailbox("meta", 80, deleted=2)  # the same for every user
        corpus.write_maildir(self.source, user, folders)
        for folder in folders:
            folder.messages = [m for n, m in enumerate(folder.messages) if n % 2 == 0 and "\\Deleted" not in m.flags]
        corpus.append(self.target.login(user), folders[:2])
        imap = self.target.login(user)
        imap.append("INBOX", None, None, b"Message-ID: <altro@y>\r\nSubject: altro\r\n\r\ny\r\n")
        return sum(len(folder.messages) for folder in folders[:2])

    def test_changes_nothing(self):
        there = self.half("niente")
        job = self.simple("niente")
        before = snapshot(self.source, "niente"), snapshot(self.target, "niente")
        doc = self.planned(job)
        self.assertEqual((snapshot(self.source, "niente"), snapshot(self.target, "niente")), before)
        ledger = lib.only(doc)["totals"]["ledger"]
        self.assertEqual((ledger["source"], ledger["skipped"], ledger["copied"]), (80, 2, 0))
        # Of a few (the same header and size, or the same Message-ID) only the body tells; the dry run does not download it.
        self.assertIn(there - ledger["already_there"], range(5))
        self.assertEqual(ledger["pending"] + ledger["already_there"], 78)
        again = self.planned(job)
        self.assertEqual(lib.only(again)["totals"]["ledger"], ledger)
        run = self.ended(job.run())
        self.assertEqual((self.copied_now(run), lib.only(run)["totals"]["ledger"]["already_there"]), (78 - there, there))

    def test_run_is_the_same(self):
        ledgers = []
        for user in ("senza", "dopo"):
            self.half(user)
            job = self.simple(user)
            if user == "dopo":
                self.planned(job)
            doc = self.ended(job.run())
            ledgers.append([(f["source"], f["target"], f["ledger"], f["verified"] and {k: v for k, v in f["verified"].items() if k != "sampled"})
                            for f in lib.only(doc)["folders"]])
        self.assertEqual(ledgers[0], ledgers[1])

    def test_only_reading_commands(self):
        self.half("letto")
        source, target = self.proxy(self.source), self.proxy(self.target)
        self.planned(self.simple("letto", source, target))
        for proxy in (source, target):
            text = "\n".join(str(command) for command in proxy.commands).upper()
            self.assertIn("LIST", text)
            for word in ("SELECT ", "CREATE", "SUBSCRIBE ", "APPEND", "STORE ", "EXPUNGE", "COPY ", "MOVE "):
                self.assertNotRegex(text, r"(?m)(^|\s)(UID )?%s" % word, word)

    def test_after_a_kill(self):
        """A run that died with mail on its way: the dry run counts what arrived, and the next run still settles the rest."""
        self.fill("morto", 60)
        job = self.simple("morto")
        died = job.run(TRASLOCO_CRASH="answered:1")
        if died.code == 0:
            self.skipTest("built without crash points")
        before, again = None, snapshot(self.target, "morto")
        while before != again: # the server still carries out what it got
            time.sleep(0.5)
            before, again = again, snapshot(self.target, "morto")
        there = compare.read(self.target, "morto").count()
        doc = self.planned(job)
        self.assertEqual(snapshot(self.target, "morto"), before)
        ledger = lib.only(doc)["totals"]["ledger"]
        # which of twins (the same header and size) has arrived only their bodies tell: the dry run counts those as to be copied
        alike = collections.Counter((name, m.message_id, m.size) for name, box in compare.read(self.source, "morto").boxes.items() for m in box.mails)
        self.assertIn(there - ledger["copied"] - ledger["already_there"], range(sum(n for n in alike.values() if n > 1) + 1))
        self.assertEqual(ledger["copied"] + ledger["already_there"] + ledger["pending"], 60)
        self.ended(job.run())
        self.same("morto")

    def test_foresees(self):
        """What servers are known to refuse is found without a run, and nothing else is read; marked mail is counted; the source is measured."""
        good = [corpus.Message(b"Message-ID: <g%d@x>\r\nSubject: x\r\n\r\n" % n + b"y" * 70 * 100 + b"\r\n", 1704067200 + n) for n in range(12)]
        odd = [corpus.Message(text, 1704067300 + n, flags) for n, (text, flags) in enumerate([
            (b"no header at all\r\n\r\ntext\r\n", ()), (b"From old Mon Jan 1\r\nSubject: mbox\r\n\r\ntext\r\n", ()), (b"Subject: no id, but sound\r\n folded\r\n\r\ntext\r\n", ()),
            (b"Message-ID: <del@x>\r\n\r\nx\r\n", ("\\Deleted",))])]
        corpus.write_maildir(self.source, "veggente", [corpus.Folder("INBOX", good + odd)])
        job = self.simple("veggente")
        doc = self.planned(job)
        told = lib.problems(doc, "may-be-refused")
        subjects = {m.uid: m.sha for m in compare.read(self.source, "veggente").boxes["INBOX"].mails}
        self.assertEqual(len(told), 2, told)
        self.assertEqual({p["severity"] for p in told}, {"warning"})
        self.assertTrue(all(p["uid"] in subjects and "header" in p["text"] for p in told), told)
        self.assertEqual(lib.only(doc)["verdict"], "warn")
        marked = lib.problems(doc, "deleted-mail")
        self.assertEqual([(p["severity"], p["folder"], p["text"][-2:]) for p in marked], [("note", "INBOX", " 1")])
        text = job.call("plan")
        self.assertNotIn("nothing was measured", text.out)
        kept = [p["text"] for p in doc.get("problems", []) if p["code"] == "forecast"]
        self.assertRegex("\n".join(kept), r"^forecast: \d+ to \d+ s for 15 messages, at \d+ to \d+ bytes a second$")
        self.assertEqual([p["text"] for p in lib.problems(doc, "looked-into")], ["messages read whole: 15; what lies in the others shows when they are sent"])
        told_again = job.call("report", "--of", "plan", "--text", "-")
        self.assertEqual((told_again.code, told_again.out), (0, text.out))
        run = self.ended(job.run())
        self.assertEqual(self.copied_now(run), 15)
        told = [p["text"] for p in run.get("problems", []) if p["code"] == "forecast"]
        self.assertRegex("\n".join(told), r"^the plan forecast \d+ to \d+ s for 15 messages; 15 were copied in \d+ s$")
        self.assertRegex(job.call("report", "--text", "-").out, r"\nThe plan forecast \d+ s to \d+ s for 15 messages; it took \d+ s for 15 messages\.\n")
        again = self.ended(job.run())
        self.assertEqual([p for p in again.get("problems", []) if p["code"] == "forecast"], [])

    def test_history(self):
        """Months without mail stand out, and those of a provider's outage are called so; what Libero is said to hold is not believed against its server."""
        months = [(year, month) for year in (2022, 2023) for month in range(1, 13) if (year, month) != (2023, 1)]
        mails = [corpus.Message(b"Message-ID: <%d.%d.%d@x>\r\nSubject: x\r\n\r\nx\r\n" % (year, month, n), calendar.timegm((year, month, 10 + n, 12, 0, 0)))
                 for year, month in months for n in range(6)]
        corpus.write_maildir(self.source, "storica", [corpus.Folder("INBOX", mails)])
        entry = self.account("storica")
        entry["source"]["provider"] = "libero"
        job = self.job_of(entry)
        doc = self.planned(job)
        self.assertEqual([(p["severity"], p["text"][:29]) for p in lib.problems(doc, "history-gap")], [("warning", "2023-01: no mail at all, thou")])
        self.assertEqual([p["text"][:34] for p in lib.problems(doc, "outage")], ["2023-06: a long outage of Libero; s"[:34]])
        self.assertEqual(lib.only(doc)["verdict"], "warn")
        text = job.call("plan", "--lang", "it").out
        self.assertIn("1. gennaio 2023: nessun messaggio", text)
        self.assertIn("  Storia       giugno 2023: lungo guasto di Libero", text)
        html = os.path.join(job.folder, "p.html")
        self.assertEqual(job.call("report", "--of", "plan", "--html", html).code, 0)
        with open(html, encoding="utf-8") as file:
            self.assertIn("January 2023: no mail at all", file.read())

    def test_several(self):
        """In all: what is asked for, and nothing of an account that is not."""
        for user, count in (("prima", 12), ("seconda", 5)):
            self.fill(user, count, with_traps=False)
        job = self.job(*(lib.account(user, self.source, self.target) for user in ("prima", "seconda")))
        forecasts = lambda doc: [re.search(r"for (\d+) messages", p["text"]).group(1) for p in doc["problems"] if p["code"] == "forecast"]
        doc = self.planned(job)
        self.assertEqual((doc["totals"]["ledger"]["pending"], forecasts(doc)), (17, ["17"]))
        self.assertRegex(job.call("report", "--of", "plan", "--text", "-").out, r"\nAll 2 accounts\n\n  17 messages to copy, [^\n]*\n  Time  +\S")
        doc = self.planned(job, 0, "--account", "seconda")
        self.assertEqual((doc["totals"]["ledger"]["pending"], forecasts(doc)), (5, ["5"]))
        # one account's trouble does not keep the others' from being compared
        self.planned(job)
        job.accounts[1]["source"]["password"] = "no"
        job.write(job.accounts, limits={"give_up": "1s"})
        told = [p["text"] for p in self.ended(job.run(), 3).get("problems", []) if p["code"] == "forecast"]
        self.assertRegex("\n".join(told), r"for 17 messages; 12 were copied in \d+ s$")

    def test_empty(self):
        """An account without mail, and a target without folders."""
        self.source.login("vuoto").logout()
        doc = self.planned(self.simple("vuoto"))
        self.assertEqual(lib.only(doc)["totals"]["ledger"]["source"], 0)


class Limits(Base):
    """What does not fit is known before: the room of the new mailbox, what its server takes at most, names."""
    target_options = {"quota": "300k"}

    def mails(self, sizes):
        return [corpus.Message(b"Message-ID: <%d@x>\r\nSubject: x\r\n\r\n" % n + b"y" * 70 * size + b"\r\n", 1704067200 + n) for n, size in enumerate(sizes)]

    def test_room(self):
        corpus.write_maildir(self.source, "piena", [corpus.Folder("INBOX", self.mails([1000] * 6))])
        job = self.simple("piena")
        doc = self.planned(job, 1)
        account = lib.only(doc)
        self.assertEqual((doc["verdict"], account["verdict"], account["next"]), ("no-go", "no-go", "decide"))
        [told] = lib.problems(doc, "over-quota")
        self.assertEqual((told["severity"], told["side"]), ("error", "target"))
        self.assertTrue(told["hint"])
        self.assertLessEqual({420000 // 1000, 307}, {int(n) // 1000 for n in re.findall(r"\d+", told["text"])}, told)
        text = job.call("plan")
        self.assertEqual(text.code, 1)
        self.assertRegex(text.out, r"New space +420 kB needed, 307 kB free: NOT ENOUGH")
        self.assertIn("NOT YET", text.out)
        self.assertEqual(compare.read(self.target, "piena").count(), 0)

    def test_size_and_names(self):
        corpus.write_maildir(self.source, "grandi", [corpus.Folder("INBOX", self.mails([10, 2000, 10]))])
        imap = self.source.login("grandi")
        for name in ("INBOX.50%", "INBOX.Lavoro"):
            imap.create('"%s"' % name)
            imap.append('"%s"' % name, "(\\Seen Cliente)", None, b"Message-ID: <%s@x>\r\n\r\nx\r\n" % name[6:8].encode())
        target = self.proxy(self.target)
        target.capability = compare.checked(self.target.login("grandi").capability())[0].decode() + " APPENDLIMIT=100000"
        job = self.simple("grandi", target=target)
        doc = self.planned(job)
        self.assertEqual(lib.only(doc)["verdict"], "warn")
        [told] = lib.problems(doc, "too-big")
        by_uid = {m.uid: m.size for m in compare.read(self.source, "grandi").boxes["INBOX"].mails}
        self.assertEqual((told["severity"], by_uid[told["uid"]] > 100000, "100000" in told["text"]), ("warning", True, True), told)
        self.assertEqual([(p["folder"], p["severity"]) for p in lib.problems(doc, "name-changed")], [("INBOX.50%", "warning")])
        self.assertEqual([p["text"] for p in lib.problems(doc, "labels")], ["messages with labels: 2; a run names those whose labels the new server does not keep"])
        # every point is numbered, and says what to do
        points = re.findall(r"^ +(?:Attention +)?(\d)\. ", job.call("plan").out, re.M)
        self.assertEqual(points, ["1", "2"])
        self.assertTrue(all(p["hint"] for p in lib.problems(doc) if p["severity"] != "note"), doc)
        # the same name but for case: somebody has to say which is which
        self.source.login("grandi").create("INBOX.LAVORO")
        imap.append("INBOX.LAVORO", None, None, b"Message-ID: <la@x>\r\n\r\nx\r\n")
        doc = self.planned(job, 2)
        [told] = lib.problems(doc, "folder-collision")
        self.assertEqual((lib.only(doc)["verdict"], "capital letters" in told["text"], "map" in told["hint"]), ("no-go", True, True), told)


if __name__ == "__main__":
    lib.tail()
