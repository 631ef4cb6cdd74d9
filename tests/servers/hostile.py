#!/usr/bin/env python3
"""A small IMAP server that can be told to act out anything a server can do to its client.

By itself it is a plain IMAP4rev1 server in memory: LOGIN, LIST, LSUB, STATUS, SELECT, EXAMINE, CREATE, UID SEARCH, UID FETCH, APPEND,
UID STORE. An act takes the place of one command: acts["LIST"] = function(peer, tag, rest), "GREETING" that of the greeting. An act sends what it
likes with peer.send, peer.flood and peer.drip, and may end with peer.plain(tag, command, rest), which is what the server would have done.
All of them end when the client has gone.
"""
import re
import socket
import threading
import time

DATE = '"01-Feb-2020 10:00:00 +0100"'
CAPABILITY = "IMAP4rev1"
LITERAL = re.compile(rb"\{(\d+)\+?\}$")


class Gone(Exception):
    """The client has closed the connection, or the server was."""


def mail(number, text=b""):
    return b"Message-ID: <m%d@ostile>\r\nSubject: n. %d\r\nFrom: a@b\r\n\r\n%s\r\n" % (number, number, text)


class Box:
    def __init__(self, mails=()):
        self.mails, self.validity = {uid: data for uid, data in enumerate(mails, 1)}, 7

    @property
    def next(self):
        return max(self.mails, default=0) + 1


def numbers(text, largest):
    """A set of UIDs as a function that says whether one is in it."""
    parts = [[largest if end == "*" else int(end) for end in part.split(":")] for part in text.split(",")]
    return lambda uid: any(min(part) <= uid <= max(part) for part in parts)


class Peer:
    """One connection."""

    def __init__(self, server, sock):
        self.server, self.sock, self.input, self.box, self.literals = server, sock, b"", None, []

    def send(self, data):
        data = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
        try:
            self.sock.sendall(data)
        except OSError:
            raise Gone

    def flood(self, line, times=None):
        """As fast as the client reads. None: for ever."""
        at, step = 0, max(1, 65536 // len(line))
        block = line * step
        while (times is None or at < times) and not self.server.closed:
            self.send(block if times is None or times - at >= step else line * (times - at))
            at += step

    def drip(self, data, pause=0.25):
        """A byte now and then."""
        for at in range(len(data)):
            self.send(data[at:at + 1])
            self.pause(pause)

    def pause(self, seconds):
        """Ends at once when the server is closed."""
        if self.server.ended.wait(seconds):
            raise Gone

    def line(self):
        while b"\r\n" not in self.input:
            try:
                got = self.sock.recv(65536)
            except OSError:
                got = b""
            if not got:
                raise Gone
            self.input += got
        line, self.input = self.input.split(b"\r\n", 1)
        return line

    def take(self, size):
        while len(self.input) < size:
            got = self.sock.recv(65536)
            if not got:
                raise Gone
            self.input += got
        data, self.input = self.input[:size], self.input[size:]
        return data

    def command(self):
        """tag, word ("UID FETCH" is "FETCH"), the rest; literals as they were, a list."""
        line, literals = self.line(), []
        while LITERAL.search(line):
            if not line.endswith(b"+}"):
                self.send("+ go\r\n")
            literals.append(self.take(int(LITERAL.search(line).group(1))))
            line = LITERAL.sub(b"", line) + b"\0" + self.line()
        words = line.decode("utf-8", "surrogateescape").split(" ", 2) + ["", ""]
        tag, word, rest = words[0], words[1].upper(), words[2]
        if word == "UID":
            word, rest = (rest.split(" ", 1) + [""])[:2]
        return tag, word.upper(), rest, literals

    # ---- the plain server ----

    def plain(self, tag, word, rest, literals=()):
        method = getattr(self, "do_" + word.lower(), None)
        if method:
            method(tag, rest, literals)
        else:
            self.send("%s OK done\r\n" % tag)

    def name(self, rest):
        quoted = re.match(r'"((?:\\.|[^"\\])*)"', rest)
        name = re.sub(r"\\(.)", r"\1", quoted.group(1)) if quoted else rest.split(" ")[0]
        return name if name.upper() != "INBOX" else "INBOX"

    def do_greeting(self, tag, rest, literals):
        self.send("* OK [CAPABILITY %s] ready\r\n" % self.server.capability)

    def do_capability(self, tag, rest, literals):
        self.send("* CAPABILITY %s\r\n%s OK done\r\n" % (self.server.capability, tag))

    def do_list(self, tag, rest, literals):
        for name in self.server.boxes:
            self.send('* LIST () "/" %s\r\n' % self.quoted(name))
        self.send("%s OK listed\r\n" % tag)

    def quoted(self, name):
        data = name.encode("utf-8", "surrogateescape")
        if b"\r" in data or b"\n" in data:
            return "{%d}\r\n%s" % (len(data), name)
        return '"%s"' % re.sub(r'(["\\])', r"\\\1", name)

    def do_status(self, tag, rest, literals):
        box = self.server.boxes.get(self.name(rest))
        if box is None:
            self.send("%s NO no such box\r\n" % tag)
            return
        self.send("* STATUS %s (MESSAGES %d UIDNEXT %d UIDVALIDITY %d)\r\n%s OK done\r\n"
                  % (self.quoted(self.name(rest)), len(box.mails), box.next, box.validity, tag))

    def do_select(self, tag, rest, literals):
        self.box = self.server.boxes.get(self.name(rest))
        if self.box is None:
            self.send("%s NO no such box\r\n" % tag)
            return
        self.send("* %d EXISTS\r\n* OK [UIDVALIDITY %d] v\r\n* OK [UIDNEXT %d] n\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] p\r\n%s OK open\r\n"
                  % (len(self.box.mails), self.box.validity, self.box.next, tag))

    do_examine = do_select

    def do_create(self, tag, rest, literals):
        self.server.boxes.setdefault(self.name(rest), Box())
        self.send("%s OK made\r\n" % tag)

    def do_search(self, tag, rest, literals):
        if not self.box:
            self.send("%s BAD nothing is open\r\n" % tag)
            return
        wanted = numbers(rest.split(" ")[-1], self.box.next - 1)
        self.send("* SEARCH %s\r\n%s OK found\r\n" % (" ".join(str(uid) for uid in self.box.mails if wanted(uid)), tag))

    def fetched(self, uid, data, rest):
        """One FETCH response with the items that `rest` asks for."""
        if "HEADER.FIELDS" in rest:
            head = b"".join(line + b"\r\n" for line in data.split(b"\r\n") if line.lower().startswith(b"message-id:")) + b"\r\n"
            body = b"BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%s" % (len(head), head)
        elif "HEADER" in rest:
            head = data.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
            body = b"BODY[HEADER] {%d}\r\n%s" % (len(head), head)
        else:
            body = b"BODY[] {%d}\r\n%s" % (len(data), data)
        return b"* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE %s FLAGS (\\Seen) %s)\r\n" % (uid, uid, len(data), DATE.encode(), body)

    def do_fetch(self, tag, rest, literals):
        if not self.box:
            self.send("%s BAD nothing is open\r\n" % tag)
            return
        wanted = numbers(rest.split(" ")[0], self.box.next - 1)
        for uid, data in sorted(self.box.mails.items()):
            if wanted(uid):
                self.send(self.fetched(uid, data, rest))
        self.send("%s OK fetched\r\n" % tag)

    def do_append(self, tag, rest, literals):
        box = self.server.boxes.get(self.name(rest))
        if box is None:
            self.send("%s NO [TRYCREATE] no such box\r\n" % tag)
            return
        for data in literals:
            box.mails[box.next] = data
        self.send("%s OK stored\r\n" % tag)

    def do_logout(self, tag, rest, literals):
        self.send("* BYE see you\r\n%s OK gone\r\n" % tag)
        raise Gone

    def serve(self):
        try:
            self.act("", "GREETING", "", [])
            while True:
                self.act(*self.command())
        except (Gone, OSError):
            pass
        finally:
            self.sock.close()

    def act(self, tag, word, rest, literals):
        act, self.literals = self.server.acts.get(word), literals
        if act:
            act(self, tag, rest)
        else:
            self.plain(tag, word, rest, literals)


class Hostile:
    """boxes: names to lists of mails. acts: see above."""

    def __init__(self, boxes=None, acts=None, capability=CAPABILITY):
        boxes = {"INBOX": [mail(n) for n in range(1, 6)]} if boxes is None else boxes
        self.boxes, self.acts, self.capability = {name: Box(mails) for name, mails in boxes.items()}, acts or {}, capability
        self.ended, self.connections = threading.Event(), []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    @property
    def closed(self):
        return self.ended.is_set()

    def accept(self):
        while not self.closed:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(sock)
            self.threads.append(threading.Thread(target=Peer(self, sock).serve, daemon=True))
            self.threads[-1].start()

    def close(self):
        self.ended.set()
        for sock in [self.listener] + self.connections:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
        for thread in self.threads:
            thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


if __name__ == "__main__":
    server = Hostile()
    print("port=%d" % server.port, flush=True)
    time.sleep(1e9)
