#!/usr/bin/env python3
"""Reads two servers through imaplib and says how the target differs from the source. It knows nothing of the program.

As a module:   assert not differences(read(a, "mario"), read(b, "mario"))
As a command:  compare.py SOURCE_PORT TARGET_PORT USER[=TARGET_USER]...   (0 when the target holds exactly what the source has)

Bodies are compared by SHA-256 after line ends are made equal and a final line end is left out: some servers store mail
so. Where the bytes differ in no other way that is reported as a note.
"""
import collections
import hashlib
import imaplib
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers"))
from corpus import quoted, utf7  # noqa: E402
from dovecot import PASSWORD  # noqa: E402

imaplib._MAXLINE = 20_000_000
Mail = collections.namedtuple("Mail", "uid flags date size sha same message_id")
CHUNK_BYTES = 16 << 20


class Box:
    def __init__(self, wire, uidvalidity, uidnext, mails):
        self.wire, self.uidvalidity, self.uidnext, self.mails = wire, uidvalidity, uidnext, mails


class Account:
    """boxes: decoded name with '/' between levels and without prefix -> Box; subscribed: the same names."""

    def __init__(self):
        self.boxes, self.subscribed = {}, set()

    def count(self):
        return sum(len(box.mails) for box in self.boxes.values())

    def uidnexts(self):
        return {name: (box.uidvalidity, box.uidnext) for name, box in self.boxes.items()}


def checked(answer):
    status, data = answer
    if status != "OK":
        raise RuntimeError("the server says %s %r" % (status, data))
    return data


def decoded(wire, prefix, separator):
    if prefix and wire.startswith(prefix):
        wire = wire[len(prefix):]
    return "/".join(utf7(level) for level in wire.split(separator)) if separator else utf7(wire)


def listing(imap, command="list"):
    """(wire name, attributes, separator) of every folder."""
    out = []
    for line in checked(getattr(imap, command)()):
        if line is None:
            continue
        if isinstance(line, tuple):     # a name sent as a literal
            head, name = line[0].decode(), line[1].decode()
            attributes, separator = re.match(r'\((.*?)\) (?:"(.+?)"|NIL)', head).groups()
        else:
            attributes, separator, name = re.match(r'\((.*?)\) (?:"(\\?.)"|NIL) (.+)$', line.decode()).groups()
            if name.startswith('"'):
                name = re.sub(r"\\(.)", r"\1", name[1:-1])
        out.append((name, attributes, (separator or "")[-1:]))
    return out


def namespace(imap):
    """Prefix and separator of the own namespace."""
    text = checked(imap.namespace())[0].decode()
    found = re.match(r'\(\("(.*?)" "?(.+?)"?\)', text)
    return found.group(1), found.group(2)


def parse(meta, body):
    flags = re.search(rb"FLAGS \((.*?)\)", meta).group(1).decode().split()
    date = imaplib.Internaldate2tuple(b'INTERNALDATE "' + re.search(rb'INTERNALDATE "(.*?)"', meta).group(1) + b'"')
    size = int(re.search(rb"RFC822\.SIZE (\d+)", meta).group(1))
    same = re.sub(rb"\r*\n", b"\n", body)
    same = same[:-1] if same.endswith(b"\n") else same
    found = re.search(rb"(?im)^message-id:\s*(.*?)\r?$", body)
    return Mail(int(re.search(rb"UID (\d+)", meta).group(1)), frozenset(f for f in flags if f.lower() != "\\recent"), date, size,
                hashlib.sha256(body).hexdigest(), hashlib.sha256(same).hexdigest(),
                found.group(1).decode(errors="replace") if found else "")


def chunks(imap):
    """UIDs in runs whose bytes fit into memory."""
    run, total = [], 0
    for line in checked(imap.uid("FETCH", "1:*", "(RFC822.SIZE)")):
        if line is None:
            continue
        uid, size = (int(re.search(word + rb" (\d+)", line).group(1)) for word in (rb"UID", rb"RFC822\.SIZE"))
        run.append(uid)
        total += size
        if total > CHUNK_BYTES or len(run) >= 500:
            yield run
            run, total = [], 0
    if run:
        yield run


def held(imap):
    """How many messages an account holds now, without opening a folder."""
    total = 0
    for wire, attributes, _ in listing(imap):
        if "\\noselect" not in attributes.lower():
            line = checked(imap.status(quoted(wire), "(MESSAGES)"))[0]
            total += int(re.search(rb"MESSAGES (\d+)", line).group(1))
    return total


def read_box(imap, wire, whole):
    status = checked(imap.status(quoted(wire), "(UIDNEXT UIDVALIDITY)"))[0]
    uidnext, validity = (int(re.search(word + rb" (\d+)", status).group(1)) for word in (rb"UIDNEXT", rb"UIDVALIDITY"))
    checked(imap.select(quoted(wire), readonly=True))
    mails = []
    for uids in chunks(imap):
        data = checked(imap.uid("FETCH", ",".join(map(str, uids)), "(UID FLAGS INTERNALDATE RFC822.SIZE %s)" % whole))
        for at, item in enumerate(data):
            if isinstance(item, tuple):
                rest = data[at + 1] if at + 1 < len(data) and isinstance(data[at + 1], bytes) else b""
                mails.append(parse(item[0] + rest, item[1]))
    return Box(wire, validity, uidnext, sorted(mails, key=lambda mail: mail.uid))


def read(port, user, password=PASSWORD, host="127.0.0.1"):
    """Everything an account holds. port: a number, or a server."""
    # Courier: BODY[] is what its MIME parser makes of a mail, RFC822 the mail; the folder is open read-only.
    whole = "RFC822" if getattr(port, "kind", "") == "courier" else "BODY.PEEK[]"
    imap = imaplib.IMAP4(host, getattr(port, "port", port), timeout=120)
    imap.login(user, password)
    try:
        prefix, separator = namespace(imap)
        account = Account()
        for wire, attributes, _ in listing(imap):
            if "\\noselect" in attributes.lower() or "\\nonexistent" in attributes.lower():
                continue
            account.boxes[decoded(wire, prefix, separator)] = read_box(imap, wire, whole)
        account.subscribed = {decoded(wire, prefix, separator) for wire, attributes, _ in listing(imap, "lsub") if "\\noselect" not in attributes.lower()}
        return account
    finally:
        imap.logout()


def movable(mails):
    """What a move takes along: \\Deleted messages stay behind."""
    return [mail for mail in mails if "\\Deleted" not in mail.flags]


def surplus(many, few, key):
    """Those of `many` that have no partner in `few`, as multisets."""
    left = collections.Counter(key(mail) for mail in few)
    out = []
    for mail in many:
        if left[key(mail)] > 0:
            left[key(mail)] -= 1
        else:
            out.append(mail)
    return out


def compare_folder(name, source, target, ordered):
    say = lambda what, mails: ["%s: %s %s" % (name, what, ", ".join("uid %d %s" % (m.uid, m.message_id) for m in mails[:3])
                                             + (" and %d more" % (len(mails) - 3) if len(mails) > 3 else ""))] if mails else []
    body = lambda mail: mail.same
    lost, extra = surplus(source, target, body), surplus(target, source, body)
    have = {mail.same for mail in source}
    out = say("lost", lost) + say("doubled", [m for m in extra if m.same in have])
    out += say("altered or foreign", [m for m in extra if m.same not in have])
    if lost or extra:
        return out
    dated = lambda mail: (mail.same, mail.date)
    out += say("re-dated", surplus(source, target, dated))
    flagged = lambda mail: (mail.same, mail.flags)
    for way, mails in (("source", surplus(source, target, flagged)), ("target", surplus(target, source, flagged))):
        out += ["%s %s: %s" % (text, way, " ".join(sorted(mail.flags))) for mail, text in zip(mails, say("flags differ", mails))]
    if not out:
        out += say("flags exchanged", surplus(source, target, lambda mail: (mail.same, mail.date, mail.flags)))
    if ordered and not out and [m.same for m in source] != [m.same for m in target]:
        out.append("%s: another order of arrival" % name)
    return out


def differences(source, target, ordered=False, subscriptions=True, extra_folders=False):
    """Lines that say what is lost, doubled, altered, re-dated or flagged otherwise; [] when nothing is. extra_folders: the
    target may have folders of its own."""
    out = []
    for name in sorted(source.boxes):
        if name not in target.boxes:
            out.append("%s: there is no such folder at the target" % name)
            continue
        out += compare_folder(name, movable(source.boxes[name].mails), target.boxes[name].mails, ordered)
    if not extra_folders:
        out += ["%s: a folder that the source has not" % name for name in sorted(set(target.boxes) - set(source.boxes))]
    if subscriptions and source.subscribed - target.subscribed:
        out.append("not subscribed: %s" % ", ".join(sorted(source.subscribed - target.subscribed)))
    if subscriptions and not extra_folders and (target.subscribed & set(source.boxes)) - source.subscribed - {"INBOX"}:
        out.append("subscribed at the target only: %s" % ", ".join(sorted((target.subscribed & set(source.boxes)) - source.subscribed)))
    return out


def renamed(account, names):
    """The same account with other names of folders; its lists of mails may be changed."""
    out = Account()
    out.boxes = {names.get(name, name): Box(box.wire, box.uidvalidity, box.uidnext, list(box.mails)) for name, box in account.boxes.items()}
    out.subscribed = {names.get(name, name) for name in account.subscribed}
    return out


def take_out(name, mail, source, mails, kind):
    """Takes what the target made of one mail of the source out of its folder, and says what was not explained by that."""
    here = {m.same for m in source}
    other = next((m for m in mails if m.same == mail.same), None)
    if not other and kind == "altered":
        other = next((m for m in mails if m.message_id == mail.message_id and m.same not in here), None)
    if not other:
        return ["%s: uid %d is said to be there, %s, and is not" % (name, mail.uid, kind)]
    mails.remove(other)
    out = []
    if kind != "redated" and other.date != mail.date:
        out.append("%s: uid %d has another date besides" % (name, mail.uid))
    if other.flags != mail.flags and not (kind == "unflagged" and other.flags < mail.flags and not any(f.startswith("\\") for f in mail.flags - other.flags)):
        out.append("%s: uid %d has other flags besides" % (name, mail.uid))
    return out


def unexplained(source, target, names, explained, **more):
    """What differs beside what a report has explained. names: a folder of the source -> its name at the target; explained: kind ("refused", "altered",
    "redated", "unflagged") -> (folder, uid) of the source's messages. Folders above the source's own may be new."""
    source, target = renamed(source, {}), renamed(target, {there: here for here, there in names.items()})
    out = []
    for kind, which in explained.items():
        for name, uid in which:
            mails = source.boxes[name].mails
            mail = next(m for m in mails if m.uid == uid)
            mails.remove(mail)
            out += [] if kind == "refused" else take_out(name, mail, mails, target.boxes[name].mails, kind)
    for name in set(target.boxes) - set(source.boxes):
        if not target.boxes[name].mails and any(other.startswith(name + "/") for other in source.boxes):
            del target.boxes[name]
    return out + differences(source, target, **more)


def rewritten(source, target):
    """How many mails the target holds with other line ends than the source: a note, no difference."""
    exact = lambda mail: mail.sha
    return sum(len(surplus(movable(box.mails), target.boxes[name].mails, exact))
               for name, box in source.boxes.items() if name in target.boxes)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    source_port, target_port = int(sys.argv[1]), int(sys.argv[2])
    failed = False
    for pair in sys.argv[3:]:
        user, _, target_user = pair.partition("=")
        source, target = read(source_port, user), read(target_port, target_user or user)
        found = differences(source, target, ordered=True)
        failed = failed or bool(found)
        print("%s: %d folders, %d messages at the source, %d at the target; %d with other line ends; %s"
              % (user, len(source.boxes), source.count(), target.count(), rewritten(source, target),
                 "no difference" if not found else "%d differences" % len(found)))
        for line in found:
            print("  " + line)
    return failed


if __name__ == "__main__":
    sys.exit(main())
