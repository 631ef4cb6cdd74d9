#!/usr/bin/env python3
"""T27: STARTTLS stripped, refused or injected, PREAUTH before TLS, wrong, expired, self-signed certificates: refused (5); nothing learnt before TLS
survives; never in the clear without an explicit word."""
from trap import Case, lib
from dovecot import Dovecot


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
