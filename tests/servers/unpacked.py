#!/usr/bin/env python3
"""Debian's other IMAP servers, unpacked beside the installed one: their packages conflict, and nothing needs root this way.

As a module:   root = tree("courier")           the folder that has usr/ of the server and of the libraries it lacks here
As a command:  unpacked.py courier cyrus        fetches both and prints where they are

Fetched once by apt into build/unpacked of the clone (or where TRASLOCO_UNPACKED says) and kept there. Missing says why it could not be.
"""
import fcntl
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

# What of a server's packages runs here; the libraries that these lack are found by asking apt.
SERVERS = {
    "courier": ["courier-imap", "courier-base", "courier-authlib", "libcourier-unicode4"],
    "cyrus": ["cyrus-imapd", "cyrus-common"],
}
NOT_NEEDED = re.compile(r"exim4|gawk|db-util|db5|gamin$|gnutls-bin|courier-auth(daemon|lib-)|libltdl|libgamin|perl|adduser|debconf")
HERE = os.path.dirname(os.path.abspath(__file__))


class Missing(Exception):
    """This server can't be had here: no apt, no network, another system."""


def call(*command, cwd=None):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=cwd, env=dict(os.environ, LC_ALL="C"))
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing("%s: %s" % (command[0], error)) from error


def simulated(options, names):
    """Packages that installing these would add, with versions."""
    done = call("apt-get", *options, "-s", "-qq", "install", "--no-install-recommends", *names)
    if done.returncode:
        return None
    return dict(re.findall(r"(?m)^Inst (\S+) \((\S+) ", done.stdout))


def wanted(name, work):
    """Options for apt, and package=version of all that has to be unpacked. A machine without lists of packages gets private ones."""
    options = ["-o", "APT::Sandbox::User=root"]
    for private in (False, True):
        if private:
            os.makedirs(os.path.join(work, "lists", "partial"))
            options += ["-o", "Dir::State::Lists=%s/lists" % work, "-o", "Dir::Cache=%s" % work]
            call("apt-get", *options, "-q", "update")
        found = simulated(options, SERVERS[name])
        if found is not None:
            return options, ["%s=%s" % pair for pair in sorted(found.items()) if pair[0] in SERVERS[name] or not NOT_NEEDED.search(pair[0])]
    raise Missing("apt knows no %s" % SERVERS[name][0])


def fetch(name, place):
    work = tempfile.mkdtemp(prefix="fetch-", dir=os.path.dirname(place))
    try:
        options, packages = wanted(name, work)
        done = call("apt-get", *options, "-q", "download", *packages, cwd=work)
        debs = glob.glob(os.path.join(work, "*.deb"))
        if done.returncode or len(debs) != len(packages):
            raise Missing("apt can't download %s: %s" % (" ".join(packages), done.stderr.strip()[-300:]))
        root = os.path.join(work, "root")
        for deb in debs:
            done = call("dpkg", "-x", deb, root)
            if done.returncode:
                raise Missing("dpkg -x %s: %s" % (deb, done.stderr))
        os.chmod(root, 0o755)
        os.rename(root, place)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def tree(name):
    top = os.environ.get("TRASLOCO_UNPACKED") or os.path.join(HERE, "..", "..", "build", "unpacked")
    os.makedirs(top, exist_ok=True)
    # Another list of packages is another tree.
    mark = hashlib.sha256(" ".join(SERVERS[name]).encode()).hexdigest()[:8]
    place = os.path.realpath(os.path.join(top, "%s-%s" % (name, mark)))
    with open(os.path.join(top, ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(place):
            fetch(name, place)
    return place


def reachable(name, folder):
    """The tree, or a copy of it in that folder where the servers' user may not go to the tree."""
    place, path = tree(name), tree(name)
    while path != "/":
        if not os.stat(path).st_mode & 1 and os.geteuid() == 0:
            return shutil.copytree(place, os.path.join(folder, "tree"), symlinks=True,
                                   ignore=shutil.ignore_patterns("share", "etc", "var", "run"))
        path = os.path.dirname(path)
    return place


def libraries(root):
    """For LD_LIBRARY_PATH: the folders below root that have libraries."""
    return ":".join(sorted({os.path.dirname(path) for path in glob.glob(os.path.join(root, "usr/lib/**/*.so.*"), recursive=True)}))


def stub(path, functions, value):
    """A library whose functions do nothing and return that."""
    code = "".join("int %s(void) { return %d; }\n" % (name, value) for name in functions)
    done = subprocess.run(["cc", "-shared", "-fPIC", "-Wl,-soname," + os.path.basename(path), "-xc", "-o", path, "-"], input=code, text=True,
                          capture_output=True)
    if done.returncode:
        raise Missing("cc: " + done.stderr[-300:])


def no_sync(root):
    """For LD_PRELOAD: a throw-away server need not wait for the disk."""
    path = os.path.join(root, "nosync.so")
    stub(path, ("fsync", "fdatasync", "sync", "msync"), 0)
    return path


def main():
    try:
        for name in sys.argv[1:] or sorted(SERVERS):
            print(tree(name))
    except (Missing, OSError) as error:
        print("unpacked: %s" % error, file=sys.stderr)
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
