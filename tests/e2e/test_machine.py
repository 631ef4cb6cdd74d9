#!/usr/bin/env python3
"""The machine's own faults: a disk that is full or read-only, a state that is damaged, no descriptors, no memory, a wrong clock, signals, closed files.
Each ends with the contract's status and a line that says what, where and what to do; then the fault is gone, and the same command ends as if nothing had been.

The faults come from a library in front of the program (tests/faults/faults.h), from limits, and, where mounting is allowed, from a real small file system.
By hand: TRASLOCO_TEST_MEMORY=300 (allocations that fail, spread over a run; default 10), TRASLOCO_TEST_FLIPS=200 (damaged states, default 24),
TRASLOCO_TEST_SIGNALS=100 (moments, default 8)."""
import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import time
import unittest

import compare
import corpus
import machine
import lib

MEMORY = int(os.environ.get("TRASLOCO_TEST_MEMORY", "10"))
FLIPS = int(os.environ.get("TRASLOCO_TEST_FLIPS", "24"))
SIGNALS = int(os.environ.get("TRASLOCO_TEST_SIGNALS", "8"))
AT_ONCE = 6


def made(number, size=300):
    head = b"Message-ID: <%d@x>\r\nSubject: %d\r\n\r\n" % (number, number)
    return corpus.Message(head + (b"x" * 70 + b"\r\n") * (max(size - len(head), 72) // 72), 1400000000 + number)


BIG = made(3, 1200000)      # it is spooled
REFUSED = made(9, 1700000)
FOLDERS = [corpus.Folder("INBOX", [made(1), made(2), BIG]), corpus.Folder("Rossi", [made(4), made(5)])]
COUNT = 5


def in_turn(calls):
    with lib.concurrent.futures.ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(lambda call: call(), calls))


def call(job, *command, prepare=None, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **env):
    """The program with `prepare` done in its process first, and with other files than pipes."""
    process = subprocess.Popen([lib.program(), command[0], job.path, *command[1:]], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, text=True,
                               encoding="utf-8", errors="replace", cwd=job.folder, env=lib.environment(**env), preexec_fn=prepare)
    began = time.monotonic()
    try:
        out, err = process.communicate(timeout=lib.RUN_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError("not finished: %s\n%s" % (command, process.communicate()))
    return lib.Result(process.returncode, out or "", err or "", time.monotonic() - began)


def limit(kind, most):
    return lambda: resource.setrlimit(kind, (most, most))


class Base(lib.Case):
    target_options = {"max_mail_size": "1500k"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        corpus.write_maildir(cls.source, "mario", FOLDERS)
        corpus.write_maildir(cls.source, "rifiuti", FOLDERS + [corpus.Folder("Grandi", [REFUSED])])

    def one(self, target_user, user="mario", **top):
        return self.simple(user, target_user=target_user, workers=top.pop("workers", 2), limits={"give_up": "2s"}, **top)

    def stopped(self, result, code, *words):
        """The status, and a few lines that say what it is; no stack of complaints."""
        self.assertEqual(result.code, code, result.tell())
        said = result.err + "".join(p["text"] + p["hint"] for p in lib.problems(result.report)) if result.out.startswith("{") else result.err
        for word in words:
            self.assertRegex(said, word, result.tell())
        self.assertLess(len(result.err.splitlines()), 6, result.tell())

    def well(self, job, user, code=0):
        doc = self.ended(job.run(), code)
        ledger = lib.only(doc)["totals"]["ledger"]
        self.assertEqual((ledger["copied"], ledger["pending"]), (COUNT, 0), ledger)
        if code == 0:
            self.same("mario", user)


class Disk:
    def test_state_on_a_full_disk(self):
        budgets = (0, 30, 3000, 20000, 60000, 90000, 110000, 130000, 150000, 180000)
        jobs = [("d%d" % n, self.one("d%d" % n), budget) for n, budget in enumerate(budgets)]
        for (_, job, _), result in zip(jobs, in_turn([lambda job=job, n=n: job.run(**machine.loaded(disk=job.state, bytes=n)) for _, job, n in jobs])):
            self.stopped(result, 2, "(?i)disk .* is full|No space left")
        for user, job, _ in jobs:
            self.well(job, user)

    def test_room_again_during_the_run(self):
        """Full for a moment is no reason to lose a thing, whatever the run makes of it."""
        job = self.one("torna")
        there = os.path.join(job.folder, "room")
        process = job.start("run", "--json", **machine.loaded(disk=job.state, bytes=100000, disk_back=there))
        time.sleep(0.2)
        open(there, "w").close()
        self.assertIn(lib.finish(process).code, (0, 2))
        self.well(job, "torna")

    def test_state_read_only(self):
        job = self.one("fermo")
        wall = machine.loaded(disk=job.folder + "/", read_only=1)
        self.stopped(job.run(**wall), 2, re.escape(job.state), "Read-only")
        self.well(job, "fermo")
        for command in (["run"], ["verify"], ["plan"], ["accept", "--refused"], ["refused", "--retry"]):
            self.stopped(job.call(*command, **wall), 2, re.escape(job.state), "Read-only")
        for command in (["status"], ["refused"], ["report", "--text", "-"]):
            result = job.call(*command, **wall)
            if result.code:
                self.stopped(result, 2, re.escape(job.state), "copy the state")
        self.well(job, "fermo")

    def test_spool(self):
        for number, wish in enumerate(({"bytes": 0}, {"bytes": 700000})):
            user = "spool%d" % number
            job = self.one(user, state=os.path.join("spool", "s.state"))
            folder = os.path.join(job.folder, "spool")
            # a file without a name: /folder/#123 (deleted)
            self.stopped(job.run(**machine.loaded(disk=folder + "/#", **wish)), 2, re.escape(folder), "No space left")
            self.well(job, user)

    def test_refused_folder(self):
        tries = []
        for number, wish in enumerate(({"bytes": 0}, {"bytes": 700000}, {"read_only": 1})):
            job = self.one("rif%d" % number, "rifiuti")
            kept = os.path.join(job.folder, "refused")
            self.stopped(job.run(**machine.loaded(disk=kept, **wish)), 2, re.escape(kept), "No space left|Read-only")
            self.assertEqual(job.refused(), [])
            tries.append(job)
        lib.at_once([lambda job=job, n=n: self.well(job, "rif%d" % n, 1) for n, job in enumerate(tries)])
        for job in tries:
            self.assertEqual([open(path, "rb").read() for path in job.refused()], [REFUSED.data])

    def test_log(self):
        """The move goes on without its log, and says so."""
        job = self.one("log")
        self.well(job, "log")
        with open(os.path.join(job.folder, "part.log"), "w") as file:
            file.truncate(8 << 20)      # it has reached what `ulimit -f` allows
        grown = limit(resource.RLIMIT_FSIZE, 8 << 20)
        for path in ("/dev/full", "part.log"):
            for option in ("--log", "--wire-log"):
                result = call(job, "run", "-v", "--json", option, path, prepare=None if path == "/dev/full" else grown)
                self.assertEqual(result.code, 0, result.tell())
                self.assertRegex(result.err, "the log %s is not whole" % path)
        self.well(job, "log")
        for path in (job.folder, "/proc/nothing", "missing/a.log"):
            self.stopped(job.call("run", "--log", path), 2, re.escape(path), "can't be written")

    def test_report(self):
        job = self.one("rapporto")
        self.well(job, "rapporto")
        path = os.path.join(job.folder, "out.json")
        with open(path, "w") as file:
            file.write("the old one")
        self.stopped(job.call("report", "--json", path, **machine.loaded(disk=path)), 2, re.escape(path), "No space left")
        with open(path) as file:
            self.assertEqual(file.read(), "the old one")
        self.assertFalse(os.path.exists(path + ".part"))
        self.stopped(job.call("report", "--json", path, **machine.loaded(disk=path, read_only=1)), 2, re.escape(path), "Read-only")
        with open("/dev/full", "w") as full:
            self.stopped(call(job, "report", "--json", "-", stdout=full), 2, "standard output", "No space left")
            self.stopped(call(job, "run", "--json", stdout=full), 2, "standard output", "No space left")
        self.assertEqual(job.call("report", "--json", path).code, 0)

    SMALL = """set -e
mount -t tmpfs -o size=%(size)s none "$1" || exit 77
cp "$2" "$1/migrate.yaml"
cd "$1"
go() { set +e; "$TRASLOCO" "$@" >"$out.out" 2>"$out.err"; echo "$?" >"$out.code"; set -e; }
out=$3/full go run --json --log run.log
mount -o remount,size=40m "$1"
out=$3/room go run --json
mount -o remount,ro "$1"
out=$3/fixed go run --json
out=$3/look go status
mount -o remount,rw "$1"
out=$3/last go run --json
"""

    def test_real_disk(self):
        """A file system that holds it all: full, with room again, read-only, writable again. Pages that can't be had must not become a signal."""
        for number, size in enumerate(("16k", "64k", "160k", "1200k")):
            user = "vero%d" % number
            job, told = self.one(user), os.path.join(self.one(user).folder, "told")
            top = os.path.join(job.folder, "disk")
            for folder in (told, top):
                os.mkdir(folder)
            script = self.SMALL % {"size": size}
            env = lib.environment(TRASLOCO=lib.program())
            shell = subprocess.run(["unshare"] + ([] if os.getuid() == 0 else ["-r"]) + ["-m", "sh", "-c", script, "sh", top, job.path, told], env=env,
                                   capture_output=True, text=True, timeout=120)
            if shell.returncode == 77 or "unshare" in shell.stderr:
                self.skipTest("no file system can be mounted here")
            self.assertEqual(shell.returncode, 0, shell.stderr)
            read = lambda name, end: machine.read(os.path.join(told, name + end)).decode()
            results = {name: lib.Result(int(read(name, ".code")), read(name, ".out"), read(name, ".err"), 0) for name in ("full", "room", "fixed", "look", "last")}
            self.stopped(results["full"], 2, "(?i)disk .* is full|No space left")
            self.ended(results["room"], 0)
            self.stopped(results["fixed"], 2, "Read-only")
            self.assertIn(results["look"].code, (0, 2))
            self.assertEqual(self.copied_now(self.ended(results["last"], 0)), 0)
            self.same("mario", user)


class State:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        job = lib.Job([lib.account("mario", cls.source, cls.target, "base")], workers=2)
        cls.addClassCleanup(job.close)
        assert job.run().code == 0
        cls.good = machine.read(job.state)
        cls.next = compare.read(cls.target, "base").uidnexts()

    def with_state(self, data, user="base"):
        job = self.one(user)
        with open(job.state, "wb") as file:
            file.write(data)
        return job

    def once(self):
        self.assertEqual(compare.read(self.target, "base").uidnexts(), self.next)

    def mended(self, job, result):
        """What the line says helps: moved aside, run again, nothing is copied twice."""
        self.stopped(result, 2, re.escape(job.state), "move it aside and run again")
        os.rename(job.state, job.state + ".old")
        self.assertEqual(self.copied_now(self.ended(job.run(), 0)), 0)

    def test_truncated(self):
        size = len(self.good)
        for length in (99, 512, 4096, 5000, size // 2, size - 4096):
            job = self.with_state(self.good[:length])
            self.mended(job, job.call("run"))
        for length in (0, 1):     # nothing in it: as a new one
            self.assertEqual(self.copied_now(self.ended(self.with_state(self.good[:length]).run(), 0)), 0)
        for command in (["status"], ["refused"], ["report", "--json", "-"], ["verify"], ["plan"], ["accept", "--refused"]):
            job = self.with_state(self.good[:size // 2])
            self.stopped(job.call(*command), 2, re.escape(job.state), "move it aside")
        self.once()

    def test_flipped(self):
        """Bits that tipped over, here and there: told, or of no consequence; nothing is lost. (In a row itself they may say that a mail was never sent: SQLite keeps no
        checksums, so that one may come twice.)"""
        rng, seen = random.Random("flips"), {}
        damaged = []
        job = self.one("piegata")
        self.ended(job.run())
        good = machine.read(job.state)
        for number in range(FLIPS):
            data = bytearray(good)
            for _ in range(rng.choice((1, 1, 8, 64))):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            damaged.append(self.with_state(bytes(data), "piegata"))
        for job, result in zip(damaged, in_turn([lambda job=job: job.call("run") for job in damaged])):
            seen[result.code] = seen.get(result.code, 0) + 1
            self.assertIn(result.code, (0, 1, 2, 3, 6, 8, 70), result.tell())
            if result.code == 70:   # rows that read well and do not fit each other; what can't be read is told as damage
                self.assertRegex(result.err + result.out, "the ledger does not close|has no target mailbox", result.tell())
            self.assertLess(len(result.err.splitlines()), 6, result.tell())
        found = compare.differences(compare.read(self.source, "mario"), compare.read(self.target, "piegata"), subscriptions=False)
        self.assertEqual([line for line in found if " doubled " not in line], [])
        print("    %d states with flipped bits: status %s" % (FLIPS, seen), flush=True)

    def test_of_others(self):
        for what, data in (("letter", b"this is a letter\n" * 500), ("zeros", bytes(8192))):
            with self.subTest(what=what):
                job = self.with_state(data)
                self.stopped(job.call("run"), 2, re.escape(job.state), "damaged|another program")
                self.assertEqual(machine.read(job.state), data)
        job = self.one("base")
        db = sqlite3.connect(job.state)
        db.execute("CREATE TABLE recipes (name TEXT)")
        db.commit()
        db.close()
        before = machine.read(job.state)
        self.stopped(job.call("run"), 2, re.escape(job.state), "another program")
        self.assertEqual(machine.read(job.state), before)
        job = self.with_state(self.good)
        db = sqlite3.connect(job.state)
        db.execute("PRAGMA user_version=99")
        db.commit()
        db.close()
        for command in (["run"], ["status"], ["verify"], ["refused"]):
            self.stopped(job.call(*command), 2, re.escape(job.state), "newer trasloco")
        job = self.one("base")
        os.mkdir(job.state)
        self.stopped(job.call("run"), 2, re.escape(job.state), "directory")
        self.stopped(job.call("status"), 2, re.escape(job.state))
        # of another job: another mailbox behind the same name is not touched
        job = self.with_state(self.good)
        job.write([lib.account("mario", self.source, self.target, "altro")], workers=2)
        self.stopped(job.run(), 2, "account-changed|another account name or another state")
        self.assertEqual(compare.read(self.target, "altro").count(), 0)
        self.once()


class Limits:
    def test_no_descriptors(self):
        most = list(range(4, 36, 2))
        options = lib.environment()["ASAN_OPTIONS"] + ":detect_leaks=0"     # it wants descriptors itself
        jobs = [("fd%d" % n, self.one("fd%d" % n), n) for n in most]
        results = in_turn([lambda job=job, n=n: call(job, "run", "--json", prepare=limit(resource.RLIMIT_NOFILE, n), ASAN_OPTIONS=options) for _, job, n in jobs])
        for (user, job, n), result in zip(jobs, results):
            self.assertIn(result.code, (0, 2, 3, 70, 127), "%d: %s" % (n, result.tell()))
            if result.code not in (0, 127):     # 127: not even its libraries could be read
                self.assertRegex(result.err + result.out, "(?i)too many open files|file descriptor|thread", "%d: %s" % (n, result.tell()))
        self.assertTrue(any(result.code == 0 for result in results))
        self.assertTrue(any(result.code in (2, 3) for result in results))
        in_turn([lambda user=user, job=job: self.well(job, user) for user, job, _ in jobs[::3]])
        print("    descriptors: %s" % " ".join("%d:%d" % (n, r.code) for n, r in zip(most, results)), flush=True)

    def test_no_memory(self):
        """The n-th allocation fails, or all from it on. Either the program ends with 70 and one line, or a library has lived with it.
        libetpan, which would crash, is asked only after there was room (providers/imap/grammar.c)."""
        job = self.one("conta")
        job.write([lib.account("mario", self.source, self.target, "conta", target_more={"tls": "implicit", "port": self.target.tls_port, "ca_file": self.target.ca})], workers=1)
        path = os.path.join(job.folder, "count")
        self.ended(job.run(**machine.loaded(memory_count=path, memory_spare="libetpan")), 0)
        total, tries = int(machine.read(path)), []
        rng = random.Random("memory")
        for number in range(MEMORY):
            nth = total * number // MEMORY + rng.randrange(max(total // MEMORY, 1)) + 1
            other = self.one("m%d" % number)
            other.write([dict(job.accounts[0], target=dict(job.accounts[0]["target"], user="m%d" % number))], workers=1, limits={"give_up": "2s"})
            tries.append(("m%d" % number, other, "%d%s" % (nth, "+" if number % 2 else "")))
        results = in_turn([lambda job=job, wish=wish: job.run(**machine.loaded(memory=wish, memory_spare="libetpan")) for _, job, wish in tries])
        for (user, job, wish), result in zip(tries, results):
            self.assertIn(result.code, (0, 2, 3, 4, 5, 70), "%s: %s" % (wish, result.tell()))
            if result.code == 70:
                self.assertRegex(result.err + result.out, "(?i)memory", "%s: %s" % (wish, result.tell()))
                self.assertLess(len(result.err.splitlines()), 4, result.tell())
        lib.at_once([lambda user=user, job=job: self.well(job, user) for user, job, _ in tries])
        codes = [result.code for result in results]
        print("    memory: %d of %d allocations failed: status %s" % (MEMORY, total, {code: codes.count(code) for code in sorted(set(codes))}), flush=True)


class Clock:
    def test_set_back_between_runs(self):
        """Killed in what is tomorrow, or years ahead; run again today. And the other way round."""
        tries = []
        for number, off in enumerate((86400, 300000000, -86400, -300000000)):
            user = "c%d" % number
            job = self.one(user)
            result = job.run(TRASLOCO_CRASH="sent:2", **machine.loaded(clock=off))
            tries.append((user, job))
            if result.code != -9:
                self.skipTest("a build without crash points")
        lib.at_once([lambda user=user, job=job: self.well(job, user) for user, job in tries])

    def test_set_back_during_a_run(self):
        slow = self.proxy(self.target)
        slow.rate = 700000
        jobs = []
        for number, off in enumerate((-86400, -3600, 86400, -400000000)):
            user = "r%d" % number
            jobs.append((user, self.simple("mario", target=slow, target_user=user, workers=2), off))
        results = lib.at_once([lambda job=job, off=off: job.run(**machine.loaded(clock="%d@900" % off)) for _, job, off in jobs])
        for (user, job, _), result in zip(jobs, results):
            self.ended(result, 0)
            self.assertLess(result.seconds, 60)
            self.same("mario", user)
            self.well(job, user)
            self.assertEqual(job.call("status").code, 0)


class Signals:
    def running(self, user):
        proxy = self.proxy(self.target)
        proxy.rate = 600000
        job = self.simple("mario", target=proxy, target_user=user, workers=2)
        return job, proxy

    def test_at_any_moment(self):
        """SIGTERM and SIGHUP, once or twice: 143, quickly, and the same command goes on."""
        rng, tries = random.Random("signals"), []

        def one(number):
            user, kind = "g%d" % number, (signal.SIGTERM, signal.SIGHUP)[number % 2]
            job, proxy = self.running(user)
            process = job.start("run", "--json")
            time.sleep(moments[number])
            heard = os.path.exists(job.state)       # its handlers are there before its state is
            process.send_signal(kind)
            twice = number % 4 >= 2
            if twice:
                time.sleep(0.05)
                process.send_signal(kind)
            result = lib.finish(process, 40)
            # after the end there is nobody to hear it
            self.assertIn(result.code, (143, 0) if heard else (143, 0, -kind), result.tell())
            if result.code == 143 and not (twice and kind == signal.SIGTERM):
                self.assertEqual(lib.only(result.report)["next"], "run-again")
            proxy.rate = 0
            self.well(job, user)
            return result.code

        moments = [rng.uniform(0.02, 2.0) for _ in range(SIGNALS)]
        codes = in_turn([lambda n=n: one(n) for n in range(SIGNALS)])
        self.assertIn(143, codes)
        print("    signals: status %s" % {code: codes.count(code) for code in sorted(set(codes))}, flush=True)

    def test_nohup(self):
        """Who starts it with nohup wants it to go on."""
        job, proxy = self.running("nohup")
        process = subprocess.Popen([lib.program(), "run", job.path, "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=lib.environment(), preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        lib.wait_for(lambda: proxy.count("APPEND") >= 1)
        process.send_signal(signal.SIGHUP)
        self.ended(lib.finish(process, 60), 0)
        self.same("mario", "nohup")

    def test_nobody_reads(self):
        """The readers of standard output and of standard error have gone: the move is made all the same, and no signal ends it."""
        for number, (command, gone) in enumerate(((["run", "--json"], "stdout"), (["run", "-v"], "stdout"), (["run", "-v"], "stderr"),
                                                  (["run", "--progress", "plain"], "stderr"), (["run", "--progress", "json"], "stderr"))):
            user = "p%d" % number
            job = self.one(user)
            end, mouth = os.pipe()
            os.close(end)
            try:
                result = call(job, *command, **{gone: mouth})
            finally:
                os.close(mouth)
            self.assertEqual(result.code, 2 if gone == "stdout" else 0, result.tell())
            if gone == "stdout":
                self.assertRegex(result.err, "standard output can't be written")
            self.same("mario", user)
            self.well(job, user)

    def test_closed_files(self):
        """Standard input, output and error closed, one or all: nothing is written into a connection or the state that took their numbers."""
        for number, closed in enumerate(((0,), (1,), (2,), (0, 1), (0, 1, 2))):
            user = "x%d" % number
            job = self.one(user)
            result = call(job, "run", "--json", "-v", prepare=lambda: [os.close(fd) for fd in closed])
            self.assertIn(result.code, (0,), result.tell())
            self.same("mario", user)
            self.well(job, user)
            self.assertEqual(call(job, "status", prepare=lambda: [os.close(fd) for fd in closed]).code, 0)


class Machine(Disk, State, Limits, Clock, Signals, Base):
    """All with one pair of servers, side by side: much of their time goes by in waiting."""


if __name__ == "__main__":
    lib.tail()
