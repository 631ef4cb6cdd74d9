#!/usr/bin/env python3
"""Large mail, at a distance also middling mail, leaves for the target while it still comes in from the source. However either side breaks, or we do, nothing of it
is there that is not whole."""
import random
import resource
import signal
import time

import compare
import corpus
import lib
import machine
from faults import Command, Cut, Freeze, Number, Pause

QUICK = {"timeout": "3s"}
DATE = 1400000000
MB = 1 << 20


def small(number):
    """Below the hundred bytes from which a proxy counts literals."""
    return corpus.Message(b"Message-ID: <p%d@x>\r\nSubject: p\r\n\r\nx\r\n" % number, DATE + number)


def large(number, size, flags=()):
    head = b"Message-ID: <g%d@x>\r\nSubject: grande\r\n\r\n" % number
    lines = random.Random(number).randbytes(size // 2).hex().encode()
    body = b"\r\n".join(lines[at:at + 74] for at in range(0, len(lines), 74))
    return corpus.Message(head + body[:size - len(head) - 2] + b"\r\n", DATE + number, flags)


class Streams(lib.Case):
    """Breaks and rules, with a mail that is long enough to leave early, and another that just is."""
    LONG, JUST = 3 * MB, MB + 9000
    FAST = 6 * MB           # bytes/s: slow enough that the target has made its folder meanwhile
    PARTS = (1, 2, 9, 30)   # of what is sent of the first long one, after which we die
    env = {}
    offers = None           # all that the target does, if not what it says

    def job(self, *accounts, **top):
        job = super().job(*accounts, **top)
        job.env = self.env
        return job

    def put(self, user, *mails):
        corpus.write_maildir(self.source, user, [corpus.Folder("INBOX", list(mails))])

    def mixed(self, user, *more):
        self.put(user, small(1), small(2), large(3, self.LONG), small(4), large(5, self.JUST), small(6), *more)

    def between(self, user, **top):
        """(job, source, target): one lane, both lines through proxies."""
        self.mixed(user)
        source, target = self.proxy(self.source), self.proxy(self.target)
        target.capability = self.offers
        account = lib.account(user, source, target, source_more=QUICK, target_more=QUICK)
        return self.job(account, workers=1, **top), source, target

    def all_there(self, user, job):
        """All is there, once, byte for byte; another run brings nothing."""
        self.same(user)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.assertEqual(compare.read(self.target, user).count(), 6)

    # ---- the source breaks off ----
    def source_breaks(self):
        half, last = self.LONG // 2, self.LONG - 1000

        def instead(text):
            """The line that closes the first large literal is another."""
            struck = []

            def rewrite(line):
                if line.rstrip() == b")" and not struck and rewrite.large:
                    struck.append(line)
                    return text
                rewrite.large = b"BODY[] {%d" % self.LONG in line
                return line
            rewrite.large, rewrite.struck = False, struck
            return rewrite

        breaks = {"meta": Cut("down", half, literal=1), "fine": Cut("down", last, literal=1), "ultimo": Cut("down", self.LONG, literal=1),
                  "secca": Cut("down", last, literal=1, reset=True), "due": Cut("down", half, literal=1, times=2), "muta": Freeze("down", half, literal=1),
                  "lenta": Pause("down", half, literal=1, seconds=1.5)}
        lines = {"rotta": instead(b" what is this\r\n"), "vuota": instead(b"\r\n"), "persa": instead(b"")}

        def one(user):
            job, source, target = self.between(user)
            source.rewrite = lines.get(user)
            source.rate = self.FAST
            fault = source.add(breaks[user]) if user in breaks else None
            doc = self.ended(job.run())
            self.assertTrue(fault.struck if fault else lines[user].struck, user)
            self.assertEqual(self.copied_now(doc), 6)
            # what was begun and broken off was sent once more; where the target's folder was late it was not begun
            appends = target.count(r"APPEND .*\{%d" % self.LONG)
            self.assertIn(appends, (1,) if user == "lenta" else (1, 2), user)
            self.begun += appends == 2
            self.all_there(user, job)
        return [lambda user=user: one(user) for user in (*breaks, *lines)]

    # ---- the target breaks off, or does not want it ----
    def target_breaks(self):
        half = self.LONG // 2
        breaks = {"via": Cut("up", half, literal=1), "reset": Cut("up", half, literal=1, reset=True), "quasi": Cut("up", self.LONG, literal=1)}

        def breaks_off(user):
            job, _, target = self.between(user)
            fault = target.add(breaks[user])
            self.ended(job.run())
            self.assertTrue(fault.struck, user)
            self.all_there(user, job)

        def full():
            job, _, target = self.between("piena")
            fault = target.add(Command(r"APPEND .*\{%d\+?\}" % self.LONG, do="answer", text="NO [OVERQUOTA] the disk is full", times=None))
            doc = self.ended(job.run(), 7)
            self.assertTrue(lib.problems(doc, "over-quota"))
            target.faults.remove(fault)
            self.ended(job.run())
            self.all_there("piena", job)

        def too_big():
            job, _, target = self.between("grossa")
            target.add(Command(r"APPEND .*\{%d\+?\}" % self.LONG, do="answer", text="NO [TOOBIG] not so much", times=None))
            doc = self.ended(job.run(), 1)
            self.assertEqual(len(lib.problems(doc, "message-refused")), 1)
            with open(*job.refused(), "rb") as kept:
                self.assertEqual(kept.read(), large(3, self.LONG).data)
            self.assertEqual(compare.read(self.target, "grossa").count(), 5)
            self.ended(job.run(), 1)
            target.clear()
            job.call("refused", "--retry")
            self.ended(job.run())
            self.all_there("grossa", job)
        return [lambda user=user: breaks_off(user) for user in breaks] + [full, too_big]

    # ---- we do ----
    def we_break(self):
        def dies(user, point):
            job, _, _ = self.between(user)
            process = job.start("run", "--json", TRASLOCO_CRASH=point)
            process.communicate(timeout=lib.RUN_LIMIT)
            self.assertNotEqual(process.returncode, 0, point)
            self.ended(job.run())
            self.all_there(user, job)

        def ended_by(user, how, status):
            job, source, _ = self.between(user)
            source.rate = self.FAST // 3
            process = job.start("run", "--json")
            lib.wait_for(lambda: source.count("UID FETCH .*BODY"))
            time.sleep(random.uniform(0.3, 1.2))
            process.send_signal(how)
            result = lib.finish(process, 30)
            if status:
                doc = self.ended(result, status)
                self.assertEqual(lib.only(doc)["next"], "run-again")
            source.rate = 0
            self.ended(job.run())
            self.all_there(user, job)
        return [lambda n=n: dies("muore%d" % n, "partly-sent:%d" % n) for n in self.PARTS] + [
            lambda: ended_by("interrotta", signal.SIGINT, 130), lambda: ended_by("finita", signal.SIGTERM, 143),
            lambda: ended_by("uccisa", signal.SIGKILL, 0)]

    def breaks(self):
        """All at once: after a kill most of the time is waiting."""
        self.begun = 0
        lib.at_once(self.source_breaks() + self.target_breaks() + self.we_break())
        self.assertGreater(self.begun, 2)


class Near(Streams):
    test_breaks = Streams.breaks

    def test_rules(self):
        def ledger(doc):
            whole = lib.only(doc)["totals"]["ledger"]
            return whole["copied"], whole["skipped"]

        def left_out(user, mail, expected, **messages):
            self.mixed(user, *mail)
            account = lib.account(user, self.source, self.target)
            account["messages"] = messages
            job = self.job(account, workers=1)
            for _ in range(2):
                self.assertEqual(ledger(self.ended(job.run())), expected, user)
            held = compare.read(self.target, user).boxes["INBOX"].mails
            self.assertEqual(len(held), expected[0])

        def lies():
            """The source announces a length that no large mail has."""
            job, source, _ = self.between("bugiarda")
            source.add(Number(rb"RFC822\.SIZE (314\d{4})", by=100))
            self.ended(job.run())
            self.same("bugiarda")

        def rate():
            job, _, _ = self.between("frenata", limits={"give_up": "90s", "rate": "1MB/s"})
            result = job.run()
            self.ended(result)
            self.assertGreater(result.seconds, 2)
            self.same("frenata")

        def descriptors():
            """The source is much faster than the target: what waits on disk does not use up the descriptors."""
            self.put("fila", *(large(n, MB + 9000) for n in range(60)))
            target = self.proxy(self.target)
            pause = target.add(Pause("up", MB // 2, literal=1, seconds=2))
            job = self.simple("fila", target=target, workers=8)
            process = job.start("run", "--json")
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (100, 100))
            self.ended(lib.finish(process))
            self.assertTrue(pause.struck)
            self.same("fila")
        lib.at_once([descriptors, lambda: left_out("misura", (), (5, 1), max_size="2MB"), lambda: left_out("segnata", (large(7, self.LONG, flags=("\\Deleted",)),), (6, 1), deleted="skip"),
                     lambda: left_out("doppia", (large(3, self.LONG),), (6, 1), duplicates="skip"), lies, rate])


class Far(Streams):
    """Where an answer takes 50 ms, as the program believes: mail from 128 KB on."""
    LONG, JUST = 400000, (128 << 10) + 900
    FAST, PARTS = MB, (1, 2, 4)
    offers = "IMAP4rev1 UIDPLUS LITERAL+" # no MULTIAPPEND: what does not leave early goes alone as well, as large mail does
    test_breaks = Streams.breaks

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = machine.loaded(far=1)


if __name__ == "__main__":
    lib.tail()
