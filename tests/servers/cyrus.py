"""Throw-away Cyrus IMAP servers (Debian 12), each wholly inside one folder, with the interface of dovecot.Dovecot.

with Cyrus("target") as server: ... server.port, server.tls_port, server.ca. Any user name signs in with the password PASSWORD. Root is not needed:
without it the mail belongs to the caller, with it to the user mail.

Kinds: "source" has '/' and no prefix (what Cyrus has by itself), "target" the prefix INBOX. and the separator '.' (what Debian sets).
Cyrus asks saslauthd whether a password is right; here that is a thread of the test.
"""
import ctypes
import os
import pwd
import shutil
import signal
import socketserver
import struct
import subprocess
import tempfile
import threading
import time

from dovecot import PASSWORD, Dovecot, StartError, children, kill_all, mail_owner, make_certificate, running, start_somewhere
import unpacked

KINDS = {"source": ("", "/"), "target": ("INBOX.", ".")}

IMAPD = """\
configdirectory: {root}/conf
proc_path: {root}/conf/proc
mboxname_lockpath: {root}/conf/lock
defaultpartition: default
partition-default: {root}/mail
cyrus_user: {user}
admins: cyrus
altnamespace: {alt}
unixhierarchysep: {alt}
hashimapspool: no
umask: 077
allowplaintext: yes
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: {root}/mux
sasl_mech_list: PLAIN
autocreate_quota: 0
autocreate_post: no
autocreate_users: anyone
skiplist_unsafe: yes
conversations: no
idlesocket: {root}/conf/idle
notifysocket: {root}/conf/notify
lmtpsocket: {root}/conf/lmtp
tls_server_cert: {root}/tls/cert.pem
tls_server_key: {root}/tls/key.pem
tls_session_timeout: 0
maxlogins_per_user: 0
popminpoll: 0
{more}"""

CYRUS = """\
START {{
	recover		cmd="{bin}/ctl_cyrusdb -C {conf} -r"
}}
SERVICES {{
	imap		cmd="{bin}/imapd -C {conf}" listen="127.0.0.1:{port}" prefork=1 maxchild={connections} proto="tcp4"
	imaps		cmd="{bin}/imapd -C {conf} -s" listen="127.0.0.1:{tls_port}" prefork=0 maxchild={connections} proto="tcp4"
}}
EVENTS {{
}}
"""


class Auth(socketserver.StreamRequestHandler):
    """saslauthd's protocol: user, password, service and realm, each behind its length in two bytes."""

    def handle(self):
        fields = []
        for _ in range(4):
            length = self.rfile.read(2)
            if len(length) < 2:
                return
            fields.append(self.rfile.read(struct.unpack("!H", length)[0]).decode(errors="replace"))
        answer = b"OK" if fields[1] == PASSWORD else b"NO"
        self.wfile.write(struct.pack("!H", len(answer)) + answer)


class AuthServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class Cyrus:
    """One server; max_mail_size in bytes: what is bigger is refused; connections: how many there may be in all; more: lines of imapd.conf."""

    host = "127.0.0.1"

    def __init__(self, kind="target", root=None, cert="good", max_mail_size=None, connections=100, more=()):
        self.kind, self.connections, self.process = kind, connections, None
        self.prefix, self.separator = KINDS[kind]
        self.root = os.path.abspath(root) if root else tempfile.mkdtemp(prefix="cy-")
        os.makedirs(self.root, exist_ok=True)
        os.chmod(self.root, 0o755)
        self.tree = unpacked.reachable("cyrus", self.root)
        self.ca = os.path.join(self.root, "tls", "ca.pem")
        make_certificate(os.path.join(self.root, "tls"), cert)
        for name in ("mail", "conf", "conf/proc", "conf/lock", "conf/db", "conf/socket", "conf/log", "conf/msg", "conf/ptclient"):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)
            os.chown(os.path.join(self.root, name), *mail_owner())
        os.chown(os.path.join(self.root, "tls", "key.pem"), *mail_owner())
        more = [*more, "maxmessagesize: %d" % max_mail_size] if max_mail_size else more
        with open(self.conf, "w") as conf:
            conf.write(IMAPD.format(root=self.root, user=pwd.getpwuid(mail_owner()[0]).pw_name, alt="yes" if kind == "source" else "no",
                                    more="".join(line + "\n" for line in more)))
        self.auth = AuthServer(os.path.join(self.root, "mux"), Auth)
        os.chmod(os.path.join(self.root, "mux"), 0o777)
        threading.Thread(target=self.auth.serve_forever, args=(0.05,), daemon=True).start()
        start_somewhere(self)

    @property
    def conf(self):
        return os.path.join(self.root, "imapd.conf")

    def start(self):
        """Starts (again) on the same ports and returns when the server greets."""
        programs = os.path.join(self.tree, "usr/lib/cyrus/bin")
        with open(os.path.join(self.root, "cyrus.conf"), "w") as conf:
            conf.write(CYRUS.format(bin=programs, conf=self.conf, port=self.port, tls_port=self.tls_port, connections=self.connections))

        def alone():
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(mail_owner()[1])
                os.setuid(mail_owner()[0])
            # A test that dies takes its servers along.
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)

        plugins = os.path.join(self.tree, "usr/lib/x86_64-linux-gnu/sasl2")
        env = {"PATH": programs + ":/usr/bin:/bin", "LD_LIBRARY_PATH": unpacked.libraries(self.tree), "LD_PRELOAD": unpacked.no_sync(self.root)}
        if os.path.isdir(plugins):
            env["SASL_PATH"] = plugins
        with open(os.path.join(self.root, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(programs, "master"), "-C", self.conf, "-M", os.path.join(self.root, "cyrus.conf"),
                 "-p", os.path.join(self.root, "conf", "master.pid"), "-D"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.root, env=env, start_new_session=True, preexec_fn=alone)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.greets(self.port):
                return
            time.sleep(0.03)
        self.kill()
        raise StartError("cyrus did not start: " + self.log()[-2000:])

    greets = Dovecot.greets

    def pids(self):
        return [self.process.pid, *children(self.process.pid)]

    def kill(self):
        """kill -9 of the master and of every process it has started."""
        if self.process and running(self.process.pid, None):
            os.kill(self.process.pid, signal.SIGSTOP)
            kill_all([*children(self.process.pid), self.process.pid])
        if self.process:
            self.process.wait()

    stop = kill

    def close(self):
        self.kill()
        self.auth.shutdown()
        self.auth.server_close()
        shutil.rmtree(self.root, ignore_errors=True)

    __enter__, __exit__, log, login = Dovecot.__enter__, Dovecot.__exit__, Dovecot.log, Dovecot.login
