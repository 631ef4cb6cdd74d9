#!/usr/bin/env python3
"""T3: the reply to APPEND is lost, or the command itself arrives late: the target is searched before anything is sent again."""
import threading
import time

from trap import Case, lib
from proxy import Command, Reply


class LostReplies(Case):
    def test_late_after_death(self):
        """The client is killed while its last command is on the way; the server gets it three seconds later, when the next
        run has long begun."""
        job, _, target = self.impatient("morto")
        fault = target.add(Command("APPEND", nth=2, do="late", delay=3))
        process = job.start("run")
        self.assertTrue(fault.happened.wait(30))
        time.sleep(0.5)
        lib.kill(process)
        self.ends_well("morto", job)
        self.assertTrue(fault.delivered.is_set())

    def test_late_while_alive(self):
        """The client loses patience and connects again; its command comes after that."""
        job, _, target = self.impatient("vivo")
        fault = target.add(Command("APPEND", nth=2, do="late", delay=4))
        self.ends_well("vivo", job)
        self.assertTrue(fault.delivered.is_set())

    def test_late_after_patience(self):
        """The intent is old when the line is given up, and the command comes nine seconds after that."""
        job, _, target = self.impatient("vecchio")
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
        self.assertTrue(fault.happened.is_set())
        fault.delivered.wait(20)    # unless the line broke before all of the command was there
        self.same(user)

    def test_reply_swallowed(self):
        job, _, target = self.impatient("ingoiato")
        fault = target.add(Reply("APPEND", nth=2, do="swallow"))
        self.ends_well("ingoiato", job)
        self.assertEqual(fault.struck, 1)

    def test_reply_swallowed_then_closed_or_frozen(self):
        job, _, target = self.impatient("chiuso")
        faults = [target.add(Reply("APPEND", nth=1, do="close")), target.add(Reply("APPEND", nth=3, do="freeze"))]
        self.ends_well("chiuso", job)
        self.assertEqual([fault.struck for fault in faults], [1, 1])

    def test_no_after_storing(self):
        """A server that says NO to what it has stored: looked at before anything is sent again."""
        job, _, target = self.impatient("bugiardo")
        target.add(Reply("APPEND", nth=2, do="no"))
        self.ends_well("bugiardo", job)


if __name__ == "__main__":
    lib.tail()
