#!/usr/bin/env python3
"""T8: RFC822.SIZE lies, or the target stores another size (a final line end added, bare CR dropped, 8-bit bytes of the header replaced): size is
evidence, not identity. Announced, measured and stored size are kept; the difference is looked at byte by byte and named."""
import base64
import quopri
import re

from trap import OLD, Case, compare, corpus, lib, mails
from tamper import with_literals

HEAD = b"From: a@example.org\r\nDate: Sat, 01 Jan 2011 00:00:00 +0000\r\nMessage-ID: <%s@x>\r\nSubject: %s\r\n"


def letter(ident, body, more=b"", subject=b"n"):
    return corpus.Message(HEAD % (ident, subject) + more + b"\r\n" + body, OLD)


def lying(change):
    """Every announced size put through change(size, uid)."""
    def response(_, whole):
        line, rest = whole.split(b"\r\n", 1)
        uid = re.search(rb"UID (\d+)", line)
        if uid and b" FETCH " in line:
            line = re.sub(rb"RFC822\.SIZE (\d+)", lambda m: b"RFC822.SIZE %d" % change(int(m.group(1)), int(uid.group(1))), line)
        return line + b"\r\n" + rest
    return response


class SizeLies(Case):
    def test_announced(self):
        """Too large, too small, nothing at all, all the same: at the source or at the target, of all mails or of some. The mail is whole and once
        there; nothing is called altered."""
        lies = {"piu": lambda size, _: size + 3, "meno": lambda size, _: size - 3, "zero": lambda *_: 0, "uguale": lambda *_: 4096,
                "alcune": lambda size, uid: size + 100 * (uid % 3 == 0), "enorme": lambda *_: 4294967295}

        def one(name, side):
            user = name + "-" + side
            self.put(user, *mails(20))
            tamper = self.tamper(getattr(self, side), lying(lies[name]))
            job = self.job(self.side(user, **{side: tamper}), workers=2)
            doc = self.ended(job.run())
            self.assertEqual(self.verified(doc, "identical", "rewritten", "altered"), (20, 0, 0), doc["accounts"][0])
            a, b = self.same(user, ordered=name != "alcune")    # those were looked at twice
            self.assertEqual(compare.rewritten(a, b), 0)
            self.sizes(job, user, lies[name] if side == "source" else lambda size, _: size)
            self.twice(job)
            self.same(user)
        cases = [(name, side) for name in lies for side in ("source", "target")]
        for (name, side), call in zip(cases, self.all_of(one, cases)):
            with self.subTest(lie=name, side=side):
                call()

    def sizes(self, job, user, announced):
        """Announced by the source, measured as it came, stored at the target: by uid, as the state has them."""
        have = {m.uid: m.size for m in compare.read(self.source, user).boxes["INBOX"].mails}
        rows = self.rows(job, "SELECT uid, size, measured, stored FROM message")
        self.assertEqual({uid: sizes for uid, *sizes in rows}, {uid: [announced(size, uid), size, size] for uid, size in have.items()})

    def all_of(self, one, cases):
        """Four at once; what each has to say is said when it is called."""
        def kept(case):
            try:
                one(*case)
            except AssertionError as error:
                return error

        def say(error):
            if error:
                raise error
        out = []
        for at in range(0, len(cases), 4):
            out += lib.at_once([lambda case=case: kept(case) for case in cases[at:at + 4]])
        return [lambda error=error: say(error) for error in out]

    def stored(self, user, messages, change, code):
        """What a target makes of mails that it stores otherwise: the sums, and the problems' texts by uid."""
        self.put(user, *messages)
        target = self.tamper(self.target, None, lambda _, whole: with_literals(whole, change) if b" APPEND " in whole.split(b"\r\n", 1)[0] else whole)
        job = self.job(self.side(user, target=target), workers=1)
        doc = self.ended(job.run(), code)
        told = {p["uid"]: (p["code"], p["text"]) for p in lib.problems(doc) if p.get("uid")}
        for options in ([], ["--deep"]):
            again = self.ended(job.call("verify", "--json", *options), code, "verify")
            self.assertEqual(self.verified(again, "rewritten", "altered"), self.verified(doc, "rewritten", "altered"))
        self.twice(job, code)
        self.assertEqual(compare.read(self.target, user).count(), len(messages))
        return self.verified(doc, "identical", "rewritten", "altered"), told

    def test_final_line_end(self):
        change = lambda data: data if data.endswith(b"\r\n") else data + b"\r\n"
        sums, told = self.stored("finale", [letter(b"a", b"senza fine"), letter(b"b", b"con fine\r\n")], change, 0)
        self.assertEqual((sums, set(told)), ((1, 1, 0), {1}))
        self.assertEqual(told[1][0], "message-rewritten")
        self.assertIn("line ends", told[1][1])

    def test_bare_cr(self):
        """A CR in front of a line end that is one already."""
        change = lambda data: data.replace(b"\r\r\n", b"\r\n")
        sums, told = self.stored("ritorno", [letter(b"a", b"uno\r\r\ndue\r\n"), letter(b"b", b"uno\r\n")], change, 0)
        self.assertEqual((sums, set(told)), ((1, 1, 0), {1}))

    def test_header_of_eight_bits(self):
        """What the byte said is lost: no other form of the same mail."""
        change = lambda data: re.sub(rb"[\x80-\xff]", b"?", data.partition(b"\r\n\r\n")[0]) + b"\r\n\r\n" + data.partition(b"\r\n\r\n")[2]
        sums, told = self.stored("bit", [letter(b"a", b"x\r\n", b"X-Nota: perch\xe9\r\n"), letter(b"b", b"x\r\n"), letter(b"c", b"x\r\n", subject=b"perch\xe9")], change, 1)
        self.assertEqual((sums, set(told)), ((1, 0, 2), {1, 3}))
        for uid in told:
            self.assertEqual(told[uid][0], "message-altered")
            self.assertIn("its header differs", told[uid][1])

    def test_truncated(self):
        change = lambda data: data[:-500] if b"<a@x>" in data else data
        sums, told = self.stored("corta", [letter(b"a", b"riga\r\n" * 200), letter(b"b", b"riga\r\n" * 200)], change, 1)
        self.assertEqual((sums, set(told)), ((1, 0, 1), {1}))
        self.assertEqual(told[1][0], "message-altered")
        self.assertRegex(told[1][1], r"end is missing: 1\d\d\d bytes in the old mailbox, [789]\d\d in the new one")

    def test_encoded(self):
        """The new server encodes parts anew, between other boundaries: the same mail, unless a byte of it is another, or it is signed."""
        kind = lambda kind, coding: b"Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n" % (kind, coding)
        text, picture = "perché no? = sì\r\n".encode("latin-1") * 30, bytes(range(256)) * 40

        def mixed(ident, words, data, subtype=b"mixed"):
            body = (b"--uno\r\n" + kind(b"text/plain; charset=iso-8859-1", b"8bit") + b"\r\n" + words + b"\r\n--uno\r\n" + kind(b"image/png", b"base64") + b"\r\n" +
                    base64.encodebytes(data).replace(b"\n", b"\r\n") + b"\r\n--uno--\r\n")
            return letter(ident, body, b"MIME-Version: 1.0\r\nContent-Type: multipart/" + subtype + b"; boundary=uno\r\n")

        def change(data):
            quoted = quopri.encodestring(text.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
            data = data.replace(b"8bit\r\n\r\n" + text, b"quoted-printable\r\n\r\n" + quoted).replace(b"boundary=uno", b'boundary="= due ="').replace(b"--uno", b"--= due =")
            return data.replace(base64.encodebytes(picture).replace(b"\n", b"\r\n"), base64.b64encode(picture) + b"\r\n")
        letters = [mixed(b"a", text, picture), mixed(b"b", text, picture), letter(b"c", b"x\r\n"), mixed(b"d", text, picture, b"signed")]
        worse = lambda data: change(data).replace(b"=3D s=EC", b"=3D s=ED", 1) if b"<b@x>" in data else change(data)
        sums, told = self.stored("codici", letters, worse, 1)
        self.assertEqual((sums, {uid: code for uid, (code, _) in told.items()}), ((1, 1, 2), {1: "message-rewritten", 2: "message-altered", 4: "message-altered"}))
        self.assertIn("other transfer encodings", told[1][1])


if __name__ == "__main__":
    lib.tail()
