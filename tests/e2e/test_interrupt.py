#!/usr/bin/env python3
"""Ctrl-C once, Ctrl-C twice, and the polite kill: how a run ends, and that the next one finishes it."""
import signal
import time

import compare
import lib
from dovecot import free_port

COUNT = 600


class Interrupt(lib.Case):
    def running(self, user, rate=150000):
        self.fill(user, COUNT)
        proxy = self.proxy(self.target)
        proxy.rate = rate
        job = self.simple(user, target=proxy)
        process = job.start("run", "--json")
        lib.wait_for(lambda: proxy.count("APPEND") >= 2)
        time.sleep(0.3)
        return job, process, proxy

    def finish_it(self, user, job, proxy):
        held = compare.read(self.target, user).count()
        self.assertLess(held, COUNT)
        proxy.rate = 0
        self.ended(job.run())
        self.same(user)
        return held

    def test_once(self):
        job, process, proxy = self.running("una")
        process.send_signal(signal.SIGINT)
        result = lib.finish(process, 60)
        doc = self.ended(result, 130)
        self.assertEqual(doc["verdict"], "incomplete")
        self.assertEqual(lib.only(doc)["next"], "run-again")
        self.finish_it("una", job, proxy)

    def test_twice(self):
        job, process, proxy = self.running("due", 60000)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        result = lib.finish(process, 30)
        self.assertEqual(result.code, 130, result.tell())
        self.assertLess(time.monotonic() - began, 3)
        self.finish_it("due", job, proxy)

    def test_terminated(self):
        job, process, proxy = self.running("term")
        process.send_signal(signal.SIGTERM)
        self.ended(lib.finish(process, 60), 143)
        self.finish_it("term", job, proxy)

    def test_while_it_waits_for_a_dead_server(self):
        """Ctrl-C is heard while the program waits to try again."""
        self.fill("attesa", 30)
        job = self.job(lib.account("attesa", self.source, free_port()))
        process = job.start("run", "--json")
        time.sleep(3)
        self.assertIsNone(process.poll())
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(lib.finish(process, 30).code, 130)
        self.assertLess(time.monotonic() - began, 5)

    def test_while_it_searches_the_target(self):
        """A slow look at what the target holds is given up at once: nothing is in flight."""
        self.fill("cerca", 400)
        job = self.simple("cerca")
        self.ended(job.run())
        job.forget()
        proxy = self.proxy(self.target)
        proxy.rate = 6000
        job.write([lib.account("cerca", self.source, proxy)])
        process = job.start("run", "--json")
        lib.wait_for(lambda: proxy.count("UID FETCH") >= 1)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(lib.finish(process, 60).code, 130)
        self.assertLess(time.monotonic() - began, 4)
        proxy.rate = 0
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)


if __name__ == "__main__":
    lib.tail()
