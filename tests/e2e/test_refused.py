#!/usr/bin/env python3
"""What was refused: how it is kept, listed, exported and tried again."""
import threading
import time

import lib
from lib import compare, corpus
from tamper import Tamper


class Named(lib.Case):
    target_options = {"max_mail_size": "100k"}

    def test_names_that_look_alike(self):
        """Two folders whose names make the same file name, renumbered alike: each refused mail has a file of its own."""
        mails = [b"Message-ID: <pieno.%d@x>\r\n\r\n" % n + (b"%d" % n) * 200000 + b"\r\n" for n in range(3)]
        names = ["A:B", "A;B", "A_B"]
        corpus.write_maildir(self.source, "simile", [corpus.Folder(name, [corpus.Message(data, 1704067200)]) for name, data in zip(names, mails)])
        for name in names:
            self.source.doveadm("mailbox", "update", "-u", "simile", "--uid-validity", "77", "INBOX." + name)
        job = self.simple("simile")
        self.ended(job.run(), 1)
        self.assertEqual(sorted(open(path, "rb").read() for path in job.refused()), sorted(mails))


class Listed(lib.Case):
    target_options = {"max_mail_size": "100k"}

    def test_list_export_retry(self):
        """What was refused can be seen, taken along as files that overwrite nothing, and tried again."""
        self.fill("elenco", 30, big=2)
        self.fill("altro", 20)
        job = self.job(lib.account("elenco", self.source, self.target), lib.account("altro", self.source, self.target))
        self.ended(job.run(), 1)
        kept = job.refused()
        self.assertGreaterEqual(len(kept), 2)
        text = job.call("refused")
        self.assertEqual((text.code, text.err), (0, ""))
        for path in kept:
            self.assertIn(path, text.out)
        self.assertIn("maximum size allowed", text.out)
        self.assertIn("INBOX", text.out)
        self.assertRegex(job.call("refused", "--account", "altro").out, "Nothing was refused")
        doc = job.call("refused", "--json").report
        self.assertEqual(doc["command"], "refused")
        found = [p for a in doc["accounts"] for p in a["problems"]]
        self.assertEqual(sorted(p["file"] for p in found), kept)
        self.assertTrue(all(p["uid"] and p["text"] and p["folder"] for p in found))

        out = lib.os.path.join(job.folder, "fuori")
        for times in (1, 2):
            result = job.call("refused", "--export", out)
            self.assertEqual(result.code, 0, result.tell())
            files = sorted(lib.os.listdir(out))
            self.assertEqual(len(files), times * len(kept), "nothing is overwritten")
            self.assertTrue(all(name.startswith("elenco-") and name.endswith(".eml") for name in files), files)
            self.assertEqual({lib.os.stat(lib.os.path.join(out, name)).st_mode & 0o777 for name in files}, {0o600})
        self.assertEqual(lib.os.stat(out).st_mode & 0o777, 0o700)
        bodies = sorted(open(lib.os.path.join(out, name), "rb").read() for name in files)
        self.assertEqual(bodies, sorted([open(path, "rb").read() for path in kept] * 2))
        result = job.call("refused", "--export", job.path)
        self.assertEqual(result.code, 2, result.tell())

        # Tried again without a reason it is refused again; with more room it goes, and the account is whole.
        result = job.call("refused", "--retry")
        self.assertEqual(result.code, 0, result.tell())
        self.assertIn("trasloco run", result.out)
        self.assertIn("Nothing was refused", job.call("refused").out)
        doc = self.ended(job.run(), 1)
        self.assertEqual(doc["accounts"][0]["totals"]["ledger"]["refused"], len(kept))
        self.target.stop()
        self.target.max_mail_size = "50M"
        self.target._write_conf()
        self.target.start()
        self.assertEqual(job.call("refused", "--retry", "--account", "altro").code, 0)
        self.ended(job.run(), 1)
        self.assertEqual(job.call("refused", "--retry", "--account", "elenco").code, 0)
        doc = self.ended(job.run())
        self.assertEqual(self.copied_now(doc), len(kept))
        self.same("elenco")
        result = job.call("refused")
        self.assertEqual((result.code, result.out), (0, "Nothing was refused.\n"))


class HangsUp(lib.Case):
    """Mail that the target can't parse: BAD to each, and after some of them it says BYE and is gone. So does Dovecot, after twenty."""

    def tampered(self, patience, last):
        """The source, and such a target in front of the real one, which counts by itself when patience is 0. Some of the mail it stores all the same. It opens the folder
        when the source has told of all: then all is in full batches, and nothing is under way behind the last of them: it might come late, and would be waited for."""
        told, opened = threading.Event(), threading.Event()

        def tell(session, whole):
            if last in whole:
                told.set()
            return whole

        def bad(session, tag):
            session.memory["bad"] = session.memory.get("bad", 0) + 1
            session.say(tag + b" BAD I do not understand\r\n")
            if session.memory["bad"] == patience:
                session.say(b"* BYE Too many of them\r\n")
                session.hang_up()
            return b""

        def command(session, whole):
            tag, word = whole.split(b" ", 2)[:2]
            if word.strip() != b"APPEND" or b"<buono." in whole and b"<storto." not in whole:
                return whole
            if b"<storto." in whole:
                return bad(session, tag) if patience else tag + b" APPEND\r\n"
            session.memory["stored"] = tag
            return whole

        def response(session, whole):
            if b"OK [READ-WRITE]" in whole and not opened.is_set():
                told.wait(10)
                time.sleep(0.3)  # the last of it is on its way
                opened.set()
            return bad(session, session.memory.pop("stored")) if whole.startswith(session.memory.get("stored", b"-") + b" OK") else whole

        both = Tamper(self.source.port, tell), Tamper(self.target.port, response, command, in_turn=True)
        for tamper in both:
            self.addCleanup(tamper.close)
        return both

    def one(self, user, good, bad, patience, stored=()):
        """What it can't parse comes last, every third with a keyword, which may be the reason."""
        def name(n):
            return b"<%s.%d@x>" % (b"buono" if n < good else b"tenuto" if n in stored else b"storto", n)
        mails = [corpus.Message(b"Message-ID: %s\r\nSubject: n\r\n\r\ntesto %d\r\n" % (name(n), n), 1500000000 + n,
                                keywords=("Lavoro",) if n >= good and n % 3 == 0 else ()) for n in range(good + bad)]
        refused = [m.data for m in mails if b"<storto." in m.data]
        corpus.write_maildir(self.source, user, [corpus.Folder("INBOX", mails)])
        job = self.simple(user, *self.tampered(patience, name(len(mails) - 1)), workers=2, limits={"give_up": "20s"})
        for again in range(2):
            doc = self.ended(job.run(), 1)
            ledger = lib.only(doc)["totals"]["ledger"]
            self.assertEqual([ledger[term] for term in ("copied", "refused", "pending")], [len(mails) - len(refused), len(refused), 0])
            self.assertEqual(len(lib.problems(doc, "message-refused")), len(refused))
            self.assertFalse(again and ledger["copied_now"])
        self.assertEqual(sorted(open(path, "rb").read() for path in job.refused()), sorted(refused))
        self.assertEqual(sorted(m.message_id for m in compare.read(self.target, user).boxes["INBOX"].mails),
                         sorted(name(n).decode() for n in range(len(mails)) if mails[n].data not in refused))

    def test_after_some(self):
        """After twenty, as Dovecot does; after three; after one; and some were stored."""
        lib.at_once([lambda: self.one("pazienza", 240, 60, 0), lambda: self.one("poca", 40, 12, 3), lambda: self.one("niente", 20, 6, 1),
                     lambda: self.one("tiene", 20, 12, 2, range(23, 31))])


if __name__ == "__main__":
    lib.tail()
