#!/usr/bin/env python3
"""plan -o and run --plan: the file goes through an editor and is done exactly; what no longer fits it (8), is another job's or is faulty (2) stops before a byte is written."""
import json
import os
import re
import signal
import stat

import compare
import corpus
import lib
from test_contract_messages import mail

HOSTILE = ['x: y', '- a', '#no comment', '"quoted" \'twice\'', "null", "{a: b}", "&anchor *alias", "!tag", "a\\b", "2019", "è vero", "%TAG", "@at `tick`", "| pipe > gt",
           "\u202eright to left", "trailing \u2028 line"]


def plan_of(text):
    """The file as a test needs it: every folder's own lines, [(account, {key: value as written})]."""
    out, account = [], None
    for line in text.splitlines():
        if re.match(r"  - name: ", line):
            account = line.split(": ", 1)[1]
        elif re.match(r"      - source: ", line):
            out.append((account, {"source": line.split(": ", 1)[1]}))
        elif re.match(r"        \w+: ", line) and out:
            key, value = line.strip().split(": ", 1)
            out[-1][1][key] = value
        elif re.match(r"          - \{", line):
            out[-1][1].setdefault("messages", []).append(line.strip())
    return out


class Base(lib.Case):
    def put(self, user, server=None, **counts):
        folders = [corpus.Folder(name, [mail("%s%d.%s" % (name.replace("/", "_").encode("ascii", "replace").decode().replace(" ", "_").replace("?", "_"), n, user))
                                        for n in range(count)]) for name, count in counts.items()]
        corpus.write_maildir(server or self.source, user, folders)

    def more(self, user, count):
        """New mail in the old INBOX."""
        imap = self.source.login(user)
        for number in range(count):
            imap.append("INBOX", None, None, mail("neu%d.%s" % (number, user)).data)
        imap.logout()

    def plan(self, job, *options, code=0, name="plan.yaml"):
        """Writes the plan and returns its text."""
        path = os.path.join(job.folder, name)
        result = job.call("plan", "-o", path, "--json", *options)
        self.assertEqual(result.code, code, result.tell())
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertNotIn("plan.yaml.part", os.listdir(job.folder))
        return text

    def edit(self, job, text, *changes, name="plan.yaml"):
        """changes: (after this, what, by what): the first `what` behind `after`."""
        for after, what, by in changes:
            head, found, rest = text.partition(after)
            self.assertTrue(found, after + "\n" + text)
            self.assertIn(what, rest)
            text = head + found + rest.replace(what, by, 1)
        with open(os.path.join(job.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def go(self, job, *options, code=0, name="plan.yaml"):
        return self.ended(job.run("--plan", os.path.join(job.folder, name), *options), code)

    def counts(self, user, server=None):
        return {name: len(box.mails) for name, box in compare.read(server or self.target, user).boxes.items() if box.mails}

    def row(self, doc, source):
        return next(f for f in lib.only(doc)["folders"] if f["source"] == source)

    def stopped(self, result, *words):
        self.assertEqual(result.code, 2, result.tell())
        for word in words:
            self.assertIn(word, result.err)
        self.assertEqual(result.out, "")


class Edited(Base):
    def test_round_trip(self):
        self.put("giro", INBOX=3, **{"Posta inviata": 4, "Clienti": 2, "Clienti/A": 2, "Spam": 5, "Vecchia": 6})
        account = lib.account("giro", self.source, self.target)
        account["folders"] = {"exclude": ["Spam"]}
        job = self.job(account)
        text = self.plan(job)
        rows = {row["source"]: row for _, row in plan_of(text)}
        self.assertEqual(set(rows), {"INBOX", '"INBOX.Posta inviata"', "INBOX.Clienti", "INBOX.Clienti.A", "INBOX.Spam", "INBOX.Vecchia"} if '"INBOX.Posta inviata"' in rows else
                         {"INBOX", "INBOX.Posta inviata", "INBOX.Clienti", "INBOX.Clienti.A", "INBOX.Spam", "INBOX.Vecchia"})
        validity = {"INBOX." + name.replace("/", ".") if name != "INBOX" else name: str(box.uidvalidity) for name, box in compare.read(self.source, "giro").boxes.items()}
        for name, row in rows.items():
            self.assertEqual(row["uidvalidity"], validity[name], row)
        self.assertEqual((rows["INBOX.Spam"]["action"], rows["INBOX.Spam"]["why"], "target" in rows["INBOX.Spam"]), ("skip", "excluded", False))
        self.assertEqual((rows["INBOX.Clienti.A"]["target"], rows["INBOX.Clienti.A"]["action"]), ("Clienti/A", "copy"))
        self.assertEqual(compare.read(self.target, "giro").count(), 0)
        # Vecchia goes elsewhere, the job's Spam is copied after all, Clienti stays; a new folder waits; new mail comes along
        self.edit(job, text, ("source: INBOX.Vecchia\n", "target: Vecchia", "target: Archivio/Vecchia"), ("source: INBOX.Clienti\n", "action: copy", "action: skip"),
                  ("source: INBOX.Spam\n", "action: skip", "target: Junk\n        action: copy"))
        self.put("giro", Nuova=2)
        self.more("giro", 1)
        doc = self.go(job)
        want = {"INBOX": 4, "Posta inviata": 4, "Clienti/A": 2, "Junk": 5, "Archivio/Vecchia": 6}
        self.assertEqual(self.counts("giro"), want)
        told = lib.problems(doc, "not-planned")
        self.assertEqual([(p["severity"], p["folder"]) for p in told], [("note", "INBOX.Nuova")])
        self.assertEqual(self.row(doc, "INBOX.Vecchia")["why"], "map")
        self.assertEqual(self.row(doc, "INBOX.Clienti")["ledger"]["skipped"], 2)
        self.assertEqual(self.copied_now(self.go(job)), 0)
        # what the plan decided stays without it; what it left out comes
        doc = self.ended(job.run())
        self.assertEqual(self.counts("giro"), dict(want, Nuova=2, Clienti=2))
        self.assertEqual(self.ended(job.call("verify", "--json"), command="verify")["exit"], 0)
        self.assertEqual({row["source"]: row.get("target") for _, row in plan_of(self.plan(job))}["INBOX.Vecchia"], "Archivio/Vecchia")
        # the plan that was edited is still there
        with open(os.path.join(job.folder, "plan.yaml~"), encoding="utf-8") as file:
            self.assertIn("target: Junk", file.read())

    def test_unedited(self):
        """A plan as it was written is what a run does anyway, to the last row."""
        ledgers = []
        for user in ("liscia", "pianata"):
            folders = corpus.mailbox("meta", 60, deleted=2)
            corpus.write_maildir(self.source, user, folders)
            job = self.simple(user)
            if user == "pianata":
                self.plan(job)
            doc = self.go(job) if user == "pianata" else self.ended(job.run())
            ledgers.append([(f["source"], f["target"], f["why"], f["ledger"]) for f in lib.only(doc)["folders"]])
        self.assertEqual(ledgers[0], ledgers[1])
        self.same("pianata")

    def test_hostile_names(self):
        """Names that would be something else in YAML, or write comments and keys of their own."""
        imap = self.source.login("cattiva")
        for number, name in enumerate(HOSTILE):
            self.assertEqual(imap.create('"INBOX.%s"' % corpus.mutf7(name).replace("\\", "\\\\").replace('"', '\\"'))[0], "OK", name)
        imap.logout()
        job = self.simple("cattiva")
        text = self.plan(job)
        self.assertNotIn("\u202e", text)
        self.assertEqual(len(plan_of(text)), len(HOSTILE) + 1, text)
        self.go(job)
        planned = {f["source"]: f["target"] for f in json.loads(job.call("report", "--json", "-").out)["accounts"][0]["folders"]}
        self.assertEqual(set(planned), {"INBOX"} | {"INBOX." + name for name in HOSTILE})

    def test_messages(self):
        """Too big for the new server: left out or tried, as the plan says; refused before: once more."""
        big, small = mail("gr", "y" * 70 * 2000 + "\r\n"), mail("pi")
        corpus.write_maildir(self.source, "grande", [corpus.Folder("INBOX", [big, small])])
        target = self.proxy(self.target)
        target.capability = compare.checked(self.target.login("grande").capability())[0].decode() + " APPENDLIMIT=100000"
        job = self.simple("grande", target=target)
        text = self.plan(job)
        lines = plan_of(text)[0][1]["messages"]
        self.assertRegex(lines[0], r"^- \{ uid: [12], reason: too-big, action: skip \}$")
        self.assertEqual(len(lines), 1)
        doc = self.go(job)
        self.assertEqual(lib.only(doc)["totals"]["ledger"]["skipped"], 1)
        self.assertEqual(job.refused(), [])
        self.edit(job, text, ("too-big", "action: skip", "action: copy"))
        doc = self.go(job, code=1)
        self.assertEqual((lib.only(doc)["totals"]["ledger"]["refused"], len(job.refused())), (1, 1))
        target.capability = target.capability.replace(" APPENDLIMIT=100000", "")
        self.plan(job, code=1)    # the refused one stands in it, and is not tried unless somebody says so
        self.assertEqual(lib.only(self.go(job, code=1))["totals"]["ledger"]["refused"], 1)
        self.edit(job, text, ("too-big", "action: skip", "action: copy"))
        self.go(job)
        self.assertEqual(self.counts("grande"), {"INBOX": 2})

    def test_collision_is_mended(self):
        """Two folders that would become one: the plan is where one of them gets another name."""
        self.put("scontro", Lavoro=2, lavoro=3)
        job = self.simple("scontro")
        text = self.plan(job, code=2)
        self.stopped_at_once = compare.read(self.target, "scontro").count()
        self.assertEqual(self.stopped_at_once, 0)
        self.edit(job, text, ("source: INBOX.lavoro\n", "target: lavoro", "target: Lavoro 2"))
        self.go(job)
        self.assertEqual(self.counts("scontro"), {"Lavoro": 2, "Lavoro 2": 3})


class Drift(Base):
    def drifted(self, user, change, *words, **counts):
        self.put(user, **(counts or {"INBOX": 2, "Via": 12, "Resta": 1}))
        job = self.simple(user)
        self.plan(job)
        change(user)
        doc = self.go(job, code=8)
        told = lib.problems(doc, "drift")
        self.assertEqual([p["severity"] for p in told], ["error"])
        for word in words:
            self.assertIn(word, told[0]["text"])
        self.assertEqual((lib.only(doc)["verdict"], lib.only(doc)["next"]), ("stopped", "decide"))
        self.assertEqual(self.counts(user), {}, "something was copied")
        return job

    def imap(self, user, *calls):
        imap = self.source.login(user)
        for name, *words in calls:
            self.assertEqual(getattr(imap, name)(*words)[0], "OK", (name, words))
        imap.logout()

    def again(self, user):
        """The same name, another folder."""
        self.imap(user, ("delete", "INBOX.Via"))
        self.put(user, Via=12)

    def lost(self, user):
        self.imap(user, ("select", "INBOX.Via"), ("store", "1:11", "+FLAGS", "\\Deleted"), ("expunge",))

    def test_drift(self):
        calls = [lambda: self.drifted("sparita", lambda user: self.imap(user, ("delete", "INBOX.Via")), '"INBOX.Via"', "no longer"),
                 lambda: self.drifted("pochi", lambda user: self.imap(user, ("delete", "INBOX.Via")), '"INBOX.Via"', INBOX=2, Via=1),
                 lambda: self.drifted("rinominata", lambda user: self.imap(user, ("rename", "INBOX.Via", "INBOX.Altrove")), '"INBOX.Via" is called "INBOX.Altrove"'),
                 lambda: self.drifted("rifatta", self.again, '"INBOX.Via"', "UIDVALIDITY"),
                 lambda: self.drifted("persa", self.lost, "INBOX.Via", "12")]
        jobs = lib.at_once(calls)
        # a new plan is the way on
        for job, user in ((jobs[0], "sparita"), (jobs[2], "rinominata"), (jobs[3], "rifatta")):
            if job.call("plan", "-o", os.path.join(job.folder, "plan.yaml")).code == 6:
                self.assertEqual(job.call("accept", "--shrunk").code, 0)
                self.plan(job)
            self.go(job)
            self.same(user, subscriptions=False)    # the source keeps those of a folder that is gone

    def test_no_drift(self):
        """New mail, less mail than the guard minds, a folder that is skipped and gone."""
        self.put("normale", INBOX=20, Via=3, Resta=1)
        job = self.simple("normale")
        text = self.plan(job)
        self.edit(job, text, ("source: INBOX.Via\n", "action: copy", "action: skip"))
        self.imap("normale", ("delete", "INBOX.Via"), ("select", "INBOX"), ("store", "1:2", "+FLAGS", "\\Deleted"), ("expunge",))
        self.more("normale", 4)
        self.go(job)
        self.assertEqual(self.counts("normale"), {"INBOX": 22, "Resta": 1})

    def test_without_the_state(self):
        """The plan alone knows names and numbers, on another machine too."""
        self.put("altrove", INBOX=2, Via=3)
        job = self.simple("altrove")
        self.plan(job)
        job.forget()
        self.again("altrove")
        self.go(job, code=8)


class Refused(Base):
    def test_faults(self):
        """All at once, with line and column, before anything begins."""
        self.put("errata", INBOX=2, Via=3)
        job = self.simple("errata")
        text = self.plan(job)
        path = os.path.join(job.folder, "plan.yaml")
        self.edit(job, text, ("source: INBOX\n", "action: copy", "acton: copy"), ("source: INBOX.Via\n", "action: copy", "action: cpoy"))
        result = job.run("--plan", path)
        self.stopped(result, "unknown key `acton`: did you mean `action`?", "`action` must be copy or skip")
        for line in result.err.strip().splitlines():
            self.assertRegex(line, r"^%s:\d+:\d+: " % re.escape(path))
        cases = [(("plan: 1", "plan: 2"), "`plan` must be 1"), (("name: errata", "name: erata"), "did you mean `errata`?"),
                 (("job_digest: \"", "job_digest: \"0"), "another job"), (("source: INBOX.Via", "source: INBOX"), "UIDVALIDITY"),
                 (("target: Via", "target: /x/"), "can't hold"), (("accounts:", "accounts: ["), "not valid YAML"), (("uidvalidity", "validity"), "unknown key")]
        for (what, by), word in cases:
            with self.subTest(by):
                self.edit(job, text[text.index("\nplan: "):], ("\n", what, by))
                result = job.run("--plan", path)
                if word == "UIDVALIDITY":
                    self.assertEqual(result.code, 8, result.tell())
                elif word == "can't hold":
                    self.assertEqual((result.code, word in result.out), (2, True), result.tell())
                else:
                    self.stopped(result, word)
        self.stopped(job.run("--plan", os.path.join(job.folder, "nix.yaml")), "nix.yaml:1:1: can't be read")
        self.assertEqual(compare.read(self.target, "errata").count(), 0)

    def test_accounts(self):
        """Those that are not in the plan are left out with a note; another job is another job; what can't be looked at is in no plan."""
        self.put("prima", INBOX=2)
        self.put("seconda", INBOX=3)
        prima, seconda = (lib.account(user, self.source, self.target) for user in ("prima", "seconda"))
        job = self.job(prima, seconda)
        text = self.plan(job, "--account", "prima")
        self.assertNotIn("seconda", text)
        result = job.run("--plan", os.path.join(job.folder, "plan.yaml"))
        doc = self.ended(result)
        self.assertEqual([a["name"] for a in doc["accounts"] if a["folders"]], ["prima"])
        self.assertEqual((self.counts("prima"), self.counts("seconda")), ({"INBOX": 2}, {}))
        told = [p for p in doc["problems"] if p["code"] == "not-planned"]
        self.assertEqual([p["severity"] for p in told], ["note"])
        self.assertIn("seconda", told[0]["text"])
        self.stopped(job.run("--plan", os.path.join(job.folder, "plan.yaml"), "--account", "seconda"), "seconda")
        wrong = dict(seconda, source=dict(seconda["source"], password="falsch"))
        job.write([prima, wrong])    # secrets are not in the digest
        text = self.plan(job, code=4, name="due.yaml")
        self.assertIn("# seconda: not in this plan", text)
        self.assertEqual([account for account, _ in plan_of(text)], ["prima"])
        job.write([prima, seconda], messages={"max_size": "1MB"})
        self.stopped(job.run("--plan", os.path.join(job.folder, "due.yaml")), "due.yaml:", "another job")

    def test_goes_on_with_the_plan(self):
        """What is asked for next, after Ctrl-C and after a mapping that would double mail, is asked for with the plan."""
        self.put("interrotta", INBOX=700)
        proxy = self.proxy(self.target)
        job = self.simple("interrotta", target=proxy)
        self.plan(job)
        path = os.path.join(job.folder, "plan.yaml")
        proxy.rate = 20000
        process = job.start("run", "--plan", path)
        lib.wait_for(lambda: proxy.count("APPEND") >= 2)
        process.send_signal(signal.SIGINT)
        result = lib.finish(process, 60)
        self.assertEqual(result.code, 130, result.tell())
        self.assertIn("trasloco run %s --plan %s" % (job.path, path), " ".join(result.out.split()))
        proxy.rate = 0
        self.go(job)
        self.edit(job, self.plan(job), ("source: INBOX", "target: INBOX", "target: Altrove"))
        doc = self.go(job, code=2)
        [told] = lib.problems(doc, "mapping-changed")
        self.assertIn("write the old target into the plan", told["hint"])
        self.assertEqual(self.counts("interrotta"), {"INBOX": 700})

    def test_writing(self):
        """Standard output, a folder that is not there, a disk that is full, a pipe, Italian."""
        self.put("scritta", INBOX=2)
        job = self.simple("scritta")
        out = job.call("plan", "-o", "-")
        self.assertEqual(out.code, 0, out.tell())
        self.assertEqual(len(plan_of(out.out)), 1)
        self.assertIn("scritta", out.err)
        for place, why in ((job.folder + "/nix/plan.yaml", "No such file"), (job.folder, "Is a directory")):
            result = job.call("plan", "-o", place)
            self.stopped(result, place, why)
            self.assertEqual(len(result.err.strip().splitlines()), 1, result.err)
        if os.path.exists("/dev/full"):
            full = job.call("plan", "--json", "-o", "/dev/full")
            self.assertEqual((full.code, "/dev/full" in full.err, "No space left" in full.err), (2, True, True), full.tell())
        italian = self.plan(job, "--lang", "it")
        self.assertIn("plan: 1", italian)
        self.assertIn("messaggi", italian)
        self.assertIn("trasloco run", italian)


if __name__ == "__main__":
    lib.tail()
