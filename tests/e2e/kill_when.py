#!/usr/bin/env python3
"""kill_when.py COUNT PORT USER... -- COMMAND...: runs it, and kills it with -9 as soon as these mailboxes hold COUNT messages.

Prints the process id and how many they hold then on its last line. 1 when the command ended before.
"""
import os
import re
import subprocess
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
import compare  # noqa: E402


def held(imap):
    """How many messages there are, in one round trip (LIST-STATUS)."""
    imap._simple_command("LIST", '""', '"*"', "RETURN (STATUS (MESSAGES))")
    lines = imap.untagged_responses.pop("STATUS", [])
    imap.untagged_responses.pop("LIST", None)
    return sum(int(re.search(rb"MESSAGES (\d+)", line).group(1)) for line in lines)


def main():
    cut = sys.argv.index("--")
    count, port, users, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:cut], sys.argv[cut + 1:]
    boxes = []
    for user in users:  # signed in before the command begins: a quick move is over in seconds
        imap = compare.imaplib.IMAP4("127.0.0.1", port, timeout=30)
        imap.login(user, compare.PASSWORD)
        boxes.append(imap)
    process = subprocess.Popen(command)
    while process.poll() is None:
        now = sum(map(held, boxes))
        if now >= count:
            process.kill()
            process.wait()
            print(process.pid, now)
            return 0
        time.sleep(0.005)
    return 1


if __name__ == "__main__":
    sys.exit(main())
