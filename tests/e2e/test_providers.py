#!/usr/bin/env python3
"""providers: the table, one provider, JSON."""
import json
import subprocess
import unittest

import lib


class Providers(unittest.TestCase):
    def call(self, *options):
        done = subprocess.run([lib.program(), "providers", *options], capture_output=True, text=True, env=lib.environment(), timeout=20)
        return lib.Result(done.returncode, done.stdout, done.stderr, 0)

    def rows(self):
        return json.loads(self.call("--json").out)

    def test_table(self):
        result = self.call()
        self.assertEqual((result.code, result.err), (0, ""))
        lines = result.out.split("\n")
        self.assertLessEqual(max(map(len, lines)), 80)
        for row in self.rows():
            [line] = [line for line in lines if line.split(" ")[0] == row["id"]]
            self.assertIn("%s:%d" % (row["host"], row["port"]), line)
            self.assertEqual("starttls" in line, row["tls"] == "starttls")
            self.assertIn("  " + row["name"] + "  ", line)

    def test_one(self):
        for row in self.rows():
            with self.subTest(id=row["id"]):
                result = self.call(row["id"])
                self.assertEqual((result.code, result.err), (0, ""))
                lines = result.out.rstrip("\n").split("\n")
                self.assertLessEqual(len(lines), 24, "one screen")
                self.assertLessEqual(max(len(line) for line in lines if "https://" not in line), 80)
                text = " ".join(result.out.split())
                for fact in (row["name"], row["host"], str(row["port"]), row["page"], row["mark"] + " (", row["date"], "provider: " + row["id"],
                             " ".join(row["note"].split()), ", ".join(row["domains"]), ", ".join(row["mx"])):
                    self.assertIn(fact, text)
                self.assertEqual("takes no passwords" in text, "oauth2-only" in row["traits"])

    def test_by_address(self):
        for word in ("anna@libero.it", "iol.it", "LIBERO.IT"):
            self.assertIn("provider: libero\n", self.call(word).out)
        self.assertEqual(json.loads(self.call("hotmail.it", "--json").out)[0]["id"], "outlook")

    def test_unknown(self):
        for word, near in (("lbero", "libero"), ("gmai", "gmail"), ("microsoft", "microsoft365"), ("zzzzzzz", None), ("", None)):
            with self.subTest(word=word):
                result = self.call(word)
                self.assertEqual((result.code, result.out), (2, ""))
                self.assertEqual("Did you mean %s?" % near in result.err, near is not None, result.err)
                self.assertIn("trasloco providers", result.err)

    def test_json(self):
        rows = self.rows()
        self.assertGreaterEqual(len(rows), 32)
        keys = {"id", "name", "domains", "mx", "host", "port", "tls", "user", "traits", "append_limit", "room", "day_out", "day_in", "connections",
                "visible", "folders", "depth", "reserved", "unfit", "page", "note", "mark", "date"}
        self.assertTrue(all(set(row) == keys for row in rows))
        by_id = {row["id"]: row for row in rows}
        self.assertEqual(len(by_id), len(rows))
        self.assertEqual(by_id["icloud"]["user"], "local-part")
        self.assertEqual(by_id["legalmail"]["user"], "code")
        self.assertEqual(by_id["gmail"]["append_limit"], 35651584)
        self.assertIsNone(by_id["libero"]["append_limit"])
        self.assertEqual(by_id["alice"]["tls"], "starttls")
        self.assertEqual(json.loads(self.call("--json", "libero").out), [by_id["libero"]])

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([lib.program(), "providers"], stdout=full, stderr=subprocess.PIPE, text=True, env=lib.environment(), timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn("standard output", done.stderr)


if __name__ == "__main__":
    lib.tail()
