#!/usr/bin/env python3
"""A fault proxy in front of a plain-text IMAP port.

It follows both streams (commands with their literals, responses with theirs), so that a fault strikes a whole command or
a whole reply and nothing else. One thread a connection; bytes that no fault concerns are handed on as they come.

Faults: faults.py. Settings: capability (all that the server seems to offer, or None), strip_appenduid, rate (bytes a second, each
direction), piece (at most that many bytes at a time), rewrite (a function that changes every line the server sends).

As a command: proxy.py PORT SCENARIO.json [--listen PORT]  with a file as scenarios/ has them (scenario.py); prints port=N and serves until
it is killed.
"""
import argparse
import re
import socket
import sys
import threading

from faults import Command, Cut, Freeze, Reply, Splitter, asynchronous, change_literals  # noqa: F401
from link import Link


class Proxy:
    """with Proxy(server.port) as proxy: proxy.port is where the client goes. commands: the text of every command seen;
    connections: how many there were."""

    def __init__(self, target, host="127.0.0.1", listen=0):
        self.target, self.host = target, host
        self.commands, self.connections = [], 0
        self.plain()
        self.lock, self.closing = threading.Lock(), False
        self.listener = socket.create_server(("127.0.0.1", listen), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def plain(self):
        """No faults, no settings."""
        self.faults = []
        self.capability, self.strip_appenduid, self.rate, self.piece, self.rewrite = None, False, 0, 0, None

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
    from scenario import Scenario
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=int)
    parser.add_argument("scenario", nargs="?")
    parser.add_argument("--listen", type=int, default=0)
    args = parser.parse_args()
    proxy = Proxy(args.target, listen=args.listen)
    if args.scenario:
        Scenario(args.scenario).apply(proxy)
    print("port=%d" % proxy.port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
