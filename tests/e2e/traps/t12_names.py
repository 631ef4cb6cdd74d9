#!/usr/bin/env python3
"""T12: folder names: modified UTF-7, invalid UTF-7, blanks at the ends, control characters, `../`: the name on the wire and the one for people are both
kept, names are checked before they are used, CREATE then SELECT, and what the target forces to be another is in the report."""
import os

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

    def test_names_that_the_target_refuses(self):
        """What a server says no to is told, and the rest is moved."""
        self.fill_counts("vietata", INBOX=2, Vietata=3)

        def command(session, whole):
            if b"Vietata" in whole and whole.split(b" ")[1] in (b"CREATE", b"SELECT", b"EXAMINE"):
                session.say(whole.split(b" ", 1)[0] + b" NO [CANNOT] Folder name is not allowed\r\n")
                return b""
            return whole
        job = self.job(lib.account("vietata", self.source, self.tamper(self.target, None, command)))
        doc = self.ended(job.run(), 3)
        told = lib.problems(doc, "folder-failed")
        self.assertIn("not allowed", told[0]["text"])
        self.assertEqual(self.counts("vietata"), {"INBOX": 2})


if __name__ == "__main__":
    lib.tail()
