#!/usr/bin/env python3
"""Filters, duplicates, limits and marks where two of them meet, and what later runs make of it."""
import os

import compare
import corpus
import lib

OLD, NEW = 1400000000, 1500000000


def mail(ident, body="x", date=OLD, flags=(), subject="n"):
    head = ("Message-ID: <%s@x>\r\n" % ident if ident else "") + "Subject: %s\r\n\r\n" % subject
    return corpus.Message(head.encode() + body.encode() + b"\r\n", date, flags)


class Base(lib.Case):
    def put(self, user, *messages, folder="INBOX"):
        corpus.write_maildir(self.source, user, [corpus.Folder(folder, list(messages))])

    def side(self, user, target=None, **messages):
        account = lib.account(user, self.source, target or self.target)
        if messages:
            account["messages"] = messages
        return account

    def of(self, user, **messages):
        return self.job(self.side(user, **messages), workers=2)

    def ledger(self, doc, *terms):
        whole = lib.only(doc)["totals"]["ledger"]
        return tuple(whole[term] for term in terms)

    def remove(self, server, user, uids, folder="INBOX"):
        imap = server.login(user)
        imap.select(folder)
        imap.uid("STORE", uids, "+FLAGS", "(\\Deleted)")
        imap.expunge()
        imap.logout()


class Later(Base):
    def test_other_name(self):
        """The account gets another name in the job file: it is the same one."""
        self.put("nomi", *(mail("m%d" % n) for n in range(6)))
        job = self.of("nomi")
        self.ended(job.run())
        job.write([dict(self.side("nomi"), name="nuovo nome")], workers=2)
        doc = self.ended(job.run())
        self.assertEqual(compare.read(self.target, "nomi").count(), 6)
        self.assertEqual([a["name"] for a in doc["accounts"]], ["nuovo nome"])
        self.assertEqual(self.ledger(doc, "copied"), (6,))

    def test_two_names(self):
        """Two accounts for one mailbox and one place: what the first brings does not come twice, and the second is told (2)."""
        self.put("doppio", *(mail("m%d" % n) for n in range(6)))
        sides = [dict(self.side("doppio"), name=name) for name in ("uno", "due")]
        job = self.job(*sides, workers=2)
        for _ in range(2):
            result = job.run()
            self.assertEqual(result.code, 2, result.tell())
            one, two = result.report["accounts"]
            self.assertEqual((one["exit"], two["exit"]), (0, 2))
            self.assertTrue(lib.problems(result.report, "folder-collision"))
            self.assertEqual(compare.read(self.target, "doppio").count(), 6)

    def test_exit_is_a_number(self):
        """An account that left the job file is no account without a status in the next run's document."""
        self.put("resta", mail("r"))
        self.put("parte", mail("p"))
        job = self.job(self.side("resta"), self.side("parte"), workers=2)
        self.ended(job.run())
        job.write([self.side("resta")], workers=2)
        doc = self.ended(job.run())
        self.assertEqual([a["name"] for a in doc["accounts"]], ["resta"])

    def test_filter_after_copying(self):
        """A narrower filter takes nothing back, is no loss, and --again has nothing to fetch."""
        self.put("stretto", *(mail("s%d" % n, date=NEW if n % 2 else OLD) for n in range(40)))
        job = self.of("stretto")
        self.ended(job.run())
        job.write([self.side("stretto", since="2016-01-01")], workers=2)
        for call in (lambda: job.run(), lambda: job.run("--again")):
            doc = self.ended(call())
            self.assertEqual(self.copied_now(doc), 0)
            self.assertEqual(lib.problems(doc, "target-shrunk") + lib.problems(doc, "source-shrunk"), [])
        self.same("stretto")

    def test_vanished(self):
        """Copied and then deleted at the source: the books close and it stays at the target."""
        self.put("sparita", *(mail("v%d" % n) for n in range(5)), mail("w", flags=["\\Deleted"]))
        job = self.of("sparita")
        self.ended(job.run())
        self.remove(self.source, "sparita", "1:2")
        for command, call in (("run", lambda: job.run()), ("verify", lambda: job.call("verify", "--json")), ("run", lambda: job.run())):
            self.assertEqual(self.ledger(self.ended(call(), command=command), "copied_now", "pending"), (0, 0))
        self.assertEqual(compare.read(self.target, "sparita").count(), 5)


class Limits(Base):
    def test_announced_limit(self):
        """APPENDLIMIT is believed: refused and kept without a byte of it being sent; the job's own limit only leaves out."""
        big, small = mail("g", "y" * 70 * 2000 + "\r\n"), mail("k")
        self.put("limite", big, small)
        target = self.proxy(self.target)
        line = compare.checked(self.target.login("limite").capability())[0].decode()
        target.capability = line + " APPENDLIMIT=100000"
        job = self.job(self.side("limite", target), workers=1)
        doc = self.ended(job.run(), 1)
        self.assertEqual(self.ledger(doc, "copied", "refused", "skipped"), (1, 1, 0))
        told = lib.problems(doc, "too-big") + lib.problems(doc, "message-refused")
        self.assertEqual([p["severity"] for p in told], ["error"])
        self.assertEqual([len(open(path, "rb").read()) for path in job.refused()], [len(big.data)])
        self.assertEqual(target.count("APPEND"), 1)
        planned = job.call("plan", "--json")
        self.assertIn("too-big", {p["code"] for p in lib.problems(planned.report)}, planned.tell())
        job = self.job(self.side("limite", target, max_size="90KB"), workers=1)
        doc = self.ended(job.run())
        self.assertEqual(self.ledger(doc, "already_there", "refused", "skipped"), (1, 0, 1))
        self.assertEqual(job.refused(), [])

    def test_rate(self):
        """limits, rate: no quicker than asked for, however many lanes and however large the mail, and all of it arrives."""
        folders = [corpus.Folder("INBOX.l%d" % n, [mail("l%d" % n, ("z" * 70 + "\r\n") * 16000)]) for n in range(4)]
        corpus.write_maildir(self.source, "lenta", folders)
        job = self.job(self.side("lenta"), workers=4, limits={"rate": "1MB/s", "give_up": "90s"})
        result = job.run("--no-verify")
        self.ended(result)
        self.assertGreater(result.seconds, 0.95 * sum(len(m.data) for f in folders for m in f.messages) / 1e6)
        self.same("lenta")

    def test_one_connection(self):
        for number, top in enumerate(({"limits": {"per_host_connections": 1}}, {"workers": 1}, {})):
            user = "una%d" % number
            self.fill(user, 30)
            more = {"connections": 1} if not top else {}
            job = self.job(lib.account(user, self.source, self.target, source_more=more, target_more=more), **top)
            self.ended(job.run(limit=60))
            self.same(user)


class Refusing(Base):
    target_options = {"max_mail_size": "100k"}

    def test_accepted_once(self):
        """What was accepted is a note from then on; the next mail of that kind is a status again, until it is accepted too."""
        self.put("ancora", mail("r1", "y" * 150000), mail("k"))
        job = self.of("ancora")
        self.ended(job.run(), 1)
        self.assertEqual(job.call("accept", "--refused").code, 0)
        for command, call in (("run", lambda: job.run()), ("verify", lambda: job.call("verify", "--json"))):
            result = call()
            self.assertEqual((result.code, result.report["exit"], result.report["command"]), (0, 0, command), result.tell())
            self.assertEqual(self.ledger(result.report, "copied", "refused"), (1, 1))
        self.source.login("ancora").append("INBOX", None, None, mail("r2", "q" * 150000).data)
        doc = self.ended(job.run(), 1)
        self.assertEqual(sorted(p["severity"] for p in lib.problems(doc) if p["code"] in ("message-refused", "too-big")), ["error", "note"])
        self.assertEqual(lib.only(doc)["next"], "decide")
        self.assertEqual(job.call("accept", "--refused").code, 0)
        self.assertEqual(job.run().code, 0)

    def test_names_stay_inside(self):
        """An account's name is no path."""
        self.put("fuori", mail("e", "y" * 150000))
        job = self.job(dict(self.side("fuori"), name="../../fuori"), workers=2)
        self.ended(job.run(), 1)
        self.assertEqual(len(job.refused()), 1)
        out = os.path.join(job.folder, "tolti")
        self.assertEqual(job.call("refused", "--export", out).code, 0)
        self.assertEqual(len(os.listdir(out)), 1)
        self.assertFalse(os.path.exists(os.path.join(os.path.dirname(job.folder), "fuori")))

    def test_retry_of_what_the_source_lost(self):
        """Queued again, but the source has it no more: the books close, and the kept file stays."""
        self.put("ritenta", mail("q", "y" * 150000), mail("k"))
        job = self.of("ritenta")
        self.ended(job.run(), 1)
        kept = [open(path, "rb").read() for path in job.refused()]
        self.assertEqual(len(kept), 1)
        self.remove(self.source, "ritenta", "1")
        self.assertEqual(job.call("refused", "--retry").code, 0)
        result = job.run()
        self.assertIn(result.code, (0, 1), result.tell())
        self.assertEqual(self.ledger(self.ended(result, result.code), "pending"), (0,))
        self.assertEqual([open(path, "rb").read() for path in job.refused()], kept)


class Private(Base):
    target_options = {"max_mail_size": "100k"}

    def test_modes(self):
        """0600 and 0700 whatever the umask says; the logs and reports have no body."""
        marker = "parola-del-corpo-9431"
        self.put("riservato", mail("z", marker + "\r\n" + marker), mail("zz", "y" * 150000 + marker))
        job = self.of("riservato")
        before = os.umask(0)
        try:
            self.ended(job.run("--log", os.path.join(job.folder, "l.log"), "--wire-log", os.path.join(job.folder, "w.log"), "-v"), 1)
            for form in ("json", "text", "csv"):
                self.assertEqual(job.call("report", "--" + form, os.path.join(job.folder, "r." + form)).code, 0)
            self.assertEqual(job.call("refused", "--export", os.path.join(job.folder, "via")).code, 0)
        finally:
            os.umask(before)
        seen = 0
        for top, folders, names in os.walk(job.folder):
            for name in folders + names:
                path = os.path.join(top, name)
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o700 if name in folders else 0o600, path)
                seen += 1
                if name.endswith((".log", ".csv", ".text", ".json")):
                    self.assertNotIn(marker, open(path, errors="replace").read(), path)
        self.assertGreater(seen, 8)


if __name__ == "__main__":
    lib.tail()
