#!/usr/bin/env python3
"""The commands around the move: what the command line takes, their help, accept, status --follow, notify, --failed-only, logs."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import stat
import struct
import subprocess
import tempfile
import termios
import unittest

import lib

COMMANDS = ["init", "login", "check", "plan", "run", "verify", "status", "report", "refused", "accept", "providers", "schema"]

# arguments -> what the one line says
WRONG = [
    ("", "say what to do"),
    ("runn", "did you mean `run`"),
    ("frobnicate", "no command `frobnicate`"),
    ("--json run", "command comes first"),
    ("run --depe", "did you mean --deep"),
    ("run --acount x", "did you mean --account"),
    ("run --deep", "--deep belongs to `verify`, not to `run`.*verify: deep"),
    ("verify --no-verify", "--no-verify belongs to `run`"),
    ("status --workers 3", "--workers belongs to"),
    ("report --follow --json -", "--follow belongs to `status`"),
    ("run --follow", "--follow belongs to `status`"),
    ("login --json", "--json belongs to"),
    ("run --retry", "--retry belongs to `refused`"),
    ("run --workers 0", "1 to 64"), ("run --workers 65", "1 to 64"), ("run --workers 4x", "1 to 64"), ("run --workers -1", "1 to 64"),
    ("run --progress loud", "auto, bar, plain, json or none"),
    ("run --lang de", "it or en"),
    ("run --log=", "empty value"),
    ("report --json - --of all", "plan, run or verify"),
    ("run --json=x", "takes no value"),
    ("run --account", "value is missing after --account"),
    ("run -z", "unknown option -z"),
    ("run -o x", "belongs to `plan`"),
    ("plan --plan x", "belongs to `run`"),
    ("plan -o - --json", "standard output"),
    ("run --dry-run --plan x", "do not go together"),
    ("run a b", "what is this: b"),
    ("schema x", "takes no file"),
    ("report", "--html FILE, --json FILE"),
    ("accept", "--refused"),
    ("status --follow --json", "do not go together"),
    ("run --failed-only --account x", "do not go together"),
    # not built yet: by name
    ("check --domain", "not in this version yet: check --domain"),
]


def call(*words, cwd="/", **env):
    done = subprocess.run([lib.program(), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, cwd=cwd, env=lib.environment(**env))
    return lib.Result(done.returncode, done.stdout, done.stderr, 0)


class Line(unittest.TestCase):
    def test_wrong_lines(self):
        for words, said in WRONG:
            with self.subTest(words=words):
                result = call(*words.split())
                self.assertEqual((result.code, result.out), (2, ""), result.tell())
                first = result.err.splitlines()[0]
                self.assertRegex(first, "^trasloco: ")
                self.assertRegex(first, said)
                self.assertLessEqual(len(result.err.splitlines()), 2, result.err)

    def test_help_fits_a_screen(self):
        for words in [["--help"], ["help"], ["help", "run"]] + [[command, "--help"] for command in COMMANDS]:
            with self.subTest(words=words):
                result = call(*words)
                self.assertEqual((result.code, result.err), (0, ""))
                lines = result.out.splitlines()
                self.assertTrue(lines[0].startswith("Examples:") and lines[1].startswith("  trasloco "), result.out)
                self.assertLessEqual(len(lines), 24, result.out)
                self.assertLessEqual(max(map(len, lines)), 80, result.out)
        for command in COMMANDS:
            self.assertIn("trasloco " + command, call(command, "--help").out)
            self.assertRegex(call("--help").out, r"\b%s\b" % command)

    def test_help_names_every_option(self):
        """What a command takes and what its help says is the same. Each foreign option is tried with a third of the commands."""
        values = {"--lang": "it", "--workers": "3", "--progress": "none", "--of": "run"}
        plain = {"--json", "--no-input", "--failed-only", "--no-verify", "--again", "--dry-run", "--deep", "--follow", "--forget", "--retry", "--refused", "--altered",
                 "--doubled", "--shrunk"}
        helps = {command: set(re.findall(r"--[a-z-]+", call(command, "--help").out)) - {"--help", "--version"} for command in COMMANDS}
        every = sorted(set().union(*helps.values()))

        def line(command, options):
            words = [command]
            for option in options:
                words += [option] if option in plain and (command, option) != ("report", "--json") else [option, values.get(option, "x")]
            return call(*words, "--help")  # which comes last: nothing is done

        for number, command in enumerate(COMMANDS):
            self.assertEqual(line(command, sorted(helps[command])).code, 0, "%s: its help names an option that it does not take" % command)
            for option in [o for n, o in enumerate(every) if (n + number) % 3 == 0 and o not in helps[command]]:
                if (command, option) != ("schema", "--json") and option != "--progress":
                    self.assertEqual(line(command, [option]).code, 2, "%s takes %s and does not say so" % (command, option))

    def test_version(self):
        for words in (["--version"], ["run", "--version"]):
            self.assertRegex(call(*words).out, r"^trasloco \d+\.\d+\.\d+\n$")

    def test_no_job_file(self):
        with tempfile.TemporaryDirectory() as empty:
            for command, *more in (["run"], ["status"], ["verify"], ["refused"], ["accept", "--refused"], ["report", "--json", "-"]):
                result = call(command, *more, cwd=empty)
                self.assertEqual((result.code, result.out), (2, ""), result.tell())
                self.assertIn("trasloco init", result.err)
            self.assertEqual(os.listdir(empty), [])


class Around(lib.Case):
    def bad(self, user):
        """Two accounts: the first is refused a login."""
        good, wrong = lib.account(user, self.source, self.target), lib.account(user + "-no", self.source, self.target, source_more={"password": "falsa"})
        return good, wrong

    def test_nothing_there_yet(self):
        """No state: said, and none is made."""
        job = self.simple("niente")
        for command, *more in (["status"], ["status", "--follow"], ["refused"], ["refused", "--retry"]):
            result = job.call(command, *more)
            self.assertEqual((result.code, result.out), (0, "Nothing has been moved yet.\n"), result.tell())
            if "--follow" not in more:
                self.assertEqual(job.call(command, *more, "--json").report["accounts"], [])
        result = job.call("accept", "--refused")
        self.assertEqual(result.code, 2, result.tell())
        self.assertIn("nothing has been moved", result.err)
        self.assertEqual(os.listdir(job.folder), ["migrate.yaml"])

    def test_unknown_account(self):
        job = self.simple("noto")
        for command, *more in (["run"], ["verify"], ["status"], ["refused"], ["accept", "--refused"]):
            result = job.call(command, *more, "--account", "ignoto")
            self.assertEqual(result.code, 2, result.tell())
            self.assertIn("ignoto", result.err)

    def test_account_and_failed_only(self):
        self.fill("bene", 20)
        self.fill("bene-no", 20)
        good, wrong = self.bad("bene")
        job = self.job(good, wrong)
        doc = self.ended(job.run("--account", "bene"))
        self.assertEqual([a["name"] for a in doc["accounts"]], ["bene"])
        # One has ended well, the other never took part.
        doc = self.ended(job.run("--failed-only"), 4)
        self.assertEqual([a["name"] for a in doc["accounts"]], ["bene-no"])
        # The newest run knows nothing of the first: it still counts as one that ended well.
        self.assertEqual([a["name"] for a in self.ended(job.run("--failed-only"), 4)["accounts"]], ["bene-no"])
        job.write([good, lib.account("bene-no", self.source, self.target)])
        doc = self.ended(job.run("--failed-only"))
        self.assertEqual(([a["name"] for a in doc["accounts"]], self.copied_now(doc)), (["bene-no"], 20))
        result = job.call("run", "--failed-only")
        self.assertEqual((result.code, result.out), (0, ""))
        self.assertIn("nothing to do", result.err)
        self.assertEqual(job.run("--failed-only").report["schema"], "trasloco-report/1")
        lines = job.call("status", "--account", "bene").out
        self.assertNotIn("bene-no", lines)
        names = [a["name"] for a in job.call("status", "--json", "--account", "bene").report["accounts"]]
        self.assertEqual(names, ["bene"])

    def test_again_and_logs(self):
        self.fill("registri", 20)
        job = self.simple("registri")
        log, wire = job.folder + "/a.log", job.folder + "/wire.log"
        self.ended(job.run("--log", log, "--wire-log", wire))
        for path in (log, wire):
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        said = open(log).read() + open(wire).read()
        self.assertNotIn(lib.PASSWORD + "\r", said)
        for option in ("--log", "--wire-log"):
            result = job.call("run", option, job.folder + "/no/such/folder")
            self.assertEqual(result.code, 2, result.tell())
            self.assertIn("no/such/folder", result.err)

    def test_quiet(self):
        self.fill("zitto", 20)
        result = self.simple("zitto").call("run", "-q")
        self.assertEqual((result.code, result.out, result.err), (0, "", ""))

    def test_locked(self):
        """What writes waits for no run: 9."""
        self.fill("chiuso", 20)
        job = self.simple("chiuso")
        self.ended(job.run())
        with open(job.state + ".lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for command, *more in (["run"], ["accept", "--refused"], ["refused", "--retry"]):
                self.assertEqual(job.call(command, *more).code, 9)
            for command in ("status", "refused"):
                self.assertEqual(job.call(command).code, 0)


class Accept(lib.Case):
    target_options = {"max_mail_size": "100k"}

    def test_accept(self):
        """1 until somebody accepts it, 0 from then on; who and when is kept."""
        self.fill("accetta", 30, big=2)
        job = self.simple("accetta")
        doc = self.ended(job.run(), 1)
        count = lib.only(doc)["totals"]["ledger"]["refused"]
        self.assertGreater(count, 0)
        for kind in ("--altered", "--doubled", "--shrunk"):
            result = job.call("accept", kind)
            self.assertEqual(result.code, 0, result.tell())
            self.assertIn("nothing of that kind", result.out)
        self.ended(job.run(), 1)
        result = job.call("accept", "--refused", "--account", "accetta", SUDO_USER="anna")
        self.assertEqual(result.code, 0, result.tell())
        self.assertIn(str(count), result.out)
        if os.getuid() == 0:
            self.assertIn("anna", result.out)
        self.assertIn("nothing of that kind", job.call("accept", "--refused").out)
        result = job.run()
        self.assertEqual((result.code, result.report["exit"]), (0, 0), result.tell())
        doc = result.report
        self.assertEqual(lib.only(doc)["totals"]["ledger"]["refused"], count)
        self.assertEqual({p["severity"] for p in lib.problems(doc) if p["code"] in ("message-refused", "too-big")}, {"note"})


class Notify(lib.Case):
    def script(self, job, text):
        path = os.path.join(job.folder, "done.sh")
        with open(path, "w") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o700)

    def job_with(self, user, command):
        """Lists of words are not in lib.yaml."""
        job = self.simple(user)
        job.write_text(lib.yaml({"version": 1}) + "notify: { command: %s }\n" % json.dumps(command) + lib.yaml({"accounts": job.accounts}))
        return job

    def test_document_on_standard_input(self):
        self.fill("avviso", 20)
        job = self.job_with("avviso", ["./done.sh", "a b;c"])
        self.script(job, 'cat >"got.json"; printf "%s" "$1" >word; echo noise\n')
        result = job.run()
        doc = self.ended(result)
        self.assertEqual(json.load(open(job.folder + "/got.json")), doc)
        self.assertEqual(open(job.folder + "/word").read(), "a b;c")
        self.assertIn("noise", result.err)
        self.assertEqual(job.call("verify", "--json").code, 0)
        self.assertEqual(json.load(open(job.folder + "/got.json"))["command"], "verify")

    def test_its_failure_changes_nothing(self):
        self.fill("avviso2", 20)
        for text, said in (("exit 3\n", "status 3"), ("kill -9 $$\n", "signal 9"), (None, "can't be started"), ("exec <&-; exit 0\n", "")):
            job = self.job_with("avviso2", ["./done.sh"])
            if text:
                self.script(job, text)
            result = job.run()
            self.ended(result)
            self.assertIn(said, result.err)


class Follow(lib.Case):
    def slow(self, user):
        """A run that stays at work until it is killed: its target takes nothing any more."""
        self.fill(user, 40)
        proxy = self.proxy(self.target)
        proxy.rate = 2000
        job = self.simple(user, target=proxy)
        run = job.start("run", "--progress", "none")
        self.addCleanup(lambda: run.poll() is None and lib.kill(run))
        lib.wait_for(lambda: "at work" in job.call("status").out if os.path.exists(job.state) else False)
        return job, run, proxy

    def test_plain(self):
        """Beside a run: lines until it ends, then the table; without one the table, at once."""
        job, run, proxy = self.slow("segui")
        follow = job.start("status", "--follow")
        self.addCleanup(lambda: follow.poll() is None and lib.kill(follow))
        first = follow.stdout.readline()
        self.assertRegex(first, r"^\d{4}-\d\d-\d\dT[\d:]+Z  all +at work ")
        self.assertIsNone(follow.poll())
        proxy.rate = 0
        self.assertEqual(lib.finish(run).code, 0)
        result = lib.finish(follow, 20)
        self.assertEqual(result.code, 0, result.tell())
        self.assertRegex(result.out, r"(?m)^all +complete ")
        self.assertRegex(job.call("status", "--follow", limit=5).out, r"(?m)^all +complete ")

    def test_interrupted(self):
        job, run, _ = self.slow("smetti")
        follow = job.start("status", "--follow")
        follow.stdout.readline()
        follow.send_signal(signal.SIGINT)
        self.assertEqual(lib.finish(follow, 10).code, 130)
        lib.kill(run)

    def test_terminal(self):
        """Drawn over itself: the same table, never a line twice."""
        job, run, proxy = self.slow("schermo")
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        follow = subprocess.Popen([lib.program(), "status", job.path, "--follow"], stdin=slave, stdout=slave, stderr=subprocess.PIPE,
                                  env=lib.environment(TERM="xterm"))
        os.close(slave)
        self.addCleanup(os.close, master)
        said = b""
        while said.count(b"\033[J") < 3:
            self.assertTrue(select.select([master], [], [], 20)[0], said)
            said += os.read(master, 65536)
        self.assertEqual(said.count(b"\033[3A"), said.count(b"\033[J") - 1, said)
        proxy.rate = 0
        lib.finish(run)
        self.assertEqual(follow.wait(20), 0, follow.stderr.read())  # what it still says fits the terminal's buffer
        follow.stderr.close()


if __name__ == "__main__":
    lib.tail()
