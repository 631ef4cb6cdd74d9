#!/usr/bin/env python3
"""T31: two source folders or accounts into one target mailbox: one work item; a target UID belongs to one source row."""
import threading

from trap import Case, compare, corpus, lib


class OneTargetMailbox(Case):
    def test_shared_target(self):
        """Two source accounts into one target mailbox: nothing lost, nothing doubled, exact doubles of both kept."""
        self.fill("terzo", 50)
        self.fill("quarto", 50)
        job = self.job(lib.account("terzo", self.source, self.target, "uniti"),
                       lib.account("quarto", self.source, self.target, "uniti"))
        result = job.run()
        if result.code == 2:
            self.skipTest("refused: " + result.err)
        self.ended(result)
        self.assertEqual(compare.read(self.target, "uniti").count(), 100)
        self.assertEqual(self.copied_now(self.ended(job.run())), 0)

    def test_state_deleted_two_accounts_into_one_mailbox(self):
        """The second account's mail is there already; that the first one brings more meanwhile does not hide it."""
        made = lambda user, n, size: corpus.Message(b"Message-ID: <%d.%s@x>\r\nSubject: %d\r\n\r\n%s\r\n" % (n, user.encode(), n, b"x" * size), 1400000000 + n)
        first, second = ([made(user, n, 300) for n in range(count)] for user, count in (("primo", 40), ("secondo", 25)))
        more = [made("primo", n, 2000) for n in range(100, 260)]
        corpus.write_maildir(self.source, "primo", [corpus.Folder("INBOX", first + more)])
        corpus.write_maildir(self.source, "secondo", [corpus.Folder("INBOX", second)])
        corpus.append(self.target.login("insieme"), [corpus.Folder("INBOX", first + second)])
        slow, late = self.proxy(self.target), self.proxy(self.source)
        slow.rate, late.rate = 150000, 500      # the second one sees the target early, and comes to its turn late
        accounts = [lib.account("primo", self.source, slow, "insieme"), lib.account("secondo", late, self.target, "insieme")]
        timer = threading.Timer(4, lambda: setattr(late, "rate", 0))
        timer.start()
        self.ended(self.job(*accounts).run())
        timer.join()
        self.assertEqual(compare.read(self.target, "insieme").count(), 225)


if __name__ == "__main__":
    lib.tail()
