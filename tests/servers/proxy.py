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
import sys
import threading

from faults import Command, Cut, Freeze, Reply, Splitter, asynchronous, change_literals  # noqa: F401
from gate import Gate
from link import Link


class Proxy(Gate):
    def __init__(self, target, host="127.0.0.1", listen=0):
        self.plain()
        super().__init__(target, host, listen)

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

    def serve(self, client):
        Link(self, client).run()


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
