#!/usr/bin/env python3
"""Run after run while the job and both mailboxes change between them: rules of folders, filters, renamed, renumbered and shrunk folders, a lost
state, a kill, a dry run, acceptances, two accounts in one mailbox. After each step nothing is gone at the target but what its owner deleted,
nothing is there more often than the source ever had it, and what a finished run says is there is there.

By hand for longer: TRASLOCO_TEST_SEEDS=1,2,3 TRASLOCO_TEST_STEPS=20
"""
import collections
import json
import os
import random
import time

import compare
import corpus
import lib

STEPS = int(os.environ.get("TRASLOCO_TEST_STEPS", "4"))
SEEDS = [int(n) for n in os.environ.get("TRASLOCO_TEST_SEEDS", "1,2,3,4,5,6").split(",")]
SIZES = {"INBOX": 30, "A": 60, "A/sotto": 10, "B": 20, "C": 25}
DOUBLES = 5         # of the mails in C there are two, and as many of A are in B as well
FIRST, DAY = 1600000000, 86400
SPLIT, SPLIT_AT = "2020-09-24", 1600905600   # between the eleventh and the twelfth
MANY = 14           # more than any guard lets pass
BIG, LIMIT = 60000, 30000   # a mail that the target refuses, and what it takes
MAPS = [{}, {"A": "Altro"}, {"B": "A/da B"}, {"C": "INBOX/c"}]
MERGES = [{"A": "Insieme", "B": "Insieme"}, {"B": "C"}]
FILTERS = [{}, {"since": SPLIT}, {"before": SPLIT}, {"duplicates": "skip"}, {"since": SPLIT, "duplicates": "skip"}, {"deleted": "copy"}, {"flags": "none"},
           {"max_size": "20KB"}]


def mail(folder, n, size=400):
    text = "Message-ID: <%s.%s@sequenza>\r\nSubject: %s\r\n\r\n%s\r\n" % (n, folder.replace("/", "."), n, "x" * size)
    return corpus.Message(text.encode(), FIRST + (n if isinstance(n, int) else 20) * DAY)


def key(m):
    return m.same, time.mktime(m.date)


def counted(mails):
    return collections.Counter(key(m) for m in mails)


def everything(account):
    return counted(m for box in account.boxes.values() for m in box.mails)


class Folder:
    """What the test knows of a source folder, whatever it is called now."""

    def __init__(self):
        self.ever, self.at, self.renamed = collections.Counter(), None, False


class Person:
    """One source mailbox and its rules."""

    def __init__(self, server, name, folders):
        self.server, self.name, self.rules = server, name, {}
        corpus.write_maildir(server, name, folders)
        self.folders = {folder.name: Folder() for folder in folders}
        self.look()

    def look(self):
        self.now = compare.read(self.server, self.name)
        for name, folder in self.folders.items():
            folder.ever |= counted(self.now.boxes[name].mails)

    def wire(self, name):
        return '"%s"' % corpus.wire_name(name, self.server.prefix, self.server.separator)

    def excluded(self, name, rules=None):
        rules = self.rules if rules is None else rules
        hit = lambda patterns: any(name == p or name.startswith(p + "/") for p in patterns)
        return hit(rules.get("exclude", [])) or bool(rules.get("include")) and not hit(rules["include"])

    def place(self, name, rules=None):
        """Where the rules send it: the nearest entry of the map, then under."""
        rules = self.rules if rules is None else rules
        levels, below, to = name.split("/"), [], rules.get("map", {})
        while levels and "/".join(levels) not in to:
            below.insert(0, levels.pop())
        name = "/".join(([to["/".join(levels)]] if levels else []) + below)
        return rules["under"] + "/" + name if rules.get("under") else name

    def elsewhere(self, rules):
        """Folders whose mail lies in another place than the rules say."""
        return [(n, f) for n, f in self.folders.items() if f.at and not self.excluded(n, rules) and f.at != self.place(n, rules)]


class Sequence:
    """The people who move into one mailbox, their job, and what has to be true of it."""

    def __init__(self, case, seed):
        self.case, self.rng, self.user, self.said = case, random.Random(seed), "sequenza%d" % seed, []
        twins = {"C": [mail("C", n) for n in range(DOUBLES)], "B": [mail("A", n) for n in range(DOUBLES)]}
        folders = [corpus.Folder(name, [mail(name, n) for n in range(count)] + twins.get(name, [])) for name, count in SIZES.items()]
        self.big = seed % 3 == 0
        if self.big:
            folders[3].messages.append(mail("B", "grossa", BIG))
        self.people = [Person(case.source, self.user, folders)]
        if seed % 2 == 0:
            folders = [corpus.Folder("INBOX", [mail("INBOX", n) for n in range(4)] + [mail("zia", n) for n in range(8)]),
                       corpus.Folder("A", [mail("A di zia", n) for n in range(12)])]
            self.people.append(Person(case.source, self.user + "zia", folders))
        self.me = self.people[0]
        self.bigs = [key(m) for m in self.me.now.boxes["B"].mails if m.size > LIMIT]
        self.messages, self.before, self.gone = {}, collections.Counter(), collections.Counter()
        self.accepted = self.frozen = self.verified = False
        self.fresh, self.serial = True, 1000
        self.job = case.job(lib.account("nobody", 1, 1))
        self.write(self.me.rules)

    # ---- the job ----

    def write(self, rules):
        accounts = [lib.account(p.name, p.server, self.case.target, self.user) for p in self.people]
        accounts[0]["folders"] = {name: value for name, value in rules.items() if value}
        self.job.write_text(json.dumps({"version": 1, "workers": 2, "limits": {"give_up": "60s"}, "messages": self.messages, "accounts": accounts}))

    def change(self, rules):
        """Other rules, or the same."""
        rules, rng = dict(rules), self.rng
        what = rng.choice(["exclude", "include", "map", "map", "merge", "under", "messages", "messages", "nothing"])
        if self.frozen and what in ("map", "merge", "under"):
            what = "messages"
        if what == "exclude":
            rules["exclude"] = rng.choice([[], ["A"], ["B", "C"], ["A/sotto"]])
        elif what == "include":
            rules["include"] = rng.choice([[], ["INBOX", "A"], ["A/sotto", "B"]])
        elif what == "map":
            rules["map"] = rng.choice(MAPS)
            rules["merge"] = rng.choice([rules.get("merge"), False])
        elif what == "merge":
            rules["map"], rules["merge"] = rng.choice(MERGES), rng.choice([True, True, False])
        elif what == "under":
            rules["under"] = rng.choice(["", "Libero"])
        elif what == "messages":
            self.messages = rng.choice(FILTERS)
        self.say("%s %s %s" % (what, rules, self.messages))
        return rules

    def say(self, text):
        self.said.append(text)

    def tell(self, result=None):
        return "seed %s: %s %s" % (self.user[8:], "\n  ".join(self.said), result.tell() if result else "")

    # ---- what is true ----

    def sound(self):
        target = compare.read(self.case.target, self.user)
        now, ever = everything(target), sum((f.ever for p in self.people for f in p.folders.values()), collections.Counter())
        self.case.assertFalse(self.before - now, "gone: " + self.tell())
        self.case.assertFalse(now - ever, "more often than at the source: " + self.tell())
        back = [k for k in self.gone if now[k] > self.before[k]]
        self.case.assertFalse(back, "its owner deleted it, nobody asked for it: " + self.tell())
        self.before = now
        return target

    def wanted(self, m):
        date, f = time.mktime(m.date), self.messages
        return (date >= SPLIT_AT or "since" not in f) and (date < SPLIT_AT or "before" not in f) and key(m) not in self.bigs and (
            "\\Deleted" not in m.flags or f.get("deleted") == "copy")

    def whole(self, target):
        """What a run that ended well has brought, each mail into its place."""
        want = collections.defaultdict(collections.Counter)
        for person in self.people:
            for name, folder in person.folders.items():
                if person.excluded(name):
                    continue
                one = counted(m for m in person.now.boxes[name].mails if self.wanted(m))
                want[folder.at] += collections.Counter(one.keys()) if self.messages.get("duplicates") == "skip" else one
        for place, mails in want.items():
            have = counted(target.boxes[place].mails) if place in target.boxes else collections.Counter()
            self.case.assertFalse(mails - have - self.gone, "%s: lacking: %s" % (place, self.tell()))

    def settle_places(self, doc):
        """Where the folders are now. A renamed one stays where its mail is, which the report tells."""
        for person, account in zip(self.people, doc["accounts"]):
            for row in account["folders"]:
                name = compare.decoded(row["source"], person.server.prefix, person.server.separator)
                folder = person.folders.get(name)
                if not folder or person.excluded(name):
                    continue
                folder.at = row["target"] if folder.renamed else person.place(name)
                self.case.assertEqual(row["target"], folder.at, self.tell())

    def well(self):
        """The statuses that a run without any trouble may have."""
        if not self.big or self.messages.get("max_size"):
            return (0, 1) if self.big else (0,)
        if any(self.me.excluded(n) for n, f in self.me.folders.items() if any(k in f.ever for k in self.bigs)) or self.accepted is None:
            return (0, 1)
        outside = "before" in self.messages     # its date
        return (0, 1) if outside else (0,) if self.accepted else (1,)

    # ---- calls ----

    def run(self, *options):
        result = self.job.run(*options)
        self.say("run %s: %d" % (" ".join(options), result.code))
        return result

    def through(self, result, again=False):
        """It ended well: everything is there."""
        self.case.assertIn(result.code, self.well(), self.tell(result))
        self.settle_places(result.report)
        if again:
            self.gone.clear()
        target = self.sound()
        self.whole(target)
        self.fresh = False
        if self.frozen and not self.messages and not any(self.me.excluded(n) for n in self.me.folders):
            self.frozen = False

    def kill(self):
        crash = {"TRASLOCO_CRASH": "ANY:%d" % self.rng.randint(1, 60)} if self.rng.random() < 0.6 else {}
        process = self.job.start("run", "--json", **crash)
        if crash:
            lib.finish(process)
        else:
            time.sleep(self.rng.random() * 0.8)
            lib.kill(process)
        self.say("killed %s" % crash)
        self.sound()

    def look_on(self, command, codes, still=True):
        """A dry run or a verification: nothing changes."""
        result = self.job.call(command, "--json")
        self.say("%s: %d" % (command, result.code))
        self.case.assertIn(result.code, codes, self.tell(result))
        if still:   # else the server may still carry out what it was sent
            self.case.assertEqual(everything(compare.read(self.case.target, self.user)), self.before, "it changed something: " + self.tell())

    # ---- what happens in the mailboxes ----

    def some(self, person=None):
        person = person or self.rng.choice(self.people)
        return person, self.rng.choice(sorted(person.folders))

    def remove(self, server, user, wire, uids):
        imap = server.login(user)
        compare.checked(imap.select(wire))
        compare.checked(imap.uid("STORE", ",".join(map(str, uids)), "+FLAGS", "(\\Deleted)"))
        compare.checked(imap.uid("EXPUNGE", ",".join(map(str, uids))))
        imap.logout()

    def source_gets(self):
        person, name = self.some()
        mails = [mail(name, self.serial + n) for n in range(3)]
        self.serial += 3
        imap = person.server.login(person.name)
        for m in mails:
            compare.checked(imap.append(person.wire(name), None, compare.imaplib.Time2Internaldate(m.date), m.data))
        imap.logout()
        return "%s/%s gets 3" % (person.name, name)

    def source_loses(self):
        person, name = self.some()
        uids = [m.uid for m in person.now.boxes[name].mails if key(m) not in self.bigs][:3]
        if uids:
            self.remove(person.server, person.name, person.wire(name), uids)
        return "%s/%s loses %d" % (person.name, name, len(uids))

    def source_marks(self):
        person, name = self.some()
        imap = person.server.login(person.name)
        compare.checked(imap.select(person.wire(name)))
        mark = self.rng.choice(["+FLAGS", "-FLAGS"])
        imap.uid("STORE", "3:6", mark, "(\\Deleted \\Flagged)")
        imap.unselect()
        imap.logout()
        return "%s/%s marks %s" % (person.name, name, mark)

    def source_renumbers(self):
        person, name = self.some()
        if self.rng.random() < 0.5:
            self.serial += 1
            person.server.doveadm("mailbox", "update", "--uid-validity", str(1800000000 + self.serial), "-u", person.name, person.wire(name).strip('"'))
        else:
            time.sleep(1.1)     # UIDVALIDITY is the time in seconds
            place = os.path.join(person.server.home(person.name), "Maildir", "" if name == "INBOX" else "." + name.replace("/", "."))
            for file in os.listdir(place):
                if file.startswith("dovecot") and not file.endswith("keywords") and file != "dovecot-uidvalidity":
                    os.path.isfile(os.path.join(place, file)) and os.unlink(os.path.join(place, file))
        if any(k in person.folders[name].ever for k in self.bigs):
            self.accepted = None
        return "%s/%s is renumbered" % (person.name, name)

    def source_renames(self):
        person, name = self.some()
        if name in ("INBOX", "A", "A/sotto") or self.frozen:
            return "no"
        self.serial += 1
        new = "%s%d" % (name.rstrip("0123456789"), self.serial)
        imap = person.server.login(person.name)
        compare.checked(imap.rename(person.wire(name), person.wire(new)))
        imap.logout()
        person.folders[new] = person.folders.pop(name)
        person.folders[new].renamed = True
        return "%s/%s is now %s" % (person.name, name, new)

    def target_renumbers(self):
        place = self.rng.choice([f.at for f in self.me.folders.values()])
        if not place:
            return "no"
        self.serial += 1
        self.case.target.doveadm("mailbox", "update", "--uid-validity", str(1800000000 + self.serial), "-u", self.user, place)
        return "target %s is renumbered" % place

    def target_loses(self, most=2):
        """Its owner deletes some that were verified; no doubles, whose fate nobody could tell."""
        place = self.rng.choice([f.at for f in self.me.folders.values()])
        if not self.verified or not place:
            return "no"
        box = compare.read(self.case.target, self.user).boxes[place]
        mails = [m for m in box.mails if self.before[key(m)] == 1 and sum(f.ever[key(m)] for p in self.people for f in p.folders.values()) == 1][-most:]
        if not mails:
            return "no"
        self.remove(self.case.target, self.user, corpus.quoted(box.wire), [m.uid for m in mails])
        self.gone += counted(mails)
        self.before -= counted(mails)
        return "target %s loses %d" % (place, len(mails))

    def forget(self):
        """Without a state nobody knows of other places, nor of what was deleted."""
        if any(f.renamed for p in self.people for f in p.folders.values()) or self.me.elsewhere({**self.me.rules, "exclude": [], "include": []}):
            return "no"
        self.job.forget()
        self.gone.clear()
        self.frozen, self.accepted, self.verified, self.fresh = True, False, False, True
        return "the state is lost"

    def happen(self):
        what = self.rng.choice([self.source_gets, self.source_gets, self.source_loses, self.source_marks, self.source_renumbers, self.source_renames,
                                self.target_renumbers, self.target_loses, self.forget])
        self.say(what())
        for person in self.people:
            person.look()

    # ---- losses that stop a run, and mail that is refused ----

    def shrink(self):
        """Far too much is gone, at either side: nothing happens until somebody has looked; and he looks for this one only."""
        if not self.verified or self.big:
            return
        if self.rng.random() < 0.5:
            person, name = self.some()
            uids = [m.uid for m in person.now.boxes[name].mails][:MANY]
            held = not person.excluded(name) and len(uids) == MANY
            if uids:
                self.remove(person.server, person.name, person.wire(name), uids)
            self.say("%s/%s loses %d" % (person.name, name, len(uids)))
            code = 6
            person.look()
        else:
            self.say(self.target_loses(MANY))
            held, code = self.said[-1].endswith(str(MANY)) and not self.messages and not any(self.me.excluded(n) for n in self.me.folders), 8
        for _ in range(self.rng.randint(1, 2)):
            result = self.run()
            self.case.assertIn(result.code, (code,) if held else (0, code), self.tell(result))
            self.sound()
        if result.code:
            self.case.assertEqual(self.job.call("accept", "--shrunk").code, 0)
            self.say("accepted")
            if self.rng.random() < 0.5:
                self.look_on("plan", (0,))
            if self.rng.random() < 0.3:
                self.look_on("verify", (0, 3))
            result = self.run()
        self.through(result)

    def refusals(self):
        if not self.big or self.fresh:
            return
        if self.rng.random() < 0.5:
            code = self.job.call("accept", "--refused").code
            self.say("accept --refused: %d" % code)
            self.accepted = True if self.well() == (1,) and code == 0 else self.accepted
        else:
            code = self.job.call("refused", "--retry").code
            self.say("refused --retry: %d" % code)
            self.accepted = None if self.accepted is None else False
        self.case.assertEqual(code, 0, self.tell())

    # ---- one step ----

    def refused(self, rules, result, killed):
        """Status 2: it would copy a second time. Nothing was written; either the owner moves his mail, or the job is put back."""
        told = lib.problems(result.report, "mapping-changed") + [p for p in lib.problems(result.report, "folder-collision") if p["severity"] == "error"]
        self.case.assertTrue(told, self.tell(result))
        there = everything(compare.read(self.case.target, self.user))
        if not killed and len(self.people) == 1:
            self.case.assertEqual(there, self.before, self.tell())
        self.sound()
        away = self.me.elsewhere(rules)
        renamed = any(f.renamed for f in self.me.folders.values())
        self.case.assertTrue(away or killed or renamed or told[0]["code"] == "folder-collision", "refused without a reason: " + self.tell(result))
        if not killed and not renamed and len(self.people) == 1 and told[0]["code"] == "mapping-changed" and self.rng.random() < 0.6:
            self.move_by_hand(away, rules)
            self.me.rules = rules
            return self.run()
        self.write(self.me.rules)
        self.say("back")
        return self.run()

    def move_by_hand(self, away, rules):
        """What the hint says: from the one folder to the other."""
        imap = self.case.target.login(self.user)
        for name, folder in away:
            to = self.me.place(name, rules)
            imap.create(corpus.quoted(to))
            left, uids = collections.Counter(folder.ever), []
            for m in compare.read(self.case.target, self.user).boxes[folder.at].mails:
                if left[key(m)] > 0:
                    left[key(m)] -= 1
                    uids.append(m.uid)
            compare.checked(imap.select(corpus.quoted(folder.at)))
            if uids:
                compare.checked(imap.uid("MOVE", ",".join(map(str, uids)), corpus.quoted(to)))
            self.say("moved %d by hand from %s to %s" % (len(uids), folder.at, to))
            folder.at = to
        imap.logout()

    def step(self):
        chance = self.rng.random
        if chance() < 0.7:
            self.happen()
        rules = self.change(self.me.rules) if chance() < 0.8 else self.me.rules
        self.write(rules)
        killed = chance() < 0.25
        if killed:
            self.kill()
        if chance() < 0.3:
            self.look_on("plan", (0, 1, 2), not killed)
        if chance() < 0.2 and not self.fresh:
            self.look_on("verify", (0, 1, 3), not killed)
        if killed and chance() < 0.4:   # the next run has other rules than the one that was killed
            first, rules = rules, self.change(rules)
            self.write(rules)
        else:
            first = None
        self.sound()
        options = self.rng.choice([[], [], ["--no-verify"], ["--again"]])
        result = self.run(*options)
        if result.code == 2 and first is not None:
            self.write(first)
            rules, first, result = first, None, self.run(*options)
        if result.code == 2:
            options = []
            result = self.refused(rules, result, killed)
        else:
            self.me.rules = rules
        if "--again" in options:
            self.gone.clear()
        self.verified = "--no-verify" not in options
        self.through(result)
        self.refusals() if chance() < 0.5 else None
        self.shrink() if chance() < 0.25 else None


class Sequences(lib.Case):
    target_options = {"max_mail_size": str(LIMIT)}

    def test_sequences(self):
        def one(seed):
            sequence = Sequence(self, seed)
            for _ in range(STEPS):
                sequence.step()
            result = sequence.job.call("verify", "--deep", "--json")
            self.assertIn(result.code, (0, 1, 3) if sequence.big else (0,), sequence.tell(result))  # 3: refused --retry came last
        lib.at_once([lambda s=s: one(s) for s in SEEDS])


if __name__ == "__main__":
    lib.tail()
