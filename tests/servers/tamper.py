"""A man in the middle of a plain-text IMAP line, who sees each response and each command as a whole, literals and all, and may say something else.

with Tamper(server.port, response=f, command=g) as tamper: tamper.port is where the client goes.
    f(session, whole)   what the client gets instead of this response of the server (b"": nothing)
    g(session, whole)   what the server gets instead of this command of the client (b"": nothing, then session.say() answers it)
Tamper itself gives the go-ahead for literals, at once, or (in_turn) when the server has answered all that came before; the server gets them without
having been asked. Both may call session.say(bytes) and
session.hang_up(), and keep what they like in session.memory. tamper.commands: the first line of every command;
live: the sessions that are open.
proxy.py breaks lines and loses replies; this changes what is said.
"""
import re
import socket
import threading

from gate import Gate, Line

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")


class Reader:
    """Cuts a stream into whole commands or responses."""

    def __init__(self, sock):
        self.file = sock.makefile("rb")

    def whole(self, before_literal=lambda: None):
        """The next one, b"" at the end."""
        out = b""
        while True:
            line = self.file.readline()
            out += line
            literal = LITERAL.search(line)
            if not literal:
                return out if line.endswith(b"\n") else b""
            if not literal.group(2):
                before_literal()
            data = self.file.read(int(literal.group(1)))
            if len(data) < int(literal.group(1)):
                return b""
            out += data


class Session(Line):
    def __init__(self, tamper, client):
        super().__init__(tamper, client)
        self.tamper, self.memory = tamper, {}
        self.open, self.answered = 0, threading.Condition()
        tamper.live.append(self)

    def say(self, data):
        """To the client."""
        with self.lock:
            self.client.sendall(data)

    def go_ahead(self):
        if self.tamper.in_turn:
            with self.answered:
                self.answered.wait_for(lambda: self.open <= 0, 5)
        self.say(b"+ go on\r\n")

    def count(self, more):
        with self.answered:
            self.open += more
            self.answered.notify()

    def up(self):
        reader = Reader(self.client)
        while not self.tamper.closing and (whole := reader.whole(self.go_ahead)):
            self.tamper.commands.append(re.sub(rb"^\S+ ", b"", whole.split(b"\r\n", 1)[0]))
            if self.tamper.command:
                whole = self.tamper.command(self, whole)
            if whole:
                self.count(1)
                self.server.sendall(asynchronous(whole))

    def down(self):
        reader = Reader(self.server)
        while not self.tamper.closing and (whole := reader.whole()):
            tagged = whole[:1] not in b"*+"
            if self.tamper.response:
                whole = self.tamper.response(self, whole)
            if whole:
                self.say(whole)
            if tagged:
                self.count(-1)

    def run(self, way):
        try:
            way()
        except OSError:
            pass
        self.hang_up()
        if self in self.tamper.live:
            self.tamper.live.remove(self)


def pieces(whole):
    """A command or response as [line, literal, line, …]."""
    out, at = [], 0
    while at < len(whole):
        end = whole.index(b"\n", at) + 1
        out.append(whole[at:end])
        at = end
        literal = LITERAL.search(out[-1])
        if literal:
            out.append(whole[at:at + int(literal.group(1))])
            at += int(literal.group(1))
    return out


def asynchronous(whole):
    """{n} as {n+}: what we have already is not to be asked for."""
    parts = pieces(whole)
    parts[::2] = [LITERAL.sub(rb"{\1+}\r\n", line) for line in parts[::2]]
    return b"".join(parts)


def with_literals(whole, change):
    """The same with change(literal) for each of its literals."""
    parts = pieces(whole)
    for n in range(1, len(parts), 2):
        parts[n] = change(parts[n])
        parts[n - 1] = LITERAL.sub(rb"{%d\2}\r\n" % len(parts[n]), parts[n - 1])
    return b"".join(parts)


def literals(whole):
    return pieces(whole)[1::2]


class Tamper(Gate):
    def __init__(self, target, response=None, command=None, host="127.0.0.1", in_turn=False):
        self.response, self.command, self.in_turn, self.live = response, command, in_turn, []
        super().__init__(target, host)

    def serve(self, client):
        session = Session(self, client)
        for way in (session.up, session.down):
            threading.Thread(target=session.run, args=(way,), daemon=True).start()
