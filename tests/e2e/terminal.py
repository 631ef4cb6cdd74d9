"""The program on a terminal of its own, with a person who reads and types."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import lib


class Terminal:
    """Started at once. `seen` is all that stood on the screen."""

    def __init__(self, job, command, *options, **env):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        self.seen, self.read_to = "", 0
        try:
            # setsid makes it the session's terminal, /dev/tty, without Python code between fork and exec.
            self.process = subprocess.Popen(["setsid", "--ctty", lib.program(), command, job.path, *options], stdin=slave, stdout=slave,
                                            stderr=slave, cwd=job.folder, env=lib.environment(**env))
        finally:
            os.close(slave)

    def _more(self, limit):
        """Reads what there is. False: nothing came, or all is closed."""
        if not select.select([self.master], [], [], limit)[0]:
            return False
        try:
            data = os.read(self.master, 4096)
        except OSError:     # the other side is closed
            return False
        self.seen += data.decode("utf-8", "replace")
        return bool(data)

    def expect(self, text, limit=30):
        """Waits until the text stands on the screen behind what was expected before."""
        deadline = time.monotonic() + limit
        while text not in self.seen[self.read_to:]:
            if not self._more(0.1) and (time.monotonic() > deadline or self.process.poll() is not None and not self._more(0.1)):
                raise AssertionError("%r never came; status %r\n%s" % (text, self.process.poll(), self.seen))
        self.read_to = self.seen.index(text, self.read_to) + len(text)

    def type(self, text):
        os.write(self.master, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def end(self, limit=60):
        """The exit status, once it has ended."""
        deadline = time.monotonic() + limit
        while self.process.poll() is None:
            self._more(0.1)
            if time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError("not finished after %d s\n%s" % (limit, self.seen))
        while self._more(0.1):
            pass
        if lib.SANITIZERS.search(self.seen) or self.process.returncode == 99:
            raise AssertionError("a sanitizer speaks:\n" + self.seen)
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
