"""A mailbox with every trap that a message or a folder's name can carry; corpus.py has what an ordinary mailbox looks like.

folders() is the mailbox, large() another; put(server, user, folders) brings it into a server of any kind, by file where IMAP would refuse it, and tells what
that server can't hold at all. Each message has a label by which tests name it.
"""
import itertools
import os
import time
from email.utils import formatdate

import corpus
from dovecot import mail_owner

HERE = os.path.dirname(os.path.abspath(__file__))
SIGNED = os.path.join(HERE, "signed")
MIDDAY = 1262347200                     # 1 January 2010, 12:00 UTC
MIME_DEPTH = 200
KEYWORDS = ["parola%02d" % n for n in range(26)] + ["$Forwarded", "$MDNSent", "Da.fare", "a+b"]
SERIAL = itertools.count(1)
SYSTEM = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft"]


class Mail(corpus.Message):
    """date: seconds since 1970, also before; label: how tests call it."""

    def __init__(self, label, data, date=MIDDAY, flags=(), keywords=()):
        super().__init__(data, date, flags, keywords)
        self.label = label


def head(label, more=b""):
    return (b"From: Mario <mario@example.it>\r\nTo: anna@example.org\r\nDate: Fri, 01 Jan 2010 13:00:00 +0100\r\n"
            b"Subject: %s\r\nMessage-ID: <%s@cattivi.example.it>\r\n%s" % (label.encode(), label.replace(" ", "-").encode(), more))


def nested(depth):
    """A mail in a mail's part in a part …"""
    top, bottom = b"", b""
    for level in range(depth):
        top += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
        bottom = b"\r\n--b%d--\r\n" % level + bottom
    return top + b"Content-Type: text/plain\r\n\r\nin fondo\r\n" + bottom


def signed(name):
    with open(os.path.join(SIGNED, name), "rb") as file:
        return file.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def bodies():
    """label -> bytes. Those behind `files only` no client can hand over by IMAP: a server's own delivery lets them in."""
    text = b"Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    mail = lambda label, body, more=b"": head(label, more) + b"\r\n" + body
    return {
        "no id, one": b"From: a@example.it\r\nSubject: senza\r\n\r\nuno\r\n",
        "no id, two": b"From: a@example.it\r\nSubject: senza\r\n\r\ndue, e altro\r\n",
        "no id, same size": b"From: a@example.it\r\nSubject: senza\r\n\r\ndue, e altra\r\n",
        "same id, one": mail("stesso", b"uno\r\n"),
        "same id, two": mail("stesso", b"due\r\n"),
        "same id, three": mail("stesso", b"tre, piu' lungo\r\n", b"X-Altro: si\r\n"),
        "double, one": mail("doppione", b"gli stessi byte\r\n"),
        "double, two": mail("doppione", b"gli stessi byte\r\n"),
        "double, three": mail("doppione", b"gli stessi byte\r\n"),
        "folded": mail("piegato", b"x\r\n", b"X-Piegato: a\r\n\tb\r\n   c\r\n \t d\r\nReferences: <1@x>\r\n <2@x>\r\n"),
        "repeated": mail("ripetuto", b"x\r\n", b"Subject: ancora\r\nFrom: altro@example.it\r\nMessage-ID: <secondo@x>\r\n"),
        "id folded": b"Message-ID:\r\n <piegato.id@x>\r\nFrom: a@example.it\r\nSubject: id\r\n\r\nx\r\n",
        "id empty": b"Message-ID:\r\nFrom: a@example.it\r\nSubject: id vuoto\r\n\r\nx\r\n",
        "id malformed": b"Message-ID: <senza fine @@ \"x\r\nFrom: a@example.it\r\nSubject: id guasto\r\n\r\nx\r\n",
        "line without colon": head("guasto") + b"questa riga non ha i due punti\r\nX-Dopo: c'e'\r\n\r\nx\r\n",
        "blank before colon": head("spazio") + b"X-Spazio : valore\r\n\r\nx\r\n",
        "first line goes on": b" comincia piegata\r\n" + mail("prima", b"x\r\n"),
        "from line": b"From mario@example.it Fri Jan  1 13:00:00 2010\r\n" + mail("mbox", b"x\r\n"),
        "from line quoted": b">From mario@example.it Fri Jan  1 13:00:00 2010\r\n" + mail("mbox2", b"x\r\n"),
        "body alone": b"\r\nnessuna intestazione\r\n",
        "header alone": head("sola"),
        "header without end": head("senza fine") + b"X-Ultima: tronca",
        "empty body": mail("corpo vuoto", b""),
        "8-bit body": mail("otto", "perché già €\r\n".encode(), text),
        "8-bit header, utf-8": head("utf") + "X-Nome: Niccolò Città\r\n\r\nx\r\n".encode(),
        "8-bit header, latin1": head("latin") + "X-Nome: Niccolò Città\r\n\r\nx\r\n".encode("latin1"),
        "no final newline": mail("ultima", b"l'ultima riga non finisce"),
        "ends in cr": mail("cr in fondo", b"fine\r"),
        "dots": mail("punti", b".\r\n..\r\n.fine\r\n"),
        "tabs and blanks": mail("bianchi", b"  avanti   \r\n\tdopo\t \r\n   \r\n\r\n\r\n"),
        "line of 100 kB": mail("lunga", b"l" * 100_000 + b"\r\n"),
        "header of 100 kB": head("larga", b"X-Larga: " + b"l" * 100_000 + b"\r\n") + b"\r\nx\r\n",
        "1000 headers": head("tante", b"".join(b"X-N%d: %d\r\n" % (n, n) for n in range(1000))) + b"\r\nx\r\n",
        "nested": head("annidato", b"MIME-Version: 1.0\r\n") + nested(MIME_DEPTH),
        "boundary missing": head("aperto", b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n') + b"\r\n--b\r\n\r\nmai chiuso\r\n",
        "s/mime": signed("smime.eml"),
        "pgp": signed("pgp.eml"),
        "commands": mail("comandi", b")\r\nx1 CREATE hacked\r\nx2 LOGOUT\r\n{10}\r\n* BYE\r\nA1 OK done\r\n+ go\r\n"),
        "bare cr": mail("cr", b"uno\rdue\r\ntre\r\rquattro\r\n"),
        # files only
        "bare cr in header": head("cr2", b"X-Cr: uno\rdue\r\n") + b"\r\nx\r\n",
        "bare lf": mail("lf", b"uno\ndue\n\ntre\n").replace(b"\r\n", b"\n"),
        "some bare lf": mail("qualche lf", b"uno\r\ndue\ntre\r\n\nquattro\n"),
        "cr cr lf": mail("crcrlf", b"uno\r\r\ndue\r\r\n"),
        "nul in body": mail("nul", b"prima\0dopo\r\n\0\0\r\n"),
        "nul in header": head("nul2", b"X-Nul: a\0b\r\n") + b"\r\nx\r\n",
        "control characters": mail("controlli", bytes(range(1, 9)) + bytes(range(14, 32)) + b"\x7f\r\n"),
        "nothing": b"",
        "newline alone": b"\r\n",
    }


# Seconds since 1970 of the given UTC moments.
DATES = {
    "1902": -2145916800, "1965": -157766400, "end of 1969": -1, "1970": 0, "1970 and a second": 1, "leap day": 1456749296,
    "summer night": 1540688400, "2037": 2145916799,
}


def dated():
    return [Mail("date " + name, head("data " + name) + b"\r\nx\r\n", date) for name, date in DATES.items()]


def flagged():
    out = [Mail("flag " + flag, head("bandiera " + flag[1:]) + b"\r\nx\r\n", flags=[flag]) for flag in SYSTEM]
    out.append(Mail("flags, all", head("bandiere") + b"\r\nx\r\n", flags=SYSTEM))
    out.append(Mail("deleted", head("cancellato") + b"\r\nx\r\n", flags=["\\Seen", "\\Deleted"]))
    out.append(Mail("keywords", head("parole") + b"\r\nx\r\n", flags=["\\Seen"], keywords=KEYWORDS))
    out.append(Mail("keywords, odd", head("parola") + b"\r\nx\r\n", keywords=["Lavoro", "a=b", "attivit&aoa-", "x/y", "$e,d'f~g^h|i"]))
    return out


# What follows 'Nomi/': each holds one mail. Which of them a server takes is told by put().
NAMES = ["Perché no", "È già così", "日本語", "メール/受信", "😀 festa 🎉", " davanti", "dietro ", "cento%", "stella*", 'vir"golette', "rove\\scio", "R&D", "&", "a.b.c",
         "a/b", "~tilde", "#cancelletto", "Uguali", "uguali", "due  spazi", "par(en)te{si}", "a" * 60, "Solo padre/figlio", "apo'strofo", "più^cappello",
         "!important;", "a@b", "-meno", "+piu", "uno,due", "<angoli>", "con|pipe", "dollaro$"]
NAMES_NOT_LEVELS = ("a/b",)     # here '/' is a character, where the separator is another


def big(size):
    rng = corpus.random.Random("evil/big")
    return Mail("big", corpus.attached(rng, "mario", 1, MIDDAY, size))


def folders(without=()):
    """The mailbox, without the messages of these labels."""
    out = [corpus.Folder("INBOX", [Mail(label, data) for label, data in bodies().items() if label not in without]),
           corpus.Folder("Date", dated()), corpus.Folder("Bandiere", flagged(), subscribed=False)]
    for number, name in enumerate(NAMES):
        mail = Mail("in " + name, head("nome %d" % number) + b"\r\nx\r\n")
        out.append(corpus.Folder("Nomi/" + name, [mail], subscribed=number % 2 == 0))
    return out


def large(count, size):
    """So many folders, every tenth with a mail, and one with an attachment of that size."""
    out = [corpus.Folder("Grande", [big(size)])]
    for number in range(count):
        name = "Archivio/%d/%02d" % (1990 + number // 12, number % 12 + 1)
        mails = [Mail("in " + name, head("archivio %d" % number) + b"\r\nx\r\n")] if number % 10 == 0 else []
        out.append(corpus.Folder(name, mails, subscribed=False))
    return out


class Held:
    """What a server took: names: Folder.name -> name on the wire; labels: name on the wire -> labels of its mails in the order of their UIDs;
    refused: (Folder.name, label or None for the folder itself)."""

    def __init__(self):
        self.names, self.labels, self.refused = {}, {}, []

    def label(self, name, uid):
        """The label of a message, its folder named as reports do."""
        wire = next(wire for wire in self.labels if corpus.utf7(wire) == name)
        return self.labels[wire][uid - 1]


def wire_name(name, server):
    if name == "INBOX":
        return name
    top, _, rest = name.partition("/")
    if rest in NAMES_NOT_LEVELS and server.separator != "/":
        return server.prefix + server.separator.join((top, corpus.mutf7(rest)))
    return corpus.wire_name(name, server.prefix, server.separator)


def stamp(date):
    """INTERNALDATE as APPEND takes it, in one of several zones."""
    zone = (0, 345, -720, 840, -210)[date % 5]
    local = time.gmtime(date + zone * 60)
    return '"%02d-%s-%04d %02d:%02d:%02d %s%02d%02d"' % (local.tm_mday, formatdate(date + zone * 60).split()[2], local.tm_year, local.tm_hour, local.tm_min,
                                                     local.tm_sec, "-" if zone < 0 else "+", abs(zone) // 60, abs(zone) % 60)


def write(place, message, number, lines):
    letters = "".join(sorted(corpus.SYSTEM[flag] for flag in message.flags))
    # Courier takes two files of one name for the same mail, also in different folders.
    path = os.path.join(place, "cur", "%d.M%dP%d.cattivi:2,%s" % (MIDDAY + number, number, next(SERIAL), letters))
    with open(path, "wb") as file:
        file.write(message.data if lines == "crlf" else message.data.replace(b"\r\n", b"\n"))
    os.utime(path, (message.date, message.date))
    os.chown(path, *mail_owner())


def append(imap, wire, message):
    """Whether the server takes it, byte by byte: imaplib's own way mends line ends."""
    tag, line = imap._new_tag(), b""
    flags = " ".join([*message.flags, *message.keywords])
    imap.send(b"%s APPEND %s (%s) %s {%d}\r\n" % (tag, corpus.quoted(wire).encode(), flags.encode(), stamp(message.date).encode(), len(message.data)))
    while not line.startswith(tag + b" "):
        line = imap.readline()
        if not line:
            raise ConnectionError("the server is gone")
        if line.startswith(b"+"):
            imap.send(message.data + b"\r\n")
    return line.split()[1] == b"OK"


def fill(imap, server, user, folder, wire, held):
    place = server.folder(user, wire) if hasattr(server, "folder") else None
    for number, message in enumerate(folder.messages):
        if place:
            write(place, message, number, server.lines)
        elif not append(imap, wire, message):
            held.refused.append((folder.name, message.label))
            continue
        held.labels[wire].append(message.label)
    if not place or not folder.messages:
        return
    imap.select(corpus.quoted(wire))
    for number, message in enumerate(folder.messages):
        if message.keywords:
            imap.uid("STORE", str(number + 1), "+FLAGS.SILENT", "(%s)" % " ".join(message.keywords))


def put(server, user, wanted):
    imap, held = server.login(user), Held()
    imap.select("INBOX")
    for folder in wanted:
        wire = wire_name(folder.name, server)
        if folder.name != "INBOX" and imap.create(corpus.quoted(wire))[0] != "OK":
            held.refused.append((folder.name, None))
            continue
        held.names[folder.name], held.labels[wire] = wire, []
        fill(imap, server, user, folder, wire, held)
        if folder.subscribed:
            imap.subscribe(corpus.quoted(wire))
    imap.logout()
    return held
