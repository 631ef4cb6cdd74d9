#!/usr/bin/env python3
"""init: the job file to begin with; by options, by MX, by questions on a terminal."""
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest

import lib
from nameserver import NameServer

ZONE = {
    "m365.example": [(0, "m365-example.mail.protection.outlook.com")],
    "backup.example": [(20, "mx2.hoster.example"), (10, "filter.example"), (30, "mx.aruba.it")],
    "own.example": [(10, "mail.own.example")],
    "lookalike.example": [(10, "mail.protection.outlook.com.evil.example"), (10, "notaruba.it")],
    "empty.example": [],
    "null.example": [(0, "")],
    "broken.example": "broken",
    "silent.example": "silent",
    "escape.example": [(10, b"\x07\x1b[31mx\x07" + b"\x07example\x00")],
    "xn--citt-3na.example": [(10, "mx.aruba.it")],
}


class Rig(unittest.TestCase):
    """A folder and a name server of its own for each test."""

    def setUp(self):
        with open(lib.program(), "rb") as file:
            if b"TRASLOCO_DNS" not in file.read():
                raise unittest.SkipTest("a build without crash points asks the machine's own name server")
        self.folder = tempfile.mkdtemp(prefix="init-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.names = NameServer(ZONE)
        self.addCleanup(self.names.close)

    def path(self, name="migrate.yaml"):
        return os.path.join(self.folder, name)

    def read(self, name="migrate.yaml"):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def call(self, *options, limit=20):
        start = time.monotonic()
        done = subprocess.run([lib.program(), "init", *options], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=lib.environment(TRASLOCO_DNS=self.names.port), timeout=limit)
        return lib.Result(done.returncode, done.stdout, done.stderr, time.monotonic() - start)

    def good(self, *options, name="migrate.yaml"):
        result = self.call(*options)
        self.assertEqual(result.code, 0, result.tell())
        text = self.read(name)
        self.assertLessEqual(text.count("\n"), 15, text)
        self.assertTrue(text.endswith("\n"))
        self.assertIn("#", text)
        self.assertFalse([line for line in text.split("\n") if "password" in line.split("#")[0]], text)
        self.loads(name)
        return result, text

    def loads(self, name="migrate.yaml"):
        """The loader takes it: that nothing has been moved yet is all there is to say."""
        done = subprocess.run([lib.program(), "status", name], cwd=self.folder, capture_output=True, text=True, env=lib.environment(),
                              timeout=20)
        self.assertNotRegex(done.stderr, r"\.yaml:\d+:\d+: ", self.read(name))
        self.assertRegex(done.stdout + done.stderr, "(?i)nothing has been moved")

    def refused(self, *options, words=(), name="migrate.yaml"):
        result = self.call(*options)
        self.assertEqual(result.code, 2, result.tell())
        self.assertEqual(result.out, "")
        for word in words:
            self.assertIn(word, result.err)
        self.assertFalse(os.path.lexists(self.path(name)), "nothing is written")
        return result


class Init(Rig):
    """Without a terminal."""

    # ---- by options ----

    def test_preset_and_host(self):
        result, text = self.good("--from", "anna@libero.it", "--to", "anna@ditta.example", "--to-host", "imap.ditta.example")
        self.assertEqual(stat.S_IMODE(os.stat(self.path()).st_mode), 0o600)
        self.assertRegex(text, r"(?m)^version: 1$")
        self.assertRegex(text, r"(?m)^  - name: anna\b")
        self.assertRegex(text, r"(?m)^      user: anna@libero\.it\b.*Libero")
        self.assertRegex(text, r"(?m)^      user: anna@ditta\.example$")
        self.assertRegex(text, r"(?m)^      host: imap\.ditta\.example\b")
        self.assertNotIn("provider:", text, "the domain of the address tells it")
        steps = [result.out.find("trasloco " + step) for step in ("login", "check", "run")]
        self.assertEqual(steps, sorted(steps))
        self.assertNotIn(-1, steps)
        self.assertEqual(self.names.asked, [], "nothing had to be looked up")

    def test_other_name(self):
        result, _ = self.good("a b.yaml", "--from", "a@libero.it", "--to", "b@virgilio.it", name="a b.yaml")
        self.assertIn("trasloco check 'a b.yaml'", result.out)
        self.assertFalse(os.path.exists(self.path()))

    def test_never_overwrites(self):
        options = ("--from", "a@libero.it", "--to", "b@virgilio.it")
        for make in (lambda: open(self.path(), "w").close(), lambda: os.symlink("nowhere", self.path()), lambda: os.mkdir(self.path())):
            make()
            before = os.lstat(self.path())
            result = self.call(*options)
            self.assertEqual(result.code, 2, result.tell())
            self.assertIn("migrate.yaml", result.err)
            self.assertEqual(os.lstat(self.path()).st_mtime_ns, before.st_mtime_ns)
            self.assertFalse(os.path.exists(self.path("nowhere")))
            (os.rmdir if stat.S_ISDIR(before.st_mode) else os.unlink)(self.path())
        with open(self.path(), "w") as file:
            file.write("mine\n")
        self.call(*options)
        self.assertEqual(self.read(), "mine\n")

    def test_place_is_missing(self):
        result = self.refused("no/such/folder.yaml", "--from", "a@libero.it", "--to", "b@virgilio.it", words=["no/such/folder.yaml"])
        self.assertNotIn("is written", result.out)

    def test_all_that_is_missing(self):
        self.refused(words=["--from ADDRESS", "--to ADDRESS"])
        self.refused("--from", "a@libero.it", words=["--to ADDRESS"])
        self.refused("--from", "a@libero.it", "--to", "b@own.example", words=["--to-host HOST", "b@own.example"])
        self.refused("--from", "a@own.example", "--to", "b@libero.it", words=["--from-host HOST", "a@own.example"])
        self.refused("--no-input", words=["--from ADDRESS"])

    def test_wrong_values(self):
        for value in ("anna", "@libero.it", "anna@", "an na@libero.it", "anna@lib ero.it", "anna@libero.it\n", "", "anna@-x.it", "a@b/c",
                      "a" * 250 + "@libero.it", "a@" + "b" * 300):
            with self.subTest(value=value):
                self.refused("--from", value, "--to", "b@libero.it", words=["--from"])
        for value in ("", "imap company", "imap:port", "imap:0", "imap:65536", "imap:", "https://imap.x.it", "[::1",
                      "[::1]x", "a:b:c", "-v", "x;y"):
            with self.subTest(value=value):
                self.refused("--from", "a@libero.it", "--to", "b@own.example", "--to-host", value, words=["--to-host"])

    def test_ports(self):
        for number, (host, lines) in enumerate({
                "imap.x.example": ["host: imap.x.example"],
                "imap.x.example:993": ["host: imap.x.example"],
                "imap.x.example:143": ["host: imap.x.example", "tls: starttls"],
                "imap.x.example:1993": ["host: imap.x.example", "port: 1993"],
                "192.0.2.1:1993": ['host: "192.0.2.1"', "port: 1993"],
                "2001:db8::1": ['host: "2001:db8::1"'],
                "[2001:db8::1]:1993": ['host: "2001:db8::1"', "port: 1993"]}.items()):
            with self.subTest(host=host):
                name = "%d.yaml" % number
                _, text = self.good(name, "--from", "a@libero.it", "--to", "b@own.example", "--to-host", host, name=name)
                target = [line.split(" #")[0].strip() for line in text.split("    target:")[1].split("\n")]
                self.assertEqual([line for line in target if re.match("(host|tls|port|provider):", line)], lines)

    def test_odd_addresses(self):
        """Whatever stands before the @ stays what it is, also where YAML would see something else in it."""
        odd = ["null", "yes", "1e5", "o'brien", "a+b", "#x", "{a}", 'q"uote', "back\\slash", "perché", "-", "0x10", "a:b", "~",
               "[", "&a", "*"]
        for number, local in enumerate(odd):
            with self.subTest(local=local):
                name = "%d.yaml" % number
                _, text = self.good(name, "--from", local + "@libero.it", "--to", local + "@virgilio.it", name=name)
                found = re.findall(r'(?m)^ +user: (?:"((?:[^"\\]|\\.)*)"|(\S+))', text)
                values = [re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for quoted, plain in found]
                self.assertEqual(values, [local + "@libero.it", local + "@virgilio.it"])
        self.assertRegex(self.read("0.yaml"), r'name: "null"')

    def test_longest_file(self):
        _, text = self.good("--from", "a@libero.it", "--from-host", "old.example:1993",
                            "--to", "b@virgilio.it", "--to-host", "new.example:143")
        self.assertEqual(text.count("provider: imap"), 2, "another server than the domain's own: no preset of the domain's")

    # ---- OAuth2 and other wishes of providers ----

    def test_oauth_is_told_at_once(self):
        result, text = self.good("--from", "a@libero.it", "--to", "b@hotmail.com")
        self.assertRegex(result.err, r"Outlook\.com takes no passwords.*token_command")
        self.assertRegex(text, r"(?m)^      token_command: \[")
        self.assertIn("token_command", result.out)
        self.assertIn("trasloco login", result.out, "the other side has a password")
        result, _ = self.good("2.yaml", "--from", "a@outlook.it", "--to", "b@hotmail.com", name="2.yaml")
        self.assertNotIn("trasloco login", result.out)

    def test_other_wishes(self):
        for address, words in {"a@gmail.com": ["app password", "switched on", "https://"], "a@yahoo.it": ["yahoo-export"],
                               "a@proton.me": ["Bridge"], "a@aol.com": ["app password"]}.items():
            with self.subTest(address=address):
                name = address + ".yaml"
                result, text = self.good(name, "--from", address, "--to", "b@virgilio.it", name=name)
                for word in words:
                    self.assertIn(word, result.err)

    def test_code_instead_of_the_address(self):
        self.refused("--from", "a@legalmail.it", "--to", "b@virgilio.it", words=["--from CODE --from-host mbox.cert.legalmail.it"])
        _, text = self.good("--from", "M1234567", "--from-host", "mbox.cert.legalmail.it", "--to", "b@virgilio.it")
        self.assertRegex(text, r"(?s)source:.*user: M1234567\b.*provider: legalmail\b.*target:")

    def test_host_of_a_known_provider(self):
        result, text = self.good("--from", "a@libero.it", "--to", "b@own.example", "--to-host", "Outlook.Office365.com")
        self.assertIn("provider: microsoft365", text)
        self.assertIn("takes no passwords", result.err)
        _, text = self.good("2.yaml", "--from", "a@libero.it", "--to", "b@hotmail.com", "--to-host", "outlook.office365.com", name="2.yaml")
        self.assertNotIn("provider:", text)
        _, text = self.good("3.yaml", "--from", "a@libero.it", "--to", "b@own.example", "--to-host", "127.0.0.1:1143", name="3.yaml")
        self.assertNotIn("proton", text)

    # ---- MX ----

    def test_mx(self):
        for number, (domain, provider) in enumerate({"m365.example": "microsoft365", "backup.example": "aruba", "città.example": "aruba",
                                                    "M365.example": "microsoft365"}.items()):
            with self.subTest(domain=domain):
                name = "%d.yaml" % number
                result, text = self.good(name, "--from", "a@libero.it", "--to", "b@" + domain, name=name)
                self.assertRegex(text, r"(?m)^      provider: %s\b" % provider)
                self.assertIn("Mail of %s is at " % domain, result.err)
        self.assertIn("xn--citt-3na.example", self.names.asked)

    def test_mx_of_the_source(self):
        _, text = self.good("--from", "a@backup.example", "--to", "b@libero.it")
        self.assertRegex(text, r"(?s)source:.*provider: aruba.*target:")

    def test_mx_does_not_help(self):
        for domain, words in {"own.example": "mail.own.example", "lookalike.example": "does not know", "empty.example": "no MX",
                              "null.example": "no MX", "broken.example": "can't be read", "nowhere.example": "no domain",
                              "escape.example": "does not know"}.items():
            with self.subTest(domain=domain):
                result = self.refused("--from", "a@libero.it", "--to", "b@" + domain, words=["--to-host HOST", words])
                self.assertNotIn("\x1b", result.err)
                self.assertNotIn("\x07", result.err)

    def test_mx_is_silent(self):
        result = self.refused("--from", "a@libero.it", "--to", "b@silent.example", words=["--to-host HOST", "no name server answers"])
        self.assertLess(result.seconds, 15)

    # ---- an address that stays the same ----

    def test_same_address(self):
        self.refused("--from", "a@libero.it", "--to", "A@libero.it", words=["--to-host"])
        self.refused("--from", "a@backup.example", "--to", "a@backup.example", words=["--to-host"])
        self.refused("--from", "a@libero.it", "--to", "a@libero.it", "--to-host", "imapmail.libero.it", words=["same", "--from-host"])
        _, text = self.good("--from", "a@backup.example", "--to", "a@backup.example", "--to-host", "imap.new.example")
        self.assertRegex(text, r"(?s)source:.*provider: aruba.*target:.*host: imap\.new\.example")

    def test_user_names(self):
        """With servers of one's own a user name is enough."""
        _, text = self.good("--from", "mario", "--from-host", "127.0.0.1:10143", "--to", "mario", "--to-host", "127.0.0.1:20143")
        self.assertEqual(text.count("user: mario"), 2)
        self.refused("1.yaml", "--from", "mario", "--to", "mario", "--to-host", "127.0.0.1", words=["--from mario"], name="1.yaml")


class Terminal:
    """The program with a terminal of its own: what it asks is waited for, then answered."""

    def __init__(self, folder, *options, stdin="/dev/tty", **env):
        self.seen = ""
        self.fd, inner = pty.openpty()
        command = ["setsid", "--ctty", "sh", "-c", 'exec "$0" init "$@" <' + stdin, lib.program(), *options]
        self.process = subprocess.Popen(command, cwd=folder, stdin=inner, stdout=inner, stderr=inner, env=lib.environment(**env))
        os.close(inner)

    def wait(self, pattern, limit=15):
        end = time.monotonic() + limit
        while not re.search(pattern, self.seen):
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError("%r did not come:\n%s" % (pattern, self.seen))
            try:
                data = os.read(self.fd, 4096)
            except OSError:  # EIO: the program has gone
                data = b""
            if not data:
                raise AssertionError("%r did not come, the end did:\n%s" % (pattern, self.seen))
            self.seen += data.decode("utf-8", "replace")

    def answer(self, question, text):
        self.wait(question)
        self.seen = self.seen[re.search(question, self.seen).end():]
        os.write(self.fd, text.encode())

    def end(self, limit=15):
        end = time.monotonic() + limit
        while time.monotonic() < end and not self.over():
            pass
        code = self.process.wait(max(0.1, end - time.monotonic()))
        if lib.SANITIZERS.search(self.seen) or code == 99:
            raise AssertionError("a sanitizer speaks:\n" + self.seen)
        return code

    def over(self):
        if not select.select([self.fd], [], [], 0.1)[0]:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError:  # EIO: nobody has it open any more
            return True
        self.seen += data.decode("utf-8", "replace")
        return not data

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.fd)


class Questions(Rig):
    """On a terminal."""

    def start(self, *options, **more):
        terminal = Terminal(self.folder, *options, TRASLOCO_DNS=self.names.port, **more)
        self.addCleanup(terminal.close)
        return terminal

    def test_all_is_asked(self):
        terminal = self.start()
        terminal.answer(r"Address of the old mailbox: ", "anna@libero.it\n")
        terminal.answer(r"Address of the new mailbox: ", "  anna@own.example \n")
        terminal.wait(r"Mail of own\.example is at mail\.own\.example")
        terminal.answer(r"IMAP server of the new mailbox.*: ", "imap.own.example\n")
        self.assertEqual(terminal.end(), 0, terminal.seen)
        self.assertIn("trasloco login", terminal.seen)
        text = self.read()
        self.assertIn("user: anna@libero.it ", text)
        self.assertIn("user: anna@own.example\n", text)
        self.assertIn("host: imap.own.example", text)
        self.loads()

    def test_only_what_is_missing(self):
        terminal = self.start("--from", "anna@libero.it", "--to-host", "imap.x.example")
        terminal.answer(r"Address of the new mailbox: ", "b@x.example\n")
        self.assertEqual(terminal.end(), 0, terminal.seen)
        self.assertNotIn("old mailbox:", terminal.seen)

    def test_wrong_answers_are_asked_again(self):
        terminal = self.start()
        terminal.answer(r"Address of the old mailbox: ", "\n")
        terminal.answer(r"Address of the old mailbox: ", "anna\n")
        terminal.answer(r"has an @.*\r\nAddress of the old mailbox: ", "an na@libero.it\n")
        terminal.answer(r"blanks.*\r\nAddress of the old mailbox: ", "anna@libero.it\n")
        terminal.answer(r"Address of the new mailbox: ", "b@own.example\n")
        terminal.answer(r"IMAP server of the new mailbox.*: ", "https://x\n")
        terminal.answer(r"no name of a server.*\r\nIMAP server of the new mailbox.*: ", "imap.own.example:143\n")
        self.assertEqual(terminal.end(), 0, terminal.seen)
        self.assertIn("tls: starttls", self.read())

    def test_found_server_is_asked_about(self):
        for answer, provider in (("\n", True), ("y\n", True), ("what?\nsì\n", True), ("n\nimap.other.example\n", False)):
            with self.subTest(answer=answer):
                terminal = self.start("--from", "a@libero.it", "--to", "b@m365.example")
                terminal.wait(r"Mail of m365\.example is at .*\(Microsoft 365\)")
                terminal.answer(r"Is the new mailbox at outlook\.office365\.com\? \[Y/n\] ", answer)
                self.assertEqual(terminal.end(), 0, terminal.seen)
                self.assertEqual("takes no passwords" in terminal.seen, provider)
                self.assertEqual("provider: microsoft365" in self.read(), provider)
                self.assertEqual("host: imap.other.example" in self.read(), not provider)
                os.unlink(self.path())

    def test_same_address(self):
        terminal = self.start("--from", "a@libero.it", "--to", "a@libero.it")
        terminal.wait(r"old and the new mailbox")
        terminal.answer(r"IMAP server of the new mailbox.*: ", "imap.new.example\n")
        self.assertEqual(terminal.end(), 0, terminal.seen)

    def test_code_instead_of_the_address(self):
        terminal = self.start("--from", "a@legalmail.it", "--to", "b@virgilio.it")
        terminal.answer(r"The code of a@legalmail\.it: ", "a@legalmail.it\n")
        terminal.answer(r"The code of a@legalmail\.it: ", "M1234567\n")
        self.assertEqual(terminal.end(), 0, terminal.seen)
        self.assertRegex(self.read(), r"(?s)name: a\b.*source:.*user: M1234567\b.*provider: legalmail\b.*target:")
        self.loads()

    def test_end_of_input(self):
        for start, question in (((), "old mailbox: "), (("--from", "a@libero.it"), "new mailbox: "),
                                (("--from", "a@libero.it", "--to", "b@own.example"), "IMAP server .*: ")):
            terminal = self.start(*start)
            terminal.answer(question, "\x04")
            self.assertEqual(terminal.end(), 2, terminal.seen)
            self.assertIn("nothing was written", terminal.seen)
            self.assertEqual(os.listdir(self.folder), [])

    def test_interrupt(self):
        terminal = self.start()
        terminal.answer("old mailbox: ", "\x03")
        self.assertIn(terminal.end(), (-signal.SIGINT, 130))
        self.assertEqual(os.listdir(self.folder), [])

    def test_nothing_is_asked(self):
        """With --no-input, nor in a script, though it was started on a terminal."""
        for terminal in self.start("--no-input"), self.start(stdin="/dev/null"):
            self.assertEqual(terminal.end(), 2, terminal.seen)
            self.assertIn("--from ADDRESS", terminal.seen)

    def test_not_over_a_file(self):
        """Said before anything is asked; and a file that came meanwhile stays as well."""
        terminal = self.start()
        terminal.wait("old mailbox: ")
        with open(self.path(), "w") as file:
            file.write("mine\n")
        second = self.start()
        self.assertEqual(second.end(), 2, second.seen)
        self.assertNotIn("mailbox:", second.seen)
        terminal.answer("old mailbox: ", "a@libero.it\n")
        terminal.answer("new mailbox: ", "b@virgilio.it\n")
        self.assertEqual(terminal.end(), 2, terminal.seen)
        self.assertEqual(self.read(), "mine\n")


if __name__ == "__main__":
    lib.tail()
