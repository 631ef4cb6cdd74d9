#!/usr/bin/env python3
"""The instruments tested: servers, fault proxy, corpus and comparator, with imaplib as the only client."""
import imaplib
import os
import socket
import ssl
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]
import compare  # noqa: E402
import corpus  # noqa: E402
import dovecot  # noqa: E402
import unpacked  # noqa: E402
from courier import Courier  # noqa: E402
from cyrus import Cyrus  # noqa: E402
from dovecot import PASSWORD, Dovecot  # noqa: E402
from proxy import Command, Cut, Freeze, Proxy, Reply, Splitter, asynchronous, change_literals  # noqa: E402

MAIL = b"Message-ID: <%d@x>\r\nSubject: prova\r\n\r\ncorpo\r\n"


class Servers(unittest.TestCase):
    def test_kinds(self):
        for kind, (_, prefix, separator) in dovecot.KINDS.items():
            with self.subTest(kind=kind), Dovecot(kind) as server:
                imap = server.login("mario")
                self.assertEqual(compare.namespace(imap), (prefix, separator))
                self.assertEqual(imap.append("INBOX", None, None, MAIL % 1)[0], "OK")
                imap.create(prefix + "a" + separator + "b")
                self.assertEqual(set(compare.read(server, "mario").boxes) - {"a"}, {"INBOX", "a/b"})

    def test_certificates(self):
        words = {"good": None, "expired": "expired", "wrong-host": "mismatch", "untrusted": "local issuer"}
        for cert in dovecot.CERTS:
            with self.subTest(cert=cert), Dovecot("target", cert=cert) as server:
                context = ssl.create_default_context(cafile=server.ca)
                connect = lambda: imaplib.IMAP4_SSL("127.0.0.1", server.tls_port, ssl_context=context).shutdown()
                if words[cert]:
                    self.assertRaisesRegex(ssl.SSLError, words[cert], connect)
                else:
                    connect()

    def test_wrong_password(self):
        with Dovecot("target") as server:
            imap = imaplib.IMAP4("127.0.0.1", server.port)
            self.assertRaises(imaplib.IMAP4.error, imap.login, "mario", "falsa")

    def test_kill_and_start_again(self):
        with Dovecot("target") as server:
            imap = server.login("mario")
            imap.append("INBOX", None, None, MAIL % 1)
            server.kill()
            self.assertRaises((OSError, imaplib.IMAP4.abort), imap.noop)
            self.assertRaises(OSError, socket.create_connection, ("127.0.0.1", server.port), 1)
            server.start()
            self.assertEqual(server.login("mario").select("INBOX"), ("OK", [b"1"]))

    def test_refusals(self):
        with Dovecot("target", max_mail_size="1k") as server:
            imap = server.login("mario")
            self.assertEqual(imap.append("INBOX", None, None, MAIL % 1)[0], "OK")
            self.assertEqual(imap.append("INBOX", None, None, MAIL % 1 + b"x" * 2000)[0], "NO")
        with Dovecot("target", quota="1M") as server:
            imap = server.login("mario")
            self.assertEqual(imap.append("INBOX", None, None, MAIL % 1)[0], "OK")
            self.assertEqual(imap.append("INBOX", None, None, MAIL % 1 + b"x\r\n" * 500000)[0], "NO")

    def test_nothing_is_left(self):
        server = Dovecot("source")
        root, master = server.root, server.master
        family = dovecot.children(master)
        self.assertTrue(family)
        server.close()
        self.assertFalse(os.path.exists(root))
        self.assertFalse([pid for pid in [*family, master] if dovecot.running(pid, None)])


class Others(unittest.TestCase):
    """Courier and Cyrus, unpacked: two of a kind at once, each kind of connection, killed and started again, nothing left behind."""

    def two(self, make, make_second):
        try:
            first = make()
        except unpacked.Missing as reason:
            self.skipTest(str(reason))
        second = make_second()
        pids = [pid for server in (first, second) for pid in server.pids()]
        try:
            for number, server in enumerate((first, second)):
                imap = server.login("mario")
                imap.create(server.prefix + "Posta")
                for _ in range(number + 1):
                    self.assertEqual(imap.append(server.prefix + "Posta", "(\\Seen)", None, MAIL % 1)[0], "OK")
                server.kill()
                self.assertRaises(OSError, socket.create_connection, (server.host, server.port), 1)
                server.start()
                self.assertEqual(compare.read(server, "mario").count(), number + 1)
                context = ssl.create_default_context(cafile=server.ca)
                imap = imaplib.IMAP4_SSL("localhost", server.tls_port, ssl_context=context)
                if number == 0:     # they take their time for a no
                    self.assertRaises(imaplib.IMAP4.error, imap.login, "mario", "wrong")
                imap = imaplib.IMAP4("localhost", server.port)
                imap.starttls(context)
                imap.authenticate("PLAIN", lambda _: b"\0mario\0" + PASSWORD.encode())
                pids += server.pids()
        finally:
            for server in (first, second):
                server.close()
        self.assertFalse(os.path.exists(first.root) or os.path.exists(second.root))
        self.assertFalse([pid for pid in pids if dovecot.running(pid, None)])

    def test_courier(self):
        self.two(Courier, Courier)

    def test_cyrus(self):
        self.two(lambda: Cyrus("source"), lambda: Cyrus("target"))


class Splitting(unittest.TestCase):
    TABLE = [
        (b"a NOOP\r\n", [("line", b"a NOOP\r\n")]),
        (b"a X {3}\r\nb\r\n\r\n", [("line", b"a X {3}\r\n"), ("literal", b"b\r\n"), ("line", b"\r\n")]),
        (b"a X {3+}\r\n{1} {2}\r\nzz\r\n", [("line", b"a X {3+}\r\n"), ("literal", b"{1}"), ("line", b" {2}\r\n"),
                                             ("literal", b"zz"), ("line", b"\r\n")]),
        (b"a X {0}\r\n\r\n", [("line", b"a X {0}\r\n"), ("line", b"\r\n")]),
    ]

    def test_at_once_and_byte_by_byte(self):
        for stream, pieces in self.TABLE:
            self.assertEqual(list(Splitter().feed(stream)), pieces)
            slow, splitter = [], Splitter()
            for at in range(len(stream)):
                slow += splitter.feed(stream[at:at + 1])
            self.assertEqual(b"".join(piece for _, piece in slow), stream)
            self.assertEqual([piece for kind, piece in slow if kind == "line"], [p for kind, p in pieces if kind == "line"])

    def test_asynchronous(self):
        self.assertEqual(asynchronous(b"a APPEND x {3}\r\n{4} {5+}\r\n12345\r\n"), b"a APPEND x {3+}\r\n{4} {5+}\r\n12345\r\n")

    def test_change_literals(self):
        self.assertEqual(change_literals(b"a APPEND x {3}\r\nabc () {2+}\r\nde\r\n", lambda mail: mail[1:]),
                         b"a APPEND x {2+}\r\nbc () {1+}\r\ne\r\n")


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Dovecot("target")
        cls.addClassCleanup(cls.server.close)
        cls.number = 0

    def setUp(self):
        Faults.number += 1
        self.user = "u%d" % Faults.number
        self.proxy = Proxy(self.server.port)
        self.addCleanup(self.proxy.close)

    def login(self, limit=5):
        imap = imaplib.IMAP4("127.0.0.1", self.proxy.port, timeout=limit)
        imap.login(self.user, PASSWORD)
        return imap

    def append(self, imap, number, body=b""):
        return imap.append("INBOX", None, None, MAIL % number + body)

    def stored(self):
        return [mail.message_id for mail in compare.read(self.server, self.user).boxes["INBOX"].mails]

    def test_passes_everything(self):
        folders = corpus.mailbox(self.user, 40, big=2)
        corpus.append(self.login(60), folders)
        mails = compare.read(self.proxy.port, self.user)
        self.assertEqual(compare.differences(mails, compare.read(self.server, self.user)), [])
        self.assertEqual(mails.count(), 40)
        self.assertEqual(self.proxy.count("APPEND"), 40)
        self.assertFalse(any(PASSWORD.encode() in text for text in self.proxy.commands))

    def test_speed(self):
        imap, began = self.login(60), time.monotonic()
        self.append(imap, 1, b"0123456789abcde\r\n" * (100 << 16))
        imap.select("INBOX")
        data = imap.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
        self.assertGreater(len(data[0][1]), 100 << 20)
        self.assertLess(time.monotonic() - began, 60)

    def test_rate(self):
        self.proxy.rate = 1 << 20
        imap, began = self.login(20), time.monotonic()
        self.append(imap, 1, b"0123456789abcde\n" * (2 << 16))
        self.assertTrue(1.2 < time.monotonic() - began < 6)

    def test_cut(self):
        for way, after in (("up", 2000), ("down", 500), ("up", 0)):
            fault = self.proxy.add(Cut(way, after))
            with self.assertRaises((OSError, imaplib.IMAP4.abort)):
                imap = self.login()
                for number in range(100):
                    self.append(imap, number)
            self.assertEqual(fault.struck, 1)
        self.login().logout()
        self.assertTrue(0 < len(self.stored()) < 100)

    def test_freeze(self):
        fault = self.proxy.add(Freeze("down", 600))
        began = time.monotonic()
        with self.assertRaises((OSError, imaplib.IMAP4.abort)):
            imap = self.login(1)
            for number in range(100):
                self.append(imap, number)
        self.assertGreater(time.monotonic() - began, 0.9)
        self.assertTrue(fault.happened.is_set())

    def test_reply_swallowed(self):
        self.proxy.add(Reply("APPEND", nth=2, do="swallow"))
        imap = self.login(1)
        self.append(imap, 1)
        self.assertRaises((OSError, imaplib.IMAP4.abort), self.append, imap, 2)
        self.assertEqual(self.stored(), ["<1@x>", "<2@x>"])

    def test_reply_closed(self):
        self.proxy.add(Reply("APPEND", do="close"))
        self.assertRaises((OSError, imaplib.IMAP4.abort), self.append, self.login(), 1)
        self.assertEqual(self.stored(), ["<1@x>"])

    def test_reply_no_after_storing(self):
        self.proxy.add(Reply("APPEND", do="no"))
        imap = self.login()
        self.assertEqual(self.append(imap, 1)[0], "NO")
        self.assertEqual(self.append(imap, 2)[0], "OK")
        self.assertEqual(self.stored(), ["<1@x>", "<2@x>"])

    def test_dropped(self):
        self.proxy.add(Command("APPEND", nth=2, do="drop"))
        imap = self.login()
        self.assertEqual([self.append(imap, n)[0] for n in (1, 2, 3)], ["OK"] * 3)
        self.assertEqual(self.stored(), ["<1@x>", "<3@x>"])

    def test_doubled(self):
        self.proxy.add(Command("APPEND", nth=2, do="double"))
        imap = self.login()
        self.assertEqual([self.append(imap, n)[0] for n in (1, 2, 3)], ["OK"] * 3)
        self.assertEqual(self.stored(), ["<1@x>", "<2@x>", "<2@x>", "<3@x>"])

    def test_changed(self):
        self.proxy.add(Command("APPEND", do=lambda whole: whole.replace(b"corpo", b"altro")))
        self.append(self.login(), 1)
        imap = self.server.login(self.user)
        imap.select("INBOX")
        self.assertIn(b"altro", imap.uid("FETCH", "1", "(BODY.PEEK[])")[1][0][1])

    def test_late(self):
        fault = self.proxy.add(Command("APPEND", nth=2, do="late", delay=1))
        imap = self.login(1)
        self.append(imap, 1)
        self.assertRaises((OSError, imaplib.IMAP4.abort), self.append, imap, 2)
        self.assertEqual(self.stored(), ["<1@x>"])
        imap.sock.close()
        imap.file.close()
        time.sleep(0.5)
        self.assertEqual(self.stored(), ["<1@x>"])
        self.assertTrue(fault.delivered.wait(5))
        self.assertEqual(self.stored(), ["<1@x>", "<2@x>"])

    def test_bare_server(self):
        self.proxy.capability, self.proxy.strip_appenduid = "IMAP4rev1", True
        imap = self.login()
        self.assertEqual(imap.capabilities, ("IMAP4REV1",))
        self.assertEqual(set(imap.capability()[1]), {b"IMAP4rev1"})
        self.assertNotIn(b"APPENDUID", self.append(imap, 1)[1][0])
        self.assertEqual(self.stored(), ["<1@x>"])

    def test_rewrite(self):
        self.proxy.rewrite = lambda line: line.replace(b" \\*)", b")")
        imap = self.login()
        imap.select("INBOX")
        self.assertNotIn(b"\\*", imap.response("PERMANENTFLAGS")[1][0])

    def test_many_connections(self):
        def work(number):
            imap = imaplib.IMAP4("127.0.0.1", self.proxy.port, timeout=20)
            imap.login("%s-%d" % (self.user, number), PASSWORD)
            for mail in range(20):
                imap.append("INBOX", None, None, MAIL % mail)
            imap.logout()
        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.proxy.connections, 8)
        for number in range(8):
            self.assertEqual(compare.read(self.server, "%s-%d" % (self.user, number)).count(), 20)


class Corpus(unittest.TestCase):
    NAMES = [("Posta inviata", "Posta inviata"), ("Perché no", "Perch&AOk- no"), ("R&D", "R&-D"), ("日本語", "&ZeVnLIqe-"),
             ("Città di Forlì", "Citt&AOA- di Forl&AOw-"), ("a😀b", "a&2D3eAA-b"), ("", "")]

    def test_names(self):
        for name, wire in self.NAMES:
            self.assertEqual(corpus.mutf7(name), wire)
            self.assertEqual(corpus.utf7(wire), name)

    def test_the_same_every_time(self):
        bytes_of = lambda user: [m.data for f in corpus.mailbox(user, 60) for m in f.messages]
        self.assertEqual(bytes_of("mario"), bytes_of("mario"))
        self.assertNotEqual(bytes_of("mario"), bytes_of("giulia"))
        self.assertEqual(len(bytes_of("mario")), 60)

    def test_traps_are_there(self):
        mails = [m.data for f in corpus.mailbox("mario", 60) for m in f.messages]
        self.assertGreater(len(mails), len(set(mails)))
        self.assertTrue(any(b"CREATE hacked" in data for data in mails))
        self.assertTrue(any(b"\r\n\r\n" not in data for data in mails))
        self.assertTrue(any(not data.isascii() for data in mails))
        self.assertTrue(any(b"essage-I" not in data for data in mails))

    def test_big_ones(self):
        sizes = sorted(len(m.data) for f in corpus.mailbox("mario", 40, big=3) for m in f.messages)
        self.assertTrue((1 << 20) < sizes[-3] and (20 << 20) < sizes[-1] < (21 << 20), sizes[-3:])

    def test_files_and_appends_are_the_same(self):
        with Dovecot("source") as source, Dovecot("target") as target:
            folders = corpus.mailbox("mario", 100, deleted=2)
            corpus.write_maildir(source, "mario", folders)
            a = compare.read(source, "mario")
            self.assertEqual({name: len(box.mails) for name, box in a.boxes.items()}, {f.name: len(f.messages) for f in folders})
            self.assertEqual(a.subscribed, {f.name for f in folders if f.subscribed})
            for folder in folders:
                folder.messages = [m for m in folder.messages if "\\Deleted" not in m.flags]
            corpus.append(target.login("mario"), folders)
            b = compare.read(target, "mario")
            self.assertEqual(compare.differences(a, b, ordered=True), [])
            self.assertEqual((a.count(), b.count()), (100, 98))


class Comparing(unittest.TestCase):
    """The comparator has to see every kind of harm."""

    @classmethod
    def setUpClass(cls):
        cls.target = Dovecot("target")
        cls.addClassCleanup(cls.target.close)
        cls.folders = corpus.mailbox("mario", 40)
        corpus.append(cls.target.login("good"), cls.folders)
        cls.good = compare.read(cls.target, "good")

    def harm(self, user, change, **options):
        imap = self.target.login(user)
        corpus.append(imap, self.folders)
        imap.select("INBOX")
        change(imap)
        imap.logout()
        return compare.differences(self.good, compare.read(self.target, user), **options)

    def test_none(self):
        self.assertEqual(self.harm("h0", lambda imap: None, ordered=True), [])

    def expunge(self, imap, uid):
        imap.uid("STORE", str(uid), "+FLAGS", "(\\Deleted)")
        imap.expunge()

    def again(self, imap, uid, change=lambda data: data, flags=None, date=None):
        """Takes a mail out and stores it anew, changed."""
        meta, data = imap.uid("FETCH", str(uid), "(FLAGS INTERNALDATE BODY.PEEK[])")[1][0]
        mail = compare.parse(meta + b" UID 1 RFC822.SIZE 1", data)
        self.expunge(imap, uid)
        imap.append("INBOX", "(%s)" % " ".join(mail.flags if flags is None else flags),
                    imaplib.Time2Internaldate(date or time.mktime(mail.date)), change(data))

    def test_each_harm(self):
        harms = [
            ("lost", lambda imap: self.expunge(imap, 3)),
            ("doubled", lambda imap: imap.append("INBOX", None, None, self.folders[0].messages[2].data)),
            ("altered", lambda imap: self.again(imap, 5, lambda data: data.replace(b"byte", b"bite").replace(b"e", b"f"))),
            ("altered", lambda imap: self.again(imap, 5, lambda data: data[:-20])),
            ("re-dated", lambda imap: self.again(imap, 5, date=1500000000)),
            ("flags", lambda imap: self.again(imap, 5, flags=["\\Draft", "Altro"])),
            ("flags", lambda imap: imap.uid("STORE", "1:*", "-FLAGS", "(\\Seen)")),
            ("flags", lambda imap: imap.uid("STORE", "4", "+FLAGS", "(Privato)")),
            ("order", lambda imap: self.again(imap, 5)),
            ("no such folder", lambda imap: imap.delete('"Vuota"')),
            ("source has not", lambda imap: imap.create("hacked")),
            ("not subscribed", lambda imap: imap.unsubscribe('"Bozze"')),
        ]
        for number, (word, change) in enumerate(harms):
            with self.subTest(word=word, number=number):
                found = self.harm("h%d" % (number + 1), change, ordered=True)
                self.assertTrue(any(word in line for line in found), found)

    def test_line_ends_are_a_note(self):
        mail = compare.parse(b'UID 1 FLAGS () INTERNALDATE "01-Jan-2011 00:00:00 +0000" RFC822.SIZE 4', b"a\r\nb\r\n")
        other = compare.parse(b'UID 1 FLAGS () INTERNALDATE "01-Jan-2011 00:00:00 +0000" RFC822.SIZE 3', b"a\nb")
        self.assertEqual(mail.same, other.same)
        self.assertNotEqual(mail.sha, other.sha)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
