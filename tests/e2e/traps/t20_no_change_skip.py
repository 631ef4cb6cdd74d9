#!/usr/bin/env python3
"""T20: that nothing changed at the source hides no loss at the target: the target is looked at as well, in every run."""
import time

from trap import Case, compare, lib, mails
from proxy import Command


class NoChangeSkip(Case):
    def test_nothing_new_and_a_loss(self):
        """Not a byte changed at the source. What is gone at the target is told, in the folder that lost it, also when other mail fills the gap."""
        job = self.begin("quieta", INBOX=30, Clienti=20)
        self.remove(self.target, "quieta", "3:5", "Clienti")
        self.add(self.target, "quieta", *mails(3, "altra"), folder="Clienti")
        for _ in range(2):
            doc = self.ended(job.run())
            gone = {f["source"]: f["verified"]["gone"] for f in lib.only(doc)["folders"]}
            self.assertEqual(gone, {"INBOX": 0, "INBOX.Clienti": 3})
            self.assertEqual((self.copied_now(doc), self.verified(doc, "target_only")), (0, 3))
        self.assertEqual(self.copied_now(self.ended(job.run("--again"))), 3)
        self.assertEqual(compare.read(self.target, "quieta").count(), 53)

    def test_quiet_and_a_loss(self):
        """Both sides were quiet for some runs, and their folders were not read; a loss, and one that other mail fills, is seen all the same."""
        job = self.begin("fidata", INBOX=30, Clienti=20)
        for _ in range(2):
            self.ended(job.run())
        self.remove(self.target, "fidata", "3:5", "Clienti")
        doc = self.ended(job.run())
        self.assertEqual(self.verified(doc, "gone"), 3)
        self.ended(job.run())
        self.remove(self.target, "fidata", "7", "INBOX")
        self.add(self.target, "fidata", *mails(1, "altra"))
        for _ in range(2):
            doc = self.ended(job.run())
            self.assertEqual((self.verified(doc, "gone"), self.verified(doc, "target_only"), self.copied_now(doc)), (4, 1, 0))

    def test_lost_before_it_was_seen(self):
        """Copied, never verified, and then not there: sent again though the source says that nothing has changed."""
        self.put("cieca", *mails(30))
        target = self.proxy(self.target)
        fault = target.add(Command("APPEND", nth=1, do="drop", times=None))
        job = self.job(self.side("cieca", target=target), workers=1)
        self.ended(job.run("--no-verify"))
        self.assertEqual(compare.read(self.target, "cieca").count(), 0)
        target.faults.remove(fault)
        doc = self.ended(job.run())
        self.assertTrue(lib.problems(doc, "message-missing"))
        self.same("cieca")

    def test_lost_folder(self):
        """A folder of few mails is gone: no sudden loss (8), and every one of them is told."""
        job = self.begin("cartella", INBOX=60, Privato=5)
        self.drop(self.target, "cartella", "Privato")
        doc = self.ended(job.run())
        self.assertEqual(self.verified(doc, "gone"), 5)
        self.assertEqual(self.copied_now(doc), 0)

    def test_answers_out_of_order(self):
        """The source answers what was asked for the comparison before it hands over the bodies, as a server may: no mail stays without its comparison."""
        self.put("rovescio", *mails(30))

        def response(session, whole):
            held = session.memory.setdefault("held", [])
            if session.memory.get("over"):
                return whole
            done = bool(held) and b" OK Fetch" in whole
            if b"BODY[] {" in whole or (done and not session.memory.get("first")):
                session.memory["first"] = done
                held.append(whole)
                return b""
            if done:
                session.memory["over"] = True
                session.say(whole)
                time.sleep(0.5)     # long enough to be compared with nothing
                return b"".join(held)
            return whole
        source = self.tamper(self.source, response)
        job = self.job(self.side("rovescio", source), workers=1)
        doc = self.ended(job.run())
        self.assertEqual(self.verified(doc, "identical"), 30)
        self.same("rovescio")


if __name__ == "__main__":
    lib.tail()
