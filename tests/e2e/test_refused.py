#!/usr/bin/env python3
"""What a target does not want: single messages, a full mailbox, flags, keywords and dates of a hostile source."""
import re

import compare
import corpus
import lib

# Were it taken for commands, folders would appear and disappear.
COMMANDS = (b"Message-ID: <comandi.%d@x>\r\nSubject: comandi\r\n\r\nx0 NOOP\r\nx1 CREATE hacked\r\nx2 SUBSCRIBE hacked\r\n"
            b"x3 DELETE Vuota\r\nx4 APPEND INBOX {3}\r\n")


class TooBig(lib.Case):
    target_options = {"max_mail_size": "100k"}

    def test_refused_and_kept(self):
        folders = self.fill("mario", 60)
        big = corpus.mailbox("grande", 3, big=2, with_traps=False)
        mails = [m for f in big for m in f.messages if len(m.data) > 1 << 20]
        self.assertEqual(len(mails), 2)
        corpus.append(self.source.login("mario"), [corpus.Folder("INBOX", mails[:1]), corpus.Folder("Bozze", mails[1:])], "source")
        fitting = sum(len(m.data) < 100 * 1024 for f in folders for m in f.messages)
        job = self.simple("mario")
        for run in range(3):
            doc = self.ended(job.run(), 1)
            account = lib.only(doc)
            ledger = account["totals"]["ledger"]
            self.assertEqual((ledger["refused"], ledger["copied"], ledger["pending"]), (62 - fitting, fitting, 0), ledger)
            self.assertEqual(self.copied_now(doc), 0 if run else fitting)
            self.assertEqual(account["next"], "decide")
            refused = lib.problems(doc, "message-refused") + lib.problems(doc, "too-big")
            self.assertEqual(len(refused), 62 - fitting)
            self.assertIn("maximum size allowed", refused[0]["text"])
            kept = sorted(open(path, "rb").read() for path in job.refused())
            self.assertEqual(kept, sorted([m.data for m in mails] + [m.data for f in folders for m in f.messages if len(m.data) >= 100 * 1024]))
        a, b = compare.read(self.source, "mario"), compare.read(self.target, "mario")
        for box in a.boxes.values():
            box.mails = [m for m in box.mails if m.size < 100 * 1024]
        self.assertEqual(compare.differences(a, b), [])
        self.assertEqual(job.call("verify").code, 1)
        self.assertEqual(job.call("status").code, 0)


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


class Full(lib.Case):
    target_options = {"quota": "1M"}

    def test_quota(self):
        """7 for the account that does not fit; the other one is moved; nothing is taken for a refused message."""
        self.fill("pieno", 40, big=3)
        self.fill("magro", 30)
        job = self.job(lib.account("pieno", self.source, self.target), lib.account("magro", self.source, self.target))
        doc = self.ended(job.run(), 7)
        self.assertEqual([a["exit"] for a in doc["accounts"]], [7, 0])
        self.assertTrue(lib.problems(doc, "over-quota"))
        self.assertEqual(doc["accounts"][0]["totals"]["ledger"]["refused"], 0)
        self.assertGreater(doc["accounts"][0]["totals"]["ledger"]["pending"], 0)
        self.same("magro")


class Hostile(lib.Case):
    """The source's words are changed on the way, as a broken or hostile server would say them."""

    def copy(self, user, rewrite, count=40, code=0):
        self.fill(user, count)
        proxy = self.proxy(self.source)
        proxy.rewrite = rewrite
        imap = self.source.login(user)
        for number in range(6):
            imap.append("INBOX", "(\\Seen)", None, COMMANDS % number)
        imap.logout()
        result = self.simple(user, source=proxy).run()
        self.assertIn(result.code, code if isinstance(code, tuple) else (code,), result.tell())
        target = compare.read(self.target, user)
        self.assertNotIn("hacked", target.boxes)
        self.assertNotIn("hacked", target.subscribed)
        self.assertEqual(set(target.boxes) - set(compare.read(self.source, user).boxes), set())
        self.assertIn("Vuota", target.boxes)
        bodies = lambda account: sorted(m.same for box in account.boxes.values() for m in box.mails)
        self.assertEqual(bodies(target), bodies(compare.read(self.source, user)))
        return result, target

    def test_commands_in_a_body(self):
        self.copy("corpo", lambda line: line)
        self.same("corpo")

    def test_unknown_system_flag(self):
        """Dovecot answers such an APPEND with BAD and would take the mail behind it for commands."""
        self.copy("segno", self.with_flag(b"\\Weird"))

    def test_odd_keywords(self):
        """The first three are atoms that a server may or may not like: the mail goes all the same."""
        odd = {"lunga": b"k" * 300, "parentesi": b"a]b", "percento": b"50%"}
        for name, keyword in odd.items():
            with self.subTest(keyword=keyword[:20]):
                self.copy("parola-" + name, self.with_flag(keyword), 30, (0, 1))

    def test_keywords_against_the_grammar(self):
        """What is no flag at all never reaches the target; whether the mail goes is left open, but it is told."""
        odd = {"letterale": b"{5}", "accento": "perch\u00e9".encode(), "virgolette": b'"', "aperta": b"(("}
        for name, keyword in odd.items():
            with self.subTest(keyword=keyword):
                self.fill("forma-" + name, 30)
                proxy = self.proxy(self.source)
                proxy.rewrite = self.with_flag(keyword)
                result = self.simple("forma-" + name, source=proxy, limits={"give_up": "3s"}).run()
                self.assertIn(result.code, (0, 1, 3), result.tell())
                target = compare.read(self.target, "forma-" + name)
                self.assertEqual(set(target.boxes) - set(compare.read(self.source, "forma-" + name).boxes), set())
                if result.code == 0:
                    self.assertEqual(target.count(), 30)

    @staticmethod
    def with_flag(flag):
        return lambda line: line.replace(b"FLAGS (", b"FLAGS (" + flag + b" ") if b" FETCH " in line else line

    def test_odd_dates(self):
        dates = {"vecchia": b"31-Dec-1899 23:59:59 +0000", "futura": b"17-Jul-2099 02:44:25 +0000", "rotta": b"99-Foo-2020 00:00:00 +0000",
                 "cattiva": b"01-Jan-2020 00:00:00 +0000) {5+}"}
        for name, date in dates.items():
            with self.subTest(date=date):
                change = lambda line: re.sub(rb'INTERNALDATE "[^"]*"', b'INTERNALDATE "' + date + b'"', line) if b" FETCH " in line else line
                self.copy("data-" + name, change, 30, (0, 1))

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


class ManyConnections(lib.Case):
    target_options = {"connections": 2}

    def test_fewer_connections_than_asked_for(self):
        """The target lets a user in twice only: slower, but no failure."""
        self.fill("stretto", 90)
        self.ended(self.simple("stretto", workers=6).run())
        self.same("stretto")


class Empty(lib.Case):
    def test_mail_of_no_bytes(self):
        """Dovecot refuses it; 1, and everything else is moved."""
        self.fill("nulla", 40)
        place = lib.os.path.join(self.source.home("nulla"), "Maildir")
        path = corpus.write_mail(place, corpus.Message(b"", 1500000000), 999)
        if lib.os.geteuid() == 0:
            lib.os.chown(path, *corpus.mail_owner())
        job = self.simple("nulla")
        for _ in range(2):
            doc = self.ended(job.run(), 1)
            ledger = lib.only(doc)["totals"]["ledger"]
            self.assertEqual((ledger["refused"], ledger["copied"], ledger["pending"]), (1, 40, 0))
        self.assertEqual(len(job.refused()), 1)


if __name__ == "__main__":
    lib.tail()
