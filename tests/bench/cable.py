#!/usr/bin/env python3
"""A long line in front of servers on this machine: it delays, and it carries so much a second and no more.

usage: cable.py --rtt MS --mbit N PORT...      prints port=N for each, and serves until its standard input ends

All connections share one line, each direction of it by itself. A byte waits until the line is free, then half a round trip. Connecting costs what it
costs over a real one: the greeting comes after two round trips. What does not fit into 100 ms of line waits with its sender. It models no loss and no slow
start. One process, one loop: what it costs is not in anybody's figures but the machine's.
"""
import argparse
import collections
import heapq
import select
import signal
import socket
import subprocess
import sys
import time

# Of a packet's 1538 bytes on an Ethernet 1448 are TCP's payload.
PAYLOAD = 1448 / 1538
CHUNK = 16 << 10
QUEUE = 0.1
BUFFER = 256 << 10


def rate_of(mbit):
    """Bytes of payload a second."""
    return mbit * 1e6 / 8 * PAYLOAD


class Way:
    """One direction of one connection."""

    def __init__(self, line, here, there, not_before):
        self.line, self.here, self.there = line, here, there
        self.not_before = not_before    # the other end does not know of the connection earlier
        self.waiting = collections.deque()      # (due, bytes), b"" is the end
        self.ended = False

    def wants(self, now):
        return not self.ended and self.line.free - now < QUEUE and len(self.waiting) < 64

    def read(self, now):
        try:
            data = self.here.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.line.free = max(now, self.line.free) + len(data) / self.line.rate
        self.waiting.append((max(self.line.free + self.line.delay, self.not_before), data))
        self.ended = not data

    def write(self, now):
        """Hands on what is due. True: it is blocked."""
        while self.waiting and self.waiting[0][0] <= now:
            due, data = self.waiting.popleft()
            try:
                if not data:
                    self.there.shutdown(socket.SHUT_WR)
                    continue
                sent = self.there.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:     # nobody is there to take it
                self.ended = True
                self.waiting.clear()
                return False
            if sent < len(data):
                self.waiting.appendleft((due, data[sent:]))
                return True
        return False

    def over(self):
        return self.ended and not self.waiting


class Line:
    def __init__(self, rtt, mbit):
        self.delay, self.rate, self.free = rtt / 2, rate_of(mbit), 0.0


def tuned(sock):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        sock.setsockopt(socket.SOL_SOCKET, option, BUFFER)
    sock.setblocking(False)
    return sock


class Loop:
    def __init__(self, targets, rtt, mbit):
        self.rtt, self.up, self.down = rtt, Line(rtt, mbit), Line(rtt, mbit)
        self.doors = {socket.create_server(("127.0.0.1", 0), backlog=64): port for port in targets}
        self.ports = [door.getsockname()[1] for door in self.doors]
        self.coming = []        # heap of (when, number, client, port): on their way to the server
        self.count = 0
        self.links = []         # (up, down)

    def accept(self, door, now):
        client = tuned(door.accept()[0])
        self.count += 1
        heapq.heappush(self.coming, (now + self.rtt, self.count, client, self.doors[door]))

    def arrive(self, now):
        while self.coming and self.coming[0][0] <= now:
            when, _, client, port = heapq.heappop(self.coming)
            try:
                server = tuned(socket.create_connection(("127.0.0.1", port), 10))
            except OSError:
                client.close()
                continue
            self.links.append((Way(self.up, client, server, 0), Way(self.down, server, client, when + self.rtt)))

    def turn(self):
        """False: it is over."""
        now = time.monotonic()
        ways = [way for link in self.links for way in link]
        blocked = {way for way in ways if way.write(now)}
        for link in [link for link in self.links if link[0].over() and link[1].over()]:
            self.links.remove(link)
            link[0].here.close()
            link[1].here.close()
        ways = [way for link in self.links for way in link]
        readers = {way.here: way for way in ways if way.wants(now)}
        due = [way.waiting[0][0] for way in ways if way.waiting and way not in blocked]
        due += [entry[0] for entry in self.coming[:1]]
        if len(readers) < sum(not way.ended for way in ways):       # a line that is full is free again soon
            due.append(now + 0.002)
        wait = max(0.0, min(due) - now) if due else None
        ready, _, _ = select.select([*readers, *self.doors, sys.stdin], [way.there for way in blocked], [], wait)
        now = time.monotonic()
        for sock in ready:
            if sock is sys.stdin:
                return False
            if sock in self.doors:
                self.accept(sock, now)
            else:
                readers[sock].read(now)
        self.arrive(now)
        return True


class Cable:
    """with Cable([server.port], rtt=0.02) as cable: cable.ports. rtt in seconds. The loop is a process of its own."""

    def __init__(self, targets, rtt, mbit=100):
        command = [sys.executable, __file__, "--rtt", str(rtt * 1000), "--mbit", str(mbit), *map(str, targets)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = [int(self.process.stdout.readline().partition("=")[2]) for _ in targets]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rtt", type=float, required=True)
    parser.add_argument("--mbit", type=float, required=True)
    parser.add_argument("port", type=int, nargs="+")
    args = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)        # the caller's
    loop = Loop(args.port, args.rtt / 1000, args.mbit)
    for port in loop.ports:
        print("port=%d" % port, flush=True)
    while loop.turn():
        pass


if __name__ == "__main__":
    main()
