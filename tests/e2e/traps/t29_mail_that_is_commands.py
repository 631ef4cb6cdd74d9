#!/usr/bin/env python3
"""T29: mail that is IMAP commands, behind a header that the target rejects: the target's LIST is unchanged afterwards."""
from trap import Case, lib


class MailThatIsCommands(Case):
    def test_commands_in_a_body(self):
        self.copy("corpo", lambda line: line)
        self.same("corpo")


if __name__ == "__main__":
    lib.tail()
