#!/usr/bin/env python3
"""What stands on standard error while a run is at work: the bar on a screen, plain lines elsewhere, events for programs; and that nobody who fails to read it
keeps a run from its end."""
import fcntl
import json
import os
import re
import signal
import subprocess
import unittest

import lib
import screen

COUNT = 150
SLOW = 40000            # bytes a second and connection: with COUNT messages a quarter of a minute
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
LONG = "casella di posta dal nome così lungo che da nessuna parte c'è posto"
WIDE = "日本語の郵便箱です"


def open_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Progress(lib.Case):
    def slow_job(self, *users, rate=SLOW, names=(), **top):
        """A job whose target is slow until proxy.rate is 0."""
        proxy = self.proxy(self.target)
        proxy.rate = rate
        accounts = []
        for number, user in enumerate(users):
            self.fill(user, COUNT)
            accounts.append(lib.account(user, self.source, proxy))
            accounts[-1]["name"] = names[number] if number < len(names) else user
        return self.job(*accounts, **top), proxy

    def on_screen(self, job, *options, command="run", **more):
        running = screen.OnScreen(job, command, *options, **more)
        self.addCleanup(running.close)
        return running

    def at_work(self, count):
        """So many accounts have arrived mail, and the total has a rate."""
        return lambda s: len(re.findall(r"arrived", s.text())) >= count and "/s" in s.text()

    # ---- the bar ----

    def test_bar_on_a_screen_that_shrinks(self):
        job, proxy = self.slow_job("barra1", "barra2", names=(LONG, WIDE), rate=SLOW // 2)
        run = self.on_screen(job, "--json")
        run.until(self.at_work(2))
        lines = run.screen.shown()
        self.assertEqual(len(lines), 3, lines)
        self.assertRegex(lines[0], r"^casella di posta.*… +\d+ %  [\d,]+ of 150 arrived, \d+ checked$")
        self.assertRegex(lines[1], "^" + WIDE + r" +\d+ %  \d+ of 150 arrived")
        self.assertRegex(lines[2], r"^total +\d+ %  \d+ of 300  .*/s")
        self.assertNotIn("left", lines[2])      # nobody knows yet
        self.assertTrue(run.screen.colours)
        self.assertEqual(run.screen.row, 3)     # the cursor rests below
        run.until(lambda s: re.search(r"(about \d+ min|less than a minute) left", s.text()))
        self.assertEqual(run.screen.overflows, 0)
        self.assertLess(run.widest, 80)
        run.resize(40, 10)
        run.until(lambda s: len(s.shown()) == 3)
        run.most = run.widest = 0
        before = run.raw
        run.until(lambda s: run.raw != before)
        self.assertEqual(len(run.screen.shown()), 3, run.screen.text())
        run.resize(20, 8)
        run.until(lambda s: len(s.shown()) == 3 and max(map(screen.width, s.shown())) < 20)
        self.assertRegex(run.screen.shown()[0], r"^casel… +\d+ %$")
        run.resize(100, 30)
        run.until(lambda s: len(s.shown()) == 3 and "[" in s.text())
        self.assertEqual(run.screen.overflows, 0)
        proxy.rate = 0
        self.assertEqual(run.end(), 0, run.out)
        self.assertEqual(run.screen.shown(), [])
        self.assertEqual(run.screen.overflows, 0)
        self.assertEqual(json.loads(run.out)["exit"], 0)
        self.same("barra1")
        self.same("barra2")

    def test_receipt_after_the_bar(self):
        job, proxy = self.slow_job("ricevuta")
        run = self.on_screen(job, both=True, NO_COLOR="1")
        run.until(self.at_work(1))
        self.assertEqual(run.screen.colours, 0)
        proxy.rate = 0
        self.assertEqual(run.end(), 0, run.raw)
        self.assertTrue(run.screen.lines[0].startswith("ricevuta: "), run.screen.text())
        self.assertNotRegex(run.screen.text(), r"total  |\d %")

    def test_log_lines_stand_above_it(self):
        """The second account is refused after three seconds, while the first is at work and the bar is on the screen."""
        job, proxy = self.slow_job("registro")
        job.write(job.accounts + [lib.account("nessuno", self.source, self.target, source_more={"password": "falsa"})])
        run = self.on_screen(job, "--json", "-v", columns=1000)
        run.until(lambda s: s.text().count("[login]") == 2)
        run.until(self.at_work(1))
        lines = run.screen.shown()
        self.assertTrue(lines[-2].startswith("registro ") and lines[-1].startswith("total "), lines)
        proxy.rate = 0
        self.assertEqual(run.end(), 4, run.out)
        for line in run.screen.shown():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT[\d:]+Z \S")

    def test_interrupted(self):
        job, proxy = self.slow_job("fermata")
        run = self.on_screen(job, "--json")
        run.until(self.at_work(1))
        run.process.send_signal(signal.SIGINT)
        proxy.rate = 0
        self.assertEqual(run.end(), 130, run.out)
        self.assertEqual(run.screen.shown(), [])

    def test_stopped_and_continued(self):
        """After Ctrl-Z and fg the shell's own lines stand below the old picture: they are left alone."""
        job, proxy = self.slow_job("pausa")
        run = self.on_screen(job, "--json")
        run.until(self.at_work(1))
        run.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, run.process.pid, os.WSTOPPED)
        while run.more():
            pass
        run.screen.feed("[1]+  Stopped\r\n$ fg\r\n")
        run.process.send_signal(signal.SIGCONT)
        run.until(lambda s: s.text().count("total") == 2)
        proxy.rate = 0
        self.assertEqual(run.end(), 0, run.out)
        lines = run.screen.shown()
        self.assertEqual(lines[-2:], ["[1]+  Stopped", "$ fg"])
        self.assertEqual(len(lines), 4, lines)

    # ---- plain lines ----

    def plain(self, text, user):
        self.assertNotIn("\x1b", text)
        self.assertRegex(text, r"(?m)^\d+ s: \d+ of 150 arrived, \d+ checked \(\d+ %\), [\d.]+ (kB|bytes)")
        self.assertRegex(text, r"(?m)^%s: done \(150 of 150 arrived, 150 checked\)$" % user)

    def test_dumb_terminal(self):
        job, proxy = self.slow_job("stupida")
        run = self.on_screen(job, "--json", "--progress", "bar", TERM="dumb")
        run.until(lambda s: "of 150 arrived" in s.text())
        proxy.rate = 0
        self.assertEqual(run.end(), 0, run.out)
        self.plain(run.raw.replace("\r\n", "\n"), "stupida")

    def test_pipe_and_file(self):
        job, proxy = self.slow_job("tubo")
        path = os.path.join(job.folder, "err")
        with open(path, "w+b") as file:
            run = subprocess.Popen([lib.program(), "run", job.path, "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=file,
                                   env=lib.environment(TERM="xterm"))
            lib.wait_for(lambda: os.path.getsize(path) > 0)
            proxy.rate = 0
            out, _ = run.communicate(timeout=60)
            file.seek(0)
            self.assertEqual(run.returncode, 0, out)
            self.plain(file.read().decode(), "tubo")
        result = job.run("--progress", "none")
        self.assertEqual((result.code, result.err), (0, ""))
        result = job.run("-q", "--progress", "json")
        self.assertEqual((result.code, result.err), (0, ""))
        result = job.call("verify", "--json")
        self.assertEqual(result.err.splitlines()[-1], "tubo: done (150 of 150 checked)")

    # ---- events ----

    def events(self, text):
        events = [json.loads(line) for line in text.splitlines()]
        for event in events:
            self.assertRegex(event["time"], TIME)
        self.assertEqual([events[0]["event"], events[-1]["event"]], ["start", "end"])
        self.assertLessEqual({e["event"] for e in events}, {"start", "account", "folder", "progress", "problem", "end"})
        return events

    def test_events(self):
        folders = self.fill("eventi", COUNT)
        job, proxy = self.slow_job("eventi")
        job.write(job.accounts + [lib.account("nessuno", self.source, self.target, source_more={"password": "falsa"})])
        path = os.path.join(job.folder, "events")
        with open(path, "w+", encoding="utf-8") as file:
            process = subprocess.Popen([lib.program(), "run", job.path, "--json", "--progress", "json"], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=file, text=True, env=lib.environment())
            told = re.compile(r'"event":"progress","time":"[^"]*","listed":150,"messages":[1-9]')    # of all accounts
            lib.wait_for(lambda: len(told.findall(open_text(path))) >= 2)
            proxy.rate = 0
            out, _ = process.communicate(timeout=60)
        result = lib.Result(process.returncode, out, open_text(path), 0)
        self.ended(result, 4)
        events = self.events(result.err)
        of = lambda name, **more: [e for e in events if e["event"] == name and all(e.get(k) == v for k, v in more.items())]   # noqa: E731
        self.assertEqual([of("start")[0][k] for k in ("command", "accounts")], ["run", 2])
        stages = [e["stage"] for e in of("account", account="eventi")]
        self.assertEqual(stages[-1], "ended")
        self.assertIn("at-work", stages)
        ended = of("account", account="eventi", stage="ended")[0]
        self.assertEqual([ended[k] for k in ("exit", "listed", "messages", "checked", "there")], [0, COUNT, COUNT, COUNT, 0])
        self.assertEqual(of("account", account="nessuno", stage="ended")[0]["exit"], 4)
        refused = of("problem", account="nessuno")
        self.assertEqual([refused[0][k] for k in ("code", "severity", "side")], ["login-refused", "error", "source"])
        self.assertTrue(refused[0]["text"] and refused[0]["hint"])
        # each folder begins, then is through
        for folder in folders:
            told = [e["done"] for e in of("folder", account="eventi") if e["target"].replace(".", "/").endswith(folder.name.split("/")[-1])]
            self.assertEqual([told[:1], told[-1:]], [[False], [True]], folder.name)
        told = [e for e in of("progress") if "account" not in e]
        self.assertGreater(len(told), 1)
        for one, two in zip(told, told[1:]):
            for key in ("listed", "messages", "bytes", "checked", "there"):
                self.assertLessEqual(one[key], two[key])
        self.assertTrue(all(0 <= e["share"] <= 1 for e in told if "share" in e))
        self.assertTrue(of("progress", account="eventi"))
        end = of("end")[0]
        self.assertEqual([end[k] for k in ("exit", "messages", "checked", "accounts", "accounts_done")], [4, COUNT, COUNT, 2, 2])
        # the password is in no event
        self.assertNotIn("falsa", result.err)

    # ---- nobody reads ----

    def without_reader(self, user, start, *options):
        self.fill(user, COUNT)
        job = self.simple(user)
        process = start(job, *options)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, out)
        self.assertEqual(json.loads(out)["exit"], 0)
        self.same(user)

    def test_standard_error_is_closed(self):
        """Its number must not become that of a file or a connection that is opened later: our words would go there."""
        for user, closed in (("chiuso", "2>&-"), ("chiusi", "2>&- <&-")):
            logs = []

            def start(job, *options, closed=closed, logs=logs):
                logs.append(os.path.join(job.folder, "log"))
                options += ("--log", logs[0])
                return subprocess.Popen(["sh", "-c", 'exec "$0" run "$@" ' + closed, lib.program(), job.path, "--json", *options],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=lib.environment())
            self.without_reader(user, start, "--progress", "json", "-v")
            with open(logs[0], encoding="utf-8") as log:
                for line in log:
                    self.assertRegex(line, r"^\d{4}-\d\d-\d\dT[\d:]+Z \S")

    def test_reader_is_gone(self):
        def start(job, *options):
            reader, writer = os.pipe()
            os.close(reader)
            process = subprocess.Popen([lib.program(), "run", job.path, "--json", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=writer, env=lib.environment())
            os.close(writer)
            return process
        self.without_reader("andato", start, "--progress", "json")

    def test_reader_does_not_read(self):
        """The pipe is full from the start, and stays so."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        os.write(writer, b"x" * 4096)

        def start(job, *options):
            return subprocess.Popen([lib.program(), "run", job.path, "--json", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=writer, env=lib.environment())
        self.without_reader("sordo", start, "--progress", "json")

    def test_disk_is_full(self):
        def start(job, *options):
            with open("/dev/full", "wb") as full:
                return subprocess.Popen([lib.program(), "run", job.path, "--json", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=full, env=lib.environment())
        self.without_reader("pieno", start, "--progress", "plain")


class Model(unittest.TestCase):
    """The screen itself: a test that sees nothing would praise everything."""

    def test_it_sees(self):
        s = screen.Screen(10, 4)
        s.feed("abc\r\ndef\r\n\x1b[2AX\x1b[K\r\n")
        self.assertEqual(s.shown(), ["X", "def"])
        s.feed("\x1b[J0123456789ab")
        self.assertEqual((s.shown(), s.overflows), (["X", "0123456789", "ab"], 1))
        s.feed("\r\n1\r\n2\r\n3\x1b[9A\r\x1b[J")
        self.assertEqual(s.shown(), ["X", "0123456789"])
        s = screen.Screen(10, 4)
        s.feed("\x1b[?7l0123456789ab\x1b[?7h\r\n")
        self.assertEqual((s.shown(), s.overflows), (["0123456789"], 2))
        s.resize(4, 4)
        self.assertEqual((s.shown(), s.row), (["0123", "4567", "89"], 3))
        with self.assertRaises(AssertionError):
            s.feed("\x1b[5;1H")


if __name__ == "__main__":
    lib.tail()
