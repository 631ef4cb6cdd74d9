#!/usr/bin/env python3
"""Errors of the job file: status 2, each as file:line:column: text, all at once, before any server is asked."""
import os
import re
import tempfile
import unittest

import lib

GOOD = """\
version: 1
accounts:
  - name: mario
    source:
      host: 127.0.0.1
      port: 10143
      tls: none
      user: mario
      password: secret
    target:
      host: 127.0.0.1
      port: 20143
      tls: none
      user: mario
      password: secret
"""

# what is replaced by what -> [(line, column, words)]
TABLE = [
    ("version: 1", "version: 2", [(1, 10, "version")]),
    ("version: 1\n", "", [(1, 1, "version")]),
    ("version: 1", "version: 1\nhots: x", [(2, 1, "hots")]),
    ("version: 1", "version: 1\nworkerz: 4", [(2, 1, "workers")]),
    ("version: 1", "version: 1\nworkers: 0", [(2, 10, "workers|0")]),
    ("version: 1", "version: 1\nworkers: eight", [(2, 10, "")]),
    ("version: 1", "version: 1\nverify: deeper", [(2, 9, "deep")]),
    ("version: 1", "version: 1\nfolders: { merge: true }", [(2, 19, "merge")]),
    ("version: 1", "version: 1\nfolders: { include: [], exclude: Spam }", [(2, 21, "include"), (2, 34, "list")]),
    ("version: 1", "version: 1\ndefaults:\n  source: { provider: liberissimo, hots: x }", [(3, 23, "liberissimo"), (3, 36, "host")]),
    ("version: 1", "version: 1\naccounts_from: a.csv", [(2, 16, "a.csv")]),
    ("version: 1", "version: 1\nmessages: { since: 2015-02-30, max_size: 50 }", [(2, 20, "2015-02-30"), (2, 42, "50MB")]),
    ("version: 1", "version: 1\nguard: { shrink: 10 }", [(2, 18, "10%")]),
    ("version: 1", "version: 1\nnotify: { command: ./done.sh }", [(2, 20, "list")]),
    ("version: 1", "version: 1\nstate: postgresql://x/y", [(2, 8, "not in this version yet")]),
    ("version: 1", "version: 1\nlimits: { rate: 20MB }", [(2, 17, "20MB/s")]),
    ("version: 1", "version: 1\nversion: 1", [(2, 1, "")]),
    ("version: 1", "version: &a 1", [(1, 10, "")]),
    ("name: mario", "nome: mario", [(3, 5, "name"), (3, 5, "nome")]),
    ("      user: mario\n      password: secret\n    target", "      password: secret\n    target", [(5, 7, "user")]),
    ("      port: 10143", "      port: 99999", [(6, 13, "port|99999")]),
    ("      port: 10143", "      port: 10143\n      hosst: x", [(7, 7, "host")]),
    ("      port: 10143", "      port: 10143\n      oauth2: {}", [(7, 7, "not in this version yet")]),
    ("      port: 10143", "      port: 10143\n      fingerprint: 12:34", [(7, 20, "SHA-256")]),
    ("      port: 10143", "      port: 10143\n      timeout: fast", [(7, 16, "")]),
    ("      tls: none\n      user: mario\n      password: secret\n    target", "      tls: maybe\n      user: mario\n      password: secret\n    target",
     [(7, 12, "implicit|starttls|none|tls")]),
    ("      host: 127.0.0.1\n      port: 20143", "      host: imap.example.it\n      port: 20143", [(13, 12, "insecure|tls")]),
]


class JobFile(unittest.TestCase):
    def setUp(self):
        lib.program()
        self.job = lib.Job([])
        self.addCleanup(self.job.close)

    def refuse(self, text, *options, mode=0o600):
        self.job.write_text(text, mode)
        os.chmod(self.job.path, mode)
        result = self.job.call("run", *options, limit=20)
        self.assertEqual(result.code, 2, result.tell())
        self.assertEqual(result.out, "", "nothing is said on stdout")
        return re.findall(r"^(?:trasloco: )?\S*migrate\.yaml:(\d+):(\d+): (.+)$", result.err, re.M), result

    def test_table(self):
        for old, new, expected in TABLE:
            with self.subTest(new=new):
                self.assertIn(old, GOOD)
                errors, result = self.refuse(GOOD.replace(old, new, 1))
                for line, column, words in expected:
                    self.assertTrue([e for e in errors if (int(e[0]), int(e[1])) == (line, column) and re.search(words, e[2])],
                                    "expected %d:%d %s\n%s" % (line, column, words, result.err))

    def test_all_at_once_and_in_order(self):
        text = GOOD.replace("version: 1", "version: 3\nhots: 1\nverify: often").replace("port: 20143", "port: x")
        errors, result = self.refuse(text)
        lines = [int(e[0]) for e in errors]
        self.assertEqual(lines, sorted(lines))
        self.assertTrue({1, 2, 3} < set(lines) and len(lines) >= 4, result.err)

    def test_broken_files(self):
        for text in ("", "version: 1\n\taccounts: []\n", "version: [1", "- a\n- b\n", "just text", "version: 1\naccounts: []\n",
                     "version: 1\naccounts: *none\n", GOOD + "---\n" + GOOD, "a: " * 3 + "\n", "[" * 2000):
            with self.subTest(text=text[:30]):
                errors, result = self.refuse(text)
                self.assertTrue(errors, result.err)

    def test_not_utf8(self):
        with open(self.job.path, "wb") as file:
            file.write(GOOD.encode().replace(b"mario", b"mari\xf2"))
        result = self.job.call("run", limit=20)
        self.assertEqual(result.code, 2, result.tell())

    def test_open_to_others(self):
        """A job file with a password is for its owner only; the message says what to type."""
        for mode in (0o640, 0o604, 0o644):
            errors, result = self.refuse(GOOD, mode=mode)
            self.assertIn("chmod 600", result.err)
            self.assertTrue([e for e in errors if (e[0], e[1]) in (("9", "7"), ("9", "17"))], result.err)

    def test_two_secrets(self):
        errors, result = self.refuse(GOOD.replace("password: secret", "password: secret\n      password_file: x", 1))
        self.assertTrue(errors)
        errors, result = self.refuse(GOOD.replace("password: secret", "password_command: pass show mario", 1))
        self.assertTrue([e for e in errors if e[:2] == ("9", "25") and "list" in e[2]], result.err)

    def table(self, text, mode=0o600):
        path = os.path.join(self.job.folder, "my table.csv")
        with open(path, "wb") as file:
            file.write(text.encode())
        os.chmod(path, mode)
        errors, result = self.refuse(GOOD.replace("version: 1", "version: 1\naccounts_from: my table.csv\nworkers: 0"))
        self.assertIn(("3", "10"), [e[:2] for e in errors], "errors of the job file come first, and all at once")
        return re.findall(r"^(?:trasloco: )?.*my table\.csv:(\d+):(\d+): (.+)$", result.err, re.M), result

    def test_table_of_accounts(self):
        errors, result = self.table("\ufeffsource_user;target_user;source_host;nome\r\n;;\r\nè@a.it;1,23E+11;a b;\r\nb@a.it;x;a.it;\r\n")
        self.assertEqual([e[:2] for e in errors], [("1", "37"), ("3", "8"), ("3", "17"), ("4", "1")], result.err)
        self.assertIn("name", errors[0][2])
        self.assertIn("1,23E+11", errors[1][2])

    def test_table_with_passwords(self):
        """Open to others: the line that closes it can be pasted into a shell; no password is shown."""
        text = "source_user,target_user,source_password\na@b.it,c,sesamo-apriti\n"
        for mode in (0o640, 0o604):
            errors, result = self.table(text, mode)
            self.assertEqual(errors[0][:2], ("1", "25"), result.err)
            self.assertRegex(errors[0][2], r"chmod 600 '/.*/my table\.csv'$")
            self.assertNotIn("sesamo", result.err)
        self.assertNotIn("chmod", self.table(text)[1].err)

    def test_two_of_a_name(self):
        second = GOOD.split("accounts:\n")[1]
        errors, result = self.refuse(GOOD + second)
        self.assertTrue([e for e in errors if "mario" in e[2]], result.err)

    def test_source_is_target(self):
        errors, _ = self.refuse(GOOD.replace("20143", "10143"))
        self.assertTrue(errors)

    def test_passwords_are_not_shown(self):
        _, result = self.refuse(GOOD.replace("secret", "sesamo-apriti", 1).replace("version: 1", "version: 9"))
        self.assertNotIn("sesamo", result.err)

    def test_folder_of_the_job_counts(self):
        """Relative paths are taken from the job file's folder, wherever the program is started."""
        text = GOOD.replace("password: secret", "password_file: keys/mario", 1)
        errors, result = self.refuse(text)
        self.assertTrue([e for e in errors if "keys/mario" in e[2] or "read" in e[2]], result.err)
        os.mkdir(os.path.join(self.job.folder, "keys"))
        path = os.path.join(self.job.folder, "keys", "mario")
        with open(path, "w") as file:
            file.write("secret\n")
        os.chmod(path, 0o600)
        with tempfile.TemporaryDirectory() as elsewhere:
            process = lib.subprocess.run([lib.program(), "status", self.job.path], cwd=elsewhere, capture_output=True, text=True,
                                         env=lib.environment(), timeout=20)
        self.assertNotIn("migrate.yaml:", process.stderr)


if __name__ == "__main__":
    lib.tail()
