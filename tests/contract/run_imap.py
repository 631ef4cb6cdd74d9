#!/usr/bin/env python3
"""The endpoint contract against real servers: each kind of mailbox, each kind of connection."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))
import dovecot  # noqa: E402

MAX_MAIL = 3 << 20
QUOTA = 64 << 20


def run(server, tls):
    environment = dict(os.environ, CONTRACT_TLS=tls, CONTRACT_CA=server.ca, CONTRACT_PASSWORD=dovecot.PASSWORD,
                       CONTRACT_MAX_MAIL=str(MAX_MAIL), CONTRACT_QUOTA=str(QUOTA),
                       CONTRACT_PORT=str(server.tls_port if tls == "implicit" else server.port))
    return subprocess.run([os.environ["CONTRACT"]], env=environment, timeout=180).returncode


def main():
    if not os.path.exists(dovecot.DOVECOT):
        print("no dovecot here")
        return 77
    failed = 0
    for kind in ("target", "source"):
        with dovecot.Dovecot(kind, quota="64M", max_mail_size=str(MAX_MAIL)) as server:
            for tls in ("none", "starttls", "implicit"):
                status = run(server, tls)
                if status:
                    print("%s over %s: status %d" % (kind, tls, status))
                    print("\n".join(server.log().splitlines()[-5:]))
                failed += status != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
