#!/usr/bin/env python3
"""T12: folder names: modified UTF-7, invalid UTF-7, blanks at the ends, control characters, `../`: the name on the wire and the one for people are both
kept, names are checked before they are used, CREATE then SELECT, and what the target forces to be another is in the report: a name that it refuses gets another one."""
import os
import re

from trap import Case, lib, mails


def named(evil):
    """For a Tamper: the folder that Dovecot calls Privato has that name at this server."""
    def quoted(name):
        return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'

    def response(_, whole):
        if whole.startswith((b"* LIST ", b"* LSUB ", b"* STATUS ")):
            return whole.replace(b"INBOX.Privato", quoted(b"INBOX." + evil), 1)
        return whole

    def command(_, whole):
        return whole.replace(quoted(b"INBOX." + evil), b'"INBOX.Privato"', 1)
    return response, command


class Names(Case):
    def test_names_of_the_world(self):
        """They are at the target what they are at the source, for people and on the wire."""
        names = ["Città", "Perché no?", "Fatture & note", "日本語", "Ελλάδα", "שלום", "😀 emoji", "Ünïcode/Größe", "A&B&-C", "virgolette \"\"", "back\\slash", "(parentesi) {5}", "tab ulato"]
        for name in names:
            self.add(self.source, "mondo", *mails(1, "f%d." % names.index(name)), folder=name)
        job = self.simple("mondo")
        doc = self.ended(job.run())
        self.assertEqual(lib.problems(doc, "name-changed"), [])
        self.same("mondo")
        told = {f["source"]: f["target"] for f in lib.only(doc)["folders"]}
        for name in names:
            self.assertEqual(told["INBOX." + name.replace("/", ".")], name)
        self.twice(job)

    def evil(self, user, name, code=0, **top):
        self.fill_counts(user, INBOX=2, Privato=3)
        tamper = self.tamper(self.source, *named(name))
        job = self.job(lib.account(user, tamper, self.target), **top)
        result = job.run("-v", "--log", os.path.join(job.folder, "log"))
        doc = self.ended(result, code)
        with open(os.path.join(job.folder, "log"), errors="replace") as log:
            said = result.err + result.out + log.read() + job.call("report", "--text", "-").out
        self.assertNotRegex(said, "[\x00-\x08\x0b-\x1f\x7f\x9b]")
        return doc, job

    def test_names_that_need_care(self):
        """Each is copied, under a name that harms nobody; a name that had to change is told."""
        cases = {"punti": (b"../../etc/passwd", "-/-/-/-/-etc-passwd"), "punto": (b"a..b", "a/-/b"), "prima": (b" davanti", "davanti"), "dopo": (b"dietro ", "dietro"),
                 "ambo": (b"  ", None), "tilde": (b"~root", None), "stella": (b"100%*", "100--"), "latin": (b"perch\xe9", "perché"), "rotta": (b"a&b", "a&b"),
                 "mezza": (b"&AOk", None), "esc": (b"a\x1b[31mb", None), "lunga": (b"l" * 300, None)}

        def one(user, name, wanted):
            doc, job = self.evil("nome-" + user, name)
            counts = self.counts("nome-" + user)
            self.assertEqual(sorted(counts.values()), [2, 3], counts)
            made = next(box for box, count in counts.items() if count == 3)
            if wanted:
                self.assertEqual(made, wanted)
            self.assertNotRegex(made, r"(^|/)(\.|\.\.|~.*|)($|/)|^\s|\s$|[\x00-\x1f]")
            home = self.target.home("nome-" + user)
            self.assertFalse([top for top, _, _ in os.walk(os.path.dirname(home)) if ".." in os.path.relpath(top, home).split("/")[1:]])
            self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        lib.at_once([lambda user=user, pair=pair: one(user, *pair) for user, pair in cases.items()])

    def test_names_that_are_none(self):
        """NUL and line breaks: not moved, told, and everything else is."""
        for user, name in {"riga": b"a\r\nx1 DELETE INBOX", "nul": b"a\0b"}.items():
            with self.subTest(name=name):
                self.fill_counts("nessuno-" + user, INBOX=2, Privato=3)

                def response(_, whole, name=name):
                    if whole.startswith((b"* LIST ", b"* LSUB ")) and b"INBOX.Privato" in whole:
                        return whole.replace(b"INBOX.Privato", b"{%d}\r\nINBOX.%s" % (len(name) + 6, name))
                    return whole
                tamper = self.tamper(self.source, response)
                job = self.job(lib.account("nessuno-" + user, tamper, self.target), limits={"give_up": "3s"})
                result = job.run()
                self.assertIn(result.code, (1, 3), result.tell())
                self.assertEqual(self.counts("nessuno-" + user), {"INBOX": 2})
                self.assertEqual(self.counts("nessuno-" + user, self.source), {"INBOX": 2, "Privato": 3})
                self.assertTrue([p for p in lib.problems(result.report) if p["severity"] == "error"])

    def picky(self, refuses, answer=b"NO [CANNOT] Folder name is not allowed"):
        """A target that says no to CREATE of such names; what it was asked to make is in tamper.commands."""
        def command(session, whole):
            if whole.split(b" ")[1] == b"CREATE" and re.search(refuses, whole.split(b" ", 2)[2]):
                session.say(whole.split(b" ", 1)[0] + b" " + answer + b"\r\n")
                return b""
            return whole
        return self.tamper(self.target, None, command)

    def into(self, user, refuses, answer=b"NO Invalid mailbox name", give_up="60s", **counts):
        self.fill_counts(user, **counts)
        tamper = self.picky(refuses, answer)
        return self.job(self.side(user, target=tamper), limits={"give_up": give_up}), tamper

    def test_names_that_the_target_refuses(self):
        """They get others: readable, the same ones again, in the next run and without the state; what lies below follows; no two become one."""
        mail_in = {"INBOX": 1, "Posta (vecchia)": 3, "Posta (vecchia)/Anno|due": 2, "Posta (vecchia)/Sotto": 4, "Nomi/😀 festa 🎉": 2, "Nomi/piano": 1, "A(b": 5, "A|b": 6, "A_c": 2, "A(c": 3}
        job, tamper = self.into("scelte", rb"[(|]|&2D3", **mail_in)
        doc = self.ended(job.run())
        counts = self.counts("scelte")
        self.assertEqual({n: c for n, c in counts.items() if not n.startswith("A")}, {"INBOX": 1, "Posta _vecchia_": 3, "Posta _vecchia_/Anno_due": 2, "Posta _vecchia_/Sotto": 4,
                                                                                     "Nomi/_ festa _": 2, "Nomi/piano": 1})
        self.assertEqual(sorted(c for n, c in counts.items() if n.startswith("A")), [2, 3, 5, 6], counts)
        self.assertEqual(counts["A_c"], 2)
        for name in counts:
            self.assertRegex(name, r"^[\w /-]+$")
        told = lib.problems(doc, "name-changed")
        self.assertEqual((len(told), {p["severity"] for p in told}), (7, {"warning"}))
        self.assertIn('"Posta (vecchia)" is called "Posta _vecchia_" in the new mailbox, which refuses that name: Invalid mailbox name', [p["text"] for p in told])
        self.assertEqual({f["target"] for f in lib.only(doc)["folders"]}, set(counts))
        tamper.commands.clear()
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.assertFalse([c for c in tamper.commands if c.startswith(b"CREATE")])
        plan = job.call("plan", "--json").report
        self.assertEqual({f["target"] for f in lib.only(plan)["folders"]}, set(counts))
        self.add(self.source, "scelte", *mails(2, "nuove"), folder="Posta (vecchia)/Ancora")
        doc = self.ended(job.run())
        self.assertEqual(self.counts("scelte"), dict(counts, **{"Posta _vecchia_/Ancora": 2}))
        self.ended(job.call("verify", "--json"), command="verify")
        job.forget()
        doc = self.ended(job.run())
        self.assertEqual((self.copied_now(doc), self.counts("scelte")), (0, dict(counts, **{"Posta _vecchia_/Ancora": 2})))
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_reserved_and_too_long(self):
        """A plain name is changed only when the server says that it is the name."""
        job, _ = self.into("serbate", rb'"Files["/]|"l{100,}', b"NO Folder name is reserved", INBOX=1, Files=2, **{"Files/Sotto": 3, "l" * 120: 4})
        doc = self.ended(job.run())
        counts = self.counts("serbate")
        long = next(n for n in counts if n.startswith("lll"))
        self.assertRegex(long, r"^l{60}_-[0-9a-f]{4}$")
        self.assertEqual(counts, {"INBOX": 1, "Files_": 2, "Files_/Sotto": 3, long: 4})
        self.assertEqual(len(lib.problems(doc, "name-changed")), 3)
        self.twice(job)

    def test_no_matter_of_names(self):
        """Permission, room, a number of folders, an outage: CREATE's own words, and no other folder is made. Nor for a plain name without a reason."""
        answers = {"NO [NOPERM] Permission denied": 3, "NO [OVERQUOTA] No room": 3, "NO [LIMIT] Too many folders": 3, "NO [UNAVAILABLE] Later": 3, "NO cosa?": 3}

        def one(n, answer):
            user, name = "niente%d" % n, "Privato" if answer == "NO cosa?" else "Priv(ato)"
            job, tamper = self.into(user, rb"Priv", answer.encode(), give_up="2s", INBOX=2, **{name: 3})
            doc = self.ended(job.run(limit=60), answers[answer])
            text = answer.split("] ")[-1] if "]" in answer else "cosa?"
            self.assertTrue([p for p in lib.problems(doc) if p["severity"] == "error" and text in p["text"]], doc)
            self.assertEqual(self.counts(user), {"INBOX": 2})
            self.assertFalse([c for c in tamper.commands if c.startswith(b"CREATE") and b"Priv" not in c])
            self.assertFalse([c for c in tamper.commands if c.startswith(b"SUBSCRIBE") and b"Priv" in c])
        lib.at_once([lambda n=n, answer=answer: one(n, answer) for n, answer in enumerate(answers)])

    def test_killed_in_between(self):
        """The folder was made under its other name, and nothing of that written down yet; or it was, and no mail has come."""
        def one(point):
            user = "ucciso-" + point.replace(":", "")
            job, _ = self.into(user, rb"[(|]", INBOX=2, **{"A(b)": 3, "A|b": 4, "A(b)/C": 5})
            self.assertEqual(job.run(TRASLOCO_CRASH=point).code, -9)
            self.ended(job.run())
            counts = self.counts(user)
            self.assertEqual(sorted(counts.values()), [2, 3, 4, 5], counts)
            self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        lib.at_once([lambda point=point: one(point) for point in ("created:1", "created:2", "opened:2", "opened:3")])

    def test_refused_as_well(self):
        """What a server says no to whatever it is called is told in CREATE's words, and the rest is moved."""
        job, tamper = self.into("vietata", rb"Vietata", b"NO [CANNOT] Folder name is not allowed", INBOX=2, Vietata=3)
        doc = self.ended(job.run(), 3)
        self.assertIn("not allowed", lib.problems(doc, "folder-failed")[0]["text"])
        self.assertEqual(lib.problems(doc, "name-changed"), [])
        self.assertEqual(self.counts("vietata"), {"INBOX": 2})
        tamper.command = None
        self.ended(job.run())
        self.assertEqual(self.counts("vietata"), {"INBOX": 2, "Vietata": 3})


if __name__ == "__main__":
    lib.tail()
