"""What the tests of the traps share. Each file t01 … t34 is one row of the list of how migrations lose, double or alter mail;
its first lines say the row and the rule."""
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import compare  # noqa: E402
import corpus  # noqa: E402
import lib  # noqa: E402
from tamper import Tamper  # noqa: E402

OLD, NEW = 1400000000, 1500000000


def mail(ident, body="x", date=OLD, flags=(), keywords=(), subject="n", more=""):
    """A small mail; ident None: without Message-ID. more: further header lines."""
    head = ("Message-ID: <%s@x>\r\n" % ident if ident else "") + more + "Subject: %s\r\n\r\n" % subject
    return corpus.Message(head.encode() + body.encode() + b"\r\n", date, flags, keywords)


# Were it taken for commands, folders would appear and disappear.
COMMANDS = (b"Message-ID: <comandi.%d@x>\r\nSubject: comandi\r\n\r\nx0 NOOP\r\nx1 CREATE hacked\r\nx2 SUBSCRIBE hacked\r\n"
            b"x3 DELETE Vuota\r\nx4 APPEND INBOX {3}\r\n")


def with_flag(flag):
    """For proxy.rewrite: each mail of the source has that flag besides."""
    return lambda line: line.replace(b"FLAGS (", b"FLAGS (" + flag + b" ") if b" FETCH " in line else line


def mails(count, tag="m", first=0, **more):
    """One a minute, of different lengths."""
    return [mail("%s%d" % (tag, n), "text %d" % n + " parola" * (n % 40), OLD + 60 * n, **more) for n in range(first, first + count)]


class Case(lib.Case):
    def put(self, user, *messages, folder="INBOX", server=None):
        corpus.write_maildir(server or self.source, user, [corpus.Folder(folder, list(messages))])

    def add(self, server, user, *messages, folder="INBOX"):
        """Through IMAP."""
        imap = server.login(user)
        corpus.append(imap, [corpus.Folder(folder, list(messages), False)], server.kind)
        imap.logout()

    def remove(self, server, user, uids, folder="INBOX"):
        imap = server.login(user)
        imap.select('"%s"' % corpus.wire_name(folder, server.prefix, server.separator))
        imap.uid("STORE", uids, "+FLAGS", "(\\Deleted)")
        imap.expunge()
        imap.logout()

    def flag(self, server, user, uids, flags, folder="INBOX"):
        imap = server.login(user)
        imap.select('"%s"' % corpus.wire_name(folder, server.prefix, server.separator))
        imap.uid("STORE", uids, "+FLAGS", flags)
        imap.logout()

    def side(self, user, source=None, target=None, **messages):
        """An account; messages: the job's rules for them."""
        account = lib.account(user, source or self.source, target or self.target)
        if messages:
            account["messages"] = messages
        return account

    def of(self, user, **messages):
        return self.job(self.side(user, **messages), workers=2)

    def tamper(self, server, response=None, command=None):
        tamper = Tamper(server.port, response, command)
        self.addCleanup(tamper.close)
        return tamper

    def ledger(self, doc, *terms):
        whole = lib.only(doc)["totals"]["ledger"]
        return tuple(whole[term] for term in terms)

    def verified(self, doc, *keys):
        sums = tuple(sum(f["verified"][key] for f in lib.only(doc)["folders"] if f["verified"]) for key in keys)
        return sums[0] if len(keys) == 1 else sums

    def mapped(self, doc):
        return {f["source"]: (f["target"], f["why"], f["role"]) for f in lib.only(doc)["folders"]}

    def ledgers(self, doc):
        return {f["source"]: f["ledger"] for f in lib.only(doc)["folders"]}

    def counts(self, user, server=None):
        return {name: len(box.mails) for name, box in compare.read(server or self.target, user).boxes.items() if box.mails}

    def bodies(self, user, folder="INBOX"):
        """How many there are of each mail at the target."""
        out = {}
        for m in compare.read(self.target, user).boxes[folder].mails:
            out[m.same] = out.get(m.same, 0) + 1
        return sorted(out.values())

    def twice(self, job, code=0):
        """Run again, then without the state: nothing is copied any more."""
        self.assertEqual(self.copied_now(self.ended(job.run(), code)), 0)
        job.forget()
        self.assertEqual(self.copied_now(self.ended(job.run(), code)), 0)

    def rows(self, job, query):
        with sqlite3.connect("file:%s?mode=ro" % job.state, uri=True) as state:
            return state.execute(query).fetchall()

    def fill_counts(self, user, server=None, **counts):
        """A mailbox with so many messages in each folder."""
        folders = [corpus.Folder(name, mails(count, name.replace(" ", "_").replace("/", "."))) for name, count in counts.items()]
        corpus.write_maildir(server or self.source, user, folders)

    def begin(self, user, guard=None, **counts):
        """A mailbox that is moved already."""
        self.fill_counts(user, **counts)
        job = self.simple(user, **({"guard": {"shrink": guard}} if guard else {}))
        self.ended(job.run())
        return job

    def drop(self, server, user, folder):
        imap = server.login(user)
        compare.checked(imap.delete('"%s"' % corpus.wire_name(folder, server.prefix, server.separator)))
        imap.logout()

    def again(self, user, source=None, target=None, **top):
        """A job whose mail is all at the target already, and its state lost."""
        job = self.simple(user)
        self.ended(job.run())
        job.forget()
        job.write([lib.account(user, source or self.source, target or self.target)], **top)
        return job

    def through_hostile(self, user, rewrite, count=40, code=0):
        """A mailbox with mail that is commands, whose server's lines are rewritten on the way: all of it arrives, and nothing of it is carried out."""
        self.fill(user, count)
        proxy = self.proxy(self.source)
        proxy.rewrite = rewrite
        imap = self.source.login(user)
        for number in range(6):
            imap.append("INBOX", "(\\Seen)", None, COMMANDS % number)
        imap.logout()
        result = self.simple(user, source=proxy).run()
        self.assertIn(result.code, code if isinstance(code, tuple) else (code,), result.tell())
        target = compare.read(self.target, user)
        self.assertNotIn("hacked", target.boxes)
        self.assertNotIn("hacked", target.subscribed)
        self.assertEqual(set(target.boxes) - set(compare.read(self.source, user).boxes), set())
        self.assertIn("Vuota", target.boxes)
        bodies = lambda account: sorted(m.same for box in account.boxes.values() for m in box.mails)
        self.assertEqual(bodies(target), bodies(compare.read(self.source, user)))
        return result, target
