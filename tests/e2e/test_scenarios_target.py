#!/usr/bin/env python3
"""New servers that misbehave in every way of servers/scenarios/, and both sides at once. trials.py says what has to hold."""
import lib
import trials


@trials.made_for(["target", "both"])
class Target(trials.Trials):
    pass


if __name__ == "__main__":
    lib.tail()
