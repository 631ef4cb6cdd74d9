#!/usr/bin/env python3
"""T19: EOF or NO at login because of a connection limit is a sign of capacity while sibling connections live: fewer do it."""
from trap import Case, lib


class ManyConnections(Case):
    target_options = {"connections": 2}

    def test_fewer_connections_than_asked_for(self):
        """The target lets a user in twice only: slower, but no failure."""
        self.fill("stretto", 90)
        self.ended(self.simple("stretto", workers=6).run())
        self.same("stretto")


if __name__ == "__main__":
    lib.tail()
