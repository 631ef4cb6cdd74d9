"""Runs the tests of one file side by side: most of their time goes by in waiting for a server or a time limit.

A class's tests share its servers and use mailboxes of their own, so they do not meet. A class with `alone = True` breaks
its servers: its tests run one after another. TRASLOCO_TEST_THREADS says how many run at once (default 4, or what a class says in `threads`).
"""
import concurrent.futures
import os
import sys
import time
import unittest

THREADS = int(os.environ.get("TRASLOCO_TEST_THREADS", "4"))


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def run_one(test):
    """The test's own result, since unittest's is not made for threads."""
    result, began = unittest.TestResult(), time.monotonic()
    test.run(result)
    bad = result.failures + result.errors + [(t, "unexpected success\n") for t in result.unexpectedSuccesses]
    word = "FAIL" if bad else "skip: " + result.skipped[0][1] if result.skipped else "ok"
    print("%-50s %5.1f s  %s" % (test.id().replace("__main__.", ""), time.monotonic() - began, word), file=sys.stderr, flush=True)
    return bad


def run_class(cls, tests):
    try:
        cls.setUpClass()
    except unittest.SkipTest as reason:
        print("%s  skip: %s" % (cls.__name__, reason), file=sys.stderr)
        cls.doClassCleanups()
        return [], len(tests)
    try:
        if getattr(cls, "alone", False):
            found = [run_one(test) for test in tests]
        else:
            with concurrent.futures.ThreadPoolExecutor(max_workers=getattr(cls, "threads", THREADS)) as pool:
                found = list(pool.map(run_one, tests))
    finally:
        cls.tearDownClass()
        cls.doClassCleanups()
    return [bad for each in found for bad in each], 0


def main():
    """Tests named on the command line, or all of the file. Ends the process: 77 when all were skipped."""
    import __main__
    loader = unittest.defaultTestLoader
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    suite = loader.loadTestsFromNames(names, __main__) if names else loader.loadTestsFromModule(__main__)
    classes = {}
    for test in tests_of(suite):
        classes.setdefault(type(test), []).append(test)
    bad, skipped, total, began = [], 0, sum(map(len, classes.values())), time.monotonic()
    for cls, tests in classes.items():
        found, missed = run_class(cls, tests)
        bad, skipped = bad + found, skipped + missed
    for test, text in bad:
        print("=" * 70 + "\n%s\n%s" % (test.id(), text), file=sys.stderr)
    print("%d tests, %d bad, %.0f s" % (total, len(bad), time.monotonic() - began), file=sys.stderr, flush=True)
    sys.exit(1 if bad else 77 if skipped == total else 0)
