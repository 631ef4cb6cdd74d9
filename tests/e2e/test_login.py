#!/usr/bin/env python3
"""Passwords that a person types: asked without echo, tried, kept; and what never happens to a wrong one."""
import json
import os
import signal
import stat
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers"))
import dovecot  # noqa: E402

# One that no word of the program holds; set before the others take it from there.
PASSWORD = dovecot.PASSWORD = "gEh31m-71c4"
import lib  # noqa: E402
from terminal import Terminal  # noqa: E402

WRONG = "fAls4-88d0"


class Typed(lib.Case):
    def lacking(self, user, source=None, target=None, source_more=None, **top):
        """A job of one account whose sides say nothing of a password."""
        none = {"password": None}
        return self.job(lib.account(user, source or self.source, target or self.target, source_more={**none, **(source_more or {})},
                                    target_more=none), **top)

    def terminal(self, job, command, *options):
        terminal = Terminal(job, command, *options)
        self.addCleanup(terminal.close)
        return terminal

    def kept(self, job):
        """What stands in the kept file: login names in order; None without one."""
        path = job.state + ".login"
        if not os.path.exists(path):
            return None
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as file:
            return [(login["host"], login["login"], login["secret"]) for login in json.load(file)["logins"]]

    def answer(self, terminal, user, text):
        terminal.expect("Password of %s at 127.0.0.1: " % user)
        self.assertFalse(terminal.echoes())
        terminal.type(text + "\n")

    def silent(self, terminal):
        """Nothing of what was typed stood on the screen, which is as it was."""
        for word in (PASSWORD, WRONG):
            self.assertNotIn(word, terminal.seen)
        self.assertTrue(terminal.echoes())

    def with_kept(self, user, **more):
        """A job whose passwords were typed."""
        job = self.lacking(user, **more)
        terminal = self.terminal(job, "login")
        self.answer(terminal, user, PASSWORD)   # one name at one host: one question
        self.assertEqual(terminal.end(), 0, terminal.seen)
        return job


class Login(Typed):
    def test_wrong_twice_then_right(self):
        self.fill("mario", 30)
        job = self.lacking("mario", source_more={"host": "localhost"})
        terminal = self.terminal(job, "login")
        terminal.expect("Password of mario at localhost: ")
        terminal.type(WRONG + "\n")
        terminal.expect("refused")
        terminal.expect("Password of mario at localhost: ")
        terminal.type("\n")
        terminal.expect("Nothing was typed")
        terminal.expect("Password of mario at localhost: ")
        terminal.type(WRONG + "x\n")
        terminal.expect("Password of mario at localhost: ")
        terminal.type(PASSWORD + "\n")
        terminal.expect("kept in")
        self.answer(terminal, "mario", PASSWORD)
        self.assertEqual(terminal.end(), 0, terminal.seen)
        self.silent(terminal)
        self.assertEqual(self.kept(job), [("localhost", "mario", PASSWORD), ("127.0.0.1", "mario", PASSWORD)])
        # It is good for a run without a terminal, and nothing is lacking any more.
        self.ended(job.run())
        self.same("mario")
        again = job.call("login")
        self.assertEqual((again.code, again.err), (0, ""), again.tell())
        self.assertIn("Nothing is lacking", again.out)

    def test_three_wrong(self):
        job = self.lacking("tre", source_more={"host": "localhost"})
        terminal = self.terminal(job, "login")
        for _ in range(3):
            terminal.expect("Password of tre at localhost: ")
            terminal.type(WRONG + "\n")
        # The other side is asked for all the same.
        self.answer(terminal, "tre", PASSWORD)
        self.assertEqual(terminal.end(), 4, terminal.seen)
        self.silent(terminal)
        self.assertEqual(self.kept(job), [("127.0.0.1", "tre", PASSWORD)])

    def test_nothing_wrong_is_kept(self):
        job = self.lacking("falso")
        terminal = self.terminal(job, "login")
        for _ in range(6):
            self.answer(terminal, "falso", WRONG)
        self.assertEqual(terminal.end(), 4, terminal.seen)
        self.silent(terminal)
        self.assertEqual(sorted(os.listdir(job.folder)), ["migrate.yaml"])

    def interrupted(self, stop, status):
        job = self.lacking("fermo")
        terminal = self.terminal(job, "login")
        terminal.expect("Password of fermo at 127.0.0.1: ")
        terminal.type("half a passw")
        time.sleep(0.2)
        stop(terminal)
        self.assertEqual(terminal.end(10), status, terminal.seen)
        self.silent(terminal)
        self.assertNotIn("half", terminal.seen)
        self.assertEqual(terminal.left(), "")
        self.assertIsNone(self.kept(job))

    def test_ctrl_c(self):
        self.interrupted(lambda terminal: terminal.type("\x03"), 130)

    def test_ctrl_c_twice(self):
        self.interrupted(lambda terminal: terminal.type("\x03\x03"), 130)

    def test_terminated(self):
        self.interrupted(lambda terminal: terminal.signal(signal.SIGTERM), 143)

    def test_hung_up(self):
        """As if terminated."""
        self.interrupted(lambda terminal: terminal.signal(signal.SIGHUP), 128 + signal.SIGTERM)

    def test_end_of_input(self):
        job = self.lacking("fine")
        terminal = self.terminal(job, "login")
        for _ in range(2):
            terminal.expect("Password of fine at 127.0.0.1: ")
            terminal.type("\x04")
        self.assertEqual(terminal.end(10), 4, terminal.seen)
        self.silent(terminal)

    def test_server_is_down(self):
        """Nobody knows whether it is right: not kept."""
        job = self.lacking("giu", target=dovecot.free_port(), source_more={"password": PASSWORD})
        terminal = self.terminal(job, "login")
        self.answer(terminal, "giu", PASSWORD)
        self.assertEqual(terminal.end(), 3, terminal.seen)
        self.silent(terminal)
        self.assertIsNone(self.kept(job))

    def test_without_a_terminal(self):
        job = self.lacking("muto")
        result = job.call("login")
        self.assertEqual(result.code, 2, result.tell())
        self.assertIn("terminal", result.err)

    def test_named_secrets_are_left_alone(self):
        job = self.simple("nominato")
        result = job.call("login")
        self.assertEqual((result.code, result.err), (0, ""), result.tell())
        self.assertIn("Nothing is lacking", result.out)
        self.assertIsNone(self.kept(job))

    def test_only_the_account_asked_for(self):
        none = {"password": None}
        job = self.job(*(lib.account(user, self.source, self.target, source_more=none, target_more=none) for user in ("uno", "due")))
        terminal = self.terminal(job, "login", "--account", "due")
        self.answer(terminal, "due", PASSWORD)
        self.assertEqual(terminal.end(), 0, terminal.seen)
        self.assertEqual(self.kept(job), [("127.0.0.1", "due", PASSWORD)])

    def test_refused_later(self):
        """The password was changed at the provider: run says 4 (or 3), login asks for the new one."""
        job = self.with_kept("cambiato")
        with open(job.state + ".login", encoding="utf-8") as file:
            text = file.read().replace(PASSWORD, WRONG)
        with open(job.state + ".login", "w", encoding="utf-8") as file:
            file.write(text)
        result = job.run()
        self.ended(result, 4)
        self.assertNotIn(WRONG, result.out + result.err)
        terminal = self.terminal(job, "login")
        terminal.expect("the kept password was refused")
        self.answer(terminal, "cambiato", PASSWORD)
        self.assertEqual(terminal.end(), 0, terminal.seen)
        self.silent(terminal)
        self.assertEqual(self.kept(job), [("127.0.0.1", "cambiato", PASSWORD)])

    def test_forget(self):
        self.fill("scordato", 30)
        job = self.with_kept("scordato")
        self.ended(job.run())
        result = job.call("login", "--forget")
        self.assertEqual((result.code, result.err), (0, ""), result.tell())
        self.assertIn("scordato at 127.0.0.1", result.out)
        self.assertIsNone(self.kept(job))
        # A missing password is no outage, although the account was signed in before: it is told at once.
        result = job.run()
        doc = self.ended(result, 4)
        self.assertLess(result.seconds, 20)
        self.assertIn("trasloco login", lib.problems(doc, "login-refused")[0]["text"])
        result = job.call("login", "--forget")
        self.assertEqual(result.code, 0, result.tell())
        self.assertIn("Nothing was kept", result.out)

    def test_open_to_others(self):
        job = self.with_kept("aperto")
        os.chmod(job.state + ".login", 0o644)
        doc = self.ended(job.run(), 2)
        self.assertIn("chmod 600", lib.problems(doc)[0]["text"])
        result = job.call("login")
        self.assertEqual(result.code, 2, result.tell())
        self.assertIn("chmod 600", result.err)


class Run(Typed):
    def test_asks_before_it_begins(self):
        self.fill("chiede", 40)
        job = self.lacking("chiede", source_more={"host": "localhost"})
        terminal = self.terminal(job, "run")
        terminal.expect("Password of chiede at localhost: ")
        terminal.type(PASSWORD + "\n")
        terminal.expect("Password of chiede at 127.0.0.1: ")
        time.sleep(0.5)
        self.assertNotIn("user=<chiede>", self.source.log())
        terminal.type(PASSWORD + "\n")
        self.assertEqual(terminal.end(), 0, terminal.seen)
        self.silent(terminal)
        self.assertIn("user=<chiede>", self.source.log())
        self.assertIsNone(self.kept(job))
        self.same("chiede")

    def test_asked_once_though_refused(self):
        job = self.lacking("sbaglia")
        terminal = self.terminal(job, "run")
        self.answer(terminal, "sbaglia", WRONG)
        self.assertEqual(terminal.end(), 4, terminal.seen)
        self.silent(terminal)
        self.assertEqual(terminal.seen.count("Password of"), 1)

    def test_ctrl_c(self):
        job = self.lacking("smette")
        terminal = self.terminal(job, "run")
        terminal.expect("Password of smette at 127.0.0.1: ")
        terminal.type("\x03")
        self.assertEqual(terminal.end(10), 130, terminal.seen)
        self.silent(terminal)

    def test_no_input(self):
        job = self.lacking("zitto")
        terminal = self.terminal(job, "run", "--no-input")
        self.assertEqual(terminal.end(20), 4, terminal.seen)
        self.assertNotIn("Password of", terminal.seen)
        self.assertIn("trasloco login", terminal.seen)


if __name__ == "__main__":
    lib.tail()
