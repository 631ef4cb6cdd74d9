#!/usr/bin/env python3
"""The manual pages say all that the program takes, and their examples work."""
import json
import os
import re
import subprocess
import tempfile
import unittest

import lib

MAN = os.path.join(lib.HERE, "..", "..", "man")
COMMANDS = ["init", "login", "check", "plan", "run", "verify", "status", "report", "refused", "accept", "providers", "schema"]


def page(name):
    with open(os.path.join(MAN, name), encoding="utf-8") as file:
        return file.read()


def call(*words, folder=None):
    return subprocess.run([lib.program(), *words], capture_output=True, text=True, env=lib.environment(), cwd=folder, stdin=subprocess.DEVNULL, timeout=30)


def terms(text):
    """What is explained: the bold words of lines behind which an indented text begins."""
    heads = re.findall(r"^(\*[^\t\n]*)\n\t", text, re.M)
    return {word for head in heads for word in re.findall(r"\*([^*]+)\*", head)}


def section(text, title):
    return re.search(r"^# %s\n(.*?)(?=^# |\Z)" % re.escape(title), text, re.M | re.S).group(1)


def schema_keys(schema):
    """Every key at every level, but not the names of folders in `map`."""
    for name, value in schema.get("properties", {}).items():
        yield name
        yield from schema_keys(value)
    for below in [schema.get("items"), *schema.get("anyOf", []), *schema.get("allOf", [])]:
        if isinstance(below, dict):
            yield from schema_keys(below)


class Program(unittest.TestCase):
    def test_commands_and_options(self):
        text = page("trasloco.1.scd")
        told = terms(section(text, "COMMANDS")) | terms(section(text, "OPTIONS"))
        for command in COMMANDS:
            self.assertIn(command, told)
            done = call(command, "--help")
            options = set(re.findall(r"--[a-z][a-z-]*", done.stdout[done.stdout.index("\nOptions:"):]))
            self.assertEqual(options - told, set(), command)

    def test_nothing_else(self):
        """Each option that is explained is one of the program."""
        for option in sorted(word for word in terms(section(page("trasloco.1.scd"), "OPTIONS")) if word.startswith("--")):
            said = call("schema", option + "=x", "--help").stderr    # of another command's it says whose it is
            self.assertNotIn("unknown option", said, option)

    def test_what_is_not_there(self):
        text = section(page("trasloco.1.scd"), "WHAT THIS VERSION DOES NOT HAVE")
        for words in ("check --domain",):
            self.assertIn("*%s*" % words, text)
            done = call(*words.split(), "x") if words != "check --domain" else call(*words.split())
            self.assertEqual((done.returncode, "not in this version" in done.stderr), (2, True), words)

    def test_statuses(self):
        told = set(map(int, re.findall(r"\*(\d+)\*", section(page("trasloco.1.scd"), "EXIT STATUS"))))
        self.assertEqual(told, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 130, 143})


class JobFile(unittest.TestCase):
    def test_keys(self):
        told, keys = terms(page("trasloco-job.5.scd")), set(schema_keys(json.loads(call("schema").stdout)))
        self.assertGreater(len(keys), 40)
        self.assertEqual(keys - told, set(), "not explained")
        self.assertEqual(told - keys - {"source_user", "target_user", "source_KEY", "target_KEY"}, set(), "no key of the program")

    def test_words(self):
        """Every value that a key may have is named."""
        text = page("trasloco-job.5.scd")
        for values in re.findall(r'"enum":\s*\[([^\]]*)\]', call("schema").stdout):
            for value in [] if '"gmail"' in values else json.loads("[%s]" % values):
                self.assertRegex(text, r"\*(\w+: )?%s\*" % re.escape(value))

    def test_examples(self):
        """Each job of the page is read without a complaint."""
        blocks = re.findall(r"^```\n(.*?)^```", page("trasloco-job.5.scd"), re.M | re.S)
        jobs = [block for block in blocks if block.startswith("version: 1")]
        table = next(block for block in blocks if block.startswith("source_user"))
        self.assertEqual(len(jobs), len(blocks) - 1)
        for job in jobs:
            with self.subTest(job=job), tempfile.TemporaryDirectory() as folder:
                files = {"migrate.yaml": job, "accounts.csv": table, **{name: "secret\n" for name in re.findall(r"password_file: (\S+)", job)}}
                for name, text in files.items():
                    os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                    with open(os.path.join(folder, name), "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                        file.write(text)
                done = call("status", folder=folder)
                self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    lib.tail()
