"""Throw-away Courier IMAP servers (Debian 12), each wholly inside one folder, with the interface of dovecot.Dovecot.

with Courier() as server: ... server.port, server.tls_port, server.ca. Any user name signs in with the password PASSWORD. Root is not needed: without it
the mail belongs to the caller, with it to the user mail.

Courier asks a daemon who somebody is, at one absolute path for the whole system. Here the daemon is a thread of the test, and in a copy of
Courier's library that path is replaced by a relative one of the same length: each server has its own.
"""
import ctypes
import os
import pwd
import resource
import shutil
import signal
import socketserver
import subprocess
import tempfile
import threading
import time

from dovecot import PASSWORD, Dovecot, StartError, children, kill_all, mail_owner, make_certificate, running, start_somewhere
import unpacked
from corpus import utf7

SOCKET, OURS = b"/run/courier/authdaemon/socket", b"./" * 10 + b"authdaemon"
CAPABILITY = "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE"
MEMORY = 131072 << 10       # what Debian lets a session have (IMAP_ULIMITD)
FAM = ("FAMOpen", "FAMClose", "FAMPending", "FAMNextEvent", "FAMMonitorDirectory", "FAMMonitorFile", "FAMCancelMonitor")


class Auth(socketserver.StreamRequestHandler):
    """Courier's authdaemon protocol, as far as signing in needs it. Who signs in first gets a Maildir."""

    def handle(self):
        words = [b"="]
        while words and b"=" in words[0]:       # whence the client came
            words = self.rfile.readline().split()
        known = lambda name: self.wfile.write(self.server.courier.known(name).encode())
        if len(words) == 2 and words[0] == b"AUTH":
            fields = self.rfile.read(int(words[1])).decode(errors="replace").split("\n")
            if len(fields) >= 4 and fields[1] == "login" and fields[3] == PASSWORD:
                return known(fields[2])
        elif len(words) == 4 and words[0] == b"PRE":
            return known(words[3].decode(errors="replace"))
        self.wfile.write(b"FAIL\n")


class AuthServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class Courier:
    """One server; connections: how many there may be in all."""

    kind, prefix, separator, host = "courier", "INBOX.", ".", "127.0.0.1"
    lines = "lf"        # in its files; it serves each of them as CRLF, also behind a CR

    def __init__(self, root=None, cert="good", connections=100):
        self.root = os.path.abspath(root) if root else tempfile.mkdtemp(prefix="co-")
        os.makedirs(os.path.join(self.root, "mail"), exist_ok=True)
        os.makedirs(os.path.join(self.root, "lib"), exist_ok=True)
        os.chmod(self.root, 0o755)
        self.tree = unpacked.reachable("courier", self.root)
        self.connections, self.processes, self.making = connections, [], threading.Lock()
        self.ca = os.path.join(self.root, "tls", "ca.pem")
        make_certificate(os.path.join(self.root, "tls"), cert)
        with open(os.path.join(self.root, "tls", "both.pem"), "w") as both:
            for name in ("key.pem", "cert.pem"):
                with open(os.path.join(self.root, "tls", name)) as part:
                    both.write(part.read())
        os.chown(both.name, *mail_owner())
        self._own_files()
        self.no_sync = unpacked.no_sync(self.root)
        self.auth = AuthServer(os.path.join(self.root, "authdaemon"), Auth)
        self.auth.courier = self
        os.chmod(os.path.join(self.root, "authdaemon"), 0o777)
        threading.Thread(target=self.auth.serve_forever, args=(0.05,), daemon=True).start()
        start_somewhere(self)

    def _own(self, path, old, new):
        """A copy of a file of the package, with one constant replaced by another of the same length."""
        with open(os.path.join(self.tree, path), "rb") as file:
            code = file.read()
        if code.count(old) != 1 or len(old) != len(new):
            raise unpacked.Missing("another %s than the one of Debian 12" % path)
        out = os.path.join(self.root, "lib", os.path.basename(path))
        with open(out, "wb") as file:
            file.write(code.replace(old, new))
        os.chmod(out, 0o755)

    def _own_files(self):
        # The compiler has made two constants of 16 bytes out of the path; they overlap by one.
        split = lambda path: path[:16] + path[15:] + b"\0"
        self._own("usr/lib/libcourierauth.so.0", split(SOCKET), split(OURS))
        # Before STARTTLS it becomes this user, who need not exist here. A longer name stays, and STARTTLS does not work then.
        me = pwd.getpwuid(mail_owner()[0]).pw_name.encode()
        me = me.ljust(7, b"\0") if len(me) <= 7 else b"courier"
        self._own("usr/lib/courier/courier/imaplogin", b"-server\0courier\0", b"-server\0" + me + b"\0")
        # The library that tells of changed folders seeks its daemon for 1.2 s in every command. Without it Courier looks by itself.
        unpacked.stub(os.path.join(self.root, "lib", "libfam.so.0"), FAM, -1)

    def home(self, user):
        return os.path.join(self.root, "mail", user)

    def folder(self, user, wire):
        """Where the mails of a folder are, by its name on the wire: on disk it is UTF-8."""
        maildir = os.path.join(self.home(user), "Maildir")
        return maildir if wire == "INBOX" else os.path.join(maildir, utf7(wire[len("INBOX"):]))

    def known(self, user):
        uid, gid = mail_owner()
        with self.making:
            for part in ("", "Maildir", "Maildir/cur", "Maildir/new", "Maildir/tmp"):
                path = os.path.join(self.home(user), part)
                if not os.path.isdir(path):
                    os.makedirs(path)
                    os.chown(path, uid, gid)
        return "UID=%d\nGID=%d\nHOME=%s\nADDRESS=%s\nMAILDIR=Maildir\n.\n" % (uid, gid, self.home(user), user)

    def environment(self, **more):
        at = lambda name: os.path.join(self.tree, name)
        return dict({"PATH": "/usr/bin:/bin", "LD_PRELOAD": self.no_sync, "LD_LIBRARY_PATH": "%s/lib:%s" % (self.root, unpacked.libraries(self.tree)),
                     "IMAP_CAPABILITY": CAPABILITY, "IMAP_CAPABILITY_TLS": CAPABILITY + " AUTH=PLAIN", "IMAP_KEYWORDS": "1", "IMAP_ACL": "1",
                     "IMAP_IDLE_TIMEOUT": "60", "IMAP_MAILBOX_SANITY_CHECK": "1", "IMAP_USELOCKS": "1", "IMAP_TRASHFOLDERNAME": "Trash",
                     "IMAP_STARTTLS": "YES", "COURIERTLS": at("usr/bin/couriertls"), "TLS_CERTFILE": "%s/tls/both.pem" % self.root,
                     "TLS_VERIFYPEER": "NONE", "TLS_PRIORITY": "NORMAL"}, **more)

    def start(self):
        """Starts (again) on the same ports and returns when the server greets."""
        at = lambda name: os.path.join(self.tree, name)
        login = [os.path.join(self.root, "lib", "imaplogin"), at("usr/bin/imapd"), "Maildir"]
        options = ["-address=127.0.0.1", "-maxprocs=%d" % self.connections, "-maxperip=%d" % self.connections, "-nodnslookup", "-noidentlookup"]

        def alone():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(mail_owner()[1])
                os.setuid(mail_owner()[0])
            # A test that dies takes its servers along.
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)

        with open(os.path.join(self.root, "log"), "ab") as log:
            for port, command, more in ((self.port, login, {}),
                                        (self.tls_port, [at("usr/bin/couriertls"), "-server", "-tcpd", *login], {"IMAP_TLS": "1"})):
                self.processes.append(subprocess.Popen(
                    [at("usr/sbin/couriertcpd"), *options, str(port), *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.root,
                    env=self.environment(**more), start_new_session=True, preexec_fn=alone, umask=0o022))
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and all(process.poll() is None for process in self.processes):
            if self.greets(self.port):
                return
            time.sleep(0.03)
        self.kill()
        raise StartError("courier did not start: " + self.log()[-2000:])

    greets = Dovecot.greets

    def pids(self):
        return [pid for process in self.processes for pid in [process.pid, *children(process.pid)]]

    def kill(self):
        """kill -9 of the listeners and of every process they have started."""
        for process in self.processes:
            if running(process.pid, None):
                os.kill(process.pid, signal.SIGSTOP)
                kill_all([*children(process.pid), process.pid])
            process.wait()
        self.processes = []

    stop = kill

    def close(self):
        self.kill()
        self.auth.shutdown()
        self.auth.server_close()
        shutil.rmtree(self.root, ignore_errors=True)

    __enter__, __exit__, log, login = Dovecot.__enter__, Dovecot.__exit__, Dovecot.log, Dovecot.login
