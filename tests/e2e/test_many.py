#!/usr/bin/env python3
"""Forty accounts from one table: three wrong passwords and one dead host stop nobody else."""
import os

import lib

ACCOUNTS, WRONG, DEAD = 40, {7, 19, 33}, 26


class Many(lib.Case):
    def table(self, job, mended=False):
        """As a spreadsheet writes it: semicolons, a byte order mark, CRLF, a row of nothing."""
        lines = ["source_user;target_user;name;source_host;source_port;source_tls;source_password;target_host;target_port;target_tls;target_password"]
        for n in range(ACCOUNTS):
            password = lib.PASSWORD if mended or n not in WRONG else "falsa"
            port = 1 if n == DEAD and not mended else self.source.port
            lines.append(";".join(map(str, ["u%02d" % n, "nuovo%02d" % n, "casella-%02d" % n, "127.0.0.1", port, "none", password, "127.0.0.1", self.target.port, "none",
                                            lib.PASSWORD])))
        lines.insert(20, ";" * lines[0].count(";"))
        path = os.path.join(job.folder, "accounts.csv")
        with open(path, "wb") as file:
            file.write(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n")
        os.chmod(path, 0o600)

    def test_forty(self):
        for n in range(ACCOUNTS):
            self.fill("u%02d" % n, 6, with_traps=False)
        job = self.job()
        job.write_text("version: 1\nworkers: 8\nlimits: { give_up: 5s }\naccounts_from: accounts.csv\n")
        self.table(job)
        result = job.run("--progress", "none")
        doc = self.ended(result, 4)
        self.assertLess(result.seconds, 60)
        exits = {a["name"]: a["exit"] for a in doc["accounts"]}
        self.assertEqual(exits, {"casella-%02d" % n: 4 if n in WRONG else 3 if n == DEAD else 0 for n in range(ACCOUNTS)})
        self.assertEqual([a["name"] for a in doc["accounts"]], sorted(exits))
        for n in (0, 8, ACCOUNTS - 1):
            self.same("u%02d" % n, "nuovo%02d" % n)
        self.assertEqual(len(lib.problems(doc, "login-refused")), len(WRONG))
        # Mended, only those that lack something are moved, and nothing twice.
        self.table(job, mended=True)
        doc = self.ended(job.run("--failed-only", "--progress", "none"))
        self.assertEqual([a["name"] for a in doc["accounts"]], ["casella-%02d" % n for n in sorted(WRONG | {DEAD})])
        self.assertEqual(self.copied_now(doc), sum(a["totals"]["ledger"]["source"] for a in doc["accounts"]))
        for n in WRONG | {DEAD}:
            self.same("u%02d" % n, "nuovo%02d" % n)
        self.assertEqual(self.copied_now(self.ended(job.run("--progress", "none"))), 0)


if __name__ == "__main__":
    lib.tail()
