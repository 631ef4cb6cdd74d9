"""A terminal's screen, as far as a progress display needs one, and a program that runs on it.

The screen knows line feeds, carriage returns, "cursor up", "clear to the end", autowrap and colours; anything else is an error. Its lines have no end upwards:
what has left the screen at the top is still there to be looked at."""
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata

import lib

PIECE = re.compile(r"\x1b\[([?;\d]*)([A-Za-z])|(\x1b.*)|([\x00-\x1f\x7f])|([^\x00-\x1f\x7f]+)", re.S)


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Screen:
    """Each line is a list of cells; what takes two is followed by an empty one, what takes none lies in the cell before it."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.cells, self.row, self.column, self.top = [[]], 0, 0, 0
        self.wraps, self.overflows, self.colours, self.rest = True, 0, 0, ""

    def feed(self, text):
        text, self.rest = self.rest + text, ""
        for found in PIECE.finditer(text):
            number, letter, broken, control, plain = found.groups()
            if letter:
                self._escape(number, letter)
            elif broken:
                if not re.fullmatch(r"\x1b(\[[?;\d]*)?", broken):
                    raise AssertionError("an escape sequence that nobody knows: %r" % broken)
                self.rest = broken
            elif control:
                self._control(control)
            else:
                for character in plain:
                    self._put(character)

    def _escape(self, number, letter):
        if letter == "A":
            self.row = max(self.row - int(number or 1), self.top)
        elif letter == "J" and not number:
            del self.cells[self.row + 1:]
            del self.cells[self.row][self.column:]
        elif letter == "K" and not number:
            del self.cells[self.row][self.column:]
        elif letter in "lh" and number == "?7":
            self.wraps = letter == "h"
        elif letter == "m":
            self.colours += number not in ("", "0")
        else:
            raise AssertionError("ESC [ %s%s" % (number, letter))

    def _control(self, control):
        if control == "\r":
            self.column = 0
        elif control == "\n":
            self.row += 1
            if self.row == len(self.cells):
                self.cells.append([])
            self.top = max(self.top, self.row - self.rows + 1)
        else:
            raise AssertionError("control character %r" % control)

    def _put(self, character):
        wide = width(character)
        if self.column + wide > self.columns:
            self.overflows += 1
            if not self.wraps:
                return
            self._control("\r")
            self._control("\n")
        line = self.cells[self.row]
        if wide == 0 and self.column > 0:
            line[self.column - 1] += character
            return
        line += [" "] * (self.column - len(line))
        line[self.column:self.column + wide] = [character] + [""] * (wide - 1)
        self.column += wide

    def resize(self, columns, rows):
        """As most terminals do it: lines that no longer fit are broken."""
        cells, row = [], 0
        for number, line in enumerate(self.cells):
            if number == self.row:
                row = len(cells)
            cells += [line[at:at + columns] for at in range(0, len(line), columns)] or [[]]
        self.cells, self.row, self.columns, self.rows = cells, row, columns, rows
        self.top = max(0, self.row - rows + 1)

    @property
    def lines(self):
        return ["".join(line) for line in self.cells]

    def text(self):
        return "\n".join(self.lines)

    def shown(self):
        """Lines on which something stands."""
        return [line.rstrip() for line in self.lines if line.strip()]


class OnScreen:
    """The program with its standard error on a screen; standard output comes to .out, or to the screen as well (both=True)."""

    def __init__(self, job, command, *options, columns=80, rows=24, both=False, **env):
        self.master, slave = pty.openpty()
        self.screen, self.raw = Screen(columns, rows), ""
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._tell_size()
        try:
            self.process = subprocess.Popen([lib.program(), command, job.path, *options], stdin=subprocess.DEVNULL,
                                            stdout=slave if both else subprocess.PIPE, stderr=slave, cwd=job.folder,
                                            env=lib.environment(**{"TERM": "xterm-256color", **env}))
        finally:
            os.close(slave)
        self.most, self.widest = 0, 0

    def _tell_size(self):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", self.screen.rows, self.screen.columns, 0, 0))

    def more(self, limit=0.1):
        """Reads what there is. False: nothing came, or all is closed."""
        if not select.select([self.master], [], [], limit)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:     # the other side is closed
            return False
        text = self.decode(data)
        self.raw += text
        self.screen.feed(text)
        self.most = max(self.most, len(self.screen.shown()))
        self.widest = max([self.widest] + [width(line) for line in self.screen.shown()])
        return bool(data)

    def until(self, what, limit=40):
        """Reads until what(screen) is true, and on until it is quiet: the program has drawn, and the next picture is not due yet."""
        deadline = time.monotonic() + limit
        while not what(self.screen):
            if not self.more() and (time.monotonic() > deadline or self.process.poll() is not None):
                raise AssertionError("never came to pass; status %r\n%s\n%r" % (self.process.poll(), self.screen.text(), self.raw[-2000:]))
        self.more()
        while self.more(0.02):
            pass

    def resize(self, columns, rows):
        self.screen.resize(columns, rows)
        self._tell_size()
        self.process.send_signal(signal.SIGWINCH)
        self.most = self.widest = 0

    def end(self, limit=60):
        """The exit status once it has ended; what it said on standard output is .out then."""
        deadline = time.monotonic() + limit
        while self.process.poll() is None:
            self.more()
            if time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError("not finished after %d s\n%s" % (limit, self.screen.text()))
        while self.more():
            pass
        self.out = self.process.stdout.read().decode() if self.process.stdout else ""
        if lib.SANITIZERS.search(self.raw) or self.process.returncode == 99:
            raise AssertionError("a sanitizer speaks:\n" + self.raw)
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        os.close(self.master)
