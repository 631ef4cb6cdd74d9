#!/usr/bin/env python3
"""T27: STARTTLS stripped, refused or injected, PREAUTH before TLS, wrong, expired, self-signed certificates: refused (5); nothing learnt before TLS
survives; never in the clear without an explicit word."""
import socket
import ssl
import threading

from trap import Case, lib
from dovecot import PASSWORD, Dovecot


class Fake:
    """A server that says its lines in the clear, then perhaps speaks TLS with that certificate, and notes all that it hears."""

    def __init__(self, greeting, answer, behind=b"", certificate=None):
        self.greeting, self.answer, self.behind, self.certificate, self.heard = greeting, answer, behind, certificate, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def talk(self, client):
        client.settimeout(5)
        try:
            client.sendall(self.greeting)
            while line := client.recv(4096):
                self.heard += line
                tag, word = line.split()[:2]
                if word == b"STARTTLS":
                    client.sendall(tag + b" " + self.answer + b"\r\n" + self.behind.replace(b"TAG", b"T%d" % (int(tag[1:]) + 1)))
                    if self.certificate and self.answer.startswith(b"OK"):
                        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                        context.load_cert_chain(*self.certificate)
                        client = context.wrap_socket(client, server_side=True)
                else:
                    client.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK\r\n")
        except (OSError, ValueError):
            pass
        client.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class InTheLine(Case):
    def refused(self, user, fake, code=5, **more):
        self.addCleanup(fake.close)
        self.fill(user, 30)
        account = {"tls": "starttls", "ca_file": self.target.ca, "timeout": "3s", **more}
        job = self.job(lib.account(user, self.source, fake, target_more=account), limits={"give_up": "3s"})
        result = job.run()
        self.ended(result, code)
        self.assertNotIn(b"LOGIN", fake.heard.upper())
        self.assertNotIn(b"AUTHENTICATE", fake.heard.upper())
        self.assertNotIn(PASSWORD.encode(), fake.heard)
        return result

    def own(self):
        return self.target.ca.replace("ca.pem", "cert.pem"), self.target.ca.replace("ca.pem", "key.pem")

    def test_refused(self):
        for n, answer in enumerate((b"NO not today", b"BAD what?")):
            with self.subTest(answer=answer):
                self.refused("rifiuto%d" % n, Fake(b"* OK hi\r\n", answer))

    def test_injected(self):
        """Lines in the clear behind the OK, as if they came through TLS: nothing of them is believed, and nobody signs in."""
        for n, behind in enumerate((b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", b"* PREAUTH welcome\r\n", b"TAG OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] fine\r\n")):
            with self.subTest(behind=behind):
                result = self.refused("iniettato%d" % n, Fake(b"* OK hi\r\n", b"OK go on", behind, self.own()))
                self.assertIn("before TLS", result.out)

    def test_preauth(self):
        """A greeting that says we are in already: no TLS can begin then, and no mail goes through such a line."""
        for n, tls in enumerate(("starttls", "none")):
            with self.subTest(tls=tls):
                self.refused("dentro%d" % n, Fake(b"* PREAUTH welcome\r\n", b"OK"), tls=tls, **({"ca_file": None} if tls == "none" else {}))


class Certificates(Case):
    def refused(self, side, cert, tls):
        kind = "source" if side == "source" else "target"
        with Dovecot(kind, cert=cert) as bad:
            user = "mario"
            source, target = (bad, self.target) if side == "source" else (self.source, bad)
            if side == "source":
                self.fill(user, 30, server=bad)
            job = self.job(lib.account(user, source, target, "%s-%s-%s" % (side, cert, tls), **{side + "_more": {"tls": tls}}))
            result = job.run()
            doc = self.ended(result, 5)
            self.assertTrue(lib.problems(doc, "tls-failed"), doc)
            self.assertEqual(lib.only(doc)["next"], "fix-first")
            # Not a word was said through such a line.
            self.assertNotIn("Login: user=<mario>" if side == "source" else "Login:", bad.log())

    def test_bad_certificates(self):
        self.fill("mario", 30)
        for side in ("source", "target"):
            for cert in ("expired", "wrong-host", "untrusted"):
                for tls in ("implicit", "starttls"):
                    with self.subTest(side=side, cert=cert, tls=tls):
                        self.refused(side, cert, tls)

    def test_starttls(self):
        self.fill("salita", 40)
        tls = {"tls": "starttls"}
        job = self.job(lib.account("salita", self.source, self.target, source_more=tls, target_more=tls))
        self.ended(job.run())
        self.same("salita")
        self.assertIn("TLS", [line for line in self.target.log().splitlines() if "user=<salita>" in line][0])

    def test_starttls_stripped(self):
        """Someone in the middle takes STARTTLS out of the capabilities: 5, and no password is sent."""
        self.fill("spoglio", 30)
        proxy = self.proxy(self.target)
        proxy.capability = "IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+"
        job = self.job(lib.account("spoglio", self.source, proxy, target_more={"tls": "starttls", "ca_file": self.target.ca}))
        self.ended(job.run(), 5)
        self.assertEqual(proxy.count("LOGIN") + proxy.count("AUTHENTICATE"), 0)

    def test_system_store_does_not_know_our_ca(self):
        self.fill("sistema", 30)
        job = self.job(lib.account("sistema", self.source, self.target, target_more={"tls": "implicit", "ca_file": None}))
        self.ended(job.run(), 5)

    def test_name_of_the_host(self):
        self.fill("nome", 30)
        tls = {"tls": "implicit", "host": "localhost"}
        self.ended(self.job(lib.account("nome", self.source, self.target, source_more=tls, target_more=tls)).run())
        self.same("nome")

    def test_plain_line_needs_a_word(self):
        """tls: none to a host that is not loopback is an error of the job file; nobody is connected to."""
        job = self.job(lib.account("chiaro", self.source, self.target, target_more={"host": "192.0.2.1"}))
        result = job.run(limit=10)
        self.assertEqual(result.code, 2, result.tell())
        self.assertRegex(result.err, r"migrate\.yaml:\d+:\d+: .*(insecure|tls)")

    def test_one_bad_certificate_beside_good_ones(self):
        with Dovecot("source", cert="expired") as bad:
            self.fill("cattivo", 30, server=bad)
            self.fill("buono", 30)
            job = self.job(lib.account("cattivo", bad, self.target, source_more={"tls": "implicit"}),
                           lib.account("buono", self.source, self.target))
            doc = self.ended(job.run(), 5)
            self.assertEqual([a["exit"] for a in doc["accounts"]], [5, 0])
            self.same("buono")


if __name__ == "__main__":
    lib.tail()
