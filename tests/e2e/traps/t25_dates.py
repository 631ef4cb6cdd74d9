#!/usr/bin/env python3
"""T25: INTERNALDATE lost or shifted by a time zone: kept to the second; a bad date is told, never invented silently."""
import re

from trap import Case, compare, lib


class Dates(Case):
    def test_odd_dates(self):
        dates = {"vecchia": b"31-Dec-1899 23:59:59 +0000", "futura": b"17-Jul-2099 02:44:25 +0000", "rotta": b"99-Foo-2020 00:00:00 +0000",
                 "cattiva": b"01-Jan-2020 00:00:00 +0000) {5+}"}
        for name, date in dates.items():
            with self.subTest(date=date):
                change = lambda line: re.sub(rb'INTERNALDATE "[^"]*"', b'INTERNALDATE "' + date + b'"', line) if b" FETCH " in line else line
                self.copy("data-" + name, change, 30, (0, 1))


if __name__ == "__main__":
    lib.tail()
