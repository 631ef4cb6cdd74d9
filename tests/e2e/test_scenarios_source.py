#!/usr/bin/env python3
"""Old servers, and lines to them, that misbehave in every way of servers/scenarios/. trials.py says what has to hold."""
import lib
import trials


@trials.made_for(["source"])
class Source(trials.Trials):
    pass


if __name__ == "__main__":
    lib.tail()
