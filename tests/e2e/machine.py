"""The machine that fails: tests/faults/faults.h, loaded in front of the program. TRASLOCO_FAULTS names the library."""
import os
import random
import unittest

import lib

SECTOR = 512


def loaded(**wish):
    """What the environment needs for it: loaded(disk=path, bytes=1000) sets FAULTS_DISK and FAULTS_BYTES."""
    library = os.environ.get("TRASLOCO_FAULTS")
    if not library or not os.path.exists(library):
        raise unittest.SkipTest("TRASLOCO_FAULTS does not name the library")
    env = {"FAULTS_" + key.upper(): value for key, value in wish.items()}
    options = lib.environment()["ASAN_OPTIONS"] + ":verify_asan_link_order=0"
    return {"LD_PRELOAD": library, "ASAN_OPTIONS": options, **env}


def torn(live, synced, rng):
    """A file as a power cut may leave it: of what was written since it was synced, any sectors."""
    live = live[:rng.randint(min(len(synced), len(live)), len(live))]
    out = bytearray()
    for at in range(0, max(len(live), len(synced)), SECTOR):
        new, old = live[at:at + SECTOR], synced[at:at + SECTOR]
        out += new if new and (rng.random() < 0.5 or not old) and rng.random() < 0.9 else old.ljust(len(new), b"\0")
    return bytes(out)


def read(path):
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


def cut_power(state, survived, seed=None):
    """The state as it is after a power cut: what was synced, and with a seed anything of the rest. survived: the folder of FAULTS_POWER."""
    rng = random.Random(seed)
    for path in (state, state + "-wal"):
        old = read(os.path.join(survived, os.path.basename(path)))
        new = torn(read(path), old, rng) if seed is not None else old
        if os.path.exists(path) or new:
            with open(path, "wb") as file:
                file.write(new)
    for path in (state + "-shm",):
        if os.path.exists(path):
            os.unlink(path)
