#!/usr/bin/env python3
"""Servers that mean no good (T26): nothing they say crashes the program, holds it up for ever, makes it use more memory than it may, or reaches a terminal
as it came. What a server can act out is servers/hostile.py; here stand the acts, what the run has to end with, and by when.

In builds without sanitizers the most memory of each run is checked too, and printed. TRASLOCO_TEST_ACTS: only acts whose names hold that text.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import tempfile
import time
import unittest

import lib
from hostile import DATE, Hostile, mail

# What goes on for ever ends after 20 times the job's time-out. Where nothing has to be waited for, it is long enough for a busy machine.
WAITING, OTHER = "1s", "10s"
LIMIT = 150
MEMORY_KB = 48 << 10
# Control characters but the line's end, C1, and marks that turn the direction of writing.
UNSEEMLY = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
EVIL = "\x1b[31mred\x07\u202egpj.exe\u2066\x85\x7f\u200e\u2028\x1b]0;title\x07"


def forever(line):
    return lambda peer, tag, rest: peer.flood(line)


def say(text):
    """The text instead of the reply; %s is the tag."""
    return lambda peer, tag, rest: peer.send(text.replace("%s", tag))


def before(word, line, times=1):
    """So many lines, then what a plain server says."""
    def act(peer, tag, rest):
        peer.flood(line, times)
        peer.plain(tag, word, rest)
    return act


def dripping(data):
    return lambda peer, tag, rest: peer.drip(data)


def still_here(peer, tag, rest):
    while True:
        peer.send("* OK Still here\r\n")
        peer.pause(0.25)


def select(exists):
    def act(peer, tag, rest):
        peer.box = peer.server.boxes[peer.name(rest)]
        peer.send("* %s EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 6] n\r\n%s OK open\r\n" % (exists, tag))
    return act


def same_again(peer, tag, rest):
    """A mail that was asked for, and again, and again."""
    peer.flood(peer.fetched(1, peer.box.mails[1], rest))


def unasked(size):
    head = b"FETCH (UID 4000000 RFC822.SIZE %d INTERNALDATE %s FLAGS () BODY[] {%d}\r\n" % (size, DATE.encode(), size)
    return lambda peer, tag, rest: peer.flood(b"* 9 " + head + b"x" * size + b")\r\n")


def announced(size):
    def act(peer, tag, rest):
        peer.send("* 1 FETCH (UID 1 RFC822.SIZE 20 INTERNALDATE %s FLAGS () BODY[] {%d}\r\n" % (DATE, size))
        peer.drip(b"x" * 1000)
    return act


def longer(peer, tag, rest):
    """More bytes than the literal was to have; they are no IMAP."""
    peer.send(b"* 1 FETCH (UID 1 RFC822.SIZE 10 INTERNALDATE %s FLAGS () BODY[] {10}\r\n%s)\r\n" % (DATE.encode(), b"Subject: x\r\n\r\n" + b"T9 OK\r\n" * 50))
    peer.send("%s OK fetched\r\n" % tag)


def many_keywords(peer, tag, rest):
    words = " ".join("k%06d" % n for n in range(100000))
    peer.send("* 1 FETCH (UID 1 RFC822.SIZE 10 INTERNALDATE %s FLAGS (%s) BODY[] {10}\r\nSubject: x)\r\n%s OK\r\n" % (DATE, words, tag))


def evil_no(peer, tag, rest):
    peer.send("%s NO [%s] %s\r\n" % (tag, EVIL, EVIL))


def evil_append(peer, tag, rest):
    """Refuses each mail, and says why."""
    evil_no(peer, tag, rest)


ROWS = b"".join(b'* LIST () "/" "f%d"\r\n' % n for n in range(50000))
LSUB_ROWS = ROWS.replace(b"LIST", b"LSUB")
BACKWARDS = " ".join(map(str, range(300000, 0, -1)))
DEEP = b"(" * 1000000
EVIL_NAMES = ["INBOX", EVIL, "../../../../tmp/ostile", "..", "a/../../b", "lungo" * 1000, "%s%n*", "a\rb\nc", "caf\udce9", "-rf", "~root/x", "|date"]

# name: (side, acts, status or statuses, what else differs)
ACTS = {
    # the greeting: no line, no end, nothing
    "greeting-endless": ("source", {"GREETING": forever(b"* OK hello ")}, 3),
    "greeting-drip": ("source", {"GREETING": dripping(b"* OK " + b"x" * 1000)}, 3),
    "greeting-garbage": ("source", {"GREETING": say("\x00\xff\x1b[2J\r\n")}, 3),
    "greeting-silent": ("source", {"GREETING": lambda peer, tag, rest: peer.pause(60)}, 3),
    "greeting-preauth": ("source", {"GREETING": say("* PREAUTH %s\r\n" % EVIL.replace("%", ""))}, 5),
    "greeting-bye": ("source", {"GREETING": say("* BYE [%s] %s\r\n" % (EVIL, EVIL))}, 3),
    # signing in
    "login-refused": ("source", {"LOGIN": evil_no}, 4),
    "login-disabled": ("source", {"GREETING": say("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=%s] x\r\n" % EVIL)}, 5),
    "login-untagged": ("target", {"LOGIN": forever(b"* OK Still here\r\n")}, 3),
    "capability-large": ("source", {"CAPABILITY": say("* CAPABILITY IMAP4rev1 %s\r\n%%s OK\r\n" % ("X" * 15 + " ") * 60000), "GREETING": say("* OK x\r\n")}, 3),
    "capability-many": ("source", {"LOGIN": say("* CAPABILITY IMAP4rev1%s\r\n%%s OK\r\n" % "".join(" X%d" % n for n in range(100000)))}, 0),
    # lists; 10 million rows
    "list-rows": ("source", {"LIST": before("LIST", ROWS, 200)}, 3),
    "list-rows-target": ("target", {"LIST": before("LIST", ROWS, 200)}, 3),
    "list-same": ("source", {"LIST": forever(b'* LIST () "/" "x"\r\n')}, 3),
    "list-drip": ("source", {"LIST": dripping(b'* LIST () "/" "%s"' % (b"x" * 1000))}, 3),
    "list-still-here": ("target", {"LIST": still_here}, 3),
    "list-deep": ("source", {"LIST": before("LIST", b'* LIST () "/" x ' + DEEP + b"\r\n")}, 3),
    "list-deep-but-short": ("source", {"LIST": before("LIST", b'* LIST () "/" x ' + DEEP[:60000] + b"\r\n")}, (1, 3)),
    "list-literal-2-63": ("source", {"LIST": say('* LIST () "/" {9223372036854775808}\r\n')}, 3),
    "lsub-rows": ("source", {"LSUB": before("LSUB", LSUB_ROWS, 200)}, 3),
    "status-other": ("source", {"STATUS": forever(b'* STATUS "other" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 3)\r\n')}, 3),
    "status-huge": ("source", {"STATUS": say('* STATUS INBOX (MESSAGES 4294967295 UIDNEXT 4294967295 UIDVALIDITY 7)\r\n%s OK\r\n')}, (0, 3)),
    # a folder
    "exists-4-billion": ("source", {"EXAMINE": select("4294967295")}, (1, 3)),
    "exists-20-digits": ("source", {"EXAMINE": select("99999999999999999999")}, (0, 3)),
    "select-refused": ("source", {"EXAMINE": evil_no}, (1, 3)),
    "permanent-endless": ("target", {"SELECT": before("SELECT", b"* OK [PERMANENTFLAGS (%s)] x\r\n" % b" ".join(b"k%d" % n for n in range(290)), 100)}, 0),
    "search-shuffled": ("source", {"SEARCH": say("* SEARCH 5 0 3 1 3 2 4 4294967295 5 1\r\n%s OK\r\n")}, (0, 1)),
    "search-twice": ("source", {"SEARCH": before("SEARCH", b"* SEARCH 1 2 3 4 5\r\n", 2)}, 0),
    "search-2-32": ("source", {"SEARCH": say("* SEARCH 1 2 3 4 5 4294967296\r\n%s OK\r\n")}, (1, 3)),
    "search-backwards": ("source", {"SEARCH": say("* SEARCH %s\r\n%%s OK\r\n" % BACKWARDS)}, (0, 1, 3)),
    "search-everything": ("source", {"SEARCH": say("* ESEARCH (TAG \"x\") UID ALL 1:4294967295\r\n%s OK\r\n")}, (0, 1, 3)),
    "search-endless": ("source", {"SEARCH": forever(b"* SEARCH 1 3 5\r\n")}, 3),
    # mails
    "fetch-unasked": ("source", {"FETCH": forever(b"* 9 FETCH (UID 99 FLAGS ())\r\n")}, 3),
    "fetch-unasked-bodies": ("source", {"FETCH": unasked(3000000)}, 3),
    "fetch-same": ("source", {"FETCH": same_again}, 3),
    "fetch-drip": ("source", {"FETCH": announced(1000)}, 3),
    "fetch-literal-2-63": ("source", {"FETCH": announced(1 << 63)}, 3),
    "fetch-literal-4-gb": ("source", {"FETCH": announced((1 << 32) - 1)}, 3),
    "fetch-longer": ("source", {"FETCH": longer}, (1, 3)),
    "fetch-deep": ("source", {"FETCH": before("FETCH", b"* 1 FETCH (UID 1 BODYSTRUCTURE " + DEEP[:100000] + b"\r\n", 5)}, 0),
    "fetch-keywords": ("source", {"FETCH": many_keywords}, 1),
    "fetch-bye": ("source", {"FETCH": say("* BYE %s\r\n" % EVIL)}, 3),
    "tag-wrong": ("source", {"EXAMINE": say("T4000000000 OK\r\nX OK %s\r\n" % EVIL)}, 3),
    "go-ahead": ("source", {"EXAMINE": say("+ go\r\n")}, 3),
    # writing
    "append-refused": ("target", {"APPEND": evil_append}, 1),
    "append-drip": ("target", {"APPEND": dripping(b"* OK " + b"x" * 1000)}, 3),
    "append-uids": ("target", {"APPEND": say("%s OK [APPENDUID 7 1:4294967295] x\r\n")}, (1, 3)),
    "create-untagged": ("target", {"SELECT": still_here}, 3),
}
WAITS = ("drip", "still", "untagged", "silent", "unasked-bodies")  # for their time to be over


def sanitized():
    with open(lib.program(), "rb") as file:
        data = file.read()
    return b"__asan_init" in data or b"__tsan_init" in data


class Hostiles(unittest.TestCase):
    def job(self, source, target, timeout=OTHER):
        more = {"timeout": timeout}
        job = lib.Job([lib.account("ugo", source, target, source_more=more, target_more=more)], limits={"give_up": "1s"}, workers=2)
        self.addCleanup(job.close)
        return job

    def call(self, job, command, *options):
        """Its result, and the most memory it had in KB."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            began, peak = time.monotonic(), 0
            process = subprocess.Popen([lib.program(), command, job.path, *options], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       cwd=job.folder, env=lib.environment())
            while process.poll() is None:
                try:
                    with open("/proc/%d/status" % process.pid) as status:
                        peak = max([peak] + [int(line.split()[1]) for line in status if line.startswith("VmHWM")])
                except OSError:
                    pass
                if time.monotonic() - began > LIMIT:
                    process.kill()
                    process.wait()
                    raise AssertionError("%s: not over after %d s" % (command, LIMIT))
                time.sleep(0.02)
            out.seek(0)
            err.seek(0)
            return lib.Result(process.returncode, out.read().decode("utf-8"), err.read().decode("utf-8"), time.monotonic() - began), peak

    def seemly(self, what, text):
        found = UNSEEMLY.search(text)
        self.assertIsNone(found, "%s shows %r" % (what, found and text[max(found.start() - 60, 0):found.end() + 20]))

    def check_outputs(self, job, more=()):
        """Whatever is shown of it can't move a cursor or turn a line around."""
        names = {"--" + kind: os.path.join(job.folder, kind) for kind in ("text", "csv", "json")}
        for options in (("report", *(word for pair in names.items() for word in pair)), ("status",)) + more:
            result, _ = self.call(job, *options)
            self.assertEqual(result.code, 0, result.tell())
            self.seemly(options[0] + " (stderr)", result.err)
            self.seemly(" ".join(options[:2]), result.out)
        for name, path in {"--log": os.path.join(job.folder, "log"), "--wire-log": os.path.join(job.folder, "wire"), **names}.items():
            with open(path, encoding="utf-8", newline="") as file:
                self.seemly(name, file.read().replace("\r\n", "\n"))

    def act(self, name):
        side, acts, expected = ACTS[name]
        expected = expected if isinstance(expected, tuple) else (expected,)
        with Hostile(acts=acts if side == "source" else None) as source, Hostile({"INBOX": []}, acts if side == "target" else None) as target:
            job = self.job(source, target, WAITING if any(word in name for word in WAITS) else OTHER)
            result, peak = self.call(job, "run", "--progress", "plain", "--log", os.path.join(job.folder, "log"), "--wire-log", os.path.join(job.folder, "wire"))
            held = [data for box in target.boxes.values() for data in box.mails.values()]
            self.assertIn(result.code, expected, result.tell())
            self.seemly("run (stderr)", result.err)
            self.seemly("run", result.out)
            self.assertEqual(len(held), len(set(held)), "a mail is there twice")
            if result.code == 0:
                self.assertEqual(len(held), 5)
            self.check_outputs(job)
        return result.seconds, peak

    def test_acts(self):
        """T26"""
        only, measured = os.environ.get("TRASLOCO_TEST_ACTS", ""), not sanitized()
        # those that wait all at once, the others beside them
        pools = {True: concurrent.futures.ThreadPoolExecutor(len(ACTS)), False: concurrent.futures.ThreadPoolExecutor(2)}
        runs = {name: pools[any(word in name for word in WAITS)].submit(self.act, name) for name in ACTS if only in name}
        for pool in pools.values():
            pool.shutdown()
        for name, run in runs.items():
            with self.subTest(act=name):
                seconds, peak = run.result()
                if measured or os.environ.get("TRASLOCO_TEST_ACTS") is not None:
                    print("%-24s %5.1f s %6d KB" % (name, seconds, peak), flush=True)
                if measured:
                    self.assertLess(peak, MEMORY_KB)

    def test_names(self):
        """T12, T26: folders with evil names, and in each a mail that the target refuses: no name becomes a path."""
        refuse = {"APPEND": evil_append}
        boxes = {name: [mail(n, b"in a folder")] for n, name in enumerate(EVIL_NAMES)}
        with Hostile(boxes) as source, Hostile({"INBOX": []}, refuse) as target:
            job = self.job(source, target)
            for options in (("plan",), ("run", "--progress", "bar"), ("run", "--progress", "json"), ("verify",)):
                result, _ = self.call(job, *options, "--log", os.path.join(job.folder, "log"), "--wire-log", os.path.join(job.folder, "wire"))
                self.assertIn(result.code, (0, 1, 3), result.tell())  # 1: a folder that no command can name
                for line in result.err.splitlines():
                    # a bar moves the cursor itself
                    self.seemly(options[-1], re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", line) if "bar" in options else line)
                self.seemly(options[0], result.out)
                if "json" in options:    # a program reads the name as it is
                    told = [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]
                    self.assertIn(EVIL, [event["folder"] for event in told if event["event"] == "folder"])
            self.check_outputs(job, (("status", "--json"), ("refused",)))
            with open(os.path.join(job.folder, "json"), encoding="utf-8") as file:
                self.assertIn(EVIL, [folder["source"] for folder in lib.only(json.load(file))["folders"]])
            kept = job.refused()
            self.assertEqual(len(kept), len(EVIL_NAMES) - 1, kept)
            top = os.path.join(job.folder, "refused")
            for path in kept:
                self.assertEqual(os.path.realpath(path), path)
                self.assertEqual(os.path.dirname(os.path.dirname(path)), top)
                self.seemly("a path", path)
            self.assertEqual({open(path, "rb").read() for path in kept}, {data for name, box in boxes.items() for data in box if "\n" not in name})
            others = {name for name in os.listdir(job.folder) if not name.startswith("migrate.")}
            self.assertEqual(others, {"log", "refused", "wire", "text", "csv", "json"})
            out = os.path.join(job.folder, "out")
            result, _ = self.call(job, "refused", "--export", out)
            self.assertEqual(result.code, 0, result.tell())
            exported = [os.path.join(where, name) for where, _, names in os.walk(out) for name in names]
            self.assertEqual(len(exported), len(kept))
            for path in exported:
                self.seemly("an exported path", path)


if __name__ == "__main__":
    lib.tail()
