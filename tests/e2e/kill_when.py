#!/usr/bin/env python3
"""kill_when.py PID COUNT PORT USER...: kill -9 of that process as soon as these mailboxes hold COUNT messages together.

Prints how many they hold then. 1 when the process ended before.
"""
import os
import re
import signal
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
import compare  # noqa: E402


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def held(imap):
    """How many messages there are, in one round trip (LIST-STATUS)."""
    imap._simple_command("LIST", '""', '"*"', "RETURN (STATUS (MESSAGES))")
    lines = imap.untagged_responses.pop("STATUS", [])
    imap.untagged_responses.pop("LIST", None)
    return sum(int(re.search(rb"MESSAGES (\d+)", line).group(1)) for line in lines)


def main():
    pid, count, port, users = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    boxes = []
    for user in users:
        imap = compare.imaplib.IMAP4("127.0.0.1", port, timeout=30)
        imap.login(user, compare.PASSWORD)
        boxes.append(imap)
    while alive(pid):
        now = sum(map(held, boxes))
        if now >= count:
            os.kill(pid, signal.SIGKILL)
            print(now)
            return 0
        time.sleep(0.01)
    return 1


if __name__ == "__main__":
    sys.exit(main())
