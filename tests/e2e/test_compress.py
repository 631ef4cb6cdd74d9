#!/usr/bin/env python3
"""COMPRESS=DEFLATE: between two Dovecots that offer it, over each kind of connection; where it is offered and does not work; and with scenarios, which do
their harm to the plain text behind it. The program believes that the servers are far away (faults.h): on its own machine it does not compress."""
import os
import re

import lib
import corpus
import machine
import trials
from squeeze import Squeeze

SCENES = ["cut_in_mail", "reset_before_reply", "no_after_storing", "body_short", "one_byte"]
COUNTED = re.compile(r"compressed: ([0-9.]+) MB came as ([0-9.]+) MB, ([0-9.]+) MB left as ([0-9.]+) MB")


def large(kind):
    """A mail of 5 MB, of text or of what can hardly be packed."""
    line = (lambda n: b"riga %d di un testo molto lungo, e ancora e ancora e ancora\r\n" % n) if kind == "text" else lambda n: os.urandom(33).hex().encode() + b"\r\n"
    return corpus.Message(b"From: a@example.org\r\nDate: Tue, 13 May 2014 16:53:20 +0000\r\nMessage-ID: <%s@example.org>\r\nSubject: grande\r\n\r\n%s"
                          % (kind.encode(), b"".join(map(line, range((5 << 20) // 64)))), 1400000000, ["\\Seen"])


@trials.made_for(["source", "target"], SCENES)
class Compress(trials.Trials):
    source_options = target_options = {"compress": True}
    threads = 16

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.surroundings = machine.loaded(far=1)

    def squeeze(self, port, breaks=None):
        squeeze = Squeeze(port, breaks)
        self.addCleanup(squeeze.close)
        return squeeze

    def in_front(self, proxy):
        squeeze = self.squeeze(proxy.port)
        self.addCleanup(lambda: self.assertGreater(squeeze.on, 0))
        return squeeze

    def moved(self, user, job, *options, **env):
        """Moved, and whole; a second run has nothing to do."""
        self.ended(job.run(*options, **env))
        self.same(user)
        self.assertEqual(self.copied_now(self.ended(job.run(**env))), 0)
        self.same(user)

    def logged(self, user, tls, **env):
        """A run over such connections: its wire log, and what its log says of each connection's bytes: came, packed, left, packed."""
        job = self.job({"name": user, "source": lib.end(self.source, user, tls), "target": lib.end(self.target, user, tls)})
        logs = [os.path.join(job.folder, name) for name in ("log", "wire")]
        self.moved(user, job, "-v", "--log", logs[0], "--wire-log", logs[1], **env)
        log, wire = (open(path, encoding="utf-8", errors="replace").read() for path in logs)
        return wire, [tuple(map(float, found)) for found in COUNTED.findall(log)]

    # ---- two servers that can do it ----

    def far(self, tls, *more):
        user = "compresso-" + tls
        corpus.write_maildir(self.source, user, corpus.mailbox(user, 60) + [corpus.Folder("Grandi", [large(kind) for kind in more])])
        wire, counted = self.logged(user, tls, **self.surroundings)
        asked = len(re.findall(r" C: T\d+ COMPRESS DEFLATE", wire))
        self.assertGreaterEqual(asked, 2)
        self.assertEqual(len(re.findall(r" S: T\d+ OK Begin compression", wire)), asked)
        self.assertEqual(len(counted), asked)
        self.assertRegex(wire, r" C: T\d+ APPEND ")     # it reads what was said, not what passed
        came, came_packed, left, left_packed = map(sum, zip(*counted))
        for plain, packed in ((came, came_packed), (left, left_packed)):
            self.assertGreater(plain, 5 * len(more))
            self.assertLess(packed, plain * 0.8)

    def test_plain(self):
        self.far("none", "text", "noise")

    def test_starttls(self):
        self.far("starttls")

    def test_tls(self):
        self.far("implicit", "text")

    def test_near(self):
        """On this machine it is not asked for."""
        self.fill("vicino", 20)
        wire, counted = self.logged("vicino", "none")
        self.assertFalse(re.search(r" C: T\d+ COMPRESS", wire))
        self.assertEqual(counted, [])

    # ---- it is offered, and does not work: the run goes on without it, and asks that server no more ----

    def broken(self, breaks, most):
        user = "rotto-%s" % breaks
        self.fill(user, 30)
        source, target = (self.squeeze(server.port, breaks) for server in (self.source, self.target))
        quick = {"timeout": "3s"}
        job = self.job(lib.account(user, source, target, source_more=quick, target_more=quick), workers=1)
        self.moved(user, job, **self.surroundings)
        for squeeze in (source, target):
            self.assertLessEqual(squeeze.on, most)
            self.assertGreater(squeeze.connections, squeeze.on)
        return source.on + target.on

    def test_refused(self):
        self.broken("no", 0)

    def test_does_not_work(self):
        """In each of two runs a side believes in it once, or twice when it was stopped at the first because of the other side."""
        for believed in lib.at_once([lambda breaks=breaks: self.broken(breaks, 4) for breaks in ("close", "plain", 0)]):
            self.assertGreaterEqual(believed, 4)


if __name__ == "__main__":
    lib.tail()
