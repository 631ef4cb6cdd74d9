#!/usr/bin/env python3
"""Italian and English: verdicts, headings, hints, numbers, dates; what is English always; words that no owner has to know."""
import csv
import io
import os
import re
import shutil

import lib

# Words of the trade, and words that call an exception a failure.
TRADE = re.compile(r"\b(IMAP|APPEND|UID|quota|UIDVALIDITY|EXPUNGE)\b")
FAILURE = re.compile(r"fail|error|fallit|errore", re.I)
ENGLISH = re.compile(r"\b(the|messages?|mailbox|folder|copied|checked|missing|state)\b")


def first_sentence(text):
    """The paragraph after the heading."""
    return " ".join(text.split("\n\n")[1].split())


class Base(lib.Case):
    def fits(self, text):
        self.assertEqual([line for line in text.splitlines() if len(line) > 79], [])


class Words(Base):
    def test_italian(self):
        self.fill("anna", 1200, with_traps=False)
        job = self.simple("anna")
        result = job.call("run", "--lang", "it")
        self.assertEqual(result.code, 0, result.tell())
        self.assertRegex(first_sentence(result.out),
                         r"^Trasloco completo: tutti i 1\.200 messaggi di anna sono in anna, ricontrollati sui due server il \d{1,2}/\d{1,2}/20\d\d\.$")
        for word in ("alla partenza", "copiati", "già nella nuova", "ancora da copiare", "ricontrollati", "Non si spostano"):
            self.assertIn(word, result.out)
        self.assertNotRegex(result.out, ENGLISH)
        self.assertNotRegex(result.out, TRADE)
        self.fits(result.out)
        status = job.call("status", "--lang", "it")
        self.assertRegex(status.out, r"anna +completo +1\.200 su +1\.200")
        english = job.call("report", "--text", "-", "--lang", "en")
        self.assertRegex(first_sentence(english.out), r"^Move complete: all 1,200 messages of anna are in anna, checked again on both servers on \d{1,2} \w{3} 20\d\d\.$")
        self.fits(english.out)

    def test_locale(self):
        """Without --lang the locale decides, in its usual order, also where the system has no Italian locale."""
        self.fill("luogo", 20, with_traps=False)
        job = self.simple("luogo")
        self.assertEqual(job.call("run", "-q").code, 0)
        for italian, variables in ((True, {"LC_ALL": "it_IT.UTF-8"}), (True, {"LC_ALL": "", "LC_MESSAGES": "it_IT", "LANG": "C"}),
                                   (True, {"LC_ALL": "", "LANG": "it"}), (False, {"LC_ALL": "C", "LANG": "it_IT.UTF-8"}), (False, {"LC_ALL": "", "LANG": "de_DE.UTF-8"})):
            with self.subTest(variables=variables):
                text = job.call("report", "--text", "-", **variables).out
                self.assertEqual("Trasloco completo" in text, italian, text)
                self.assertEqual("Move complete" in text, not italian, text)
        self.assertIn("Move complete", job.call("report", "--text", "-", "--lang", "en", LC_ALL="it_IT.UTF-8").out)
        wrong = job.call("status", "--lang", "de")
        self.assertEqual((wrong.code, wrong.out), (2, ""), wrong.tell())

    def test_installed(self):
        """Where the program is installed its catalogue lies in ../share/locale; without any the texts are English and nothing breaks."""
        self.fill("posto", 10, with_traps=False)
        job = self.simple("posto")
        self.assertEqual(job.call("run", "-q").code, 0)
        folder = os.path.join(job.folder, "usr")
        os.makedirs(os.path.join(folder, "bin"))
        shutil.copy(lib.program(), os.path.join(folder, "bin", "trasloco"))
        catalogue = os.path.join(os.path.dirname(lib.program()), "locale")
        for installed, says in ((False, "Move complete"), (True, "Trasloco completo")):
            if installed:
                shutil.copytree(catalogue, os.path.join(folder, "share", "locale"))
            process = lib.subprocess.run([os.path.join(folder, "bin", "trasloco"), "report", job.path, "--text", "-", "--lang", "it"],
                                         capture_output=True, text=True, env=lib.environment(), timeout=20)
            self.assertEqual((process.returncode, process.stderr), (0, ""))
            self.assertIn(says, process.stdout)

    def test_english_always(self):
        """JSON, codes and the headings of the table know no language; the table itself suits an Italian spreadsheet."""
        self.fill("fissa", 20, with_traps=False)
        job = self.simple("fissa")
        self.ended(job.run("--lang", "it"))
        both = [job.call("report", "--json", "-", "--lang", lang).out for lang in ("it", "en")]
        self.assertEqual(both[0], both[1])
        self.assertIn("contacts, calendars", both[0])
        path = os.path.join(job.folder, "r.csv")
        self.assertEqual(job.call("report", "--csv", path, "--lang", "it").code, 0)
        with open(path, "rb") as file:
            data = file.read()
        self.assertTrue(data.startswith(b"\xef\xbb\xbfaccount;source;target;messages;copied;"), data[:100])
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
        self.assertEqual(sum(int(row["copied"]) for row in rows), 20)
        plain = job.call("report", "--csv", "-", "--lang", "en").out
        self.assertTrue(plain.startswith("account,source,"), plain[:80])

    def test_not_finished(self):
        """A dead line is told as what it is: not finished yet, safe, the same command."""
        self.fill("muta", 30)
        proxy = self.proxy(self.target)
        proxy.close()
        job = self.simple("muta", target=proxy, limits={"give_up": "1s"})
        for lang, begins in (("it", "Trasloco non ancora finito: "), ("en", "Move not finished yet: ")):
            result = job.call("run", "--lang", lang)
            self.assertEqual(result.code, 3, result.tell())
            sentence = first_sentence(result.out)
            self.assertTrue(sentence.startswith(begins), sentence)
            self.assertNotRegex(sentence, FAILURE)
            self.assertNotRegex(sentence, TRADE)
            self.fits(result.out)
            stopped = [p for p in lib.problems(job.call("report", "--json", "-").report) if p["severity"] == "error"]
            self.assertIn("Connection refused", stopped[0]["text"])  # documents are English


class Refusing(Base):
    target_options = {"max_mail_size": "100k"}

    def test_refused_and_accepted(self):
        """An exception is no failure; once it is accepted the account is complete, and the report says who did it and when."""
        self.fill("grossa", 30, big=1)
        job = self.simple("grossa")
        result = job.call("run", "--lang", "it")
        self.assertEqual(result.code, 1, result.tell())
        sentence = first_sentence(result.out)
        self.assertRegex(sentence, r"^Trasloco finito con \d+ eccezion[ei]: \d+ messaggi su \d+ sono arrivati e ricontrollati; ")
        self.assertNotRegex(sentence, FAILURE)
        self.assertNotRegex(sentence, TRADE)
        self.assertRegex(result.out, r"(?m): trasloco accept \S+ --refused$|^ +trasloco accept \S+ --refused$")
        self.fits(result.out)
        self.assertIn("il messaggio è conservato come file", " ".join(result.out.split()))
        before = job.call("report", "--json", "-").report
        refused = lib.only(before)["totals"]["ledger"]["refused"]
        self.assertGreater(refused, 0)
        self.assertEqual((before["exit"], before["verdict"]), (1, "exceptions"))
        accepted = job.call("accept", "--refused")
        self.assertEqual(accepted.code, 0, accepted.tell())
        after = job.call("report", "--json", "-").report
        self.assertEqual(lib.check_report(after), [p for p in lib.check_report(after) if "pending or refused" in p])
        account = lib.only(after)
        self.assertEqual((after["exit"], account["exit"], account["verdict"], account["next"]), (0, 0, "complete", "nothing"))
        notes = [p for p in account["problems"] if p["code"] in ("message-refused", "too-big")]
        self.assertEqual(len(notes), refused)
        for note in notes:
            self.assertEqual(note["severity"], "note")
            self.assertTrue(note["accepted"]["by"])
            self.assertRegex(note["accepted"]["at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(account["totals"]["ledger"]["refused"], refused)
        text = job.call("report", "--text", "-", "--lang", "it").out
        self.assertRegex(text, r"messagg[io]+ rifiutat[oi], accettat[oi] da \S+ il \d{1,2}/\d{1,2}/20\d\d")
        self.assertTrue(first_sentence(text).startswith("Trasloco completo: "), text)
        self.assertNotIn("tutti i", first_sentence(text))
        again = job.call("run", "--lang", "en")
        self.assertEqual(again.code, 0, again.tell())


if __name__ == "__main__":
    lib.tail()
