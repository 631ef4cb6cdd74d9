#!/usr/bin/env python3
"""Deterministic mailboxes as an Italian customer of Libero would have them, traps included.

As a module:   folders = mailbox("mario", 120); write_maildir(server, "mario", folders)  or  append(imap, folders)
As a command:  corpus.py SERVERDIR USER COUNT [--big N]    fills USER's Maildir of a server that dovecot.py has started;
               prints how many messages and bytes there are

The same arguments always give the same bytes. Names of folders are decoded and have '/' between levels, without prefix.
"""
import argparse
import base64
import imaplib
import math
import os
import random
import sys
from email.utils import formatdate

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dovecot import KINDS, mail_owner  # noqa: E402

FIRST_DATE = 1293840000         # 2011-01-01
SPAN = 15 * 365 * 86400         # fifteen years of mail, none of it later than the day of the run
KEYWORDS = ["$Forwarded", "$MDNSent", "Lavoro", "NonJunk", "$label1"]
SYSTEM = {"\\Seen": "S", "\\Answered": "R", "\\Flagged": "F", "\\Deleted": "T", "\\Draft": "D"}
WORDS = ("fattura preventivo riunione lunedì allegato ordine consegna cliente offerta progetto saluti grazie conferma "
         "pagamento contratto bozza revisione scadenza urgente verbale magazzino trasporto ufficio perché però così").split()
PEOPLE = ["Mario Rossi", "Giulia Bianchi", "Niccolò Ferrari", "Società Alfa", "Ufficio Acquisti", "Beppe D'Angelo"]
PLACES = [  # name, share of the messages
    ("INBOX", 30), ("Posta inviata", 22), ("Cestino", 8), ("Bozze", 3), ("Spam", 6), ("Clienti", 2),
    ("Clienti/Rossi & Figli", 7), ("Clienti/Perché no", 5), ("Clienti/Città di Forlì/Università", 6),
    ("Clienti/Città di Forlì/2019", 4), ("Fatture à pagare", 4), ("Archivio/2014", 2), ("Privato", 1),
]
EMPTY = ["Vuota", "Clienti/Nessuno è qui"]
UNSUBSCRIBED = {"Cestino", "Spam", "Vuota"}


class Message:
    def __init__(self, data, date, flags=(), keywords=()):
        self.data, self.date, self.flags, self.keywords = data, date, tuple(flags), tuple(keywords)


class Folder:
    def __init__(self, name, messages, subscribed=True):
        self.name, self.messages, self.subscribed = name, messages, subscribed


def mutf7(name):
    """Modified UTF-7, as folder names have it on the wire and on disk (RFC 3501, 5.1.3)."""
    out, wide = "", ""
    for char in name + "\0":
        if " " <= char <= "~" or char == "\0":
            if wide:
                coded = base64.b64encode(wide.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
                out, wide = out + "&" + coded + "-", ""
            out += "&-" if char == "&" else "" if char == "\0" else char
        else:
            wide += char
    return out


def utf7(name):
    """The way back."""
    out, at = "", 0
    while at < len(name):
        if name[at] != "&":
            out, at = out + name[at], at + 1
            continue
        end = name.index("-", at)
        coded = name[at + 1:end].replace(",", "/")
        out += base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be") if coded else "&"
        at = end + 1
    return out


def encoded(text):
    if text.isascii():
        return text
    return "=?UTF-8?B?%s?=" % base64.b64encode(text.encode()).decode()


def sentence(rng, count):
    return " ".join(rng.choices(WORDS, k=count))


def header(rng, user, number, date, subject=None):
    person = rng.choice(PEOPLE)
    return ("Return-Path: <mittente%d@example.it>\r\n"
            "Received: from mx%d.example.it (mx%d.example.it [192.0.2.%d])\r\n\tby smtp.example.org with ESMTPS;\r\n\t%s\r\n"
            "From: %s <mittente%d@example.it>\r\nTo: %s@example.org\r\nSubject: %s\r\nDate: %s\r\n"
            "Message-ID: <%08x.%d.%s@example.it>\r\nMIME-Version: 1.0\r\n"
            % (number % 53, number % 7, number % 7, number % 250 + 1, formatdate(date), encoded(person), number % 53, user,
               encoded(subject or sentence(rng, 4).capitalize()), formatdate(date - rng.randint(0, 90)),
               rng.getrandbits(32), number, user))


def plain(rng, user, number, date, size):
    head = header(rng, user, number, date)
    lines, total = [], 0
    while total < size:
        lines.append(sentence(rng, rng.randint(3, 11)))
        total += len(lines[-1]) + 2
    return (head + "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            + "\r\n".join(lines) + "\r\n").encode()


def attached(rng, user, number, date, size):
    """A mail of about that size with a base64 attachment."""
    mark = "=_%016x" % rng.getrandbits(64)
    top = (header(rng, user, number, date) + 'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\n'
           "Content-Type: text/plain; charset=UTF-8\r\n\r\n%s\r\n\r\n--%s\r\n"
           'Content-Type: application/pdf; name="allegato%d.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
           % (mark, mark, sentence(rng, 20), mark, number)).encode()
    lines = base64.encodebytes(rng.randbytes(57 * 400)).replace(b"\n", b"\r\n")
    body = bytearray()
    while len(body) < size:
        # The counter makes every stretch differ: a mail with two stretches exchanged has another digest.
        body += base64.b64encode(b"%042d" % len(body)) + b"\r\n" + lines
    return top + bytes(body) + ("--%s--\r\n" % mark).encode()


def traps(user, date):
    """Mails that migrations lose, double or alter. All stay on the wire as they are here."""
    std = b"From: a@example.org\r\nTo: b@example.org\r\nDate: Sat, 01 Jan 2011 00:00:00 +0000\r\n"
    mid = lambda n: b"Message-ID: <trap.%d.%s@example.org>\r\n" % (n, user.encode())
    twin = std + mid(1) + b"Subject: doppione\r\n\r\ngli stessi byte\r\n"
    bodies = [
        twin, twin, twin,
        std + mid(2) + b"Subject: stesso id\r\n\r\nuno\r\n",
        std + mid(2) + b"Subject: stesso id\r\n\r\ndue\r\n",
        std + mid(2) + b"Subject: stesso id, altro\r\n\r\ntre, e lungo\r\n",
        std + b"Subject: senza message-id\r\n\r\nuno\r\n",
        std + b"Subject: senza message-id\r\n\r\ndue\r\n",
        std + mid(3) + b"Subject: 8bit \xe0\xe8\xec\xf2\xf9 e \xc3\xa0\r\n\r\nlatin1 \xe0\xe8\r\n",
        std + mid(4) + b"Subject: senza corpo\r\n\r\n",
        std + mid(5) + b"Subject: sola intestazione\r\n",
        std + mid(6) + b"Subject: comandi\r\n\r\n)\r\nx1 CREATE hacked\r\nx2 DELETE INBOX\r\n{10}\r\n* BYE\r\nA1 OK done\r\n",
        std + mid(7) + b"Subject: spezzato\r\n\tsu tre\r\n  righe\r\nX-Vuoto:\r\n\r\ncorpo\r\n",
        std + b"Message-ID:\r\n <trap.8.%s@example.org>\r\nSubject: id spezzato\r\n\r\nx\r\n" % user.encode(),
        std + mid(9) + b"Subject: riga lunga\r\n\r\n" + b"x" * 20000 + b"\r\n",
        std + mid(10) + b"Subject: senza fine riga\r\n\r\nultima",
        b"Subject: solo oggetto\r\n\r\nx\r\n",
        std + mid(11) + mid(12) + b"Subject: due id\r\n\r\nx\r\n",
        b"From a@example.org Sat Jan  1 00:00:00 2011\r\n" + std + mid(13) + b"Subject: riga From\r\n\r\nx\r\n",
        std + mid(14) + b"X-Lungo: " + b"s" * 9000 + b"\r\nSubject: intestazione lunga\r\n\r\nx\r\n",
    ]
    return [Message(data, date + n * 3600, ["\\Seen"] if n % 3 else []) for n, data in enumerate(bodies)]


def some_flags(rng):
    flags = [f for f, p in (("\\Seen", .8), ("\\Answered", .2), ("\\Flagged", .07), ("\\Draft", .02)) if rng.random() < p]
    return flags, [k for k, p in zip(KEYWORDS, (.1, .08, .06, .2, .03)) if rng.random() < p]


def mailbox(user, count, big=0, deleted=0, with_traps=True, median=2500):
    """Folders with `count` messages in all. big: that many attachments from 1 up to 20 MB; deleted: messages of INBOX that
    are flagged \\Deleted, which a move leaves behind."""
    rng = random.Random("corpus/%s/%d" % (user, count))
    trap = traps(user, FIRST_DATE + 86400 * 900) if with_traps and count >= 30 else []
    rest = max(count - len(trap), 0)
    dates = sorted(FIRST_DATE + rng.randrange(SPAN) for _ in range(rest))
    heavy = {rest * (n + 1) // (big + 1): (1 << 20) + (19 << 20) * n // max(big - 1, 1) for n in range(big)}
    folders = {name: [] for name, _ in PLACES}
    for number, date in enumerate(dates):
        size = min(int(rng.lognormvariate(math.log(median), 1.1)), 400000)
        kind = attached if number in heavy or size > 12000 else plain
        data = kind(rng, user, number, date, heavy.get(number, size))
        name = rng.choices([n for n, _ in PLACES], [w for _, w in PLACES])[0]
        flags, keywords = some_flags(rng)
        folders[name].append(Message(data, date, flags, keywords))
    # Servers number the files of a Maildir by date, so the order of arrival is that of the dates.
    folders["INBOX"] = sorted(folders["INBOX"] + trap, key=lambda message: message.date)
    for message in folders["INBOX"][:deleted]:
        message.flags += ("\\Deleted",)
    out = [Folder(name, messages, name not in UNSUBSCRIBED) for name, messages in folders.items()]
    return out + [Folder(name, [], name not in UNSUBSCRIBED) for name in EMPTY]


def wire_name(name, prefix, separator):
    if name.upper() == "INBOX":
        return "INBOX"
    return prefix + separator.join(mutf7(level) for level in name.split("/"))


def write_maildir(server, user, folders):
    """Straight into the files of a server of a Maildir kind; much quicker than APPEND. The server need not run."""
    root = os.path.join(server.home(user), "Maildir")
    made = [server.home(user), root]
    number = 0
    for folder in folders:
        place = root if folder.name == "INBOX" else os.path.join(root, "." + wire_name(folder.name, "", "."))
        made.append(place)
        for sub in ("cur", "new", "tmp"):
            made.append(os.path.join(place, sub))
            os.makedirs(made[-1], exist_ok=True)
        made.append(os.path.join(place, "dovecot-keywords"))
        with open(made[-1], "w") as keywords:
            keywords.writelines("%d %s\n" % pair for pair in enumerate(KEYWORDS))
        for message in folder.messages:
            number += 1
            made.append(write_mail(place, message, number))
    made.append(os.path.join(root, "subscriptions"))
    with open(made[-1], "w") as subscriptions:
        subscriptions.writelines(wire_name(f.name, "", ".") + "\n" for f in folders if f.subscribed)
    if os.geteuid() == 0:
        for path in made:
            os.chown(path, *mail_owner())


def write_mail(place, message, number):
    letters = sorted(SYSTEM[flag] for flag in message.flags)
    letters += sorted(chr(ord("a") + KEYWORDS.index(keyword)) for keyword in message.keywords)
    size = len(message.data)
    wire = size + message.data.count(b"\n") - message.data.count(b"\r\n")
    name = "%d.M%06dP1.corpus,S=%d,W=%d:2,%s" % (message.date, number, size, wire, "".join(letters))
    path = os.path.join(place, "cur", name)
    with open(path, "wb") as file:
        file.write(message.data)
    os.utime(path, (message.date, message.date))
    return path


def quoted(name):
    return '"%s"' % name.replace("\\", "\\\\").replace('"', '\\"')


def append(imap, folders, kind="target"):
    """The same through IMAP, for servers whose files are not ours to write."""
    for folder in folders:
        name = quoted(wire_name(folder.name, *KINDS[kind][1:]))
        imap.create(name)
        if folder.subscribed:
            imap.subscribe(name)
        for message in folder.messages:
            flags = "(%s)" % " ".join([*message.flags, *message.keywords])
            date = imaplib.Time2Internaldate(message.date)
            status, answer = imap.append(name, flags, date, message.data)
            if status != "OK":
                raise RuntimeError("append to %s: %r" % (folder.name, answer))


class _Home:
    """What write_maildir needs of a server that another process has started."""

    def __init__(self, root):
        self.root = root

    def home(self, user):
        return os.path.join(self.root, "mail", user)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server")
    parser.add_argument("user")
    parser.add_argument("count", type=int)
    parser.add_argument("--big", type=int, default=0, help="attachments from 1 to 20 MB")
    args = parser.parse_args()
    folders = mailbox(args.user, args.count, args.big)
    write_maildir(_Home(args.server), args.user, folders)
    total = sum(len(m.data) for f in folders for m in f.messages)
    print("%s: %d messages in %d folders, %.1f MB"
          % (args.user, sum(len(f.messages) for f in folders), len(folders), total / 1e6))


if __name__ == "__main__":
    main()
