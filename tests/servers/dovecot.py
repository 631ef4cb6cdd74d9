#!/usr/bin/env python3
"""Throw-away Dovecot 2.3 servers on free loopback ports, each wholly inside one folder.

As a module:   with Dovecot("source") as server: ... server.port, server.tls_port, server.ca
As a command:  dovecot.py start DIR KIND [--cert KIND]    prints port, tls_port and ca as KEY=VALUE lines
               dovecot.py stop DIR                        stops the server and removes DIR

Kinds: "source" is Maildir++ with the prefix INBOX. and the separator '.', as Libero has it; "target" is sdbox with '/'
and no prefix; "maildir-target" is a target whose mails are files that a test can alter; "folders-source" is a Maildir whose folders lie in each
other, so that names may have dots; "forgetful-source" is "source" without index files: it counts no changes. Any user name signs in with the
password PASSWORD. Root is not needed: without it the mail belongs to the caller, with it to the user mail.
"""
import argparse
import ctypes
import grp
import hashlib
import imaplib
import glob
import os
import pwd
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

PASSWORD, MASTER_PASSWORD = "secret", "mastersecret"
KINDS = {  # location, prefix, separator
    "source": ("maildir:~/Maildir", "INBOX.", "."),
    "target": ("sdbox:~/sdbox", "", "/"),
    "maildir-target": ("maildir:~/Maildir", "", "/"),
    "forgetful-source": ("maildir:~/Maildir:INDEX=MEMORY", "INBOX.", "."),
    "folders-source": ("maildir:~/Maildir:LAYOUT=fs", "", "/"),
}
CERTS = ("good", "expired", "wrong-host", "untrusted")
DOVECOT = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") or "/usr/sbin/dovecot"
DOVEADM = shutil.which("doveadm", path=os.environ.get("PATH", "") + ":/usr/bin:/bin") or "/usr/bin/doveadm"

CONF = """\
base_dir = {root}/run
state_dir = {root}/state
instance_name = {name}
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/tls/cert.pem
ssl_key = <{root}/tls/key.pem
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
{passdbs}passdb {{
  driver = static
  mechanisms = plain login scram-sha-256
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u allow_all_users=yes
}}
first_valid_uid = 1
first_valid_gid = 1
mail_location = {location}
mail_fsync = never
mail_max_userip_connections = {connections}
mail_plugins = {plugins}
default_process_limit = 300
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
protocol imap {{
  mail_plugins = {imap_plugins}
}}
plugin {{
{plugin}
}}
"""

# Who stands in the file signs in with MASTER_PASSWORD, for anybody's mailbox.
MASTER_PASSDB = """\
passdb {{
  driver = passwd-file
  master = yes
  mechanisms = plain login scram-sha-256
  args = {root}/masters
}}
"""

TOKEN_PASSDB = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
"""

TOKEN_CONF = """\
introspection_mode = get
introspection_url = http://127.0.0.1:{port}/?token=
username_attribute = user
active_attribute = active
active_value = true
"""

ROOTLESS = """\
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class StartError(Exception):
    pass


def free_port():
    """A port below the range from which outgoing connections take theirs, so that a killed server finds it free again."""
    for _ in range(200):
        port = random.SystemRandom().randrange(10000, 32000)
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StartError("no free port")


def openssl(*args):
    done = subprocess.run(["openssl", *args], capture_output=True, text=True)
    if done.returncode:
        raise StartError("openssl %s: %s" % (args[0], done.stderr))


def make_certificate(folder, kind="good"):
    """folder/ca.pem is what a client is to trust; folder/cert.pem and key.pem are the server's."""
    os.makedirs(folder, exist_ok=True)
    at = lambda name: os.path.join(folder, name)
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for ca in ["ca", "other"] if kind == "untrusted" else ["ca"]:
        openssl("req", "-x509", *ec, "-days", "3650", "-subj", "/CN=test %s" % ca,
                "-keyout", at(ca + ".key"), "-out", at(ca + ".pem"))
    openssl("req", *ec, "-subj", "/CN=test server", "-keyout", at("key.pem"), "-out", at("req.pem"))
    names = "DNS:mail.example.net" if kind == "wrong-host" else "DNS:localhost,IP:127.0.0.1"
    signer = "other" if kind == "untrusted" else "ca"
    with open(at("ca.cnf"), "w") as conf:
        conf.write("[ca]\ndefault_ca=x\n[x]\nnew_certs_dir=%s\ndatabase=%s\nserial=%s\ndefault_md=sha256\npolicy=p\n"
                   "x509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=%s\n"
                   % (folder, at("index.txt"), at("serial"), names))
    open(at("index.txt"), "w").close()
    with open(at("serial"), "w") as serial:
        serial.write("01\n")
    first, last = ("20200101000000Z", "20210101000000Z") if kind == "expired" else ("20200101000000Z", "20401231000000Z")
    openssl("ca", "-batch", "-notext", "-config", at("ca.cnf"), "-cert", at(signer + ".pem"), "-keyfile",
            at(signer + ".key"), "-startdate", first, "-enddate", last, "-in", at("req.pem"), "-out", at("cert.pem"))


def children(parent):
    """Process ids whose parent is this one."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % entry) as stat:
                after = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(after[1]) == parent:
            found.append(int(entry))
    return found


def running(pid, name="dovecot"):
    """Whether that process lives (a zombie does not) and has that name; name None: any."""
    try:
        with open("/proc/%d/stat" % pid) as stat:
            front, _, rest = stat.read().rpartition(")")
    except OSError:
        return False
    return rest.split()[0] != "Z" and name in (None, front.partition("(")[2])


def kill_all(pids, limit=5):
    """kill -9, and waits until they are gone."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    deadline = time.monotonic() + limit
    while any(running(pid, None) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.005)


def mail_owner():
    """User and group ids of whom mail files belong to."""
    if os.geteuid() == 0:
        entry = pwd.getpwnam("mail")
        return entry.pw_uid, entry.pw_gid
    return os.geteuid(), os.getegid()


def start_somewhere(server, prepare=lambda: None):
    """On free ports. Another may be quicker to take one: then on others."""
    for attempt in range(5):
        server.port, server.tls_port = free_port(), free_port()
        prepare()
        try:
            server.start()
            return
        except StartError:
            if attempt == 4:
                server.close()
                raise


class Dovecot:
    """One server. quota: storage limit such as "5M"; max_mail_size: a bigger mail is refused with a NO; connections: how
    many a user may have; keep: the folder is the caller's and outlives this object; mechanisms: of SASL, as Dovecot names them; master: a
    user who may sign in for others; tokens: the port of a tokens.Tokens, for xoauth2 and oauthbearer; compress: COMPRESS=DEFLATE is offered."""

    lines = "crlf"      # what its files may have

    def __init__(self, kind="target", root=None, cert="good", quota=None, max_mail_size=None, connections=100, keep=False,
                 mechanisms="plain login", master=None, tokens=None, compress=False):
        self.kind, self.cert, self.keep = kind, cert, keep
        self.quota, self.max_mail_size, self.connections = quota, max_mail_size, connections
        self.mechanisms, self.master_user, self.tokens, self.compress = mechanisms, master, tokens, compress
        self.root = os.path.abspath(root) if root else tempfile.mkdtemp(prefix="dc-")
        os.makedirs(self.root, exist_ok=True)
        os.chmod(self.root, 0o755)
        self.host = "127.0.0.1"
        self.master = None
        self.prefix, self.separator = KINDS[kind][1:]
        self.ca = os.path.join(self.root, "tls", "ca.pem")
        make_certificate(os.path.join(self.root, "tls"), cert)
        mail = os.path.join(self.root, "mail")
        os.makedirs(mail, exist_ok=True)
        os.chown(mail, *mail_owner())
        start_somewhere(self, self._write_conf)

    def _write_conf(self):
        location, prefix, separator = KINDS[self.kind]
        plugin = []
        if self.quota or self.max_mail_size:
            plugin += ["quota = count:User", "quota_vsizes = yes", "quota_rule = *:storage=%s" % (self.quota or "100G")]
        if self.max_mail_size:
            plugin.append("quota_max_mail_size = %s" % self.max_mail_size)
        uid, gid = mail_owner()
        passdbs = ""
        if self.master_user:
            passdbs += MASTER_PASSDB.format(root=self.root)
            with open(os.path.join(self.root, "masters"), "w") as masters:
                masters.write("%s:{PLAIN}%s\n" % (self.master_user, MASTER_PASSWORD))
        if self.tokens:
            passdbs += TOKEN_PASSDB.format(root=self.root)
            with open(os.path.join(self.root, "oauth2.conf"), "w") as conf:
                conf.write(TOKEN_CONF.format(port=self.tokens))
        text = CONF.format(
            mechanisms=self.mechanisms, passdbs=passdbs,
            root=self.root, name=os.path.basename(self.root), password=PASSWORD, uid=uid, gid=gid, location=location,
            prefix=prefix, separator=separator, port=self.port, tls_port=self.tls_port, connections=self.connections,
            plugins="quota" if plugin else "", imap_plugins="$mail_plugins" + " imap_quota" * bool(plugin) + " imap_zlib" * self.compress,
            plugin="\n".join("  " + line for line in plugin))
        if os.geteuid() != 0:
            me = pwd.getpwuid(os.geteuid())
            text = ROOTLESS.format(user=me.pw_name, group=grp.getgrgid(os.getegid()).gr_name) + text
        with open(self.conf, "w") as conf:
            conf.write(text)

    @property
    def conf(self):
        return os.path.join(self.root, "dovecot.conf")

    def start(self):
        """Starts (again) on the same ports and returns when the server greets."""
        output = open(os.path.join(self.root, "start.log"), "ab")
        # A test that dies takes its servers along; a server that was started by the command outlives it.
        die = None if self.keep else lambda: ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        with output:
            self.process = subprocess.Popen([DOVECOT, "-F", "-c", self.conf], stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, start_new_session=True, preexec_fn=die)
        self.master = self.process.pid
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if self.greets(self.port):
                return
            time.sleep(0.03)
        self.kill()
        with open(os.path.join(self.root, "start.log"), errors="replace") as log:
            raise StartError("dovecot did not start: " + log.read()[-2000:])

    def greets(self, port):
        try:
            with socket.create_connection((self.host, port), 2) as sock:
                sock.settimeout(5)
                return sock.recv(100).startswith(b"* OK")
        except OSError:
            return False

    def kill(self):
        """kill -9 of the master and of every process it has started."""
        if not self.master:
            return
        if running(self.master):
            # A master that is stopped starts no more children while they are counted.
            os.kill(self.master, signal.SIGSTOP)
            kill_all([*children(self.master), self.master])
            # A dotlock that a dead process left (UIDs, subscriptions, a new index log) is respected for two minutes by the next one.
            for ending in (".lock", ".newlock"):
                for path in glob.glob(os.path.join(self.root, "mail", "**", "*" + ending), recursive=True, include_hidden=True):
                    os.unlink(path)
        self._reap()

    def stop(self):
        """The orderly end."""
        if not self.master:
            return
        if running(self.master):
            os.kill(self.master, signal.SIGTERM)
            deadline = time.monotonic() + 5
            while running(self.master) and time.monotonic() < deadline:
                if self.process:
                    self.process.poll()
                time.sleep(0.02)
        if running(self.master):
            self.kill()
        self._reap()

    def _reap(self):
        if self.process:
            self.process.wait()
        self.master = None

    def close(self):
        """Kills it (an orderly end takes two seconds) and removes everything."""
        self.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def log(self):
        with open(os.path.join(self.root, "log"), errors="replace") as log:
            return log.read()

    def doveadm(self, *args):
        done = subprocess.run([DOVEADM, "-c", self.conf, *args], capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError("doveadm %s: %s" % (" ".join(args), done.stderr))
        return done.stdout

    @property
    def fingerprint(self):
        """SHA-256 of the certificate, 64 digits."""
        with open(os.path.join(self.root, "tls", "cert.pem")) as pem:
            return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.read())).hexdigest()

    def home(self, user):
        return os.path.join(self.root, "mail", user)

    def folder(self, user, wire):
        """Where the mails of a folder are, by its name on the wire; None if they are not files."""
        maildir = os.path.join(self.home(user), "Maildir")
        if "maildir" not in KINDS[self.kind][0] or wire == "INBOX":
            return maildir if "maildir" in KINDS[self.kind][0] else None
        return os.path.join(maildir, wire if "LAYOUT=fs" in KINDS[self.kind][0] else "." + wire[len(self.prefix):].replace(self.separator, "."))

    def login(self, user, port=None):
        """A signed-in imaplib connection on the plain port."""
        imap = imaplib.IMAP4(self.host, port or self.port, timeout=60)
        imap.login(user, PASSWORD)
        return imap


def command_start(args):
    server = Dovecot(args.kind, root=args.dir, cert=args.cert, keep=True)
    with open(os.path.join(server.root, "pid"), "w") as pid:
        pid.write("%d\n" % server.master)
    print("port=%d\ntls_port=%d\nca=%s" % (server.port, server.tls_port, server.ca))


def command_stop(args):
    try:
        with open(os.path.join(args.dir, "pid")) as pid:
            master = int(pid.read())
    except (OSError, ValueError):
        master = 0
    if master and running(master):
        family = children(master)
        os.kill(master, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while running(master) and time.monotonic() < deadline:
            time.sleep(0.02)
        if running(master):
            kill_all([master, *family])
    shutil.rmtree(args.dir, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = parser.add_subparsers(required=True)
    start = sub.add_parser("start")
    start.add_argument("dir")
    start.add_argument("kind", choices=KINDS)
    start.add_argument("--cert", choices=CERTS, default="good")
    start.set_defaults(do=command_start)
    stop = sub.add_parser("stop")
    stop.add_argument("dir")
    stop.set_defaults(do=command_stop)
    args = parser.parse_args()
    try:
        args.do(args)
    except StartError as error:
        sys.exit("dovecot.py: %s" % error)


if __name__ == "__main__":
    main()
