#!/usr/bin/env python3
"""Dovecot, Courier and Cyrus, each as source and as target of each other, with all that a mail and a name can be (servers/evil.py).

What a target can't hold as it is has to be in the report, message by message, and to be exactly what stands in the tables here. All else has
to be the same to the byte, but for line ends. The large mail and the many folders go three ways only (class Large).
TRASLOCO_TEST_FOLDERS, TRASLOCO_TEST_LARGE (bytes): more of them, by hand.
"""
import os
import subprocess
import tempfile
import unittest

import compare
import corpus
import evil
import lib
import machine
import runner
import unpacked
from courier import Courier
from cyrus import Cyrus
from dovecot import Dovecot
from test_plan import snapshot

runner.THREADS = max(runner.THREADS, 8)
SERVERS = ("dovecot", "courier", "cyrus")
SOURCES = {"dovecot": lambda: Dovecot("folders-source"), "courier": Courier, "cyrus": lambda: Cyrus("source")}
TARGETS = {"dovecot": lambda: Dovecot("target"), "courier": Courier, "cyrus": lambda: Cyrus("target")}
FOLDERS = int(os.environ.get("TRASLOCO_TEST_FOLDERS", "300"))
LARGE = int(os.environ.get("TRASLOCO_TEST_LARGE", str(30 << 20)))
COLLIDES = {"Nomi/uguali": "Nomi/uguali due"}       # with "Nomi/Uguali"

# Names that a target refuses; the program finds another, and says so.
CANT_HOLD = {
    "dovecot": {},
    "courier": {"Nomi/😀 festa 🎉": "Nomi/_ festa _"},
    "cyrus": {"Nomi/" + name: "Nomi/" + new for name, new in (
        ('vir"golette', "vir_golette"), ("rove\\scio", "rove_scio"), ("par(en)te{si}", "par_en_te_si_"), ("!important;", "_important_"), ("<angoli>", "_angoli_"),
        ("con|pipe", "con_pipe"))},
}
# Names that the program changes of itself.
CHANGED = {"Nomi/ davanti", "Nomi/dietro ", "Nomi/cento%", "Nomi/stella*"}

# code -> what each target can't hold as it is, of what a source has.
TARGET = {
    "dovecot": {
        "message-refused": {"nothing"},
        "message-altered": {"nul in body", "nul in header"},        # NUL becomes 0x80
        "message-rewritten": {"cr cr lf", "ends in cr"},            # a CR at the end is dropped
        "date-refused": {"date end of 1969", "date 2037"},          # -1 is no time; the future becomes now
    },
    "courier": {
        "message-rewritten": {"cr cr lf", "bare cr", "ends in cr", "bare cr in header", "no final newline", "header without end", "nothing"},   # CRs are dropped
        "date-refused": {"date 1902", "date 1965", "date end of 1969", "date 1970"},
        "keyword-lost": {"keywords, odd"},
    },
    "cyrus": {
        "message-refused": {"line without colon", "blank before colon", "from line quoted", "header without end", "nothing", "nul in body", "nul in header"},
        "message-altered": {"8-bit header, utf-8", "8-bit header, latin1"},         # every such byte of a header becomes X
        "date-refused": {"date 1902", "date 1965", "date end of 1969", "date 1970"},
    },
}
# What a source makes of its own mails before anybody sees them: (source, target, code) -> more, less.
EXCEPTIONS = {
    ("dovecot", "dovecot", "message-altered"): (set(), {"nul in body", "nul in header"}),   # Dovecot serves NUL as 0x80 …
    ("dovecot", "cyrus", "message-refused"): (set(), {"nul in body", "nul in header"}),
    ("dovecot", "cyrus", "message-altered"): ({"nul in header"}, set()),            # … which is an 8-bit byte
    ("cyrus", "cyrus", "message-altered"): (set(), {"8-bit header, utf-8", "8-bit header, latin1"}),
    ("cyrus", "cyrus", "date-refused"): (set(), {"date 1970"}),                     # it is not that date there any more
    ("cyrus", "courier", "date-refused"): (set(), {"date 1970"}),
    ("courier", "courier", "keyword-lost"): (set(), {"keywords, odd"}),
}
# Dovecot's cache has dates in 32 bits, from the second look on: nobody can say what it shows of these.
OLD = {"date 1902", "date 1965"}

KINDS = {"message-refused": "refused", "message-altered": "altered", "message-rewritten": "altered", "date-refused": "redated", "keyword-lost": "unflagged"}


def expected(source, target, held):
    """code -> labels, for what that source holds."""
    out = {}
    for code, labels in TARGET[target].items():
        more, less = EXCEPTIONS.get((source, target, code), (set(), set()))
        out[code] = ((labels | more) - less) & held
    return {code: labels for code, labels in out.items() if labels}


def good_signatures(server, user):
    """The two signed mails as this server has them: whether each signature is still good."""
    imap = server.login(user)
    imap.select("INBOX", readonly=True)
    mails = {}
    for item in imap.fetch("1:*", "(RFC822)")[1]:
        for name in ("smime", "pgp"):
            if isinstance(item, tuple) and b"<ordine.%s@example.it>" % name.encode() in item[1]:
                mails[name] = item[1]
    imap.logout()
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)
        part, signature = mails["pgp"].split(b"\r\n--=_firma\r\n")[1:]
        armour = signature.split(b"\r\n\r\n", 1)[1].split(b"\r\n--=_firma--")[0]
        for name, data in (("smime", mails["smime"]), ("part", part), ("signature", armour)):
            with open(at(name), "wb") as file:
                file.write(data)
        calls = {
            "smime": ["openssl", "cms", "-verify", "-in", at("smime"), "-CAfile", os.path.join(evil.SIGNED, "giulia.pem"), "-no_check_time", "-out", at("out")],
            "pgp": ["gpgv", "--keyring", os.path.join(evil.SIGNED, "giulia.gpg"), at("signature"), at("part")],
        }
        done = {name: subprocess.run(call, capture_output=True, env=dict(os.environ, GNUPGHOME=folder)) for name, call in calls.items()}
    return {name: each.returncode == 0 or each.stderr for name, each in done.items()}


class Servers(lib.Case):
    """What both classes share: the servers of their pairs, and what is tried with each."""

    pairs = ()
    surroundings = {}       # of the first run, in its environment

    @classmethod
    def setUpClass(cls):
        lib.program()
        try:
            for name in ("courier", "cyrus"):
                unpacked.tree(name)
        except unpacked.Missing as reason:
            raise unittest.SkipTest(str(reason))
        running = []
        cls.addClassCleanup(lambda: lib.at_once([server.close for server in running]))

        def start(makers, name):
            running.append(makers[name]())
            return name, running[-1]

        cls.sources = dict(start(SOURCES, name) for name in dict(cls.pairs))
        cls.targets = dict(start(TARGETS, name) for name in {b for _, b in cls.pairs})
        cls.held = {}
        lib.at_once([lambda name=name: cls.fill_source(name) for name in cls.sources])
        # What Dovecot says of old dates it says from the second look on.
        looks = [(name, server) for name, server in cls.sources.items() for _ in range(2 if name == "dovecot" and cls is Pairs else 1)]
        cls.before = {name: compare.read(server, "mario") for name, server in looks}

    @classmethod
    def fill_source(cls, name):
        cls.held[name] = evil.put(cls.sources[name], "mario", cls.mailbox(name))

    def plain(self, side, name):
        """A folder's name as compare has it, from a report's."""
        name = name[len(side.prefix):] if name.startswith(side.prefix) else name
        return name.replace(side.separator, "/")

    def told(self, source, account):
        """What a report tells: code -> labels of messages, or names of folders; and the same as compare.unexplained wants it."""
        labels, explained = {}, {}
        for problem in account["problems"]:
            code = problem["code"]
            if code in KINDS and problem.get("uid"):
                labels.setdefault(code, set()).add(self.held[source].label(problem["folder"], problem["uid"]))
                explained.setdefault(KINDS[code], set()).add((self.plain(self.sources[source], problem["folder"]), problem["uid"]))
            elif code != "not-moved":
                labels.setdefault(code, set()).add(self.plain(self.sources[source], problem.get("folder", "")))
        return labels, explained

    def expect(self, source, target, account):
        """The report tells what the tables say, and no more. Returns what compare is to look over."""
        held = self.held[source]
        labels, explained = self.told(source, account)
        want = expected(source, target, {label for labels in held.labels.values() for label in labels})
        names = CHANGED | ({"Nomi/a.b.c"} if self.sources[source].separator == "/" and self.targets[target].separator == "." else set())
        names |= set(CANT_HOLD[target])
        if names & set(held.names):
            want["name-changed"] = names & set(held.names)
        unsure = OLD if "dovecot" in (source, target) else set()
        told = {code: found - unsure for code, found in labels.items() if found - unsure}
        self.assertEqual(told, {code: found - unsure for code, found in want.items() if found - unsure})
        if "dovecot" in (source, target) and "Date" in held.names:
            old = {mail.uid for mail in self.before[source].boxes["Date"].mails if mail.message_id.split("-")[-1].split("@")[0] in ("1902", "1965")}
            explained.setdefault("redated", set()).update(("Date", uid) for uid in old)
        return explained

    def pair(self, source, target):
        a, b, user = self.sources[source], self.targets[target], "da-" + source
        mapped = {name: new for name, new in COLLIDES.items() if name in self.held[source].names}
        job = self.job(lib.account("mario", a, b, user), verify="deep", **({"folders": {"map": mapped}} if mapped else {}))
        log = os.path.join(job.folder, "log")
        result = job.run("-v", "--log", log, **self.surroundings)
        severe = any(problem["severity"] == "error" for problem in lib.problems(result.report))
        doc = self.ended(result, 1 if severe else 0)
        with open(log, encoding="utf-8", errors="replace") as lines:
            self.assertEqual(" compressed: " in lines.read(), bool(self.surroundings) and "cyrus" in (source, target))
        account = lib.only(doc)
        explained = self.expect(source, target, account)
        names = {self.plain(a, f["source"]): self.plain(b, f["target"]) for f in account["folders"]}
        self.assertEqual({name: names[name] for name in CANT_HOLD[target] if name in names}, {n: new for n, new in CANT_HOLD[target].items() if n in names})
        after = compare.read(b, user)
        self.assertEqual(compare.unexplained(self.before[source], after, names, explained), [])
        if "s/mime" in self.held[source].labels.get("INBOX", ()):
            self.assertEqual(good_signatures(b, user), {"smime": True, "pgp": True})
        self.assertNotIn("hacked", after.boxes)
        total = account["totals"]["ledger"]
        self.assertEqual(total["source"], sum(map(len, self.held[source].labels.values())))
        self.assertEqual(total["skipped"], sum("deleted" in labels for labels in self.held[source].labels.values()))
        self.assertEqual(total["copied"], total["source"] - total["skipped"] - total["refused"])

        again = self.ended(job.run(), doc["exit"])
        self.assertEqual(lib.only(again)["totals"]["ledger"], dict(total, copied_now=0))
        job.forget()
        anew = lib.only(self.ended(job.run(), doc["exit"]))["totals"]["ledger"]
        self.assertEqual(anew, dict(total, copied=0, copied_now=0, already_there=total["copied"]))
        self.assertEqual(compare.read(b, user).uidnexts(), after.uidnexts())
        # Nothing has changed at the source, not even by looking.
        all_of = lambda account: {name: [(m.uid, m.flags, m.sha) for m in box.mails] for name, box in account.boxes.items()}
        self.assertEqual(all_of(compare.read(a, "mario")), all_of(self.before[source]))


class Pairs(Servers):
    pairs = [(a, b) for a in SERVERS for b in SERVERS]

    def plan(self, source, target):
        a, b = self.sources[source], self.targets[target]
        see = lambda: [snapshot(server, user, "MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN") for server, user in ((a, "mario"), (b, "piano"))]
        imap = b.login("piano")     # something new lies there, that nobody has looked at
        self.assertEqual(imap.append("INBOX", None, None, b"Message-ID: <nuova@x>\r\n\r\nx\r\n")[0], "OK")
        imap.logout()
        before = see()
        doc = self.job(lib.account("mario", a, b, "piano"), folders={"map": COLLIDES}).call("plan", "--json").report
        self.assertEqual(see(), before)
        ledger = lib.only(doc)["totals"]["ledger"]
        self.assertEqual((doc["exit"], ledger["source"], ledger["copied"]), (0, sum(map(len, self.held[source].labels.values())), 0), lib.problems(doc))
        self.assertGreater(ledger["pending"], 0)

    def test_plan_changes_nothing(self):
        """From and to each of the three."""
        for source, target in (("dovecot", "courier"), ("courier", "cyrus"), ("cyrus", "dovecot")):
            with self.subTest(source=source, target=target):
                self.plan(source, target)

    @staticmethod
    def mailbox(source):
        return evil.folders(())


class Large(Servers):
    """The large mail and the many folders: once from and once to each server; as if they were far away, so that Cyrus compresses."""

    pairs = [("dovecot", "cyrus"), ("courier", "dovecot"), ("cyrus", "courier")]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.surroundings = machine.loaded(far=1)

    @staticmethod
    def mailbox(source):
        return evil.large(FOLDERS, LARGE)


def add(cls):
    for source, target in cls.pairs:
        setattr(cls, "test_%s_to_%s" % (source, target), lambda self, source=source, target=target: self.pair(source, target))


add(Pairs)
add(Large)

if __name__ == "__main__":
    lib.tail()
