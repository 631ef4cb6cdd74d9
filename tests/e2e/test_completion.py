#!/usr/bin/env python3
"""Completion, tried in the shells themselves, and compared with what the program takes.

COMPLETIONS in the environment is a `share` folder as installed; without it those of the tree are tried."""
import functools
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

import lib

TREE = os.path.join(lib.HERE, "..", "..", "packaging", "completion")
SHARE = os.environ.get("COMPLETIONS")
COMMANDS = ["init", "login", "check", "plan", "run", "verify", "status", "report", "refused", "accept", "providers", "schema"]
JOB = """version: 1
accounts:
  - name: mario   # the boss
    source: { user: mario@libero.it }
  - { name: "anna b", source: { user: anna@libero.it } }
  -
    name: info
"""
# Called as readline calls it. compopt has no meaning outside of it.
BASH = """
source "$1"; shift
compopt() { :; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_trasloco trasloco
printf '%s\\n' "${COMPREPLY[@]}"
"""
FISH = "source $argv[1]; complete -C $argv[2]"
# What the completion would show goes to a file. The arrays that compadd fills itself (-O, -A, -D) are steps on the way.
ZSH = """
fpath=({folder} $fpath); autoload -Uz compinit; compinit -D -u
unsetopt beep autolist automenu; LISTMAX=10000; PROMPT='> '
compadd() {{
	if [[ ${{@[1,(i)(-|--)]}} == *-[a-zA-Z0-9]#(O|A|D)\\ * ]]; then
		builtin compadd "$@"
		return
	fi
	local -a hits
	builtin compadd -A hits "$@"
	print -rl -- $hits >>{out}
	builtin compadd "$@"
}}
_told() {{ print -r -- ::end >>{out}; }}
try() {{ comppostfuncs=(_told); zle complete-word; }}
zle -N try; bindkey '^I' try; bindkey '^U' kill-whole-line
setopt extendedglob
echo re''ady
"""


def script(installed, name):
    return os.path.join(SHARE, installed) if SHARE else os.path.join(TREE, name)


def environment(folder):
    path = os.path.dirname(os.path.abspath(lib.program())) + ":" + os.environ["PATH"]
    home = os.path.join(folder, "..", "home")
    return lib.environment(PATH=path, HOME=home, XDG_CONFIG_HOME=home, XDG_DATA_HOME=home, XDG_CACHE_HOME=home)


def unquoted(answer):
    return re.sub(r"\\(.)", r"\1", answer)


class Bash:
    def __init__(self, folder):
        self.folder = folder

    def ask(self, line):
        words = [word for part in re.split(r"(?<!\\) ", line) for word in re.findall(r"=|[^=]+", part) or [""]]
        if line.endswith("="):
            words[-1:] = ["="]
        done = subprocess.run(["bash", "--norc", "-c", BASH, "bash", script("bash-completion/completions/trasloco", "trasloco.bash"), *words], capture_output=True,
                              text=True, cwd=self.folder, env=environment(self.folder), timeout=20)
        if done.stderr:
            raise AssertionError(done.stderr)
        return {unquoted(answer) for answer in done.stdout.split("\n") if answer}

    def close(self):
        pass


class Fish(Bash):
    def ask(self, line):
        done = subprocess.run(["fish", "--no-config", "-c", FISH, script("fish/vendor_completions.d/trasloco.fish", "trasloco.fish"), line], capture_output=True,
                              text=True, cwd=self.folder, env=environment(self.folder), timeout=20)
        if done.returncode or done.stderr:
            raise AssertionError(done.stderr or done.returncode)
        # `--lang=it` is one word; a name with blanks comes as it is.
        return {re.sub(r"^--[a-z-]+=(?=.)", "", answer.split("\t")[0]) for answer in done.stdout.split("\n") if answer}


class Zsh(Bash):
    """One interactive shell on a terminal of its own."""

    def __init__(self, folder):
        super().__init__(folder)
        self.out, setup = os.path.join(folder, "..", "told"), os.path.join(folder, "..", "setup")
        self.seen = b""
        with open(setup, "w", encoding="utf-8") as file:
            file.write(ZSH.format(folder=os.path.dirname(os.path.abspath(script("zsh/vendor-completions/_trasloco", "_trasloco"))), out=self.out))
        self.master, slave = pty.openpty()
        env = environment(folder)
        self.shell = subprocess.Popen(["setsid", "--ctty", "zsh", "-f", "-i"], stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=env)
        os.close(slave)
        self.type(". %s\n" % setup)
        self.wait(lambda: b"ready" in self.seen)

    def type(self, text):
        os.write(self.master, text.encode())

    def wait(self, done):
        until = time.monotonic() + 20
        while not done():
            if time.monotonic() > until or self.shell.poll() is not None:
                raise AssertionError("zsh: " + self.seen.decode("utf-8", "replace"))
            if select.select([self.master], [], [], 0.02)[0]:
                self.seen += os.read(self.master, 65536)

    def told(self):
        try:
            with open(self.out, encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def ask(self, line):
        if os.path.exists(self.out):
            os.unlink(self.out)
        self.type("\x15" + line + "\t")
        self.wait(lambda: "::end" in self.told())
        return {unquoted(answer).rstrip("=") for answer in self.told().split("\n")} - {"", "::end"}

    def close(self):
        self.shell.kill()
        self.shell.wait()
        os.close(self.master)


@functools.cache
def accepts(command, option):
    """None, or what the program says against it. With a value first: without one it would take the next word for it."""
    value = {"--lang": "it", "--progress": "none", "--of": "run", "--workers": "2"}.get(option, "x")
    for form in (option + "=" + value, option):
        done = subprocess.run([lib.program(), command, form, "--help"], capture_output=True, text=True, env=lib.environment(), timeout=20)
        if done.returncode == 0:
            return None
    return done.stderr


def in_help(command):
    done = subprocess.run([lib.program(), command, "--help"], capture_output=True, text=True, env=lib.environment(), timeout=20)
    return set(re.findall(r"--[a-z][a-z-]*", done.stdout[done.stdout.index("\nOptions:"):]))


class Shells:
    """Mixed into one class a shell."""
    shell = None

    @classmethod
    def setUpClass(cls):
        if not shutil.which(cls.shell.__name__.lower()):
            raise unittest.SkipTest("%s is not installed" % cls.shell.__name__.lower())
        lib.program()
        top = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, top)
        cls.folder = os.path.join(top, "work")
        os.makedirs(os.path.join(top, "work", "jobs"))
        os.mkdir(os.path.join(top, "home"))
        for name, text in (("a.yaml", JOB), ("b.yml", JOB.replace("mario", "lucia")), ("c.txt", "")):
            with open(os.path.join(cls.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        shutil.copy(os.path.join(cls.folder, "a.yaml"), os.path.join(cls.folder, "migrate.yaml"))
        cls.one = cls.shell(cls.folder)
        cls.addClassCleanup(cls.one.close)

    alone = True    # zsh's terminal is one

    def ask(self, line):
        return self.one.ask("trasloco " + line)

    def files(self, line):
        return {answer.rstrip("/") for answer in self.ask(line)}

    def test_commands(self):
        self.assertLessEqual(set(COMMANDS), self.ask(""))
        self.assertEqual(self.ask("ru"), {"run"})
        self.assertEqual(self.ask("re"), {"report", "refused"})
        self.assertEqual(self.ask("help ve"), {"verify"})

    def test_options(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                offered = {option for option in self.ask(command + " --") if option.startswith("--")}
                wrong = {option: accepts(command, option) for option in offered}
                self.assertEqual({option: why for option, why in wrong.items() if why}, {}, "offered, and not taken by the program")
                self.assertEqual(in_help(command) - offered, set(), "in the help, and not offered")

    def test_begun(self):
        self.assertEqual(self.ask("run --no-v"), {"--no-verify"})
        self.assertEqual(self.ask("status a.yaml --fo"), {"--follow"})
        self.assertEqual(self.ask("run --deep"), set())

    def test_values(self):
        for line, values in (("run --progress ", "auto bar plain json none"), ("run --progress=", "auto bar plain json none"), ("report --of ", "plan run verify"),
                             ("status --lang=", "it en"), ("status --lang=i", "it"), ("providers lib", "libero libero-pec")):
            with self.subTest(line=line):
                self.assertEqual(self.ask(line), set(values.split()))

    def test_files(self):
        self.assertEqual(self.files("run "), {"a.yaml", "b.yml", "migrate.yaml", "jobs"})
        self.assertEqual(self.files("verify --deep b"), {"b.yml"})
        self.assertEqual(self.files("run --log c"), {"c.txt"})
        self.assertEqual(self.files("run --log=c"), {"c.txt"})
        self.assertEqual(self.files("report --json c"), {"c.txt"})
        self.assertEqual(self.files("refused --export "), {"jobs"})
        self.assertNotIn("c.txt", self.files("status --json "))

    def test_accounts(self):
        self.assertEqual(self.ask("run --account "), {"mario", "anna b", "info"})
        self.assertEqual(self.ask("run b.yml --account "), {"lucia", "anna b", "info"})
        self.assertEqual(self.ask("status --account=ma"), {"mario"})
        self.assertEqual(self.ask("status --account anna\\ "), {"anna b"})


class InBash(Shells, unittest.TestCase):
    shell = Bash


class InZsh(Shells, unittest.TestCase):
    shell = Zsh


class InFish(Shells, unittest.TestCase):
    shell = Fish


if __name__ == "__main__":
    lib.tail()
