#!/usr/bin/env python3
"""T23: an access token that expires in the middle: a fresh one is fetched and the move goes on, without a lost or doubled message."""
import os

from trap import Case, lib
from tokens import Tokens

SESSION_EXPIRED = b"* BYE Session invalidated - AccessTokenExpired\r\n"


class TokenExpires(Case):
    @classmethod
    def setUpClass(cls):
        cls.tokens = Tokens({})
        cls.addClassCleanup(cls.tokens.close)
        cls.target_options = {"mechanisms": "plain login xoauth2 oauthbearer", "tokens": cls.tokens.port}
        super().setUpClass()

    def ready(self, user, expire):
        """A job whose token is good for the first mails only: `expire` is what the line does then; from then on only another token is."""
        self.fill(user, 60)
        first, second = "ya29.prima-" + user, "ya29.dopo-" + user
        self.tokens.known[first] = user
        job = self.job(lib.account("nobody", 1, 1))
        path = os.path.join(job.folder, "token")

        def change(token):
            with open(path + ".new", "w") as file:
                file.write(token)
            os.rename(path + ".new", path)

        def over():
            self.tokens.known.pop(first, None)
            self.tokens.known[second] = user
            change(second)
        target = expire(over)
        change(first)
        job.write([lib.account(user, self.source, target, target_more={"password": None, "token_command": ["cat", path]})], workers=1)
        return job, target, second

    def ends(self, user, job, second, code=0):
        result = job.run()
        doc = self.ended(result, code)
        self.assertNotIn("ya29", result.out + result.err)
        self.assertIn(second, self.tokens.seen)
        self.assertEqual(lib.problems(doc, "login-refused"), [])
        self.same(user)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_cut_in_the_middle(self):
        """The line is cut in front of the reply to the second APPEND, and the old token is refused from then on."""
        def expire(over):
            struck = []

            def response(session, whole):
                if b"APPENDUID" in whole:
                    struck.append(1)
                    if len(struck) == 2:
                        over()
                        session.hang_up()
                        return b""
                return whole
            return self.tamper(self.target, response)
        job, _, second = self.ready("tagliata", expire)
        self.ends("tagliata", job, second)

    def test_bye_with_its_words(self):
        """What Microsoft 365 says when a session's token has run out; here in front of the second folder."""
        def expire(over):
            struck = []

            def command(session, whole):
                if b" SELECT " in whole:
                    struck.append(1)
                    if len(struck) == 2:
                        over()
                        session.say(SESSION_EXPIRED)
                        session.hang_up()
                        return b""
                return whole
            return self.tamper(self.target, None, command)
        job, _, second = self.ready("saluto", expire)
        self.ends("saluto", job, second)

    def test_expired_between_runs(self):
        """The token that the last run ended with is stale: the command is asked anew, no run fails for it."""
        def expire(over):
            expire.over = over
            return self.target
        job, _, second = self.ready("ferma", expire)
        self.ended(job.run())
        expire.over()
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)
        self.assertIn(second, self.tokens.seen)
        self.same("ferma")


if __name__ == "__main__":
    lib.tail()
