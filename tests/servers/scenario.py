"""Scenario files: scenarios/*.json, one way in which a server or a line misbehaves, and what is to come of it.

    { "why":      one sentence,
      "sides":    ["source", "target", "both"]: which servers misbehave, one trial each,
      "faults":   [{"kind": "cut", ...}]: KINDS below, with the arguments of faults.py; "runs": [1] is in which runs (default: the first; all
                  with "stays"); "runs": "all"; "side": "target": only there,
      "settings": {"rate": 20000, "piece": 1, ...} of the proxy, in the same runs as the faults,
      "mailbox":  "small" (default), "tiny", or "large" (three folders of a few hundred),
      "job":      keys of the job file, "end": keys of the sick side (tls, timeout),
      "expect": {
        "first":  {"source": [0], "target": [0, 3]}: the statuses allowed in the first run, by side; default [0],
        "second": the same for the second run, where the fault is in it as well (default: [0, 3]),
        "codes":  {"target": ["message-doubled"]}: problems that the first run has to tell, by side,
        "stays":  true: the server misbehaves in two runs, then is well; "for good": it never is; default: only in the first,
        "harm":   "doubled" or "altered": what the server did, which the program can only tell, by message; the status is 1 until somebody accepts it,
        "names":  true: folders may have other names, only the mail is compared,
        "extra":  true: the new server may have folders more,
        "blind":  true: what is not seen in the faulty runs can't be missed in them,
        "retry":  true: what was refused is tried again by `refused --retry` once all is well,
        "never":  true: it is no fault that shows: nothing has to strike } }

Texts are bytes: "\\u00ff" is the byte 255.
"""
import json
import os

import faults

KINDS = {"cut": faults.Cut, "freeze": faults.Freeze, "pause": faults.Pause, "reply": faults.Reply, "command": faults.Command,
         "line": faults.Line, "number": faults.Number, "response": faults.Response, "insert": faults.Insert, "greeting": faults.Greeting,
         "capability": faults.Capability, "rename": faults.Rename}
KEYS = {"why", "sides", "faults", "settings", "mailbox", "job", "end", "expect"}
EXPECT = {"first", "second", "codes", "stays", "harm", "names", "extra", "blind", "retry", "never"}
SETTINGS = {"capability", "strip_appenduid", "rate", "piece"}
SIDES = ("source", "target", "both")
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scenarios")


class Scenario:
    def __init__(self, path):
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        self.why, self.sides = data["why"], data["sides"]
        self.faults, self.settings = data.get("faults", []), data.get("settings", {})
        self.mailbox, self.job, self.end = data.get("mailbox", "small"), data.get("job", {}), data.get("end", {})
        self.expect = data.get("expect", {})
        unknown = (set(data) - KEYS) | (set(self.expect) - EXPECT) | (set(self.settings) - SETTINGS) | (set(self.sides) - set(SIDES))
        if unknown or not self.sides:
            raise ValueError("%s: unknown: %s" % (self.name, ", ".join(sorted(unknown))))

    def stays(self):
        return self.expect.get("stays")

    def runs(self, fault):
        """Whether that fault is in run n, as a function."""
        told = fault.get("runs", "all" if self.stays() else [1])
        return (lambda run: True) if told == "all" else (lambda run: run in told)

    def apply(self, proxy, run=1, side=None):
        """Makes the proxy misbehave as in that run. Returns the faults."""
        proxy.plain()
        if self.stays() or run == 1:
            for name, value in self.settings.items():
                setattr(proxy, name, value)
        return [proxy.add(self._make(fault)) for fault in self.faults if self.runs(fault)(run) and fault.get("side", side) in (side, None)]

    def _make(self, fault):
        out = KINDS[fault["kind"]](**{key: value for key, value in fault.items() if key not in ("kind", "runs", "side")})
        out.told = json.dumps(fault)
        return out


def every():
    """All scenarios there are."""
    return [Scenario(os.path.join(FOLDER, name)) for name in sorted(os.listdir(FOLDER)) if name.endswith(".json")]
