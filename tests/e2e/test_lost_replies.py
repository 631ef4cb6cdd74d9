#!/usr/bin/env python3
"""Replies that never come, commands that arrive late, lines that are cut or freeze: each append happens once."""
import threading
import time

import compare
import lib
from proxy import Command, Cut, Freeze, Reply

COUNT = 60


class LostReplies(lib.Case):
    def ready(self, user, count=COUNT, **top):
        self.fill(user, count)
        source, target = self.proxy(self.source), self.proxy(self.target)
        quick = {"timeout": "3s"}
        job = self.job(lib.account(user, source, target, source_more=quick, target_more=quick), **top)
        return job, source, target

    def ends_well(self, user, job):
        self.ended(job.run())
        self.same(user)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.same(user)

    def test_late_after_death(self):
        """The client is killed while its last command is on the way; the server gets it three seconds later, when the next
        run has long begun."""
        job, _, target = self.ready("morto")
        fault = target.add(Command("APPEND", nth=2, do="late", delay=3))
        process = job.start("run")
        self.assertTrue(fault.happened.wait(30))
        time.sleep(0.5)
        lib.kill(process)
        self.ends_well("morto", job)
        self.assertTrue(fault.delivered.is_set())

    def test_late_while_alive(self):
        """The client loses patience and connects again; its command comes after that."""
        job, _, target = self.ready("vivo")
        fault = target.add(Command("APPEND", nth=2, do="late", delay=4))
        self.ends_well("vivo", job)
        self.assertTrue(fault.delivered.is_set())

    def test_late_after_patience(self):
        """The intent is old when the line is given up, and the command comes nine seconds after that."""
        job, _, target = self.ready("vecchio")
        fault = target.add(Command("APPEND", nth=2, do="late", delay=9))
        self.ended(job.run())
        self.assertTrue(fault.delivered.wait(20))
        self.same("vecchio")

    def test_late_and_another_break(self):
        """A session that ends before it has settled does not make the lost command forgotten."""
        user = "ancora"
        mails = [lib.corpus.Message(b"Message-ID: <%d@ancora>\r\nSubject: %d\r\n\r\n%s\r\n" % (n, n, b"x" * 300), 1400000000 + n) for n in range(1200)]
        lib.corpus.write_maildir(self.source, user, [lib.corpus.Folder("INBOX", mails)])
        target = self.proxy(self.target)
        target.rate = 300000
        quick = {"timeout": "3s"}
        job = self.job(lib.account(user, self.source, target, source_more=quick, target_more=quick))
        first = target.add(Reply("APPEND", nth=1, do="close"))      # the settling after it knows all that came before
        fault = Command("APPEND", nth=2, do="late", delay=6)        # of ten at least: a batch is 100 mails at most

        def breaks_again():
            first.happened.wait(60)
            target.add(fault)   # only now: what the lost connection had on its way is no whole command
            fault.happened.wait(60)
            target.add(Reply("UID SEARCH", do="close"))
        helper = threading.Thread(target=breaks_again)
        helper.start()
        self.ended(job.run())
        helper.join()
        self.assertTrue(fault.delivered.wait(20))
        self.same(user)

    def test_reply_swallowed(self):
        job, _, target = self.ready("ingoiato")
        fault = target.add(Reply("APPEND", nth=2, do="swallow"))
        self.ends_well("ingoiato", job)
        self.assertEqual(fault.struck, 1)

    def test_reply_swallowed_then_closed_or_frozen(self):
        job, _, target = self.ready("chiuso")
        faults = [target.add(Reply("APPEND", nth=1, do="close")), target.add(Reply("APPEND", nth=3, do="freeze"))]
        self.ends_well("chiuso", job)
        self.assertEqual([fault.struck for fault in faults], [1, 1])

    def test_no_after_storing(self):
        """A server that says NO to what it has stored: looked at before anything is sent again."""
        job, _, target = self.ready("bugiardo")
        target.add(Reply("APPEND", nth=2, do="no"))
        self.ends_well("bugiardo", job)

    def test_cut(self):
        """Both lines are cut again and again, at other places each time."""
        def one(side, way, after):
            user = "taglio-%s-%s-%d" % (side, way, after)
            job, source, target = self.ready(user)
            fault = {"source": source, "target": target}[side].add(Cut(way, after, times=2))
            return user, job.run(), fault
        cases = [("target", "up", 9000), ("target", "up", 40001), ("target", "down", 1500), ("source", "down", 30000),
                 ("source", "down", 90001), ("source", "up", 300)]
        for user, result, fault in lib.at_once([lambda c=c: one(*c) for c in cases]):
            with self.subTest(user=user):
                self.ended(result)
                self.same(user)
                self.assertGreater(fault.struck, 0)

    def test_cut_with_reset(self):
        job, _, target = self.ready("rst")
        target.add(Cut("up", 50000, times=2, reset=True))
        self.ends_well("rst", job)

    def test_frozen(self):
        def one(side, way, after):
            user = "gelo-%s-%s" % (side, way)
            job, source, target = self.ready(user)
            fault = {"source": source, "target": target}[side].add(Freeze(way, after))
            return user, job.run(), fault
        cases = [("target", "up", 20000), ("target", "down", 1200), ("source", "down", 40000), ("source", "up", 200)]
        for user, result, fault in lib.at_once([lambda c=c: one(*c) for c in cases]):
            with self.subTest(user=user):
                self.ended(result)
                self.same(user)
                self.assertEqual(fault.struck, 1)

    def test_silent_server(self):
        """It accepts and never says a word: 3, within the time limits."""
        self.fill("muto", 30)
        proxy = self.proxy(self.target)
        proxy.add(Freeze("down", 0, times=None))
        job = self.job(lib.account("muto", self.source, proxy, target_more={"timeout": "1s"}), limits={"give_up": "4s"})
        began = time.monotonic()
        self.ended(job.run(), 3)
        self.assertLess(time.monotonic() - began, 40)
        self.assertEqual(compare.read(self.target, "muto").count(), 0)


if __name__ == "__main__":
    lib.tail()
