#!/usr/bin/env python3
"""The ways to sign in: mechanisms by name and by choice, a master user, access tokens, pinned certificates."""
import lib
from dovecot import MASTER_PASSWORD
from tokens import Tokens


class Mechanisms(lib.Case):
    """The target knows them all, the source only plain and login."""

    @classmethod
    def setUpClass(cls):
        cls.tokens = Tokens({"ya29." + auth: "gettone-" + auth for auth in ("auto", "xoauth2", "oauthbearer")})
        cls.addClassCleanup(cls.tokens.close)
        cls.target_options = {"mechanisms": "plain login scram-sha-256 xoauth2 oauthbearer", "master": "admin", "tokens": cls.tokens.port}
        super().setUpClass()

    def logins(self, user):
        """What the target's log says of each sign-in of that user."""
        return [line for line in self.target.log().splitlines() if "Login: user=<%s>" % user in line]

    def moved(self, user, **more):
        self.fill(user, 30)
        result = self.job(lib.account(user, self.source, self.target, target_more=more)).run()
        self.ended(result)
        lines = self.logins(user)  # before the comparison signs in by its own way
        self.assertTrue(lines)
        self.same(user)
        for secret in (lib.PASSWORD, MASTER_PASSWORD, "ya29"):
            self.assertNotIn(secret, result.out + result.err)
        return lines

    def test_each_by_name(self):
        for auth in ("plain", "login", "scram-sha-256"):
            with self.subTest(auth=auth):
                for line in self.moved("da-" + auth, auth=auth):
                    self.assertIn("method=" + auth.upper(), line)

    def test_chosen_in_the_clear(self):
        for line in self.moved("scelto"):
            self.assertIn("method=SCRAM-SHA-256", line)

    def test_not_offered(self):
        """The error names what there is; nothing else is tried."""
        self.fill("altro", 30)
        job = self.job(lib.account("altro", self.source, self.target, source_more={"auth": "scram-sha-256"}))
        doc = self.ended(job.run(), 4)
        texts = [p["text"] for p in lib.problems(doc, "login-refused")]
        self.assertTrue(any("PLAIN" in text and "LOGIN" in text for text in texts), texts)
        self.assertNotIn("user=<altro>", self.source.log())

    def test_wrong_password_by_scram(self):
        self.fill("sbagliato", 30)
        job = self.job(lib.account("sbagliato", self.source, self.target, target_more={"auth": "scram-sha-256", "password": "falsa"}))
        self.assertEqual(job.run().code, 4)

    def test_master_user(self):
        """admin signs in, the mail goes into the user's own mailbox."""
        for auth in ("plain", "scram-sha-256"):
            with self.subTest(auth=auth):
                self.moved("per-" + auth, auth=auth, auth_user="admin", password=MASTER_PASSWORD)
                self.assertEqual(self.logins("admin"), [])

    def test_nobodys_master(self):
        self.fill("altrui", 30)
        job = self.job(lib.account("altrui", self.source, self.target, target_more={"auth_user": "mario"}))
        self.assertEqual(job.run().code, 4)
        self.assertEqual(self.logins("altrui"), [])

    def test_token(self):
        for auth, method in (("auto", "OAUTHBEARER"), ("xoauth2", "XOAUTH2"), ("oauthbearer", "OAUTHBEARER")):
            with self.subTest(auth=auth):
                lines = self.moved("gettone-" + auth, auth=auth, password=None, token_command=["printf", "%s", "ya29." + auth])
                for line in lines:
                    self.assertIn("method=" + method, line)

    def test_stale_token(self):
        """Refused: 4, and the token is in no text."""
        self.fill("scaduto", 30)
        job = self.job(lib.account("scaduto", self.source, self.target, target_more={
            "password": None, "token_command": ["printf", "%s", "ya29.stale"]}))
        result = job.run()
        self.assertEqual(result.code, 4, result.tell())
        self.assertNotIn("ya29", result.out + result.err)

    def test_wire_log(self):
        """Every line both ways, no secret in any form, no mail."""
        for auth in ("plain", "login", "scram-sha-256"):
            with self.subTest(auth=auth):
                user = "filo-" + auth
                self.fill(user, 30)
                job = self.job(lib.account(user, self.source, self.target, target_more={"auth": auth}))
                path = lib.os.path.join(job.folder, "wire.log")
                self.ended(job.run("--wire-log", path))
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                for line in ("C: T1 AUTHENTICATE", "S: * OK", " APPEND ", " bytes}", "OK "):
                    self.assertIn(line, text)
                for secret in (lib.PASSWORD, "c2VjcmV0", "NlY3JldA", "zZWNyZX", "Subject:", "Received:"):
                    self.assertNotIn(secret, text)

    def test_fingerprint(self):
        """It alone decides: no CA is asked, and a certificate that every CA would sign is refused when it is another."""
        for tls in ("implicit", "starttls"):
            with self.subTest(tls=tls):
                self.moved("impronta-" + tls, tls=tls, port=self.port(tls), ca_file=None, fingerprint=self.target.fingerprint)
                self.assertIn("TLS", self.logins("impronta-" + tls)[0])
                user = "altra-" + tls
                self.fill(user, 30)
                other = "AB:" * 31 + "CD"
                job = self.job(lib.account(user, self.source, self.target, target_more={"tls": tls, "port": self.port(tls), "fingerprint": other}))
                doc = self.ended(job.run(), 5)
                text = " ".join(p["text"] for p in lib.problems(doc, "tls-failed"))
                self.assertIn(self.target.fingerprint, text)
                self.assertIn("abab", text)
                self.assertEqual(self.logins(user), [])

    def port(self, tls):
        return self.target.tls_port if tls == "implicit" else self.target.port


if __name__ == "__main__":
    lib.tail()
