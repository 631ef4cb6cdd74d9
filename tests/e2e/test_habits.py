#!/usr/bin/env python3
"""Providers with habits of their own, acted out by servers/hostile.py as providers/presets.c and their documentation have them: how their folders lie, what they
show, what they refuse, what they make of mail. None of it was recorded from the live services."""
import base64
import re
import time

import compare
import lib
from hostile import Hostile, mail

NO_SPECIAL_USE = "IMAP4 IMAP4rev1 UIDPLUS NAMESPACE ID UNSELECT CHILDREN IDLE LITERAL+"

# provider, separator, prefix, {its folder: where it goes to a server that has Sent, Drafts, Trash and Junk}
LAYOUTS = [
    ("aruba-pec", ".", "INBOX.", {"INBOX": "INBOX", "INBOX.Inviata": "Sent", "INBOX.Bozze": "Drafts", "INBOX.Cestino": "Trash", "INBOX.Spam": "Junk",
                                  "INBOX.Clienti.Rossi": "Clienti/Rossi"}),
    ("legalmail", "/", "INBOX/", {"INBOX": "INBOX", "INBOX/Spedite": "Sent", "INBOX/Draft": "Drafts", "INBOX/Trash": "Trash", "INBOX/Posta Indesiderata": "Junk",
                                  "INBOX/2023/Ricevute": "2023/Ricevute"}),
    ("register", ".", "INBOX.", {"INBOX": "INBOX", "INBOX.Sent": "Sent", "INBOX.Drafts": "Drafts", "INBOX.Trash": "Trash", "INBOX.Sent.2019": "Sent/2019"}),  # Courier
    ("libero", "/", "", {"INBOX": "INBOX", "Posta inviata": "Sent", "Bozze": "Drafts", "Cestino": "Trash", "Spam": "Junk", "outbox": "outbox"}),
]


def lists(separator, prefix):
    """LIST and NAMESPACE of a server whose folders lie so."""
    def list_(peer, tag, rest):
        for name in peer.server.boxes if not rest.startswith('"" ""') else [""]:
            peer.send('* LIST (\\HasNoChildren) "%s" %s\r\n' % (separator, peer.quoted(name)))
        peer.send("%s OK listed\r\n" % tag)

    def namespace(peer, tag, rest):
        peer.send('* NAMESPACE (("%s" "%s")) NIL NIL\r\n%s OK done\r\n' % (prefix, separator, tag))
    return {"LIST": list_, "NAMESPACE": namespace}


class Microsoft:
    """A new mailbox in Italian: words instead of roles, a reserved one, and mail that is kept in another form."""
    OWN = ["INBOX", "Posta inviata", "Bozze", "Posta eliminata", "Posta indesiderata"]

    def __init__(self):
        self.server = Hostile({name: [] for name in self.OWN}, {"AUTHENTICATE": self.sign_in, "CREATE": self.create, "APPEND": self.append,
                              **lists("/", "")}, NO_SPECIAL_USE + " AUTH=XOAUTH2 SASL-IR")

    def sign_in(self, peer, tag, rest):
        good = base64.b64decode(rest.split(" ")[1]) == b"user=ufficio\1auth=Bearer geheim\1\1"
        peer.send("%s %s\r\n" % (tag, "OK AUTHENTICATE completed." if good else "NO AUTHENTICATE failed."))

    def create(self, peer, tag, rest):
        if peer.name(rest) == "Files":
            peer.send("%s NO Folder name is reserved\r\n" % tag)
        else:
            peer.do_create(tag, rest, [])

    def append(self, peer, tag, rest):
        box = peer.server.boxes[peer.name(rest)]
        [data] = peer.literals
        uid = box.next
        box.mails[uid] = b"X-MS-Exchange-Organization-Id: 4711\r\n" + data
        peer.send("%s OK [APPENDUID 7 %d] stored\r\n" % (tag, uid))


class Habits(lib.Case):
    def fake(self, boxes, acts=None, capability=NO_SPECIAL_USE):
        server = Hostile(boxes, acts, capability)
        self.addCleanup(server.close)
        return server

    def entry(self, user, source, target, old="imap", new="imap"):
        """An account whose sides are called so, at the fakes' hosts."""
        entry = lib.account(user, source, target)
        entry["source"]["provider"], entry["target"]["provider"] = old, new
        return entry

    def prepare_target(self, user):
        imap = self.target.login(user)
        for name in ("Sent", "Drafts", "Trash", "Junk"):
            imap.create(name)
        imap.logout()

    def test_layouts(self):
        """Prefix, separator and the provider's own words: every folder of the table goes where it belongs, and its mail with it."""
        calls = []
        for number, (provider, separator, prefix, folders) in enumerate(LAYOUTS):
            user = "casa%d" % number
            source = self.fake({name: [mail(10 * at + n) for n in range(2)] for at, name in enumerate(folders)}, lists(separator, prefix))
            self.prepare_target(user)
            calls.append(self.job_of(self.entry(user, source, self.target, provider)).run)
        for (provider, _, _, folders), result in zip(LAYOUTS, lib.at_once(calls)):
            with self.subTest(provider=provider):
                doc = self.ended(result)
                self.assertEqual({f["source"]: f["target"] for f in lib.only(doc)["folders"]}, folders)
                self.assertEqual(self.copied_now(doc), 2 * len(folders))
                self.assertEqual(lib.only(doc)["may_close"]["answer"] == "not-yet", "pec" in provider or provider == "legalmail")

    def test_microsoft(self):
        """Roles by name, a reserved name foreseen and mapped, mail in another form known as the same: also without the state."""
        new = Microsoft()
        self.addCleanup(new.server.close)
        boxes = {"INBOX": 5, "Sent": 3, "Trash": 1, "Spam": 1, "Files": 2, "Clienti/Rossi": 2}
        old = self.fake({name: [mail(100 * at + n) for n in range(count)] for at, (name, count) in enumerate(boxes.items())}, lists("/", ""))
        entry = self.entry("ufficio", old, new.server, new="microsoft365")
        del entry["target"]["password"]
        entry["target"]["token_command"] = ["echo", "geheim"]
        job = self.job_of(entry)
        plan = job.call("plan", "--json")
        self.assertEqual(plan.code, 0, plan.tell())
        [told] = lib.problems(plan.report, "may-be-refused")
        self.assertEqual((told["folder"], told["severity"], "keeps this name for itself" in told["text"]), ("Files", "warning", True))
        entry["folders"] = {"map": {"Files": "File di prima"}}
        self.rewrite(job, entry)
        done = self.ended(job.run())
        self.assertEqual(sum(f["verified"]["rewritten"] for f in lib.only(done)["folders"]), 14)
        held = {name: sorted(re.search(rb"<(m\d+)@", data).group(1) for data in box.mails.values()) for name, box in new.server.boxes.items() if box.mails}
        self.assertEqual(sum(map(len, held.values())), 14)
        self.assertEqual({name: len(set(ids)) for name, ids in held.items()},
                         {"INBOX": 5, "Posta inviata": 3, "Posta eliminata": 1, "Posta indesiderata": 1, "File di prima": 2, "Clienti/Rossi": 2})
        job.forget()
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_throttled(self):
        """Microsoft's word for "slowly": the account waits as long as it says, and nothing is lost or comes twice."""
        asked, until = [], [0.0]

        def fetch(peer, tag, rest):
            asked.append(time.monotonic() < until[0])
            if len(asked) == 2:
                until[0] = time.monotonic() + 1.4
                peer.send("%s BAD Request is throttled. Suggested Backoff Time: 1500 milliseconds\r\n" % tag)
            else:
                peer.do_fetch(tag, rest, [])
        old = self.fake({"INBOX": [mail(n) for n in range(30)]}, {"FETCH": fetch, **lists("/", "")})
        entry = self.entry("piano", old, self.target)
        entry["source"]["connections"] = 1
        job = self.job_of(entry)
        self.assertEqual(self.copied_now(self.ended(job.run())), 30)
        self.assertGreater(len(asked), 2)
        self.assertNotIn(True, asked[3:], "it did not wait")  # what had left with the one that was refused does not count
        self.assertEqual(compare.read(self.target, "piano").count(), 30)

    def test_yahoo(self):
        """A folder that shows no more than its newest 10,000: nobody calls that all (what a run says of it: unit/report/remarks)."""
        shown = [b"Message-ID: <y%d@yahoo>\r\n\r\n\r\n" % n for n in range(10000)]
        old = self.fake({"INBOX": shown, "Sent": [mail(1)]}, lists("/", ""))
        job = self.job_of(self.entry("finestra", old, self.target, "yahoo"))
        plan = job.call("plan", "--json")
        self.assertEqual((plan.code, plan.report["verdict"]), (0, "warn"), plan.tell())
        self.assertEqual([p["folder"] for p in lib.problems(plan.report, "window")], ["INBOX"])
        text = " ".join(job.call("report", "--of", "plan", "--text", "-").out.split())
        self.assertIn("10,000; it shows programs no more than about 10,000 of a folder, and there may be older ones", text)


if __name__ == "__main__":
    lib.tail()
