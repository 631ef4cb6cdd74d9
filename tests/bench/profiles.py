#!/usr/bin/env python3
"""The mailboxes that are measured, the same bytes each time.

usage: profiles.py SERVERDIR USER PROFILE [MESSAGES]     fills USER's Maildir of a server that dovecot.py keeps there; prints "MESSAGES BYTES"
"""
import base64
import collections
import math
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))
import corpus  # noqa: E402

# Sizes are lognormal: median in bytes and sigma; attachments: what is over 12 kB is a text and a base64 part.
Profile = collections.namedtuple("Profile", "messages median sigma folders attachments about")
PROFILES = {
    "small": Profile(2000, 9300, 1.85, 27, True, "2,000 messages, about 100 MB, 27 folders"),
    "big": Profile(50000, 1800, 0.5, 27, True, "50,000 messages, about 100 MB, 27 folders"),
    "large": Profile(300, 2 << 20, 0.05, 4, True, "300 messages of 2 MB, 4 folders"),
    "text": Profile(2000, 30000, 1.0, 27, False, "2,000 messages of text only, about 100 MB, 27 folders"),
}
YEARS = [*range(2010, 2014), *range(2015, 2025)]
PLACES = [*corpus.PLACES, *(("Archivio/%d" % year, 3) for year in YEARS)]
LARGEST = 15 << 20


class Pool:
    """Lines, of which any stretch is a body: quicker than to think of each."""

    def __init__(self, rng, lines):
        self.rng, self.data = rng, b"".join(line + b"\r\n" for line in lines)

    def cut(self, size):
        out = bytearray()
        while len(out) < size:
            at = self.data.find(b"\r\n", self.rng.randrange(len(self.data) - 200)) + 2
            out += self.data[at:at + size - len(out)]
        end = out.rfind(b"\r\n")
        return bytes(out[:end + 2]) if end >= 0 else bytes(out) + b"\r\n"


def plain(head, text, size):
    return head + b"Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text.cut(size)


def attached(head, text, coded, size, mark):
    top = b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n%s\r\n--%s\r\n' % (mark, mark, text.cut(2000), mark)
    part = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded.cut(size - 2400)
    return head + top + part + b"--%s--\r\n" % mark


def mailbox(name, messages=None):
    """Folders as corpus.mailbox makes them."""
    profile = PROFILES[name]
    rng = random.Random("bench/" + name)
    text = Pool(rng, [corpus.sentence(rng, rng.randint(3, 11)).encode() for _ in range(20000)])
    coded = Pool(rng, base64.encodebytes(rng.randbytes(57 * 20000)).split())
    places = PLACES[:profile.folders]
    folders = {place: [] for place, _ in places}
    dates = sorted(corpus.FIRST_DATE + rng.randrange(corpus.SPAN) for _ in range(messages or profile.messages))
    for number, date in enumerate(dates):
        size = min(max(int(rng.lognormvariate(math.log(profile.median), profile.sigma)), 700), LARGEST)
        head = corpus.header(rng, "bench", number, date).encode()
        whole = profile.attachments and size > 12000
        data = attached(head, text, coded, size - len(head), b"=_%016x" % rng.getrandbits(64)) if whole else plain(head, text, max(size - len(head), 100))
        flags, keywords = corpus.some_flags(rng)
        folders[rng.choices([p for p, _ in places], [w for _, w in places])[0]].append(corpus.Message(data, date, flags, keywords))
    return [corpus.Folder(place, mails, place not in corpus.UNSUBSCRIBED) for place, mails in folders.items()]


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[3] not in PROFILES:
        sys.exit(__doc__)
    root, user, name = sys.argv[1:4]
    folders = mailbox(name, int(sys.argv[4]) if len(sys.argv) == 5 else None)
    corpus.write_maildir(corpus._Home(root), user, folders)
    print(sum(len(f.messages) for f in folders), sum(len(m.data) for f in folders for m in f.messages))


if __name__ == "__main__":
    main()
