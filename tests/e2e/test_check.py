#!/usr/bin/env python3
"""check: both sides of every account are tried, each with its own status; nothing is changed anywhere."""
import os
import time

import compare
import lib
import report_check
from dovecot import Dovecot


def snapshot(server, user):
    """What a reader can see of an account, and what only its owner's client may change."""
    imap = server.login(user)
    seen = [sorted(imap.list()[1]), sorted(map(str, imap.lsub()[1]))]
    for line in imap.list()[1]:
        name = line.decode().rsplit(' "%s" ' % server.separator, 1)[1]
        if b"\\Noselect" not in line:
            seen.append((name, imap.status(name, "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT)")[1]))
    imap.logout()
    return seen


class Check(lib.Case):
    target_options = {"quota": "10M"}

    def document(self, result, code):
        self.assertEqual(result.code, code, result.tell())
        doc = result.report
        self.assertEqual((doc["schema"], doc["command"], doc["exit"]), ("trasloco-report/1", "check", code))
        for account in doc["accounts"]:
            self.assertEqual(account["verdict"] == "no-go", account["exit"] != 0, account)
            self.assertEqual(account["folders"], [])
            for number, problem in enumerate(account["problems"]):
                self.assertEqual(report_check.check_problem(problem, "problems[%d]" % number), [])
            self.assertTrue([p for p in account["problems"] if p["code"] == "not-moved" and p["severity"] == "note"], account["problems"])
        return doc

    def test_go_and_nothing_changed(self):
        self.fill("mario", 40)
        self.target.login("mario").logout()
        before = [snapshot(self.source, "mario"), snapshot(self.target, "mario")]
        job = self.simple("mario")
        doc = self.document(job.call("check", "--json"), 0)
        account = lib.only(doc)
        self.assertEqual((account["verdict"], account["next"]), ("go", "nothing"))
        self.assertTrue(account["source"]["signed_in"] and account["target"]["signed_in"])
        held = compare.read(self.source, "mario")
        self.assertEqual((account["source"]["folder_count"], account["source"]["messages"]), (len(held.boxes), held.count()))
        self.assertIn("IMAP4rev1", account["source"]["capabilities"])
        self.assertEqual(account["target"]["quota"]["limit"], 10 << 20)
        self.assertEqual([snapshot(self.source, "mario"), snapshot(self.target, "mario")], before)
        self.assertEqual(os.listdir(job.folder), ["migrate.yaml"], "no state is made")
        text = job.call("check")
        self.assertEqual((text.code, text.err), (0, ""))
        self.assertNotIn("DOES NOT WORK", text.out)
        self.assertEqual(job.call("check", "-q").out, "")

    def test_each_its_own(self):
        """4, 5 and 3 side by side; the good one is good all the same; believed after a second try 3 s later."""
        with Dovecot("target", cert="expired") as expired:
            accounts = [lib.account("bene", self.source, self.target),
                        lib.account("nopass", self.source, self.target, source_more={"password": "falsa"}),
                        lib.account("scaduto", self.source, expired, target_more={"tls": "implicit", "port": expired.tls_port, "ca_file": expired.ca}),
                        lib.account("spento", self.source, 1)]
            job = self.job(*accounts)
            began = time.monotonic()
            doc = self.document(job.call("check", "--json"), 5)
            seconds = time.monotonic() - began
            self.assertNotIn("Login:", expired.log())
        self.assertEqual([(a["name"], a["exit"]) for a in doc["accounts"]], [("bene", 0), ("nopass", 4), ("scaduto", 5), ("spento", 3)])
        self.assertEqual([a["next"] for a in doc["accounts"]], ["nothing", "fix-first", "fix-first", "run-again"])
        self.assertEqual([len(lib.problems({"accounts": [a]}, code)) for a, code in zip(doc["accounts"][1:], ("login-refused", "tls-failed", "not-reached"))], [1, 1, 1])
        self.assertTrue(all(p["hint"] for p in lib.problems(doc)))
        self.assertGreater(seconds, 3)
        self.assertLess(seconds, 30)
        tries = [line for line in self.source.log().splitlines() if "user=<nopass>" in line and "auth failed" in line]
        self.assertEqual(len(tries), 2, tries)
        job.write(accounts[:2])
        text = job.call("check", "--account", "nopass")
        self.assertEqual(text.code, 4, text.tell())
        self.assertIn("refused 2 times", text.out)
        self.assertIn("mend it there", text.out)  # the job file has the password: `login` would not ask for it
        self.assertNotIn("falsa", text.out + text.err)

    def test_was_in_before(self):
        """A login that was right with this state: an outage, or the password was changed. 3."""
        self.fill("prima", 20)
        job = self.simple("prima")
        self.ended(job.run())
        for side in ("source_more", "target_more"):
            job.write([lib.account("prima", self.source, self.target, **{side: {"password": "cambiata"}})])
            doc = self.document(job.call("check", "--json"), 3)
            self.assertEqual(lib.only(doc)["next"], "run-again")
            self.assertTrue(lib.problems(doc, "login-refused"))

    def test_three_of_one_host(self):
        """Three accounts are refused and none gets in: the host may be ill. One that gets in: three wrong passwords."""
        wrong = [lib.account("g%d" % n, self.source, self.target, source_more={"password": "falsa"}) for n in range(3)]
        # 127.0.0.1 is everybody's host here; its other name is not
        for account in wrong:
            account["source"]["host"] = "localhost"
        job = self.job(*wrong)
        self.assertEqual([a["exit"] for a in self.document(job.call("check", "--json"), 3)["accounts"]], [3, 3, 3])
        good = lib.account("g3", self.source, self.target)
        good["source"]["host"] = "localhost"
        job.write(wrong + [good])
        self.assertEqual([a["exit"] for a in self.document(job.call("check", "--json"), 4)["accounts"]], [4, 4, 4, 0])

    def test_account_changed(self):
        self.fill("cambio", 20)
        job = self.simple("cambio")
        self.ended(job.run())
        job.write([lib.account("cambio", self.source, self.target, "altro")])
        doc = self.document(job.call("check", "--json"), 2)
        self.assertTrue(lib.problems(doc, "account-changed"))

    def test_nearly_full(self):
        """A warning, and still a go."""
        self.fill("quasi", 20, server=self.target)
        imap = self.target.login("quasi")
        for _ in range(10):
            imap.append("INBOX", None, None, b"Subject: grande\r\n\r\n" + b"x" * 78 * 13000)
        imap.logout()
        doc = self.document(self.simple("quasi").call("check", "--json"), 0)
        self.assertEqual(lib.only(doc)["verdict"], "warn", doc)
        self.assertEqual([p["severity"] for p in lib.problems(doc, "over-quota")], ["warning"])

    def test_interrupted(self):
        proxy = self.proxy(self.source)
        proxy.rate = 1
        job = self.simple("fermo", source=proxy)
        check = job.start("check")
        lib.wait_for(lambda: open("/proc/%d/status" % check.pid).read().split("Threads:")[1].split()[0] != "1")
        check.send_signal(lib.signal.SIGINT)
        self.assertEqual(lib.finish(check, 10).code, 130)


if __name__ == "__main__":
    lib.tail()
