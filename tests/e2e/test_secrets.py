#!/usr/bin/env python3
"""Where secrets come from, and where they are never seen: password commands, and a search of everything that a run leaves."""
import base64
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers"))
import dovecot  # noqa: E402

# One that no word of the program holds; set before the others take it from there.
PASSWORD = dovecot.PASSWORD = "gEh31m-71c4"
import lib  # noqa: E402
from terminal import Terminal  # noqa: E402


class Commands(lib.Case):
    def commanded(self, user, *command, side="source", **top):
        """A job whose one side asks a command. JSON is YAML, and its lists need no care."""
        job = self.job(lib.account(user, self.source, self.target, **{side + "_more": {"password": None}}), **top)
        job.accounts[0][side]["password_command"] = list(command)
        return self.written(job, **top)

    def written(self, job, **top):
        job.write_text(json.dumps({"version": 1, "workers": 4, "limits": {"give_up": "3s"}, **top, "accounts": job.accounts}))
        return job

    def script(self, job, text, name="ask"):
        path = os.path.join(job.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o700)

    def runs(self, job):
        with open(os.path.join(job.folder, "runs"), encoding="utf-8") as file:
            return file.read().split("\n")[:-1]

    def test_good_one_runs_once(self):
        """Relative to the job's folder, whatever the current one is; several lanes share its answer."""
        self.fill("buono", 200)
        job = self.commanded("buono", "./ask", "buono")
        self.script(job, 'echo "$1 $(pwd)" >>runs; echo %s; echo more' % PASSWORD)
        process = subprocess.Popen([lib.program(), "run", "--json", job.path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, cwd="/", env=lib.environment())
        self.ended(lib.finish(process))
        self.same("buono")
        self.assertEqual(self.runs(job), ["buono " + os.path.realpath(job.folder)])

    def test_endings(self):
        rows = (
            ("exit 75", 3, "status 75"),
            ("echo locked >&2; exit 75", 3, "locked"),
            ("echo no such entry >&2; exit 1", 4, "no such entry"),
            ("exit 127", 4, "status 127"),
            ("exit 0", 4, "printed nothing"),
            ("echo %s; echo %s >&2; exit 1" % (PASSWORD, PASSWORD), 4, "ended with status 1"),
        )
        for side in ("source", "target"):
            for number, (text, status, words) in enumerate(rows):
                with self.subTest(side=side, text=text):
                    job = self.commanded("esito%d" % number, "./ask", side=side)
                    self.script(job, text)
                    result = job.run()
                    doc = self.ended(result, status)
                    said = [p["text"] for p in lib.problems(doc)]
                    self.assertTrue(any(words in text and side in text for text in said), said)
                    self.assertNotIn(PASSWORD, result.out + result.err)

    def test_not_there(self):
        job = self.commanded("assente", "no-such-program-here", "x")
        doc = self.ended(job.run(), 4)
        self.assertIn("no-such-program-here", lib.problems(doc, "login-refused")[0]["text"])

    def test_a_failure_is_no_outage(self):
        """Told at once, also when the account was signed in before; one account's command stops no other."""
        self.fill("prima", 30)
        self.fill("altro", 30)
        job = self.commanded("prima", "./ask")
        self.script(job, "echo " + PASSWORD)
        self.ended(job.run())
        self.script(job, "exit 2")
        job.accounts.append(lib.account("altro", self.source, self.target))
        result = self.written(job, limits={"give_up": "90s"}).run()
        doc = self.ended(result, 4)
        self.assertEqual([(a["name"], a["exit"]) for a in doc["accounts"]], [("prima", 4), ("altro", 0)])
        self.assertLess(result.seconds, 30)

    def test_changed_meanwhile(self):
        """What the server refuses is asked for again, and another answer is tried at once."""
        self.fill("nuovo", 30)
        job = self.commanded("nuovo", "./ask")
        self.script(job, 'echo x >>runs; [ "$(wc -l <runs)" = 1 ] && echo old || echo ' + PASSWORD)
        self.ended(job.run("--log", "log"))
        self.same("nuovo")
        self.assertEqual(len(self.runs(job)), 2)
        with open(os.path.join(job.folder, "log"), encoding="utf-8") as file:
            self.assertNotIn("[login]", file.read())    # the mover never heard of the refusal

    def test_names_are_filled_in(self):
        self.fill("riempi", 30)
        job = self.commanded("riempi", "./ask", "x={user}", "{name}")
        job.accounts[0]["name"] = "il primo"
        self.written(job)
        self.script(job, 'echo "$*" >>runs; echo ' + PASSWORD)
        self.ended(job.run())
        self.assertEqual(self.runs(job), ["x=riempi il primo"])


class Nowhere(lib.Case):
    """The secret and the forms in which it travels, in all that a run makes and shows."""

    def forms(self, user):
        sasl = base64.b64encode(("\0%s\0%s" % (user, PASSWORD)).encode()).decode()
        inside = [base64.b64encode((" " * shift + PASSWORD).encode()).decode()[4 if shift else 0:12] for shift in range(3)]
        return [word.encode() for word in (PASSWORD, sasl, *inside)]

    def search(self, user, what, data):
        for form in self.forms(user):
            self.assertNotIn(form, data, "%s holds a secret" % what)

    def processes(self, user, pid):
        for process in [pid, *dovecot.children(pid)]:
            for name in ("cmdline", "environ"):
                try:
                    with open("/proc/%d/%s" % (process, name), "rb") as file:
                        self.search(user, "%s of %d" % (name, process), file.read())
                except OSError:     # it has just ended, or lets nobody look (and then nobody sees)
                    pass

    def files(self, user, folder, but=()):
        searched = 0
        for where, _, names in os.walk(folder):
            for name in names:
                if name in ("migrate.yaml", "migrate.state.login", *but):
                    continue
                with open(os.path.join(where, name), "rb") as file:
                    self.search(user, name, file.read())
                searched += 1
        return searched

    def test_search_finds(self):
        """The search itself, on what it has to find."""
        for text in (PASSWORD, base64.b64encode(("\0u\0" + PASSWORD).encode()).decode(), base64.b64encode(("n,a=x," + PASSWORD).encode()).decode()):
            with self.assertRaises(AssertionError):
                self.search("u", "it", b"xx" + text.encode() + b"yy")

    def job_of(self, user, kind, proxy):
        job = self.job(lib.account(user, self.source, proxy, source_more={"password": None}, target_more={"password": None}))
        for side in ("source", "target"):
            end = job.accounts[0][side]
            if kind == "password":
                end["password"] = PASSWORD
            elif kind == "file":
                end["password_file"] = "chiave"
            elif kind == "command":
                end["password_command"] = ["sh", "-c", "sleep 1; cat chiave"]
        with os.fdopen(os.open(os.path.join(job.folder, "chiave"), os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(PASSWORD + "\n")
        job.write_text(json.dumps({"version": 1, "workers": 4, "accounts": job.accounts}))
        if kind == "kept":
            terminal = Terminal(job, "login")
            self.addCleanup(terminal.close)
            terminal.expect("Password of ")
            terminal.type(PASSWORD + "\n")
            self.assertEqual(terminal.end(), 0, terminal.seen)
            self.search(user, "the screen", terminal.seen.encode())
        return job

    def look_everywhere(self, kind):
        user = "cerca" + kind
        self.fill(user, 60)
        proxy = self.proxy(self.target)
        proxy.rate = 60000
        job = self.job_of(user, kind, proxy)
        options = ["--json", "-v", "--log", "log"]
        if "--wire-log" in subprocess.run([lib.program(), "run", "--help"], capture_output=True, text=True, env=lib.environment()).stdout:
            options += ["--wire-log", "wire"]
        process = job.start("run", *options)
        deadline = time.monotonic() + 60
        while process.poll() is None and proxy.count("APPEND") < 2 and time.monotonic() < deadline:
            self.processes(user, process.pid)
            time.sleep(0.02)
        self.assertGreaterEqual(self.files(user, job.folder, ["chiave"]), 2)
        self.processes(user, process.pid)
        proxy.rate = 0
        result = lib.finish(process)
        self.ended(result)
        self.search(user, "the output", (result.out + result.err).encode())
        self.assertGreaterEqual(self.files(user, job.folder, ["chiave"]), 2)
        for options in (["report", "--json", "-"], ["status"], ["verify", "-v"]):
            result = job.call(*options)
            self.assertEqual(result.code, 0, result.tell())
            self.search(user, "the output of " + options[0], (result.out + result.err).encode())
        self.files(user, job.folder, ["chiave"])

    def test_password(self):
        self.look_everywhere("password")

    def test_password_file(self):
        self.look_everywhere("file")

    def test_password_command(self):
        self.look_everywhere("command")

    def test_kept(self):
        self.look_everywhere("kept")


if __name__ == "__main__":
    lib.tail()
