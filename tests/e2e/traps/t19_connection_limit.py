#!/usr/bin/env python3
"""T19: EOF or NO at login because of a connection limit is a sign of capacity while sibling connections live: fewer do it."""
import re
import threading

from trap import Case, lib


class Limited(Case):
    """A server that lets only so many connections in at once, and says so in its own way."""

    def limited(self, server, most, say):
        lock = threading.Lock()

        def command(session, whole):
            if not re.match(rb"\S+ (LOGIN|AUTHENTICATE)\b", whole, re.I):
                return whole
            with lock:
                inside = sum(1 for other in session.tamper.live if other.memory.get("in"))
                if inside < most:
                    session.memory["in"] = True
                    return whole
            refused.append(1)
            answer = say(whole.split(b" ", 1)[0])
            if answer:
                session.say(answer)
            if not answer or answer.startswith(b"*"):
                session.hang_up()
            return b""
        refused = []
        tamper = self.tamper(server, None, command)
        tamper.refused = refused
        return tamper

    def one(self, user, side, say, most=1):
        self.fill(user, 40)
        limited = self.limited(getattr(self, side), most, say)
        slow = self.proxy(limited)
        slow.rate = 200000
        job = self.job(lib.account(user, *((slow, self.target) if side == "source" else (self.source, slow))), workers=6)
        doc = self.ended(job.run())
        self.assertEqual(lib.problems(doc, "login-refused"), [])
        self.assertGreater(len(limited.refused), 0, "nobody was turned away: nothing was tried")
        # Those that are in do the work; nobody knocks all the time.
        self.assertLess(len(limited.refused), 4)
        self.same(user)

    def test_ways_to_say_it(self):
        ways = {"fine": lambda tag: b"", "saluto": lambda tag: b"* BYE Too many connections from your address\r\n",
                "limite": lambda tag: tag + b" NO [LIMIT] connections\r\n", "muto": lambda tag: tag + b" NO Login failed.\r\n",
                "falso": lambda tag: tag + b" NO [AUTHENTICATIONFAILED] Authentication failed.\r\n"}
        lib.at_once([lambda side=side, name=name, say=say: self.one(name + "-" + side, side, say) for side in ("source", "target") for name, say in ways.items()])


class ManyConnections(Case):
    target_options = {"connections": 2}

    def test_fewer_connections_than_asked_for(self):
        """The target lets a user in twice only: slower, but no failure."""
        self.fill("stretto", 90)
        self.ended(self.simple("stretto", workers=6).run())
        self.same("stretto")


if __name__ == "__main__":
    lib.tail()
