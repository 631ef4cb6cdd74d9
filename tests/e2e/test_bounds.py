#!/usr/bin/env python3
"""Memory is bounded by a constant, not by the mailbox. Sanitizers need memory of their own, so such builds are skipped.

TRASLOCO_TEST_MESSAGES says how many small messages there are (default 20000; 200000 takes minutes).
"""
import os
import subprocess
import time
import unittest

import compare
import corpus
import lib
from hostile import Hostile, mail
from memory import high_water, sanitized

LIMIT_KB = 48 << 10
MESSAGES = int(os.environ.get("TRASLOCO_TEST_MESSAGES", "20000"))


class Bounds(lib.Case):
    alone = True

    def setUp(self):
        if sanitized(lib.program()):
            raise unittest.SkipTest("a build with a sanitizer")

    def watched(self, job, command):
        """Runs it with eight workers: its Result, and the most memory it had, in KB."""
        out, err = os.path.join(job.folder, "out"), os.path.join(job.folder, "err")
        peak = 0
        with open(out, "wb") as stdout, open(err, "wb") as stderr:
            process = subprocess.Popen([lib.program(), command, job.path, "--json", "--workers", "8"], stdin=subprocess.DEVNULL,
                                       stdout=stdout, stderr=stderr, env=lib.environment())
        began = time.monotonic()
        while process.poll() is None:  # the kernel's own high-water mark; ru_maxrss would count this process before the exec
            peak = max(peak, high_water(process.pid))
            time.sleep(0.02)
        seconds = time.monotonic() - began
        self.assertGreater(peak, 1000)
        print("%s: peak %d KB, %.1f s" % (command, peak, seconds))
        with open(out) as stdout, open(err) as stderr:
            return lib.Result(process.returncode, stdout.read(), stderr.read(), seconds), peak

    def measured(self, job, code=0):
        """code: what it ends with."""
        result, peak = self.watched(job, "run")
        self.ended(result, code)
        return peak

    def test_many_small(self):
        mails = [corpus.Message(b"Message-ID: <%d@x>\r\nSubject: n %d\r\n\r\n%s\r\n" % (n, n, b"x" * 500), 1400000000 + n)
                 for n in range(MESSAGES)]
        corpus.write_maildir(self.source, "tanti", [corpus.Folder("INBOX", mails[:MESSAGES // 2]),
                                                    corpus.Folder("Archivio", mails[MESSAGES // 2:])])
        job = self.simple("tanti")
        plan, peak = self.watched(job, "plan")
        self.assertEqual((plan.code, lib.only(plan.report)["totals"]["ledger"]["pending"]), (0, MESSAGES), plan.tell())
        self.assertLess(peak, LIMIT_KB)
        self.assertLess(plan.seconds, max(5, MESSAGES / 10000))     # 50,000 in 5 s
        self.assertLess(self.measured(job), LIMIT_KB)
        imap = self.target.login("tanti")
        self.assertEqual(compare.held(imap), MESSAGES)
        imap.logout()
        self.assertLess(self.measured(job), LIMIT_KB)

    def test_one_of_150_mb(self):
        line = b"0123456789abcdef" * 4 + b"\r\n"
        mail = corpus.Message(b"Message-ID: <grande@x>\r\nSubject: grande\r\n\r\n" + line * ((150 << 20) // len(line)), 1400000000)
        corpus.write_maildir(self.source, "grande", [corpus.Folder("INBOX", [mail])])
        self.assertLess(self.measured(self.simple("grande")), LIMIT_KB)
        self.same("grande")

    def test_many_attachments(self):
        self.fill("allegati", 200, big=12)
        self.assertLess(self.measured(self.simple("allegati")), LIMIT_KB)
        self.same("allegati")

    def test_many_unreadable(self):
        """Of each there is a problem, in the state and in the report."""
        def fetch(peer, tag, rest):
            if "BODY.PEEK" in rest:
                peer.send("%s OK nothing\r\n" % tag)
            else:
                peer.plain(tag, "FETCH", rest)
        with Hostile({"INBOX": [mail(n) for n in range(20000)]}, {"FETCH": fetch}) as source, Hostile({"INBOX": []}) as target:
            self.assertLess(self.measured(self.job(lib.account("illeggibili", source, target, source_more={"timeout": "60s"})), 1), LIMIT_KB)


if __name__ == "__main__":
    lib.tail()
