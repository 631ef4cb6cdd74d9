#!/usr/bin/env python3
"""Servers that bear only so many connections: whoever says so, or slows down, gets fewer; the move ends well, and says it. Which decision follows from which
numbers: unit/flow/tune."""
import json
import re
import threading
import time

import lib
import corpus
from tamper import Tamper

SIGN_IN = re.compile(rb"\S+ (LOGIN|AUTHENTICATE)\b", re.I)
BODIES = re.compile(rb"\S+ UID FETCH .*BODY\.PEEK\[\]", re.I)
BODY = re.compile(rb"\* \d+ FETCH .*BODY\[\]", re.I)


class Crowded(Tamper):
    """A server that knows how many are in."""

    def __init__(self, server, response=None, command=None):
        self.refused, self.seen, self.first = 0, [], True
        self.full, self.lock = threading.Event(), threading.Lock()
        super().__init__(server.port, response, command)

    def inside(self):
        return sum(1 for session in list(self.live) if session.memory.get("in"))


def throttles(session, whole):
    """Bodies only for two at once; it begins when four are in."""
    tamper = session.tamper
    if SIGN_IN.match(whole):
        session.memory["in"] = True
        if tamper.inside() >= 4:
            tamper.full.set()
    if not BODIES.match(whole):
        return whole
    tamper.full.wait(20)
    return whole if tamper.inside() <= 2 else refuse(session, whole)


def refuse(session, whole):
    with session.tamper.lock:
        session.tamper.refused += 1
    session.say(whole.split(b" ", 1)[0] + b" BAD Request is throttled. Suggested Backoff Time: 1000 milliseconds\r\n")
    return b""


def shuts_out(session, whole):
    """Two come in, the others do not."""
    tamper = session.tamper
    if not SIGN_IN.match(whole):
        if BODIES.match(whole):
            tamper.full.wait(20)
        return whole
    if tamper.inside() < 2:
        session.memory["in"] = True
        return whole
    tamper.refused += 1
    tamper.full.set()
    session.say(whole.split(b" ", 1)[0] + b" NO [LIMIT] Too many connections\r\n")
    return b""


def comes_in(session, whole):
    session.memory["in"] = session.memory.get("in") or bool(SIGN_IN.match(whole))
    return whole


def slows(session, whole):
    """A body takes 30 ms, and ten times as long for everybody when more than four are in; until it has been seen that they became fewer."""
    if BODY.match(whole):
        session.tamper.full.wait(0.03 if session.tamper.inside() <= 4 else 0.3)
    return whole


def throttles_once(session, whole):
    """Bodies not for the first that asks once four are in; then how many are in when bodies are asked for."""
    tamper = session.tamper
    if not BODIES.match(whole):
        return throttles(session, whole)
    tamper.full.wait(20)
    with tamper.lock:
        first, tamper.first = tamper.first, False
    if first:
        return refuse(session, whole)
    tamper.seen.append(tamper.inside())
    time.sleep(0.05)
    return whole


class Lanes(lib.Case):
    def crowded(self, side, response=None, command=None):
        tamper = Crowded(getattr(self, side), response, command)
        self.addCleanup(tamper.close)
        return tamper

    def folders(self, user, count, each):
        mails = [b"Message-ID: <%d.%d@x>\r\nSubject: n\r\n\r\n%s\r\n" % (f, n, b"parola " * 20) for f in range(count) for n in range(each)]
        corpus.write_maildir(self.source, user, [corpus.Folder("Cartella %d" % f if f else "INBOX", [corpus.Message(m, 1400000000 + 60 * n) for n, m in
                             enumerate(mails[f * each:(f + 1) * each])]) for f in range(count)])

    def job_of(self, user, source, target, **more):
        return self.job(lib.account(user, source, target, source_more={"connections": 8}, target_more={"connections": 8}), **more)

    def told(self, doc):
        """The note of how many lanes there were; "" when there is none."""
        return "".join(p["text"] for p in doc.get("problems", []) if p["code"] == "lanes")

    def refuses(self, user, command, why):
        self.folders(user, 24, 10)
        source = self.crowded("source", None, command)
        job = self.job_of(user, source, self.target, workers=4)
        result = job.run("--progress", "json")
        doc = self.ended(result)
        self.same(user)
        events = [json.loads(line) for line in result.err.splitlines()]
        self.assertTrue(0 < source.refused < 9, source.refused)
        ended = [e for e in events if e["event"] == "account" and e["stage"] == "ended"][0]
        self.assertIn(ended["lanes_allowed"], (1, 2), result.err)
        self.assertIn(events[-1]["lanes_most"], (3, 4), result.err)
        self.assertEqual(events[-1]["lanes"], 0)
        self.assertRegex(self.told(doc), r"^lanes at work at once: [34] at most.*%s" % why)
        self.assertIn("Connections at work at once", job.call("report", "--text", "-").out)
        self.assertIn("Connessioni al lavoro", job.call("report", "--text", "-", "--lang", "it").out)

    def test_throttled(self):
        self.refuses("strozzato", throttles, "asked for less")

    def test_one_too_many_leaves(self):
        """Of four one is throttled: of the other three, who are not, one leaves when its folder is through."""
        self.folders("troppi", 60, 6)
        source = self.crowded("source", None, throttles_once)
        doc = self.ended(self.job_of("troppi", source, self.target, workers=4).run())
        self.same("troppi")
        self.assertEqual(source.refused, 1)
        self.assertEqual([n for n in source.seen[-3:] if n > 2], [], source.seen)
        self.assertIn("asked for less", self.told(doc))

    def test_shut_out(self):
        self.refuses("stretto", shuts_out, "let no more in")

    def test_slower(self):
        """More connections make all of them slower: there are fewer before long."""
        self.folders("folla", 130, 10)
        source = self.crowded("source", slows, comes_in)
        job = self.job_of("folla", source, self.target, workers=8)
        process = job.start("run", "--json", "--progress", "json")
        watchdog, out, lines, lanes = threading.Timer(lib.RUN_LIMIT, process.kill), [], [], []
        watchdog.start()
        reader = threading.Thread(target=lambda: out.append(process.stdout.read()))
        reader.start()
        for line in process.stderr:
            lines.append(line)
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("event") == "progress" and "account" not in event:
                lanes.append((event["lanes_allowed"], event["lanes"], event["lanes_most"]))
                if event["lanes_most"] > 4 and max(event["lanes_allowed"], event["lanes"]) <= 4:
                    source.full.set()
        reader.join()
        watchdog.cancel()
        doc = self.ended(lib.Result(process.wait(), out[0], "".join(lines), 0))
        self.assertTrue(source.full.is_set(), lanes)
        self.assertRegex(self.told(doc), r"^lanes at work at once: [5-8] at most, [1-7] for a time: more were slower")
        self.same("folla")

    def test_nothing_to_say(self):
        """A short run that nobody hindered says nothing of lanes."""
        self.fill("calmo", 40)
        self.assertEqual(self.told(self.ended(self.simple("calmo").run())), "")


if __name__ == "__main__":
    lib.tail()
