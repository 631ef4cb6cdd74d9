#!/usr/bin/env python3
"""The pass by night (packaging/systemd): its status is the run's, and it stops its timer when every old mailbox may be closed."""
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import lib
import corpus

UNITS = os.path.join(lib.HERE, "..", "..", "packaging", "systemd")
DAY = 86400


class Nightly(lib.Case):
    def setUp(self):
        super().setUp()
        self.bin = tempfile.mkdtemp(prefix="bin-")
        self.addCleanup(shutil.rmtree, self.bin)
        os.symlink(lib.program(), os.path.join(self.bin, "trasloco"))
        self.called = os.path.join(self.bin, "called")
        with open(os.path.join(self.bin, "systemctl"), "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\necho "$@" >>"%s"\n' % self.called)
        os.chmod(file.name, 0o755)

    def night(self, job):
        """(status, what systemctl was told)"""
        with open(self.called, "w", encoding="utf-8"):
            pass
        done = subprocess.run([os.path.join(UNITS, "trasloco-nightly"), "x@y.timer"], cwd=job.folder, capture_output=True, text=True, timeout=lib.RUN_LIMIT,
                              env=lib.environment(PATH=self.bin + ":" + os.environ["PATH"]), check=False)
        with open(self.called, encoding="utf-8") as file:
            return done.returncode, file.read()

    def mailbox(self, user, age):
        text = b"From: a@b\r\nMessage-ID: <1.%s@x>\r\n\r\nx\r\n" % user.encode()
        corpus.write_maildir(self.source, user, [corpus.Folder("INBOX", [corpus.Message(text, int(time.time()) - age)])])
        return lib.account(user, self.source, self.target)

    def test_until_all_may_be_closed(self):
        quiet, busy = self.mailbox("quieta", 20 * DAY), self.mailbox("viva", DAY)
        self.assertEqual(self.night(self.job(quiet, busy)), (0, ""))
        self.assertEqual(self.night(self.job(quiet)), (0, "--user disable --now x@y.timer\n"))
        wrong = dict(quiet, name="rotta", source=dict(quiet["source"], password="no"))
        self.assertEqual(self.night(self.job(wrong)), (4, ""))

    def test_again_when_unfinished(self):
        with open(os.path.join(UNITS, "trasloco@.service"), encoding="utf-8") as file:
            self.assertIn("\nRestartForceExitStatus=3\n", file.read())     # and not for what wants a person: no Restart=

    def test_units_are_sound(self):
        if not shutil.which("systemd-analyze"):
            raise unittest.SkipTest("systemd-analyze is not installed")
        for name in ("trasloco@.service", "trasloco@.timer"):
            with open(os.path.join(UNITS, name), encoding="utf-8") as file:
                text = file.read().replace("/usr/libexec/trasloco", os.path.abspath(UNITS))
            with open(os.path.join(self.bin, name.replace("@", "@x")), "w", encoding="utf-8") as file:
                file.write(text)
        for name in ("trasloco@x.service", "trasloco@x.timer"):
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--user", os.path.join(self.bin, name)], capture_output=True, text=True, check=False,
                                  env=lib.environment(XDG_RUNTIME_DIR=self.bin))
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)


if __name__ == "__main__":
    lib.tail()
