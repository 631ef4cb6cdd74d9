#!/usr/bin/env python3
"""Passwords of odd forms, and files with passwords that others can read."""
import lib


class SignIn(lib.Case):
    def test_passwords_with_odd_characters(self):
        """They must not be able to break a command: refused as any wrong password."""
        self.fill("strano", 30)
        for password in ('a"b\\c', "{5}", "p ss\u00e8", "x" * 300):
            with self.subTest(password=password):
                job = self.job(lib.account("strano", self.source, self.target, source_more={"password": password}))
                self.assertEqual(job.run().code, 4)

    def test_password_file(self):
        self.fill("segreto", 30)
        job = self.job(lib.account("segreto", self.source, self.target, target_more={"password": None, "password_file": "chiave"}))
        path = job.folder + "/chiave"
        with open(path, "w") as file:
            file.write(lib.PASSWORD + "\n")
        lib.os.chmod(path, 0o644)
        result = job.run()
        self.assertEqual(result.code, 2, result.tell())
        self.assertIn("chmod 600", result.err)
        lib.os.chmod(path, 0o600)
        self.ended(job.run())
        self.same("segreto")


if __name__ == "__main__":
    lib.tail()
