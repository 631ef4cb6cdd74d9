#!/usr/bin/env python3
"""Many small folders on Dovecot, Courier and Cyrus: the next ones are asked for while mail of the one at hand comes in. Everything arrives once, is fetched once, and the
line does not wait between two folders. What may happen to a folder meanwhile: unit/flow/ahead."""
import re
import threading
import unittest

import lib
import corpus
import evil
import unpacked
from courier import Courier
from cyrus import Cyrus
from dovecot import Dovecot
from tamper import Tamper

FOLDERS, EACH = 20, 4
BODIES = re.compile(rb"(\S+) UID FETCH (\S+) \(.*(?:BODY\.PEEK\[\]|RFC822)\)\r\n$")
EXAMINE = re.compile(rb"\S+ EXAMINE (.*)\r\n$")
SOURCES = {"dovecot": lambda: Dovecot("source"), "courier": Courier, "cyrus": lambda: Cyrus("source")}


def mailbox():
    return [corpus.Folder("Cartella %02d" % f if f else "INBOX", [evil.Mail("%d %d" % (f, n), evil.head("numero %d di %d" % (n, f)) + b"\r\nparola\r\n") for n in range(EACH)],
                          subscribed=False) for f in range(FOLDERS)]


def uids(text):
    for part in text.decode().split(","):
        first, _, last = part.partition(":")
        yield from range(int(first), int(last or first) + 1)


class Watch(Tamper):
    """Which bodies were asked for, and how often while those of the folder before were still on their way. Answers take a while, as at a distance."""

    def __init__(self, port):
        self.asked, self.ahead, self.far = [], 0, threading.Event()
        super().__init__(port, self.answer, self.ask)

    def ask(self, session, whole):
        opened, bodies = EXAMINE.match(whole), BODIES.match(whole)
        if opened:
            session.memory["box"] = opened.group(1)
        if bodies:
            waiting = session.memory.setdefault("waiting", {})
            self.ahead += any(box != session.memory["box"] for box in list(waiting.values()))
            waiting[bodies.group(1)] = session.memory["box"]
            self.asked += [(session.memory["box"], uid) for uid in uids(bodies.group(2))]
        return whole

    def answer(self, session, whole):
        tag = whole.split(b" ", 1)[0]
        if tag in session.memory.get("waiting", ()):
            self.far.wait(0.02)
            del session.memory["waiting"][tag]
        return whole


class Ahead(lib.Case):
    @classmethod
    def setUpClass(cls):
        lib.program()
        cls.target = Dovecot("target")
        cls.addClassCleanup(cls.target.close)

    def from_server(self, name):
        try:
            if name != "dovecot":
                unpacked.tree(name)
        except unpacked.Missing as reason:
            raise unittest.SkipTest(str(reason))
        source = SOURCES[name]()
        self.addCleanup(source.close)
        evil.put(source, "mario", mailbox())
        watch = Watch(source.port)
        self.addCleanup(watch.close)
        job = self.job(lib.account("mario", watch, self.target, "da-" + name, {"connections": 1}), workers=1)
        doc = self.ended(job.run("--no-verify"))
        self.assertEqual(self.copied_now(doc), FOLDERS * EACH)
        self.same("mario", "da-" + name, source=source, subscriptions=False)
        self.assertEqual(len(watch.asked), FOLDERS * EACH)
        self.assertEqual(len(set(watch.asked)), FOLDERS * EACH)
        self.assertGreaterEqual(watch.ahead, FOLDERS // 2, watch.commands)
        self.assertEqual(sum(command.startswith(b"LOGOUT") for command in watch.commands), 1)
        self.ended(job.call("verify", "--json"), command="verify")

    def test_dovecot(self):
        self.from_server("dovecot")

    def test_courier(self):
        self.from_server("courier")

    def test_cyrus(self):
        self.from_server("cyrus")


if __name__ == "__main__":
    lib.tail()
