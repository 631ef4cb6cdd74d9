"""What a connection can be made to suffer. A fault is added to a running Proxy and strikes once unless `times` says otherwise
(None: every time); all counts run over all connections of that proxy.

Bytes       Cut, Freeze, Pause(direction, after)    "up" is to the server, "down" to the client; with literal=N they strike inside the
                                                    N-th literal of at least 100 bytes, `after` bytes behind its beginning
Commands    Command(match, nth, do)     the n-th command that matches: "drop" (the client reads OK, the server never sees it), "double" (done
                                        twice, one reply), "late" (held back until `delay` seconds after the client's connection is gone,
                                        whatever the client sent behind it as well), "answer" (the client reads `text` in its place; the server gets a command
                                        that it refuses, or `stand_in`), "one-mail"
                                        (the same if it has more than one literal), "alter" (each mail in it is changed, `how` says in what way),
                                        or a function that is given the complete command and returns what the server gets
Replies     Reply(match, nth, do)       the tagged reply of the n-th command that matches: "swallow", "close", "reset" or "freeze" instead of it;
                                        "then-close", "then-reset" behind it; "no": the server did it, the client reads NO; "say": `text` in its
                                        place; "retag": another tag; "twice"; "add": `text` behind it in the same packet
Responses   Line(match, to)             lines that match are changed as re.sub does; to=None: they are left out
            Number(match, by)           the number in the pattern's group is another by that much
            Response(match, nth, do)    a whole response with its literals: "flip", "short", "cut-off", "longer", "nil", "empty", "absent", "leave-out",
                                        "twice"
            Insert(match, text)         text `repeat` times (None: without end) before a line that matches; `then`: "close", "reset", "freeze"
Other       Greeting(say)               the server's first line; None: it never comes
            Capability(has, add, without, when)     what the server offers, "before" and "after" the login or "always"
            Rename(name, to)            the server's folder `name` has that other name for the client, both ways
"""
import re
import threading

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")
MAIL = re.compile(rb"(?P<front>.*?)(?P<item>BODY\[\]|RFC822) \{(?P<size>\d+)\}\r\n", re.S)


def octets(text):
    """Text of a scenario file: each character is one byte."""
    return text.encode("latin-1") if isinstance(text, str) else text


class Splitter:
    """Cuts a stream into (kind, bytes): "line" (whole, with its line end), "literal" (a part of one)."""

    def __init__(self):
        self.buffer, self.at, self.literal = bytearray(), 0, 0

    def feed(self, data):
        self.buffer += data
        while self.at < len(self.buffer):
            if self.literal:
                part = bytes(self.buffer[self.at:self.at + self.literal])
                self.literal -= len(part)
                self.at += len(part)
                yield "literal", part
                continue
            end = self.buffer.find(b"\n", self.at)
            if end < 0:
                break
            line = bytes(self.buffer[self.at:end + 1])
            self.at = end + 1
            found = LITERAL.search(line)
            self.literal = int(found.group(1)) if found else 0
            yield "line", line
        del self.buffer[:self.at]
        self.at = 0

    def rest(self):
        """What is in it and was not yet a whole line."""
        out = bytes(self.buffer[self.at:])
        self.buffer.clear()
        self.at = 0
        return out


def asynchronous(command):
    """The command with {n} turned into {n+}: the server is not to ask for literals that we already have."""
    splitter, out = Splitter(), []
    for kind, piece in splitter.feed(command):
        out.append(re.sub(rb"\{(\d+)\}(\r?\n)$", rb"{\1+}\2", piece) if kind == "line" else piece)
    return b"".join(out)


def change_literals(command, change):
    """The command with each literal, a mail for instance, put through change(bytes)."""
    splitter, out, mail = Splitter(), [], None
    for kind, piece in splitter.feed(command):
        if kind == "literal":
            mail = (mail or b"") + piece
            continue
        if mail is not None:
            mail = change(mail)
            out[-1] = LITERAL.sub(b"{%d+}\r\n" % len(mail), out[-1])
            out.append(mail)
            mail = None
        out.append(piece)
    return b"".join(out)


def count_literals(command):
    return sum(1 for kind, piece in Splitter().feed(command) if kind == "line" and LITERAL.search(piece))


# ---- harm to mails ----

def message_id(mail):
    found = re.search(rb"(?im)^message-id:\s*<(.*?)>", mail)
    return found.group(1).decode("latin-1") if found else ""


def flip(mail):
    """One bit of the last letter is another."""
    for at in range(len(mail) - 1, -1, -1):
        if chr(mail[at]).isalpha() and mail[at] < 128:
            return mail[:at] + bytes([mail[at] ^ 1]) + mail[at + 1:]
    return mail


def flip_header(mail):
    """The same to the subject: header digests differ."""
    return re.sub(rb"(?m)^Subject: (.)", lambda m: m.group()[:-1] + bytes([m.group(1)[0] ^ 1]), mail, count=1)


HARM = {"flip": flip, "flip-header": flip_header, "shorten": lambda mail: mail[:-20]}


# ---- the faults ----

class Fault:
    """struck counts how often it has happened; tests wait on `happened`."""

    def __init__(self, times=1):
        self.times, self.struck = times, 0
        self.happened = threading.Event()
        self.touched = []               # Message-IDs of mails that it has altered

    def left(self):
        return self.times is None or self.struck < self.times

    def strike(self):
        """Claims one of the times, False when they are used up. The proxy's lock is held."""
        if not self.left():
            return False
        self.struck += 1
        self.happened.set()
        return True


class AtByte(Fault):
    reset = False

    def __init__(self, direction, after=0, times=1, literal=None):
        super().__init__(times)
        self.direction, self.after, self.literal, self.seen = direction, after, literal, 0


class Cut(AtByte):
    """Both sides are closed when that many bytes have passed."""

    def __init__(self, direction, after=0, times=1, reset=False, literal=None):
        super().__init__(direction, after, times, literal)
        self.reset = reset


class Freeze(AtByte):
    """From that byte on nothing passes either way; connections stay open."""


class Pause(AtByte):
    """The same, but it ends."""

    def __init__(self, direction, after=0, times=1, literal=None, seconds=1.0):
        super().__init__(direction, after, times, literal)
        self.seconds = seconds


class OnMatch(Fault):
    """Counts what matches and strikes from the n-th on."""

    def __init__(self, match, nth=1, times=1):
        super().__init__(times)
        self.match, self.nth, self.seen = re.compile(octets(match), re.I), nth, 0

    def concerns(self, text):
        if not self.match.search(text):
            return False
        self.seen += 1
        return self.seen >= self.nth and self.strike()


class OnCommand(OnMatch):
    def __init__(self, match, nth, do, times, text=""):
        super().__init__("^(?:%s)" % match, nth, times)
        self.do, self.text = do, octets(text)


class Reply(OnCommand):
    def __init__(self, match, nth=1, do="swallow", times=1, text="NO the server says no"):
        super().__init__(match, nth, do, times, text)


class Command(OnCommand):
    def __init__(self, match, nth=1, do="drop", times=1, delay=3.0, text="NO not now", how="flip", mails=None, stand_in=None):
        super().__init__(match, nth, do, times, text)
        self.delay, self.how, self.mails = delay, how, mails     # mails: alters that many at most
        self.stand_in = octets(stand_in or "")
        self.delivered = threading.Event()      # late: the server has answered it

    def alter(self, mail):
        changed = HARM[self.how](mail)
        if changed == mail or (self.mails is not None and len(self.touched) >= self.mails):
            return mail
        self.touched.append(message_id(mail))
        return changed


class Line(OnMatch):
    def __init__(self, match, to, nth=1, times=None):
        super().__init__(match, nth, times)
        self.to = None if to is None else octets(to)

    def change(self, line):
        if not self.concerns(line):
            return line
        return b"" if self.to is None else self.match.sub(lambda m: m.expand(self.to), line, count=1)


class Number(OnMatch):
    def __init__(self, match, by, nth=1, times=None):
        super().__init__(match, nth, times)
        self.by = by

    def change(self, line):
        if not self.concerns(line):
            return line
        found = self.match.search(line)
        return line[:found.start(1)] + b"%d" % (int(found.group(1)) + self.by) + line[found.end(1):]


class Response(OnMatch):
    def __init__(self, match, do, nth=1, times=1):
        super().__init__(match, nth, times)
        self.do = do

    def change(self, whole):
        if self.do in ("leave-out", "twice"):
            return b"" if self.do == "leave-out" else whole * 2
        found = MAIL.match(whole)
        if not found:
            return whole
        front, item, size = found.group("front"), found.group("item"), int(found.group("size"))
        mail, rest = whole[found.end():found.end() + size], whole[found.end() + size:]
        announced, less = size, min(20, size)
        self.touched.append(message_id(mail))
        if self.do in HARM:
            mail = HARM[self.do](mail)
        elif self.do == "short":            # less than it says
            mail = mail[:size - less]
        elif self.do == "cut-off":          # less, and it says so
            mail, announced = mail[:size - less], size - less
        elif self.do == "longer":
            mail, announced = mail + b"more\r\n", size + 6
        elif self.do == "empty":
            mail, announced = b"", 0
        elif self.do == "nil":
            return front + item + b" NIL" + rest
        elif self.do == "absent":
            return front.rstrip() + rest
        return front + item + b" {%d}\r\n" % announced + mail + rest


class Insert(OnMatch):
    def __init__(self, match, text, nth=1, times=1, repeat=1, then=None, end="\r\n"):
        super().__init__(match, nth, times)
        self.text, self.repeat, self.then = octets(text + end), repeat, then


class Greeting(Fault):
    def __init__(self, say, then=None, times=None):
        super().__init__(times)
        self.say, self.then = None if say is None else octets(say), then


class Capability(Fault):
    def __init__(self, has=None, add=(), without=(), when="always"):
        super().__init__(None)
        self.has, self.add, self.without, self.when = has, list(add), set(without), when

    def change(self, offered, signed_in):
        """offered: the words of the server."""
        if self.when == ("before" if signed_in else "after"):
            return offered
        words = self.has.split() if self.has is not None else [word for word in offered if word not in self.without]
        if words + self.add != offered:
            self.strike()
        return words + self.add


class Rename(Fault):
    def __init__(self, name, to, literal=False):
        super().__init__(None)
        self.name, self.to = octets(name), octets(to)
        quote = lambda text: b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        self.ours, self.theirs = quote(self.name), quote(self.to)
        self.shown = b"{%d}\r\n%s" % (len(self.to), self.to) if literal else self.theirs
        self.listed = re.compile(rb'^(\* (?:LIST|LSUB) \([^)]*\) (?:"[^"]*"|NIL) |\* STATUS )(?:%s|%s)(?=[ \r])'
                                 % (re.escape(self.name), re.escape(self.ours)), re.I)

    def down(self, line):
        changed, count = self.listed.subn(lambda m: m.group(1) + self.shown, line)
        if count:
            self.strike()
        return changed

    def up(self, line):
        return line.replace(self.theirs, self.ours)
