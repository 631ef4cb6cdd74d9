#!/usr/bin/env python3
"""T26: a hostile or broken server: oversized literals, endless lines, garbage, wrong tags, evil folder names, escape sequences: a clear error, no
crash, no control character on a screen."""
import os

from trap import Case, lib


class HostileServer(Case):
    def test_name_that_is_no_imap(self):
        """A folder that the old server names in no form that IMAP knows is not left behind without a word, and its name does nothing to a screen."""
        self.fill_counts("strano", INBOX=3, Privato=2)
        proxy = self.proxy(self.source)
        proxy.rewrite = lambda line: line.replace(b"Privato", b"P\x1b[31mo")
        job = self.job(lib.account("strano", proxy, self.target))
        for command in ("plan", "run", "verify"):
            result = job.call(command, "--json", "-v", "--log", os.path.join(job.folder, "log"))
            self.assertEqual(result.code, 1, result.tell())
            told = lib.problems(result.report, "folder-unreadable")
            self.assertEqual([(p["severity"], p["side"]) for p in told], [("error", "source")])
            self.assertIn("P [31mo", told[0]["text"])
        self.assertEqual(lib.only(result.report)["totals"]["ledger"]["copied"], 3)
        text = job.call("run", "-v", "--lang", "it")
        self.assertIn("non viene spostata", " ".join(text.out.split()))
        with open(os.path.join(job.folder, "log")) as log:
            self.assertNotIn("\x1b", text.out + text.err + log.read())


if __name__ == "__main__":
    lib.tail()
