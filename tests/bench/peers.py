"""The programs that are measured. Each is a function that writes what it needs into a folder of its own and returns the command; the same command again
is the run again."""
import collections
import json
import os
import shutil
import subprocess

# Where the mail is and where it is to go. Ports are those of the line; target: the server itself, for what works on its machine.
Task = collections.namedtuple("Task", "source_port target_port user target_user password folder target compress")


def written(folder, name, text):
    path = os.path.join(folder, name)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def trasloco(task, program):
    """To a server on its own machine it does not compress: for that the library of faults shows it addresses of another."""
    side = lambda port, user: {"host": "127.0.0.1", "port": port, "tls": "none", "user": user, "password": task.password}
    job = {"version": 1, "accounts": [{"name": "bench", "source": side(task.source_port, task.user), "target": side(task.target_port, task.target_user)}]}
    faults = os.environ.get("TRASLOCO_FAULTS")
    far = ["env", "LD_PRELOAD=" + faults, "FAULTS_FAR=1"] if task.compress and faults else []
    return [*far, program, "run", written(task.folder, "job.yaml", json.dumps(job)), "--progress", "none"]


def doveadm(task, program):
    """On the target's machine, into its files: only the source is read over the line."""
    options = {"imapc_host": "127.0.0.1", "imapc_port": task.source_port, "imapc_user": task.user, "imapc_password": task.password, "imapc_ssl": "no",
               "imapc_features": "rfc822.size fetch-headers fetch-bodystructure", "mail_prefetch_count": 200}
    settings = [word for key, value in options.items() for word in ("-o", "%s=%s" % (key, value))]
    return [program, "-c", task.target.conf, *settings, "backup", "-R", "-u", task.target_user, "imapc:"]


def interimap(task, program):
    """It keeps both sides alike: the target is its local one."""
    text = "database = %s/db\nlist-mailbox = \"*\"\n" % task.folder
    for name, port, user in (("local", task.target_port, task.target_user), ("remote", task.source_port, task.user)):
        text += "\n[%s]\ntype = imap\nSTARTTLS = NO\nhost = 127.0.0.1\nport = %d\nusername = %s\npassword = %s\ncompress = %s\n" % (
            name, port, user, task.password, "YES" if task.compress else "NO")
    os.chmod(task.folder, 0o700)
    return [program, "--config=" + written(task.folder, "rc", text), "--quiet"]


def mbsync(task, program):
    text = "FSync no\nBufferLimit 50M\n"
    for name, port, user in (("source", task.source_port, task.user), ("target", task.target_port, task.target_user)):
        text += "\nIMAPAccount %s\nHost 127.0.0.1\nPort %d\nUser %s\nPass %s\nAuthMechs LOGIN\nSSLType None\nTimeout 120\n\nIMAPStore %s\nAccount %s\n" % (
            name, port, user, task.password, name, name)
    state = os.path.join(task.folder, "state")
    os.makedirs(state)
    text += "\nChannel all\nFar :source:\nNear :target:\nPatterns *\nCreate Near\nSync Pull\nCopyArrivalDate yes\nSyncState %s/\n" % state
    return [program, "-q", "-c", written(task.folder, "rc", text), "all"]


PEERS = {"trasloco": trasloco, "doveadm": doveadm, "interimap": interimap, "mbsync": mbsync}
PACKAGES = {"doveadm": "dovecot-core", "interimap": "interimap", "mbsync": "isync"}


def found(trasloco_path):
    """name -> program; None: it is not installed."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return {name: trasloco_path if name == "trasloco" else shutil.which(name, path=path) for name in PEERS}


def version(name, program):
    command = [program, "--version"] if name == "trasloco" else ["dpkg-query", "-W", "-f", "${Version}", PACKAGES[name]]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return "?"
    return (done.stdout.strip() or "?").split("\n")[0].removeprefix("trasloco ")
