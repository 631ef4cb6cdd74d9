"""One client's connection through the proxy, and the server's behind it: where the faults of faults.py happen."""
import re
import select
import socket
import struct
import time

from faults import (LITERAL, AtByte, Capability, Command, Cut, Freeze, Greeting, Insert, Line, Number, Pause, Rename, Reply, Response, Splitter,
                    asynchronous, change_literals, count_literals)

CHUNK = 256 << 10
BUFFER = 1 << 20
SIGN_IN = (b"LOGIN", b"AUTHENTICATE")


class Link:
    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.server = socket.create_connection((proxy.host, proxy.target), 10)
        for sock in (self.client, self.server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
        self.splitter = {"up": Splitter(), "down": Splitter()}
        self.to_server, self.to_client = bytearray(), bytearray()
        self.passed = {"up": 0, "down": 0}
        self.falls = {"up": [], "down": []}     # (place, fault): those that strike inside a literal
        self.fresh = {"up": True, "down": True}     # the next part of a literal is its first
        self.allowance = {"up": 0.0, "down": 0.0}
        self.clock = time.monotonic()
        self.resumes = 0.0              # until then nothing passes
        self.inside = False             # of a command: its next line is not a new one
        self.held = None                # the complete command that a fault waits for, as pieces
        self.fault = None               # that fault
        self.behind = None              # late: everything the client said behind it
        self.replies = {}               # tag -> the Reply fault that waits for it
        self.hidden = set()             # tags whose replies are not the client's
        self.frozen = self.over = self.client_gone = self.server_gone = False
        self.last_words = None          # what is on its way to the client is the end: "close" or "freeze" comes behind it
        self.greeted = self.signed_in = False
        self.login = self.starttls = None       # tags
        self.raw = False                # TLS: nothing is to be read
        self.answering = False          # inside a response: its next line is not a new one
        self.caught, self.catcher = None, None      # the complete response that a fault waits for
        self.endless = None             # what is said from now on

    # ---- from the client ----
    def from_client(self, data):
        if self.raw:
            self.to_server += data
            return
        for kind, piece in self.splitter["up"].feed(data):
            if self.behind is not None:
                self.behind.append(piece)
                self._wave_on(piece, kind)
                continue
            if kind == "line" and not self.inside:
                self._begin(piece)
            ends = kind == "line" and not LITERAL.search(piece)
            self.inside = not ends
            if kind == "line":
                for fault in self._faults(Rename):
                    piece = fault.up(piece)
            if self.held is None:
                self._up(piece, kind)
                continue
            self.held.append(piece)
            self._wave_on(piece, kind)
            if ends:
                self._complete()

    def _faults(self, kind):
        with self.proxy.lock:
            return [fault for fault in self.proxy.faults if isinstance(fault, kind)]

    def _wave_on(self, piece, kind):
        """The server does not see a held command: its literals are asked for by us."""
        found = LITERAL.search(piece) if kind == "line" else None
        if found and not found.group(2):
            self.to_client += b"+ go on\r\n"

    def _begin(self, line):
        tag, _, text = line.rstrip(b"\r\n").partition(b" ")
        if text.upper().startswith(SIGN_IN):
            self.login = tag
        if text.upper() == b"STARTTLS":
            self.starttls = tag
        with self.proxy.lock:
            self.proxy.commands.append(text if not text.upper().startswith(SIGN_IN) else text[:5])
            for fault in self.proxy.faults:
                if isinstance(fault, Reply) and fault.concerns(text):
                    self.replies[tag] = fault
                elif isinstance(fault, Command) and self.held is None and fault.concerns(text):
                    self.fault, self.held = fault, []

    def _complete(self):
        whole, fault = b"".join(self.held), self.fault
        self.held = self.fault = None
        tag = whole.split(b" ", 1)[0]
        if fault.do == "drop":
            # The server answers a NOOP in its place, so that replies keep their order.
            self._up(tag + b" NOOP\r\n")
        elif fault.do == "answer" or (fault.do == "one-mail" and count_literals(whole) > 1):
            self.replies[tag] = Reply("", do="say", text=fault.text)
            self._up(tag + b" " + (fault.stand_in or stand_in(whole, fault.text)) + b"\r\n")
        elif fault.do == "double":
            self.hidden.add(b"twice" + tag)
            self._up(asynchronous(b"twice" + whole))
            self._up(asynchronous(whole))
        elif fault.do == "late":
            self.fault, self.behind = fault, [whole]
        elif fault.do == "alter":
            self._up(asynchronous(change_literals(whole, fault.alter)))
        else:
            self._up(asynchronous(whole if fault.do == "one-mail" else fault.do(whole)))

    def _up(self, piece, kind="line"):
        self._mark("up", piece, kind)
        self.to_server += piece

    def _mark(self, way, piece, kind):
        """Faults that strike inside a literal learn where that is."""
        if kind == "line":
            self.fresh[way] = True
            return
        first, self.fresh[way] = self.fresh[way], False
        whole = len(piece) + self.splitter[way].literal
        if not first or whole < 100:
            return
        waiting = self.to_server if way == "up" else self.to_client
        with self.proxy.lock:
            for fault in self.proxy.faults:
                if isinstance(fault, AtByte) and fault.literal and fault.direction == way and fault.left():
                    fault.seen += 1
                    if fault.seen >= fault.literal:
                        self.falls[way].append((self.passed[way] + len(waiting) + min(fault.after, whole - 1), fault))

    def deliver_late(self):
        """The client is gone; its last commands were on the way all the same."""
        time.sleep(self.fault.delay)
        data = asynchronous(b"".join(self.behind))
        self.server.setblocking(True)
        self.server.settimeout(20)
        tag = data.split(b" ", 1)[0]
        try:
            self.server.sendall(bytes(self.to_server) + data)
            answer = b""
            while not re.search(rb"(^|\n)" + re.escape(tag) + rb" (OK|NO|BAD)", answer):
                part = self.server.recv(CHUNK)
                if not part:
                    break
                answer += part
        except OSError:
            pass
        self.fault.delivered.set()

    # ---- from the server ----
    def from_server(self, data):
        if self.raw:
            self.to_client += data
            return
        for kind, piece in self.splitter["down"].feed(data):
            starts = kind == "line" and not self.answering
            if kind == "line":
                self.answering = bool(LITERAL.search(piece))
                piece = self._line(piece, starts)
            if self.caught is not None:
                self.caught.append(piece)
                if not self.answering:
                    self.to_client += self.catcher.change(b"".join(self.caught))
                    self.caught = None
                continue
            self._mark("down", piece, kind)
            self.to_client += piece
            if self.raw:
                self.to_client += self.splitter["down"].rest()
            if self.frozen or self.over or self.last_words or self.endless or self.raw:
                return

    def _line(self, line, starts):
        if starts and not self.greeted:
            self.greeted = True
            line = self._greet(line)
        if starts:
            line = self._response(line)
        line = self.proxy.rewrite(line) if self.proxy.rewrite and line else line
        with self.proxy.lock:
            for fault in self.proxy.faults:
                if isinstance(fault, (Line, Number)):
                    line = fault.change(line)
                elif isinstance(fault, Rename) and starts:
                    line = fault.down(line)
                elif isinstance(fault, Response) and starts and self.caught is None and line and fault.concerns(line):
                    self.caught, self.catcher = [], fault
        return self._insert(line) if starts else line

    def _greet(self, line):
        for fault in self._faults(Greeting):
            if fault.strike():
                self._then("freeze" if fault.say is None else fault.then)
                return fault.say + b"\r\n" if fault.say else b""
        return line

    def _then(self, what):
        """What comes behind something that was said."""
        self.last_words = "close" if what == "reset" else what
        if what == "reset":
            self._linger()

    def _insert(self, line):
        for fault in self._faults(Insert):
            with self.proxy.lock:
                if not line or not fault.concerns(line):
                    continue
            if fault.repeat is None:
                self.endless = fault.text * max(1, 4096 // len(fault.text))
                return b""
            line = fault.text * fault.repeat + (b"" if fault.then else line)
            self._then(fault.then)
        return line

    def _response(self, line):
        tag, _, text = line.partition(b" ")
        if tag in self.hidden:
            self.hidden.discard(tag)
            return b""
        if tag == self.login and text.upper().startswith(b"OK"):
            self.signed_in = True
        if tag == self.starttls:
            self.raw = text.upper().startswith(b"OK")
        fault = self.replies.pop(tag, None)
        if fault:
            return self._reply(fault, tag, line)
        return self._offer(line)

    def _reply(self, fault, tag, line):
        if fault.do in ("no", "say"):
            self._then("close" if fault.text.upper().startswith(b"* BYE") else None)
            return (b"" if fault.text.startswith(b"* ") else tag + b" ") + fault.text + b"\r\n"
        if fault.do in ("then-close", "then-reset"):
            self._then(fault.do[5:])
            return line
        if fault.do in ("retag", "twice", "add"):
            return {"retag": b"X9" + line, "twice": line * 2, "add": line + fault.text + b"\r\n"}[fault.do]
        if fault.do == "reset":
            self._linger()
        self.over, self.frozen = fault.do in ("close", "reset"), fault.do == "freeze"
        return b""

    def _offer(self, line):
        """The capabilities as they are to be seen."""
        found = re.search(rb"\[CAPABILITY ([^\]]*)\]|^\* CAPABILITY ([^\r\n]*)", line)
        if found:
            at = 1 if found.group(1) is not None else 2
            words = found.group(at).decode().split()
            if self.proxy.capability is not None:
                words = self.proxy.capability.split()
            for fault in self._faults(Capability):
                words = fault.change(words, self.signed_in)
            line = line[:found.start(at)] + " ".join(words).encode() + line[found.end(at):]
        if self.proxy.strip_appenduid:
            line = re.sub(rb"\[APPENDUID [^\]]*\] ", b"", line)
        return line

    # ---- the loop ----
    def run(self):
        try:
            while not self.over and not self.proxy.closing:
                self._turn()
                self.frozen = self.frozen or (self.last_words == "freeze" and not self.to_client)
                said = not self.to_client and not self.frozen
                if self.client_gone or ((self.server_gone or self.last_words == "close") and said):
                    break
        except OSError:
            self.client_gone = True     # a write to a client that has just gone says so too
        try:
            if self.behind is not None and not self.over and (self.client_gone or not self.proxy.closing):
                if not self.client_gone:
                    self.client.shutdown(socket.SHUT_RDWR)  # another fault has ended the connection meanwhile
                self.deliver_late()
            elif not self.over and self.client_gone and self.to_server and not self.frozen:
                self.server.settimeout(5)
                self.server.sendall(self.to_server)
        except OSError:
            pass
        self.close()

    def _turn(self):
        hold = self.frozen or time.monotonic() < self.resumes
        # A slow line holds little: what the client has said is not all past it at once.
        room = min(BUFFER, max(self.proxy.rate // 10, 4096)) if self.proxy.rate else BUFFER
        if self.endless:
            while len(self.to_client) < room:
                self.to_client += self.endless
        reads = [self.client] if len(self.to_server) < room or hold else []
        if not self.server_gone and not hold and not self.last_words and not self.endless and len(self.to_client) < room:
            reads.append(self.server)
        writes = [] if hold else [s for s, d in ((self.client, self.to_client), (self.server, self.to_server)) if d]
        ready, writable, _ = select.select(reads, writes, [], 0.2)
        self._refill()
        if self.client in ready:
            data = receive(self.client, min(room, CHUNK))
            self.client_gone = data is None
            if data and not self.frozen:
                self.from_client(data)
        if self.server in ready:
            data = receive(self.server, min(room, CHUNK))
            self.server_gone = data is None
            if data:
                self.from_server(data)
        if self.client in writable:
            self._send("down", self.client, self.to_client)
        if self.server in writable and not self.over:
            self._send("up", self.server, self.to_server)

    def _refill(self):
        now = time.monotonic()
        if self.proxy.rate:
            for way in self.allowance:
                self.allowance[way] = min(self.allowance[way] + (now - self.clock) * self.proxy.rate, self.proxy.rate / 10)
        self.clock = now

    def _next_fall(self, way, limit):
        """How much may pass until a fault strikes, and that fault."""
        with self.proxy.lock:
            falls = [(f.after, f) for f in self.proxy.faults if isinstance(f, AtByte) and f.direction == way and not f.literal]
        fault = None
        for place, entry in falls + self.falls[way]:
            left = max(0, place - self.passed[way])
            if entry.left() and left <= limit:
                limit, fault = left, entry
        return limit, fault

    def _send(self, way, sock, data):
        limit = min(len(data), self.proxy.piece) if self.proxy.piece else len(data)
        if self.proxy.rate:
            limit = min(limit, int(self.allowance[way]))
            if limit <= 0:
                time.sleep(0.005)
                return
        limit, fault = self._next_fall(way, limit)
        try:
            sent = sock.send(memoryview(data)[:limit]) if limit else 0
        except BlockingIOError:
            return
        except OSError:
            self.client_gone, self.server_gone = self.client_gone or way == "down", self.server_gone or way == "up"
            data.clear()
            return
        del data[:sent]
        self.passed[way] += sent
        self.allowance[way] -= sent
        if fault and sent == limit:
            self._fall(fault)

    def _fall(self, fault):
        with self.proxy.lock:
            if not fault.strike():
                return
        if isinstance(fault, Pause):
            self.resumes = time.monotonic() + fault.seconds
        self.frozen = isinstance(fault, Freeze)
        self.over = isinstance(fault, Cut)
        if self.over and fault.reset:
            self._linger()

    def _linger(self):
        """Closing will be a reset."""
        for sock in (self.client, self.server):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self):
        for sock in (self.client, self.server):
            sock.close()


def stand_in(command, reply):
    """What the server gets in place of a command that it seems to refuse. It answers at once, so that replies keep their order; after a NO to
    SELECT no folder is open, after a BAD the old one still is."""
    refused_open = re.match(rb"\S+ (SELECT|EXAMINE) ", command, re.I) and reply.upper().startswith(b"NO")
    return b'EXAMINE "no/such.folder"' if refused_open else b"XREFUSED"


def receive(sock, size):
    """Bytes, b"" when there are none after all, None when the other end is gone."""
    try:
        return sock.recv(size) or None
    except BlockingIOError:
        return b""
    except OSError:
        return None
