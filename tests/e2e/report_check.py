"""The report document against its contract: keys, kinds, sums. check_report returns what is wrong, as lines."""
import re

TERMS = ("copied", "already_there", "skipped", "refused", "vanished", "pending")
LEDGER = ("source", *TERMS, "copied_now")
VERIFIED = ("identical", "rewritten", "altered", "missing", "doubled", "gone", "target_only", "sampled")
VERDICTS = {0: "complete", 1: "exceptions", 2: "stopped", 3: "incomplete", 4: "stopped", 5: "stopped", 6: "stopped", 7: "stopped",
            8: "stopped", 9: "stopped", 70: "failed", 130: "incomplete", 143: "incomplete"}
FIRST = (2, 70, 6, 5, 4, 7, 8, 9, 3, 1)    # of several accounts, the first of these that any account has
NEXT = {"nothing", "run-again", "fix-first", "decide"}
CODES = {"message-refused", "message-missing", "message-doubled", "message-altered", "message-rewritten", "message-unreadable",
         "unsettled", "date-refused", "keyword-lost", "name-changed", "folder-collision", "mapping-changed", "over-quota", "account-changed",
         "too-big", "folder-unreadable", "source-shrunk", "target-shrunk", "login-refused", "tls-failed", "drift", "not-moved"}
ABOUT_A_MESSAGE = ("message-", "unsettled", "date-refused", "too-big")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def numbers(mapping, keys, where):
    out = []
    for key in keys:
        value = mapping.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            out.append("%s.%s is %r, not a number" % (where, key, value))
    return out


def check_ledger(ledger, where):
    out = numbers(ledger, LEDGER, where)
    if not out and ledger["source"] != sum(ledger[term] for term in TERMS):
        out.append("%s does not close: %r" % (where, ledger))
    return out


def check_folder(folder, where):
    out = ["%s.%s is not text" % (where, key) for key in ("source", "target", "why") if not isinstance(folder.get(key), str)]
    out += ["%s has no role" % where] if "role" not in folder else []
    out += check_ledger(folder.get("ledger", {}), where + ".ledger") + numbers(folder, ["bytes"], where)
    verified = folder.get("verified")
    if verified is None:
        return out
    found = numbers(verified, VERIFIED, where + ".verified")
    if verified.get("tier") not in ("standard", "deep"):
        found.append("%s.verified.tier is %r" % (where, verified.get("tier")))
    if not found and not out:
        told = sum(verified[key] for key in ("identical", "rewritten", "altered", "missing", "gone"))
        held = folder["ledger"]["copied"] + folder["ledger"]["already_there"]
        if told != held:
            found.append("%s: verified %d of %d" % (where, told, held))
    return out + found


def check_problem(problem, where):
    out = []
    if problem.get("severity") not in ("error", "warning", "note"):
        out.append("%s.severity is %r" % (where, problem.get("severity")))
    for key in ("code", "text"):
        if not isinstance(problem.get(key), str) or not problem[key]:
            out.append("%s.%s is %r" % (where, key, problem.get(key)))
    if str(problem.get("code")).startswith(ABOUT_A_MESSAGE) and not problem.get("uid") and not problem.get("message_id"):
        out.append("%s is about a message and names none: %r" % (where, problem))
    if re.search(r"[\x00-\x1f\x7f]", str(problem.get("text"))):
        out.append("%s.text has control characters" % where)
    return out


def check_account(account, where):
    out = []
    if account.get("verdict") != VERDICTS.get(account.get("exit")):
        out.append("%s: exit %r with verdict %r" % (where, account.get("exit"), account.get("verdict")))
    if account.get("next") not in NEXT:
        out.append("%s.next is %r" % (where, account.get("next")))
    if account.get("exit") == 0 and account.get("next") != "nothing":
        out.append("%s: exit 0 and next %r" % (where, account.get("next")))
    for side in ("source", "target"):
        if not isinstance(account.get(side, {}).get("host"), str) or not isinstance(account.get(side, {}).get("user"), str):
            out.append("%s.%s has no host or user" % (where, side))
    folders = account.get("folders", [])
    for folder in folders:
        out += check_folder(folder, "%s/%s" % (where, folder.get("source")))
    for number, problem in enumerate(account.get("problems", [])):
        out += check_problem(problem, "%s.problems[%d]" % (where, number))
    total = account.get("totals", {}).get("ledger", {})
    out += check_ledger(total, where + ".totals")
    if not out:
        for key in LEDGER:
            if total[key] != sum(folder["ledger"][key] for folder in folders):
                out.append("%s.totals.%s is not the folders' sum" % (where, key))
        if account["exit"] == 0 and (total["pending"] or total["refused"]):
            out.append("%s: exit 0 with mail that is pending or refused" % where)
    severe = any(problem.get("severity") == "error" for problem in account.get("problems", []))
    if account.get("exit") == 0 and severe:
        out.append("%s: exit 0 with a problem of severity error" % where)
    if account.get("exit") == 1 and not severe:
        out.append("%s: exit 1 without a problem of severity error" % where)
    return out


def overall(exits):
    """The job's status from the accounts'."""
    for code in FIRST:
        if code in exits:
            return code
    return 0


def check_report(doc, command="run"):
    out = []
    for key, value in (("schema", "trasloco-report/1"), ("command", command)):
        if doc.get(key) != value:
            out.append("%s is %r, not %r" % (key, doc.get(key), value))
    for key in ("version", "job_digest"):
        if not isinstance(doc.get(key), str) or not doc[key]:
            out.append("%s is %r" % (key, doc.get(key)))
    for key in ("started", "finished"):
        if not STAMP.match(str(doc.get(key))):
            out.append("%s is %r, not a time" % (key, doc.get(key)))
    if doc.get("verdict") != VERDICTS.get(doc.get("exit")):
        out.append("exit %r with verdict %r" % (doc.get("exit"), doc.get("verdict")))
    accounts = doc.get("accounts")
    if not isinstance(accounts, list):
        return out + ["no accounts"]
    for account in accounts:
        out += check_account(account, account.get("name") or "?")
    exits = {account.get("exit") for account in accounts}
    if doc.get("exit") not in (130, 143) and doc.get("exit") != overall(exits):
        out.append("exit %r, but the accounts have %s" % (doc.get("exit"), sorted(map(str, exits))))
    return out
