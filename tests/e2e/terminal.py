"""The program on a terminal of its own, with a person who reads and types."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import dovecot
import lib

SHELL = 'trap : INT TERM HUP; "$@"; echo "[status $?]"; read -r rest; echo "[left $rest]"'


class Terminal:
    """Started at once. `seen` is all that stood on the screen."""

    def __init__(self, job, command, *options, **env):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        self.seen, self.read_to = "", 0
        # setsid makes it the session's terminal, /dev/tty. When the session's leader ends, a terminal forgets its settings and echoes again
        # by itself: a shell leads, as it does at home, and outlives the program.
        self.shell = subprocess.Popen(["setsid", "--ctty", "sh", "-c", SHELL, "sh", lib.program(), command, job.path, *options], stdin=self.slave,
                                      stdout=self.slave, stderr=self.slave, cwd=job.folder, env=lib.environment(**env))

    def _more(self, limit):
        """Reads what there is. False: nothing came."""
        if not select.select([self.master], [], [], limit)[0]:
            return False
        data = os.read(self.master, 4096)
        self.seen += data.decode("utf-8", "replace")
        return bool(data)

    def expect(self, text, limit=30):
        """Waits until the text stands on the screen behind what was expected before."""
        deadline = time.monotonic() + limit
        while text not in self.seen[self.read_to:]:
            if not self._more(0.1) and (time.monotonic() > deadline or "[status " in self.seen[self.read_to:]):
                raise AssertionError("%r never came\n%s" % (text, self.seen))
        self.read_to = self.seen.index(text, self.read_to) + len(text)

    def type(self, text):
        os.write(self.master, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def end(self, limit=60):
        """The exit status as the shell tells it, once it has ended. The shell is there still: so is what the program left of the terminal."""
        self.expect("[status ", limit)
        self.expect("]", limit)
        before = self.seen[:self.read_to]
        status = int(before[before.rindex(" ") + 1:-1])
        if lib.SANITIZERS.search(self.seen) or status == 99:
            raise AssertionError("a sanitizer speaks:\n" + self.seen)
        return status

    def left(self):
        """After the end: what was typed and the program has not read. A shell would carry it out."""
        self.type("\n")
        self.expect("[left ")
        self.expect("]")
        return self.seen[self.seen.rindex("[left ") + 6:self.read_to - 1]

    def signal(self, number):
        """To the program, not to the shell."""
        os.kill(dovecot.children(self.shell.pid)[0], number)

    def close(self):
        dovecot.kill_all([*dovecot.children(self.shell.pid), self.shell.pid])
        self.shell.wait()
        os.close(self.slave)
        os.close(self.master)
