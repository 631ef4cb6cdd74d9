#!/usr/bin/env python3
"""That the bench can still be run: its commands start, the mailboxes are what they say, the line is as slow as it has to be. No figures are taken."""
import os
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import profiles  # noqa: E402
from cable import Cable, rate_of  # noqa: E402

GREETING = b"* OK ready\r\n"


def echo(listener):
    """Greets one client, and says again what it says."""
    sock, _ = listener.accept()
    with sock:
        sock.sendall(GREETING)
        while data := sock.recv(65536):
            sock.sendall(data)


class Bench(unittest.TestCase):
    def test_commands_start(self):
        for name in ("compare", "instructions", "rate"):
            done = subprocess.run([sys.executable, os.path.join(HERE, name), "--help"], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("--trasloco", done.stdout)

    def test_mailboxes(self):
        for name, profile in profiles.PROFILES.items():
            folders, again = profiles.mailbox(name, 12), profiles.mailbox(name, 12)
            mails = [mail for folder in folders for mail in folder.messages]
            self.assertEqual((len(folders), len(mails)), (profile.folders, 12))
            self.assertEqual([mail.data for mail in mails], [mail.data for folder in again for mail in folder.messages])
            for mail in mails:
                lines = mail.data.split(b"\r\n")
                self.assertFalse(lines[-1] or b"\n" in b"".join(lines) or b"\r" in b"".join(lines))

    def test_line(self):
        """Two round trips to the greeting, one to an answer, and no more bytes a second than it may carry."""
        rtt, mbit, size = 0.05, 20, 300000
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=echo, args=(listener,), daemon=True).start()
            with Cable([listener.getsockname()[1]], rtt, mbit) as cable:
                began = time.monotonic()
                with socket.create_connection(("127.0.0.1", cable.ports[0]), 10) as sock:
                    self.assertEqual(sock.recv(100), GREETING)
                    self.assertGreaterEqual(time.monotonic() - began, 2 * rtt)
                    began = time.monotonic()
                    data, left = os.urandom(size), size
                    threading.Thread(target=sock.sendall, args=(data,), daemon=True).start()
                    got = bytearray()
                    while left > 0 and (part := sock.recv(65536)):
                        got += part
                        left -= len(part)
                    self.assertGreaterEqual(time.monotonic() - began, rtt + size / rate_of(mbit))
                    self.assertEqual(bytes(got), data)
                    sock.shutdown(socket.SHUT_WR)
                    self.assertEqual(sock.recv(10), b"")


if __name__ == "__main__":
    unittest.main()
