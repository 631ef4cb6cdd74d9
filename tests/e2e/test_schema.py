#!/usr/bin/env python3
"""The JSON Schema of the job file and the loader say the same about good and faulty files. JSON is YAML: one text serves both."""
import json
import os
import subprocess
import tempfile
import unittest

import lib

try:
    import jsonschema
except ImportError:
    jsonschema = None

PIN = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
COLONS = ":".join(PIN[i:i + 2] for i in range(0, 64, 2))

# Where a value is put: a path into the file below, and values that both must take or both refuse.
TABLE = [
    ("version", [1], [2, "1", None, [1]]),
    ("state", ["a.state", "/a/b", 7], ["", None, "~/x", "mysql://x", "postgresql://u@h/d", "postgres:x", ["a"], {"a": 1}, "a\tb"]),
    ("workers", [1, 64], [0, 65, -1, "8", 1.5, None, True]),
    ("refused", ["sub/"], ["", "~", ["a"]]),
    ("verify", ["standard", "deep"], ["deeper", 1, None]),
    ("limits", [{}, {"rate": "20MB/s"}, {"rate": "1KiB/s", "give_up": "10m", "per_host_connections": 8}],
     [[], None, "x", {"rate": "20MB"}, {"rate": 20}, {"rate": "0MB/s"}, {"rate": "20mb/s"}, {"give_up": "10"}, {"give_up": "0s"},
      {"give_up": "1d"}, {"per_host_connections": 0}, {"per_host_connections": 1001}, {"zzz": 1}]),
    ("notify", [{"command": ["./done.sh"]}, {"command": ["a", "{x}", 1, ""]}],
     [{}, {"command": "a"}, {"command": []}, {"command": [""]}, {"command": [["a"]]}, {"command": ["~/a"]}, {"command": [None]}, 1]),
    ("folders", [{}, {"include": ["*"], "exclude": []}, {"exclude": ["Spam", "2*/"]}, {"map": {}}, {"map": {"Posta inviata": "Sent", "a/b": "c"}},
                 {"under": ""}, {"under": "A/B"}, {"merge": False}, {"special_use": False}, {"subscribe": "all"}],
     [[], {"include": []}, {"include": "a"}, {"include": ["/a"]}, {"include": ["a//b"]}, {"include": [""]}, {"include": [["a"]]}, {"exclude": "a"},
      {"map": ["a"]}, {"map": {"a*": "b"}}, {"map": {"a": "b*"}}, {"map": {"a": ""}}, {"map": {"": "a"}}, {"map": {"a": "b/"}}, {"map": {"/a": "b"}},
      {"under": "a/"}, {"under": "/a"}, {"under": "a*"}, {"under": None}, {"merge": True}, {"merge": "false"}, {"special_use": "no"},
      {"subscribe": "some"}, {"folders": {}}]),
    ("messages", [{}, {"since": "2015-01-01"}, {"since": "1900-01-01", "before": "2030-12-31"}, {"max_size": "50MB"}, {"max_size": "1GiB"},
                  {"deleted": "copy", "duplicates": "skip", "flags": "none"}],
     [{"since": "2015-13-01"}, {"since": "2015-1-1"}, {"since": 2015}, {"since": "1899-01-01"}, {"max_size": 50}, {"max_size": "50"},
      {"max_size": "0MB"}, {"max_size": "1.5GB"}, {"max_size": "50MB/s"}, {"deleted": "keep"}, {"duplicates": "add"}, {"flags": "copy"}]),
    ("guard", [{}, {"shrink": "10%"}, {"shrink": "0.1%"}, {"shrink": "100%"}, {"shrink": "100.0%"}],
     [{"shrink": 10}, {"shrink": "10"}, {"shrink": "0%"}, {"shrink": "0.0%"}, {"shrink": "101%"}, {"shrink": "100.1%"}, {"shrink": "10.55%"}, None]),
    ("defaults", [{}, {"source": {"timeout": "9s"}}, {"target": {"provider": "gmail"}, "folders": {"exclude": ["a"]}},
                  {"messages": {"deleted": "copy"}, "guard": {"shrink": "5%"}}, {"source": {"password_command": ["pass", "{user}", "x{name}"]}}],
     [[], {"name": "x"}, {"source": {"hots": "a"}}, {"source": []}, {"folders": {"merge": True}},
      {"source": {"password": "a", "token_command": ["b"]}}, {"source": {"password_command": ["{x}"]}}]),
    ("accounts", [], [[], {}, None, [1], [{}], "x"]),
    ("accounts_from", ["accounts.csv"], ["", None, ["a"], "~/a"]),
    ("zzz", [], [1]),
    ("accounts.0.name", ["m", "x y", 7, True, "x" * 255], ["", None, "x" * 256, ["a"], "a\tb"]),
    ("accounts.0.archive", [], ["a"]),
    ("accounts.0.folders", [{"merge": True}, {"exclude": ["a"]}], [{"merge": 1}, {"zzz": 1}]),
    ("accounts.0.messages", [{"since": "2015-01-01"}], [{"since": "x"}]),
    ("accounts.0.guard", [{"shrink": "20%"}], [{"shrink": 20}]),
    ("accounts.0.source", [{"user": "a@libero.it"}, {"user": "a", "provider": "libero"}, {"user": "a", "provider": "imap", "host": "a.it"}],
     [{"host": "a.it"}, {}, None, [], {"user": "a", "provider": "zzz"}, {"user": "a", "provider": "maildir"}]),
    ("accounts.0.source.host", ["a.it", "127.0.0.1", "::1", "2001:db8::1"],
     ["", None, "a.it:993", "imaps://a.it", "a b", "m@a.it", ".a.it", "-a.it", "[::1]", "a,b", ["a"]]),
    ("accounts.0.source.port", [1, 65535], [0, 65536, "993", None]),
    ("accounts.0.source.tls", ["implicit", "starttls"], ["ssl", True, None]),
    ("accounts.0.source.insecure", [True, False], ["yes", 1, None]),
    ("accounts.0.source.fingerprint", [PIN, PIN.upper(), COLONS], ["", PIN[1:], COLONS + ":", "x" * 64, 12, None]),
    ("accounts.0.source.user", ["m", "a b", 7], ["", None, ["a"], "a\u0085b"]),
    ("accounts.0.source.auth_user", ["boss"], ["", None]),
    ("accounts.0.source.auth", ["auto", "plain", "login", "scram-sha-256"], ["cram-md5", None, 1]),
    ("accounts.0.source.password", ["x", " x ", 12345, True, "x" * 4096], ["", None, ["a"], "a\nb", "a\rb", "x" * 4097]),
    ("accounts.0.source.password_file", [], ["", None, "~/x"]),
    ("accounts.0.source.password_command", [["pass"], ["pass", "{user}", "{ }{}", "", 7]], ["pass", [], [""], ["a", "{usr}"], ["a", ["b"]], ["a", None]]),
    ("accounts.0.source.token_command", [["tok", "{name}"]], ["tok", []]),
    ("accounts.0.source.oauth2", [], [{}]),
    ("accounts.0.source.path", [], ["x"]),
    ("accounts.0.source.connections", [1, 64], [0, 65]),
    ("accounts.0.source.timeout", ["1s", "1h", "60m"], ["0s", "60", 60, "1 h", None]),
    ("accounts.0.source.ca_file", ["ca.pem"], ["", None, "~/ca"]),
    ("accounts.0.source.zzz", [], [1]),
]
GONE = object()
# What is taken out, or put in besides.
MORE = [
    ({"version": GONE}, False), ({"accounts": GONE}, False), ({"accounts": GONE, "accounts_from": "accounts.csv"}, True),
    ({"accounts": [], "accounts_from": "accounts.csv"}, True),
    ({"accounts.0.name": GONE}, False), ({"accounts.0.source": GONE}, False), ({"accounts.0.target.user": GONE}, False),
    ({"accounts.0.source": GONE, "defaults": {"source": {"user": "a@libero.it"}}}, True),
    ({"accounts.0.source.password": "x", "accounts.0.source.password_file": "pw"}, False),
    ({"accounts.0.source.password": "x", "accounts.0.source.token_command": ["a"]}, False),
    ({"accounts.0.source.password_command": ["x"], "accounts.0.source.token_command": ["a"]}, False),
    ({"accounts.0.source.password_file": "pw"}, True),
]


def base():
    return {"version": 1, "accounts": [{"name": "m", "source": {"host": "a.it", "user": "m"}, "target": {"host": "b.it", "user": "m"}}]}


def put(tree, path, value):
    *way, last = path.split(".")
    for step in way:
        tree = tree[int(step)] if step.isdigit() else tree[step]
    if value is GONE:
        del tree[last]
    else:
        tree[last] = value


@unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
class Schema(unittest.TestCase):
    def setUp(self):
        self.tool = os.path.join(os.path.dirname(lib.program()), "tests", "unit_job_schema")
        if not os.access(self.tool, os.X_OK):
            self.skipTest("unit_job_schema is not built")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, text in ("accounts.csv", "source_user,target_user,target_host\nz@libero.it,z,b.it\n"), ("pw", "x\n"), ("ca.pem", "x"):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(file.name, 0o600)
        schema = json.loads(self.call("--print"))
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)

    def call(self, *arguments):
        return subprocess.run([self.tool, *arguments], capture_output=True, text=True, check=True, timeout=20, env=lib.environment()).stdout

    def loader(self, tree):
        path = os.path.join(self.folder, "migrate.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(tree, file)
        os.chmod(path, 0o600)
        return self.call("--load", path)

    def agree(self, tree, fine):
        told, faults = self.loader(tree), [e.message for e in self.validator.iter_errors(tree)]
        self.assertEqual(told == "", fine, "the loader about %s: %s" % (json.dumps(tree), told or "fine"))
        self.assertEqual(not faults, fine, "the schema about %s: %s" % (json.dumps(tree), faults or "fine"))

    def test_table(self):
        for path, good, bad in TABLE:
            for fine, values in (True, good), (False, bad):
                for value in values:
                    with self.subTest(path=path, value=value):
                        tree = base()
                        put(tree, path, value)
                        self.agree(tree, fine)

    def test_together(self):
        for changes, fine in MORE:
            with self.subTest(changes=str(changes)):
                tree = base()
                for path, value in changes.items():
                    put(tree, path, value)
                self.agree(tree, fine)


if __name__ == "__main__":
    lib.tail()
