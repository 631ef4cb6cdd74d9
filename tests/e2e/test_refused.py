#!/usr/bin/env python3
"""What was refused: how it is kept, listed, exported and tried again."""
import lib
from lib import corpus


class Named(lib.Case):
    target_options = {"max_mail_size": "100k"}

    def test_names_that_look_alike(self):
        """Two folders whose names make the same file name, renumbered alike: each refused mail has a file of its own."""
        mails = [b"Message-ID: <pieno.%d@x>\r\n\r\n" % n + (b"%d" % n) * 200000 + b"\r\n" for n in range(3)]
        names = ["A:B", "A;B", "A_B"]
        corpus.write_maildir(self.source, "simile", [corpus.Folder(name, [corpus.Message(data, 1704067200)]) for name, data in zip(names, mails)])
        for name in names:
            self.source.doveadm("mailbox", "update", "-u", "simile", "--uid-validity", "77", "INBOX." + name)
        job = self.simple("simile")
        self.ended(job.run(), 1)
        self.assertEqual(sorted(open(path, "rb").read() for path in job.refused()), sorted(mails))


class Listed(lib.Case):
    target_options = {"max_mail_size": "100k"}

    def test_list_export_retry(self):
        """What was refused can be seen, taken along as files that overwrite nothing, and tried again."""
        self.fill("elenco", 30, big=2)
        self.fill("altro", 20)
        job = self.job(lib.account("elenco", self.source, self.target), lib.account("altro", self.source, self.target))
        self.ended(job.run(), 1)
        kept = job.refused()
        self.assertGreaterEqual(len(kept), 2)
        text = job.call("refused")
        self.assertEqual((text.code, text.err), (0, ""))
        for path in kept:
            self.assertIn(path, text.out)
        self.assertIn("maximum size allowed", text.out)
        self.assertIn("INBOX", text.out)
        self.assertRegex(job.call("refused", "--account", "altro").out, "Nothing was refused")
        doc = job.call("refused", "--json").report
        self.assertEqual(doc["command"], "refused")
        found = [p for a in doc["accounts"] for p in a["problems"]]
        self.assertEqual(sorted(p["file"] for p in found), kept)
        self.assertTrue(all(p["uid"] and p["text"] and p["folder"] for p in found))

        out = lib.os.path.join(job.folder, "fuori")
        for times in (1, 2):
            result = job.call("refused", "--export", out)
            self.assertEqual(result.code, 0, result.tell())
            files = sorted(lib.os.listdir(out))
            self.assertEqual(len(files), times * len(kept), "nothing is overwritten")
            self.assertTrue(all(name.startswith("elenco-") and name.endswith(".eml") for name in files), files)
            self.assertEqual({lib.os.stat(lib.os.path.join(out, name)).st_mode & 0o777 for name in files}, {0o600})
        self.assertEqual(lib.os.stat(out).st_mode & 0o777, 0o700)
        bodies = sorted(open(lib.os.path.join(out, name), "rb").read() for name in files)
        self.assertEqual(bodies, sorted([open(path, "rb").read() for path in kept] * 2))
        result = job.call("refused", "--export", job.path)
        self.assertEqual(result.code, 2, result.tell())

        # Tried again without a reason it is refused again; with more room it goes, and the account is whole.
        result = job.call("refused", "--retry")
        self.assertEqual(result.code, 0, result.tell())
        self.assertIn("trasloco run", result.out)
        self.assertIn("Nothing was refused", job.call("refused").out)
        doc = self.ended(job.run(), 1)
        self.assertEqual(doc["accounts"][0]["totals"]["ledger"]["refused"], len(kept))
        self.target.stop()
        self.target.max_mail_size = "50M"
        self.target._write_conf()
        self.target.start()
        self.assertEqual(job.call("refused", "--retry", "--account", "altro").code, 0)
        self.ended(job.run(), 1)
        self.assertEqual(job.call("refused", "--retry", "--account", "elenco").code, 0)
        doc = self.ended(job.run())
        self.assertEqual(self.copied_now(doc), len(kept))
        self.same("elenco")
        result = job.call("refused")
        self.assertEqual((result.code, result.out), (0, "Nothing was refused.\n"))


if __name__ == "__main__":
    lib.tail()
