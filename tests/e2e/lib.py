"""What end-to-end tests share: a job file, the program, its report, and two servers to compare.

TRASLOCO in the environment is the program's path. Nothing here knows how the program works inside.
"""
import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "servers")]
import compare  # noqa: E402
import corpus  # noqa: E402
from dovecot import PASSWORD, Dovecot  # noqa: E402
from proxy import Proxy  # noqa: E402
from report_check import check_report  # noqa: E402
from runner import main as tail  # noqa: E402,F401

# An append whose reply never came is believed absent only 15 s after its intent, so a run after a kill takes that long.
SETTLE = 25
RUN_LIMIT = 150
SANITIZERS = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|LeakSanitizer: detected")


def program():
    path = os.environ.get("TRASLOCO")
    if not path or not os.access(path, os.X_OK):
        raise unittest.SkipTest("TRASLOCO does not name the program")
    return path


def environment(**extra):
    """Sanitizers end a process with a status that no exit status of the program has."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TRASLOCO_", "LC_", "LANG"))}
    env.update(LC_ALL="C.UTF-8", TERM="dumb")
    env.setdefault("ASAN_OPTIONS", "exitcode=99:abort_on_error=0")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1:exitcode=99")
    env.setdefault("TSAN_OPTIONS", "exitcode=99:halt_on_error=1:report_thread_leaks=0")  # a second Ctrl-C leaves at once
    env.update({key: str(value) for key, value in extra.items()})
    return env


def scalar(value):
    if isinstance(value, bool) or isinstance(value, int):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False)


def yaml(value, indent=0):
    """Block YAML of mappings, lists of mappings, lists of scalars (in brackets) and scalars."""
    pad, out = " " * indent, ""
    for key, entry in value.items():
        if isinstance(entry, dict):
            out += "%s%s:\n%s" % (pad, key, yaml(entry, indent + 2))
        elif isinstance(entry, list) and entry and not isinstance(entry[0], dict):
            out += "%s%s: [%s]\n" % (pad, key, ", ".join(scalar(item) for item in entry))
        elif isinstance(entry, list):
            out += "%s%s:\n" % (pad, key)
            for item in entry:
                out += "%s  - %s" % (pad, yaml(item, indent + 4).lstrip())
        else:
            out += "%s%s: %s\n" % (pad, key, scalar(entry))
    return out


class Result:
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds
        if SANITIZERS.search(err) or code == 99:
            raise AssertionError("a sanitizer speaks (status %s):\n%s" % (code, err[-6000:]))

    @property
    def report(self):
        return json.loads(self.out)

    def tell(self):
        return "status %s after %.1f s\n%s--- stderr\n%s\n--- stdout\n%s" % (self.code, self.seconds, self.trouble(), self.err[-3000:], self.out[-3000:])

    def trouble(self):
        """What the document's accounts have to say that is more than a note, a line each."""
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return "".join("%s: %s\n" % (account["name"], json.dumps(problem, ensure_ascii=False)) for account in self.report["accounts"]
                           for problem in account["problems"] if problem["severity"] != "note")
        return ""


def end(server, user, tls="none", **more):
    """One side of an account. `server` is a Dovecot, a Proxy or a port."""
    out = {"host": "127.0.0.1", "port": getattr(server, "port", server), "tls": tls}
    if tls == "implicit":
        out["port"] = server.tls_port
    if tls != "none":
        out["ca_file"] = more["ca_file"] if "ca_file" in more else server.ca
    out.update(user=user, password=PASSWORD, timeout="10s")
    out.update(more)
    return {key: value for key, value in out.items() if value is not None}


def account(name, source, target, target_user=None, source_more=None, target_more=None):
    return {"name": name, "source": end(source, name, **(source_more or {})),
            "target": end(target, target_user or name, **(target_more or {}))}


class Job:
    """A job file in a folder of its own, and the program run with it."""

    def __init__(self, accounts, **top):
        self.env = {}           # of each run, besides what it is given
        self.folder = tempfile.mkdtemp(prefix="job-")
        self.path = os.path.join(self.folder, "migrate.yaml")
        self.write(accounts, **top)

    def write(self, accounts, **top):
        self.accounts = accounts
        text = {"version": 1, "workers": 4, "limits": {"give_up": "90s"}, **top, "accounts": accounts}
        self.write_text(yaml(text))

    def write_text(self, text, mode=0o600):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        with os.fdopen(os.open(self.path, os.O_CREAT | os.O_WRONLY, mode), "w", encoding="utf-8") as file:
            file.write(text)

    @property
    def state(self):
        return os.path.join(self.folder, "migrate.state")

    def forget(self):
        """The state is lost: the file and what lies beside it."""
        for name in os.listdir(self.folder):
            if name.startswith("migrate.state"):
                os.unlink(os.path.join(self.folder, name))

    def refused(self):
        """Paths of the mails that were kept because the target refused them."""
        top = os.path.join(self.folder, "refused")
        return sorted(os.path.join(where, name) for where, _, names in os.walk(top) for name in names if name.endswith(".eml"))

    def start(self, command, *options, **env):
        return subprocess.Popen([program(), command, self.path, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace", cwd=self.folder,
                                env=environment(**{**self.env, **env}))

    def call(self, command, *options, limit=RUN_LIMIT, **env):
        return finish(self.start(command, *options, **env), limit)

    def run(self, *options, **more):
        return self.call("run", "--json", *options, **more)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def finish(process, limit=RUN_LIMIT):
    began = time.monotonic()
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        # SIGABRT leaves a trace where a sanitizer is linked in.
        process.send_signal(signal.SIGABRT)
        try:
            out, err = process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        raise AssertionError("not finished after %d s\n%s\n%s" % (limit, err[-3000:], out[-2000:]))
    return Result(process.returncode, out, err, time.monotonic() - began)


def kill(process):
    """kill -9, and what it had said so far."""
    process.kill()
    out, err = process.communicate()
    return Result(process.returncode, out, err, 0)


def only(doc):
    """The one account of a report."""
    assert len(doc["accounts"]) == 1, doc["accounts"]
    return doc["accounts"][0]


def problems(doc, code=None):
    return [p for a in doc["accounts"] for p in a["problems"] if code is None or p["code"] == code]


def wait_for(what, limit=30, step=0.05):
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(step)
    raise AssertionError("waited %d s in vain" % limit)


class Case(unittest.TestCase):
    """A pair of servers for each test class, jobs that clean up after themselves, and the assertions all tests end with."""

    maxDiff = None
    target_kind, source_options, target_options = "target", {}, {}

    @classmethod
    def setUpClass(cls):
        program()
        cls.source = Dovecot("source", **cls.source_options)
        cls.addClassCleanup(cls.source.close)
        cls.target = Dovecot(cls.target_kind, **cls.target_options)
        cls.addClassCleanup(cls.target.close)

    def fill(self, user, count=60, server=None, **options):
        folders = corpus.mailbox(user, count, **options)
        corpus.write_maildir(server or self.source, user, folders)
        return folders

    def job(self, *accounts, **top):
        job = Job(list(accounts), **top)
        self.addCleanup(job.close)
        return job

    def proxy(self, server):
        proxy = Proxy(server.port)
        self.addCleanup(proxy.close)
        return proxy

    def simple(self, user, source=None, target=None, target_user=None, **top):
        """A job of one account."""
        return self.job(account(user, source or self.source, target or self.target, target_user), **top)

    def account(self, user, source=None, target=None, **folders):
        """An account; folders: the job's rules for them."""
        out = account(user, source or self.source, target or self.target)
        if folders:
            out["folders"] = folders
        return out

    def rewrite(self, job, entry):
        """As JSON, which is YAML too: names of folders need no care."""
        job.write_text(json.dumps({"version": 1, "workers": 4, "limits": {"give_up": "90s"}, "accounts": [entry]}, ensure_ascii=False))

    def job_of(self, entry):
        job = self.job(account("nobody", 1, 1))
        self.rewrite(job, entry)
        return job

    def impatient(self, user, count=60, **top):
        """(job, source, target): both lines go through proxies, and nobody waits for long."""
        self.fill(user, count)
        source, target = self.proxy(self.source), self.proxy(self.target)
        quick = {"timeout": "3s"}
        job = self.job(account(user, source, target, source_more=quick, target_more=quick), **top)
        return job, source, target

    def ends_well(self, user, job):
        self.ended(job.run())
        self.same(user)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.same(user)

    def slow(self, user, count=120, rate=250000, **top):
        """A job whose run takes some seconds, and the proxy that slows it."""
        self.fill(user, count)
        proxy = self.proxy(self.target)
        proxy.rate = rate
        return self.simple(user, target=proxy, **top), proxy

    def until_target_holds(self, user, share):
        """Waits until that many messages have arrived."""
        imap = self.target.login(user)
        try:
            wait_for(lambda: compare.held(imap) >= share, 60)
        finally:
            imap.logout()

    def ended(self, result, code=0, command="run"):
        """The status is that one, and the document keeps the contract. Returns the document."""
        self.assertEqual(result.code, code, result.tell())
        self.assertTrue(result.out.strip(), "no document on stdout: " + result.tell())
        doc = result.report
        self.assertEqual(doc["exit"], code, result.tell())
        self.assertEqual(check_report(doc, command), [], result.tell())
        return doc

    def same(self, user, target_user=None, ordered=False, source=None, target=None, **more):
        """Both servers hold the same. Returns what was read."""
        a = compare.read(source or self.source, user)
        b = compare.read(target or self.target, target_user or user)
        self.assertEqual(compare.differences(a, b, ordered=ordered, **more), [])
        return a, b

    def named(self, user, problem):
        """The Message-ID that a problem is about; it may name the source's UID instead."""
        if problem.get("message_id"):
            return problem["message_id"].strip("<>")
        boxes = compare.read(self.source, user).boxes
        name = problem["folder"][6:].replace(".", "/") if problem["folder"].startswith("INBOX.") else problem["folder"]
        return next((m.message_id.strip("<>") for m in boxes[name].mails if m.uid == problem["uid"]), "")

    def copied_now(self, doc):
        return sum(a["totals"]["ledger"]["copied_now"] for a in doc["accounts"])


def at_once(calls):
    """Runs the calls in threads and returns what they return; the first exception is raised. Runs after a kill mostly wait."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(len(calls), 1)) as pool:
        futures = [pool.submit(call) for call in calls]
        return [future.result() for future in futures]
