#!/usr/bin/env python3
"""The program's face: the report document, status, summaries, help, options."""
import csv
import json
import os
import re
import stat
import time

import lib


def call(*arguments, **more):
    process = lib.subprocess.Popen([lib.program(), *arguments], stdin=lib.subprocess.DEVNULL, stdout=lib.subprocess.PIPE,
                                   stderr=lib.subprocess.PIPE, text=True, env=lib.environment(), **more)
    return lib.finish(process, 20)


class Face(lib.Case):
    def test_help_and_version(self):
        result = call("--help")
        self.assertEqual(result.code, 0, result.tell())
        for command in ("run", "verify", "status", "report"):
            self.assertRegex(result.out, r"\b%s\b" % command)
        self.assertEqual(result.err, "")
        version = call("--version")
        self.assertEqual(version.code, 0)
        self.assertRegex(version.out, r"^trasloco \d+\.\d+\.\d+")

    def test_wrong_usage(self):
        for arguments in (["rnu"], ["run", "--jsno"], ["run", "a.yaml", "b.yaml"], ["run", "--workers", "many"], ["run", "--workers", "0"],
                          ["run", "--progress", "sometimes"], ["report", "--json"], []):
            with self.subTest(arguments=arguments):
                result = call(*arguments, cwd="/")
                self.assertEqual(result.code, 2, result.tell())
                self.assertTrue(result.err.strip())
                self.assertEqual(result.out, "")

    def test_no_job_file(self):
        result = call("run", cwd="/")
        self.assertEqual(result.code, 2, result.tell())
        self.assertIn("init", result.err)
        self.assertIn("migrate.yaml", result.err)

    def test_default_job_file(self):
        self.fill("mario", 30)
        job = self.simple("mario")
        result = call("run", "--json", cwd=job.folder)
        self.ended(result)
        self.same("mario")

    def test_text(self):
        """Without --json: a summary with the ledger on stdout, progress lines, if there is time for any, on stderr."""
        self.fill("testo", 60)
        job = self.simple("testo")
        result = job.call("run", "--progress", "plain")
        self.assertEqual(result.code, 0, result.tell())
        self.assertIn("testo", result.out)
        self.assertRegex(result.out, r"\b60\b")
        self.assertNotIn("\x1b", result.out + result.err)
        self.assertNotIn(lib.PASSWORD, result.out + result.err)
        quiet = job.call("run", "--progress", "none")
        self.assertEqual((quiet.code, quiet.err), (0, ""), quiet.tell())
        self.assertEqual(job.call("run", "-q").code, 0)
        self.assertEqual(job.call("run", "-v").code, 0)

    def test_document(self):
        self.fill("doc", 60)
        job = self.simple("doc")
        doc = self.ended(job.run("--progress", "plain"))
        account = lib.only(doc)
        self.assertEqual((account["name"], account["source"]["user"], account["target"]["host"]), ("doc", "doc", "127.0.0.1"))
        self.assertTrue(account["source"]["capabilities"])
        self.assertEqual([p["severity"] for p in account["problems"] if p["code"] == "not-moved"], ["note"])
        self.assertEqual({f["verified"]["tier"] for f in account["folders"]}, {"standard"})
        self.assertGreater(sum(f["verified"]["sampled"] for f in account["folders"]), 0)
        self.assertTrue(all(f["why"] in ("same", "special-use", "name", "map") for f in account["folders"]))
        self.assertGreater(account["totals"]["bytes"], 60 * 100)
        self.assertEqual(account["totals"]["bytes"], sum(f["bytes"] for f in account["folders"]))
        if "may_close" in account:
            self.assertIn(account["may_close"]["answer"], ("yes", "still-receiving", "not-yet"))
        self.assertNotIn(lib.PASSWORD, json.dumps(doc))

    def test_no_verify(self):
        self.fill("senza", 40)
        job = self.simple("senza")
        doc = self.ended(job.run("--no-verify"))
        self.assertEqual({str(f["verified"]) for f in lib.only(doc)["folders"]}, {"None"})
        self.same("senza")
        doc = self.ended(job.call("verify", "--json"), command="verify")
        self.assertEqual(sum(f["verified"]["identical"] + f["verified"]["rewritten"] for f in lib.only(doc)["folders"]), 40)

    def test_report_command(self):
        self.fill("foglio", 40)
        job = self.simple("foglio")
        early = job.call("report", "--json", "-")
        self.assertEqual(early.code, 2, early.tell())
        doc = self.ended(job.run())
        shown = job.call("report", "--json", "-")
        self.assertEqual(shown.code, 0, shown.tell())
        self.assertEqual(lib.check_report(shown.report), [])
        path = os.path.join(job.folder, "foglio.json")
        self.assertEqual(job.call("report", "--json", path).code, 0)
        with open(path) as file:
            written = json.load(file)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        for other in (shown.report, written):
            self.assertEqual(other["accounts"], doc["accounts"])
            self.assertEqual((other["exit"], other["job_digest"]), (doc["exit"], doc["job_digest"]))
        nowhere = job.call("report", "--json", "/nonexistent/x.json")
        self.assertEqual(nowhere.code, 2, nowhere.tell())
        self.assertIn("/nonexistent/x.json", nowhere.err)
        verified = self.ended(job.call("verify", "--json"), command="verify")
        self.assertEqual(job.call("report", "--json", "-").report["command"], "verify")
        self.assertEqual(verified["command"], "verify")

    def test_report_forms(self):
        """Text and table beside the document, several at once; a file that can't be written leaves no half of it."""
        self.fill("forme", 40)
        job = self.simple("forme")
        doc = self.ended(job.run())
        paths = {form: os.path.join(job.folder, "r." + form) for form in ("html", "json", "text", "csv")}
        result = job.call("report", *[word for form, path in paths.items() for word in ("--" + form, path)])
        self.assertEqual((result.code, result.out, result.err), (0, "", ""), result.tell())
        with open(paths["json"]) as file:
            self.assertEqual(json.load(file)["accounts"], doc["accounts"])
        with open(paths["text"]) as file:
            self.assertIn("Move complete: all 40 messages of forme", file.read())
        with open(paths["csv"], encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        folders = lib.only(doc)["folders"]
        self.assertEqual([row["source"] for row in rows], [folder["source"] for folder in folders])
        for row, folder in zip(rows, folders):
            for term, column in [("source", "messages")] + [(t, t) for t in folder["ledger"] if t != "source"]:
                self.assertEqual(int(row[column]), folder["ledger"][term], row)
            self.assertEqual(int(row["bytes"]), folder["bytes"])
            self.assertEqual(int(row["verified"]), folder["verified"]["identical"] + folder["verified"]["rewritten"])
            self.assertEqual((row["account"], row["tier"]), ("forme", "standard"))
        for path in paths.values():
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        shown = job.call("report", "--text", "-")
        self.assertEqual(shown.code, 0, shown.tell())
        with open(paths["text"]) as file:
            self.assertEqual(shown.out, file.read())
        self.assertTrue(all(len(line) < 80 for line in shown.out.splitlines()), shown.out)
        one = job.call("report", "--text", "-", "--csv", "-")
        self.assertEqual((one.code, one.out), (2, ""), one.tell())
        nowhere = job.call("report", "--csv", os.path.join(job.folder, "none", "r.csv"), "--text", paths["text"])
        self.assertEqual(nowhere.code, 2, nowhere.tell())
        self.assertIn("none/r.csv", nowhere.err)
        self.assertEqual([name for name in os.listdir(job.folder) if name.endswith(".part")], [])

    def test_report_goes_where_it_is_told(self):
        """A device, a pipe, a link stay what they are; what somebody has put beside is not followed."""
        self.fill("dove", 5)
        job = self.simple("dove")
        self.ended(job.run())
        at = lambda name: os.path.join(job.folder, name)
        os.mkfifo(at("pipe"))
        reader = os.open(at("pipe"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.assertEqual(job.call("report", "--text", at("pipe")).code, 0)
        self.assertIn(b"Move complete", os.read(reader, 65536))
        self.assertTrue(stat.S_ISFIFO(os.lstat(at("pipe")).st_mode))
        os.symlink("real.txt", at("link.txt"))
        open(at("real.txt"), "w").close()
        open(at("victim"), "w").close()
        for name in ("real.txt.part", "plain.txt.part"):
            os.symlink("victim", at(name))
        for name in ("link.txt", "plain.txt"):
            self.assertEqual(job.call("report", "--text", at(name)).code, 0)
        self.assertTrue(os.path.islink(at("link.txt")))
        for name in ("real.txt", "plain.txt"):
            with open(at(name)) as file:
                self.assertIn("Move complete", file.read())
            self.assertEqual(stat.S_IMODE(os.lstat(at(name)).st_mode), 0o600)
        self.assertEqual(os.path.getsize(at("victim")), 0)

    def test_report_of(self):
        """The newest run or verify, unless one is asked for."""
        self.fill("quale", 30)
        job = self.simple("quale")
        self.ended(job.run())
        self.ended(job.call("verify", "--json"), command="verify")
        self.assertEqual(job.call("report", "--json", "-").report["command"], "verify")
        for command in ("run", "verify"):
            self.assertEqual(job.call("report", "--of", command, "--json", "-").report["command"], command)
        none = job.call("report", "--of", "plan", "--json", "-")
        self.assertEqual((none.code, none.out), (2, ""), none.tell())
        self.assertIn("plan", none.err)
        self.assertEqual(job.call("report", "--of", "check", "--json", "-").code, 2)

    def test_report_needs_no_server(self):
        with lib.Dovecot("target") as target:
            self.fill("spento", 30)
            job = self.simple("spento", target=target)
            self.ended(job.run())
        self.assertEqual(lib.check_report(job.call("report", "--json", "-").report), [])
        self.assertEqual(job.call("status").code, 0)

    def test_status(self):
        self.fill("stato", 40)
        job = self.simple("stato")
        self.ended(job.run())
        text = job.call("status")
        self.assertEqual(text.code, 0, text.tell())
        self.assertIn("stato", text.out)
        doc = job.call("status", "--json")
        self.assertEqual(doc.code, 0, doc.tell())
        account = lib.only(doc.report)
        self.assertNotIn("folders", account)
        self.assertEqual(account["totals"]["ledger"]["copied"], 40)

    def test_status_during_a_run(self):
        """Beside a running run, from the state alone; figures only grow."""
        self.fill("corre", 120)
        proxy = self.proxy(self.target)
        proxy.rate = 150000
        job = self.simple("corre", target=proxy)
        process = job.start("run", "--json")
        lib.wait_for(lambda: proxy.count("APPEND") >= 3)
        seen = []
        while process.poll() is None and len(seen) < 8:
            result = job.call("status", "--json", limit=20)
            self.assertEqual(result.code, 0, result.tell())
            seen.append(lib.only(result.report)["totals"]["ledger"]["copied"])
            time.sleep(0.2)
        proxy.rate = 0
        self.ended(lib.finish(process))
        self.assertEqual(seen, sorted(seen))

    def test_workers(self):
        self.fill("corsie", 90)
        self.ended(self.simple("corsie").run("--workers", "1"))
        self.same("corsie", ordered=True)
        self.ended(self.simple("corsie", target_user="corsie8").run("--workers", "8"))
        self.same("corsie", "corsie8", ordered=True)

    def test_closed_pipe_and_full_disk(self):
        """A reader that is gone, and a disk that is full, are told by a status, not by a crash."""
        self.fill("tubo", 30)
        job = self.simple("tubo")
        self.ended(job.run())
        if os.path.exists("/dev/full"):
            with open("/dev/full", "w") as full:
                process = lib.subprocess.run([lib.program(), "report", "--json", "-", job.path], stdout=full,
                                             stderr=lib.subprocess.PIPE, env=lib.environment(), timeout=20)
            self.assertEqual(process.returncode, 2, process.stderr)

    def test_logs_are_clean(self):
        """Names that a server makes up reach a terminal without control characters."""
        self.fill("pulito", 30)
        proxy = self.proxy(self.target)
        proxy.rewrite = lambda line: re.sub(rb"\* OK (?!\[)", b"* OK \x1b[31mrosso\x07 ", line)
        result = self.simple("pulito", target=proxy).call("run", "-v")
        self.assertEqual(result.code, 0, result.tell())
        self.assertNotRegex(result.out + result.err, r"[\x00-\x08\x0b-\x1f\x7f]")


if __name__ == "__main__":
    lib.tail()
