#!/usr/bin/env python3
"""Verification reads both servers anew: what a server drops, doubles, cuts, changes, dates or flags otherwise is found."""
import os
import re
import unittest

import compare
import corpus
import lib
from proxy import Command, change_literals


def body_changed(mail):
    """Another letter in the body; the header and the size stay."""
    head, blank, body = mail.partition(b"\r\n\r\n")
    return head + blank + body.replace(b"o", b"0")


def cut(mail):
    """The last part of a longer mail is missing."""
    return mail[:-200] if len(mail) > 2000 else mail


class InFlight(lib.Case):
    """The target says OK and does something else with what it gets."""

    def through(self, user, fault, *options, count=60, **top):
        self.fill(user, count)
        proxy = self.proxy(self.target)
        proxy.add(fault)
        job = self.simple(user, target=proxy, **top)
        return job, job.run(*options), proxy

    def every_append(self, change):
        return Command("APPEND", do=lambda whole: change(whole), times=None)

    def verified(self, doc, key):
        return sum(f["verified"][key] for f in lib.only(doc)["folders"] if f["verified"])

    def test_truncated(self):
        _, result, _ = self.through("corto", self.every_append(lambda whole: change_literals(whole, cut)))
        harmed = sum(len(m.data) > 2000 for f in corpus.mailbox("corto", 60) for m in f.messages)
        doc = self.ended(result, 1)
        self.assertEqual(self.verified(doc, "altered"), harmed)
        self.assertEqual(len(lib.problems(doc, "message-altered")), harmed)

    def test_one_truncated(self):
        job, result, _ = self.through("uno", Command("APPEND", nth=2, do=lambda whole: change_literals(whole, cut)))
        a, b = compare.read(self.source, "uno"), compare.read(self.target, "uno")
        harmed = sum(len(compare.surplus(box.mails, b.boxes[n].mails, lambda m: m.same)) for n, box in a.boxes.items())
        if not harmed:
            raise unittest.SkipTest("the second append had no long mail")
        self.assertEqual(self.verified(self.ended(result, 1), "altered"), harmed)
        self.assertEqual(self.verified(self.ended(job.call("verify", "--json"), 1, "verify"), "altered"), harmed)

    def test_altered_everywhere(self):
        """The sample of a standard verification finds what a server does to all mails."""
        _, result, _ = self.through("tutto", self.every_append(lambda whole: change_literals(whole, body_changed)), count=90)
        doc = self.ended(result, 1)
        self.assertGreater(self.verified(doc, "altered"), 0)
        self.assertTrue(lib.problems(doc, "message-altered"))

    def test_altered_deep(self):
        """One mail of many: deep finds it."""
        done = []

        def once(mail):
            if done or len(mail) < 1500 or b"trap." in mail:
                return mail
            done.append(re.search(rb"Message-ID: (\S+)", mail).group(1).decode())
            return body_changed(mail)
        _, result, _ = self.through("profondo", self.every_append(lambda whole: change_literals(whole, once)), count=90, verify="deep")
        doc = self.ended(result, 1)
        self.assertEqual(self.verified(doc, "altered"), 1)
        self.assertIn(done[0].strip("<>"), self.named("profondo", lib.problems(doc, "message-altered")[0]))
        self.assertTrue(all(f["verified"]["tier"] == "deep" for f in lib.only(doc)["folders"] if f["verified"]))

    def test_header_altered_everywhere(self):
        """Subjects are another: header digests differ, so nothing passes as identical."""
        change = lambda mail: re.sub(rb"(?m)^Subject: ", b"Subject: X", mail, count=1)
        _, result, _ = self.through("titolo", self.every_append(lambda whole: change_literals(whole, change)), count=40)
        self.assertIn(result.code, (1, 3), result.tell())
        self.assertEqual(self.verified(result.report, "identical") + self.verified(result.report, "rewritten") > 5, False, result.tell())

    def test_redated(self):
        change = lambda whole: re.sub(rb'"[ \d]\d-\w{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}"', b'"02-Feb-2002 02:02:02 +0000"', whole, count=1)
        job, result, _ = self.through("data", Command("APPEND", nth=1, do=change))
        a, b = compare.read(self.source, "data"), compare.read(self.target, "data")
        self.assertTrue(any("re-dated" in line for line in compare.differences(a, b)))
        told = [p for p in result.report["accounts"][0]["problems"] if p.get("uid") and p["code"] != "not-moved"]
        self.assertTrue(told, result.tell())
        self.assertIn(result.code, (0, 1))

    def test_unflagged(self):
        """A target that forgets the flags: set again where verification has seen the mail, or told."""
        change = lambda whole: re.sub(rb' \((\\|\$|\w)[^)]*\) (")', rb" () \2", whole)
        job, result, _ = self.through("bandiera", self.every_append(change))
        a, b = compare.read(self.source, "bandiera"), compare.read(self.target, "bandiera")
        if compare.differences(a, b):
            told = [p for p in result.report["accounts"][0]["problems"] if p.get("uid") and p["code"] != "not-moved"]
            self.assertTrue(told, result.tell())
        else:
            self.ended(result)


class Afterwards(lib.Case):
    """A good copy, then somebody touches the target; `verify` tells and changes neither side."""

    target_kind = "maildir-target"

    def copied(self, user, *options, count=60):
        self.fill(user, count)
        job = self.simple(user)
        self.ended(job.run(*options))
        return job, self.target.login(user)

    def verify(self, job, user, code, *options):
        before = compare.read(self.target, user)
        doc = self.ended(job.call("verify", "--json", *options), code, "verify")
        after = compare.read(self.target, user)
        self.assertEqual((compare.differences(before, after), before.uidnexts()), ([], after.uidnexts()))
        return {key: sum(f["verified"][key] for f in lib.only(doc)["folders"] if f["verified"])
                for key in ("identical", "rewritten", "altered", "missing", "gone", "doubled", "target_only")}, doc

    def expunge(self, imap, uids):
        imap.uid("STORE", uids, "+FLAGS", "(\\Deleted)")
        imap.expunge()

    def test_all_is_well(self):
        job, _ = self.copied("bene")
        for options in ([], ["--deep"]):
            told, _ = self.verify(job, "bene", 0, *options)
            self.assertEqual((told["identical"] + told["rewritten"], told["altered"], told["missing"], told["doubled"]), (60, 0, 0, 0))

    def test_missing(self):
        """Gone before any verification has seen it: that is a loss."""
        job, imap = self.copied("persa", "--no-verify")
        imap.select("INBOX")
        self.expunge(imap, "2:3")
        told, doc = self.verify(job, "persa", 1)
        self.assertEqual((told["missing"], told["gone"]), (2, 0))
        self.assertTrue(lib.problems(doc, "message-missing"))
        self.ended(job.run())
        self.same("persa")

    def test_doubled(self):
        job, imap = self.copied("copia")
        imap.select("INBOX")
        meta, data = imap.uid("FETCH", "30", "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")[1][0]
        mail = compare.parse(meta + b" UID 30", data)
        imap.append("INBOX", "(%s)" % " ".join(mail.flags), re.search(r'"[^"]*"', meta.decode()).group(), data)
        told, doc = self.verify(job, "copia", 1)
        self.assertEqual((told["doubled"], told["target_only"]), (1, 0))
        self.assertTrue(lib.problems(doc, "message-doubled"))

    def test_altered_in_place(self):
        """The file is changed behind the server, size and header as before: deep finds it, and names it."""
        job, _ = self.copied("byte")
        place = os.path.join(self.target.home("byte"), "Maildir", ".Posta inviata", "cur")
        name = max(os.listdir(place), key=lambda n: os.stat(os.path.join(place, n)).st_size)
        path = os.path.join(place, name)
        stat = os.stat(path)
        with open(path, "rb") as file:
            data = file.read()
        with open(path, "r+b") as file:
            file.seek(len(data) - 20)
            file.write(bytes([data[-20] ^ 1]))
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        told, doc = self.verify(job, "byte", 1, "--deep")
        self.assertEqual(told["altered"], 1)
        named = self.named("byte", lib.problems(doc, "message-altered")[0])
        self.assertTrue(named and named.encode() in data, named)
        # What bytes have told is not taken back because size and Message-ID are right.
        told, _ = self.verify(job, "byte", 1)
        self.assertEqual(told["altered"], 1)
        self.ended(job.run(), 1)

    def test_flags_of_the_owner(self):
        """Flags that others set at the target are no difference."""
        job, imap = self.copied("lette")
        imap.select("INBOX")
        imap.uid("STORE", "1:9", "+FLAGS", "(\\Seen \\Flagged Mio)")
        self.verify(job, "lette", 0)

    def test_never_run(self):
        """Nothing is in the state yet: no crash, and not a word of success."""
        self.fill("mai", 30)
        result = self.simple("mai").call("verify", "--json")
        self.assertNotIn(result.code, (0, 70), result.tell())


if __name__ == "__main__":
    lib.tail()
