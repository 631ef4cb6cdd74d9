#!/usr/bin/env python3
"""A fault proxy in front of a plain-text IMAP port.

It follows both streams (commands with their literals, responses with theirs), so that a fault strikes a whole command or
a whole reply and nothing else. One thread a connection; bytes that no fault concerns are handed on as they come.

Faults (added to a running Proxy; each strikes once unless `times` says otherwise):
    Cut(direction, after)          both sides are closed when that many bytes have passed: "up" to the server, "down" to the client
    Freeze(direction, after)       from that byte on nothing passes either way; connections stay open
    Reply(match, nth, do)          the tagged reply of the n-th command that matches: "swallow", "close" or "freeze" instead
                                   of it, or "no": the server did it, the client reads NO
    Command(match, nth, do)        the n-th command itself: "drop" (the client reads OK, the server never sees it), "double"
                                   (done twice, one reply), "late" (held back until `delay` seconds after the client's
                                   connection is gone, whatever the client sent behind it as well), or a function that is
                                   given the complete command and returns what the server gets
Settings: capability (all that the server seems to offer, or None), strip_appenduid, rate (bytes a second, each direction),
rewrite (a function that changes every line the server sends).

As a command: proxy.py PORT SCENARIO.json [--listen PORT]  with {"rate": 8000000, "capability": "IMAP4rev1", "faults":
[{"kind": "cut", "direction": "up", "after": 10000}]}; prints port=N and serves until it is killed.
"""
import argparse
import json
import re
import select
import socket
import struct
import sys
import threading
import time

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")
CHUNK = 256 << 10
BUFFER = 1 << 20


class Fault:
    """struck counts how often it has happened; tests wait on `happened`."""

    def __init__(self, times=1):
        self.times, self.struck = times, 0
        self.happened = threading.Event()

    def strike(self):
        """Claims one of the times, False when they are used up. The proxy's lock is held."""
        if self.times is not None and self.struck >= self.times:
            return False
        self.struck += 1
        self.happened.set()
        return True


class Cut(Fault):
    def __init__(self, direction, after, times=1, reset=False):
        super().__init__(times)
        self.direction, self.after, self.reset = direction, after, reset


class Freeze(Fault):
    def __init__(self, direction, after, times=1):
        super().__init__(times)
        self.direction, self.after = direction, after


class OnCommand(Fault):
    """Counts the commands that match, over all connections, and strikes from the n-th on."""

    def __init__(self, match, nth, do, times):
        super().__init__(times)
        self.match, self.nth, self.do, self.seen = re.compile(match.encode(), re.I), nth, do, 0

    def concerns(self, text):
        if not self.match.match(text):
            return False
        self.seen += 1
        return self.seen >= self.nth and self.strike()


class Reply(OnCommand):
    def __init__(self, match, nth=1, do="swallow", times=1):
        super().__init__(match, nth, do, times)


class Command(OnCommand):
    def __init__(self, match, nth=1, do="drop", times=1, delay=3.0):
        super().__init__(match, nth, do, times)
        self.delay = delay
        self.delivered = threading.Event()      # late: the server has answered it


class Splitter:
    """Cuts a stream into (kind, bytes): "line" (whole, with its line end), "literal" (a part of one)."""

    def __init__(self):
        self.buffer, self.literal = bytearray(), 0

    def feed(self, data):
        self.buffer += data
        at = 0
        while at < len(self.buffer):
            if self.literal:
                part = bytes(self.buffer[at:at + self.literal])
                self.literal -= len(part)
                at += len(part)
                yield "literal", part
                continue
            end = self.buffer.find(b"\n", at)
            if end < 0:
                break
            line = bytes(self.buffer[at:end + 1])
            at = end + 1
            found = LITERAL.search(line)
            self.literal = int(found.group(1)) if found else 0
            yield "line", line
        del self.buffer[:at]


class Link:
    """One client's connection and the server's behind it."""

    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.server = socket.create_connection((proxy.host, proxy.target), 10)
        for sock in (self.client, self.server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
        self.up, self.down = Splitter(), Splitter()
        self.to_server, self.to_client = bytearray(), bytearray()
        self.passed = {"up": 0, "down": 0}
        self.allowance = {"up": 0.0, "down": 0.0}
        self.clock = time.monotonic()
        self.inside = False             # of a command: its next line is not a new one
        self.held = None                # the complete command that a fault waits for, as pieces
        self.fault = None               # that fault
        self.behind = None              # late: everything the client said behind it
        self.replies = {}               # tag -> the Reply fault that waits for it
        self.hidden = set()             # tags whose replies are not the client's
        self.frozen = self.over = self.client_gone = self.server_gone = False
        self.quiet = False              # inside a response that is not passed on

    # ---- from the client ----
    def from_client(self, data):
        for kind, piece in self.up.feed(data):
            if self.behind is not None:
                self.behind.append(piece)
                self._wave_on(piece, kind)
                continue
            if kind == "line" and not self.inside:
                self._begin(piece)
            ends = kind == "line" and not LITERAL.search(piece)
            self.inside = not ends
            if self.held is None:
                self._up(piece)
                continue
            self.held.append(piece)
            self._wave_on(piece, kind)
            if ends:
                self._complete()

    def _wave_on(self, piece, kind):
        """The server does not see a held command: its literals are asked for by us."""
        found = LITERAL.search(piece) if kind == "line" else None
        if found and not found.group(2):
            self.to_client += b"+ go on\r\n"

    def _begin(self, line):
        tag, _, text = line.rstrip(b"\r\n").partition(b" ")
        with self.proxy.lock:
            self.proxy.commands.append(text if not text.upper().startswith((b"LOGIN", b"AUTHENTICATE")) else text[:5])
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
        elif fault.do == "double":
            self.hidden.add(b"twice" + tag)
            self._up(asynchronous(b"twice" + whole))
            self._up(asynchronous(whole))
        elif fault.do == "late":
            self.fault, self.behind = fault, [whole]
        else:
            self._up(asynchronous(fault.do(whole)))

    def _up(self, piece):
        self.to_server += piece

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
        for kind, piece in self.down.feed(data):
            if kind == "line":
                piece = self._response(piece)
            if piece and not self.quiet:
                self.to_client += piece
            if self.frozen or self.over:
                return

    def _response(self, line):
        tag, _, text = line.partition(b" ")
        if tag in self.hidden:
            self.hidden.discard(tag)
            return b""
        fault = self.replies.pop(tag, None)
        if fault:
            if fault.do == "no":
                return tag + b" NO the server says no\r\n"
            self.over, self.frozen = fault.do == "close", fault.do == "freeze"
            return b""
        if self.proxy.capability is not None:
            offered = self.proxy.capability.encode()
            line = re.sub(rb"\[CAPABILITY [^\]]*\]", b"[CAPABILITY " + offered + b"]", line)
            line = re.sub(rb"^\* CAPABILITY .*\r\n", b"* CAPABILITY " + offered + b"\r\n", line)
        if self.proxy.strip_appenduid:
            line = re.sub(rb"\[APPENDUID [^\]]*\] ", b"", line)
        return self.proxy.rewrite(line) if self.proxy.rewrite else line

    # ---- the loop ----
    def run(self):
        try:
            while not self.over and not self.proxy.closing:
                self._turn()
                if self.client_gone or (self.server_gone and not self.to_client and not self.frozen):
                    break
        except OSError:
            self.client_gone = True     # a write to a client that has just gone says so too
        try:
            if self.behind is not None and self.client_gone and not self.over:
                self.deliver_late()
            elif not self.over and self.client_gone and self.to_server and not self.frozen:
                self.server.settimeout(5)
                self.server.sendall(self.to_server)
        except OSError:
            pass
        self.close()

    def _turn(self):
        hold = self.frozen
        # A slow line holds little: what the client has said is not all past it at once.
        room = min(BUFFER, max(self.proxy.rate // 10, 4096)) if self.proxy.rate else BUFFER
        reads = [self.client] if len(self.to_server) < room or hold else []
        if not self.server_gone and not hold and len(self.to_client) < room:
            reads.append(self.server)
        writes = [] if hold else [s for s, d in ((self.client, self.to_client), (self.server, self.to_server)) if d]
        ready, writable, _ = select.select(reads, writes, [], 0.2)
        self._refill()
        if self.client in ready:
            data = receive(self.client, min(room, CHUNK))
            self.client_gone = data is None
            if data and not hold:
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

    def _send(self, way, sock, data):
        limit, fault = len(data), None
        if self.proxy.rate:
            limit = min(limit, int(self.allowance[way]))
            if limit <= 0:
                time.sleep(0.005)
                return
        with self.proxy.lock:
            for entry in self.proxy.faults:
                if isinstance(entry, (Cut, Freeze)) and entry.direction == way and (
                        entry.times is None or entry.struck < entry.times):
                    left = max(0, entry.after - self.passed[way])
                    if left <= limit:
                        limit, fault = left, entry
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
        self.frozen = isinstance(fault, Freeze)
        self.over = isinstance(fault, Cut)
        if self.over and fault.reset:
            for sock in (self.client, self.server):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self):
        for sock in (self.client, self.server):
            sock.close()


def receive(sock, size):
    """Bytes, b"" when there are none after all, None when the other end is gone."""
    try:
        return sock.recv(size) or None
    except BlockingIOError:
        return b""
    except OSError:
        return None


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


class Proxy:
    """with Proxy(server.port) as proxy: proxy.port is where the client goes. commands: the text of every command seen;
    connections: how many there were."""

    def __init__(self, target, host="127.0.0.1", listen=0):
        self.target, self.host = target, host
        self.faults, self.commands, self.connections = [], [], 0
        self.capability, self.strip_appenduid, self.rate, self.rewrite = None, False, 0, None
        self.lock, self.closing = threading.Lock(), False
        self.listener = socket.create_server(("127.0.0.1", listen), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def add(self, fault):
        with self.lock:
            self.faults.append(fault)
        return fault

    def clear(self):
        with self.lock:
            self.faults.clear()

    def count(self, match):
        """How many commands began with that (a regular expression)."""
        with self.lock:
            return sum(1 for text in self.commands if re.match(match.encode(), text, re.I))

    def _accept(self):
        while not self.closing:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            link = Link(self, client)
        except OSError:         # the server is down: the client sees a connection that ends at once
            client.close()
            return
        link.run()

    def close(self):
        self.closing = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=int)
    parser.add_argument("scenario", nargs="?")
    parser.add_argument("--listen", type=int, default=0)
    args = parser.parse_args()
    scenario = {}
    if args.scenario:
        with open(args.scenario) as file:
            scenario = json.load(file)
    proxy = Proxy(args.target, listen=args.listen)
    for name in ("capability", "strip_appenduid", "rate"):
        if name in scenario:
            setattr(proxy, name, scenario[name])
    kinds = {"cut": Cut, "freeze": Freeze, "reply": Reply, "command": Command}
    for fault in scenario.get("faults", []):
        kind = fault.pop("kind")
        proxy.add(kinds[kind](**fault))
    print("port=%d" % proxy.port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
