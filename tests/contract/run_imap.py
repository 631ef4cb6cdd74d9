#!/usr/bin/env python3
"""The endpoint contract against real servers: each kind of mailbox, each kind of connection; and each way to sign in.

On Courier and Cyrus those tests run that do not ask for a quota, a limit, or a name or mail that these servers do not take.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))
import dovecot  # noqa: E402
import unpacked  # noqa: E402
from courier import Courier  # noqa: E402
from cyrus import Cyrus  # noqa: E402
from tokens import Tokens  # noqa: E402

MAX_MAIL = 3 << 20
QUOTA = 64 << 20
ALL = "plain login scram-sha-256 xoauth2 oauthbearer"
TOKEN = "ya29.let-me-in_~+/"
WRONG = "0" * 64

# name, what the server offers, the connection, more environment, and what keeps it out (None: nothing)
SIGN_INS = [
    ("plain, chosen", ALL, "implicit", {"MECHANISM": "PLAIN"}, None),
    ("scram, chosen in the clear", ALL, "none", {"MECHANISM": "SCRAM-SHA-256"}, None),
    ("login command, chosen", "login", "starttls", {"MECHANISM": "LOGIN"}, None),
    ("plain", ALL, "none", {"AUTH": "plain", "MECHANISM": "PLAIN"}, None),
    ("login", ALL, "none", {"AUTH": "login", "MECHANISM": "LOGIN"}, None),
    ("scram", ALL, "implicit", {"AUTH": "scram-sha-256", "MECHANISM": "SCRAM-SHA-256"}, None),
    ("plain, wrong password", ALL, "none", {"AUTH": "plain", "PASSWORD": "wrong"}, "AUTHENTICATIONFAILED"),
    ("login, wrong password", ALL, "none", {"AUTH": "login", "PASSWORD": "wrong"}, "AUTHENTICATIONFAILED"),
    ("scram, wrong password", ALL, "none", {"AUTH": "scram-sha-256", "PASSWORD": "wrong"}, "AUTHENTICATIONFAILED"),
    ("not offered", "plain", "none", {"AUTH": "scram-sha-256"}, "does not offer"),
    ("token, chosen", ALL, "implicit", {"TOKEN": TOKEN, "USER": "anna", "MECHANISM": "OAUTHBEARER"}, None),
    ("xoauth2", ALL, "implicit", {"AUTH": "xoauth2", "TOKEN": TOKEN, "USER": "anna", "MECHANISM": "XOAUTH2"}, None),
    ("oauthbearer", ALL, "none", {"AUTH": "oauthbearer", "TOKEN": TOKEN, "USER": "anna"}, None),
    ("xoauth2, another's token", ALL, "none", {"AUTH": "xoauth2", "TOKEN": TOKEN, "USER": "bruno"}, "AUTHENTICATIONFAILED"),
    ("xoauth2, stale token", ALL, "none", {"AUTH": "xoauth2", "TOKEN": "stale", "USER": "anna"}, "AUTHENTICATIONFAILED"),
    ("oauthbearer, stale token", ALL, "none", {"AUTH": "oauthbearer", "TOKEN": "stale", "USER": "anna"}, "AUTHENTICATIONFAILED"),
    ("master user", ALL, "implicit", {"ADMIN": "admin", "PASSWORD": dovecot.MASTER_PASSWORD, "MECHANISM": "PLAIN"}, None),
    ("master user by scram", ALL, "none", {"ADMIN": "admin", "PASSWORD": dovecot.MASTER_PASSWORD, "MECHANISM": "SCRAM-SHA-256"}, None),
    ("nobody's master", ALL, "implicit", {"ADMIN": "mario", "PASSWORD": dovecot.MASTER_PASSWORD}, "AUTH(ENTICATION|ORIZATION)FAILED"),
    ("master user, no way to say so", "login", "implicit", {"ADMIN": "admin", "PASSWORD": dovecot.MASTER_PASSWORD}, "offers no way to sign in as one user"),
    ("pinned", ALL, "implicit", {"PIN": "", "CA": "/nonexistent"}, None),
    ("pinned, starttls", ALL, "starttls", {"PIN": "", "CA": "/nonexistent"}, None),
    ("pinned to another", ALL, "implicit", {"PIN": WRONG}, "has the fingerprint"),
    ("pinned to another, starttls", ALL, "starttls", {"PIN": WRONG}, "has the fingerprint"),
]

# Not contract_list: Courier's STATUS of the open folder is that of its opening.
OTHERS = ["contract_empty", "contract_wants", "contract_several", "contract_prepare", "contract_append", "contract_set_flags", "contract_changed",
          "contract_no_folder", "contract_fresh", "test_wake_and_cancel", "test_close"]


def run(server, tls, **more):
    values = {"TLS": tls, "CA": server.ca, "PASSWORD": dovecot.PASSWORD, "MAX_MAIL": MAX_MAIL, "QUOTA": QUOTA,
              "PORT": server.tls_port if tls == "implicit" else server.port, **more}
    environment = dict(os.environ, **{"CONTRACT_" + key: str(value) for key, value in values.items()})
    return subprocess.run([os.environ["CONTRACT"]], env=environment, timeout=180, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def contract():
    failed = 0
    for kind in ("target", "source"):
        with dovecot.Dovecot(kind, quota="64M", max_mail_size=str(MAX_MAIL)) as server:
            for tls in ("none", "starttls", "implicit"):
                done = run(server, tls)
                if done.returncode:
                    print("%s over %s: status %d\n%s" % (kind, tls, done.returncode, done.stdout))
                    print("\n".join(server.log().splitlines()[-5:]))
                failed += done.returncode != 0
    return failed


def other(make):
    """One of the other servers; each test over one kind of connection. How many failed."""
    failed = 0
    try:
        with make() as server:
            for number, name in enumerate(OTHERS):
                tls = ("none", "starttls", "implicit")[number % 3]
                done = run(server, tls, ONLY=name, USER=name)
                if done.returncode or "[       OK ] %s" % name not in done.stdout:
                    failed += 1
                    print("%s %s over %s: status %d\n%s" % (type(server).__name__, name, tls, done.returncode, done.stdout))
    except unpacked.Missing as reason:
        print("left out: %s" % reason)
    return failed


def others():
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return sum(pool.map(other, [Courier, lambda: Cyrus("source"), lambda: Cyrus("target")]))


def sign_ins():
    failed = 0
    servers = {}
    with Tokens({TOKEN: "anna"}) as tokens:
        try:
            for name, offers, tls, more, why in SIGN_INS:
                if offers not in servers:
                    servers[offers] = dovecot.Dovecot("target", quota="64M", max_mail_size=str(MAX_MAIL), mechanisms=offers, master="admin",
                                                      tokens=tokens.port)
                server = servers[offers]
                if more.get("PIN") == "":
                    more = dict(more, PIN=server.fingerprint)
                done = run(server, tls, ONLY="test_describe", **more)
                good = done.returncode == 0 if why is None else done.returncode != 0 and re.search(why, done.stdout)
                if not good or re.search("ERROR: AddressSanitizer|runtime error:", done.stdout):
                    failed += 1
                    print("%s: status %d\n%s" % (name, done.returncode, done.stdout))
                    print("\n".join(server.log().splitlines()[-5:]))
        finally:
            for server in servers.values():
                server.close()
    return failed


def main():
    if not os.path.exists(dovecot.DOVECOT):
        print("no dovecot here")
        return 77
    return 1 if contract() + others() + sign_ins() else 0


if __name__ == "__main__":
    sys.exit(main())
