#!/usr/bin/env python3
"""T25: INTERNALDATE lost or shifted by a time zone: kept to the second; a bad date is told, never invented silently."""
import datetime
import re
import time

from trap import Case, compare, lib, mails


def dated(dates):
    """For a Tamper: the source's mail of that UID has that date."""
    def response(_, whole):
        uid = re.match(rb"\* \d+ FETCH \(.*?UID (\d+)", whole)
        date = dates.get(int(uid.group(1))) if uid else None
        return re.sub(rb'INTERNALDATE "[^"]*"', b'INTERNALDATE "' + date + b'"', whole, count=1) if date is not None else whole
    return response


def seconds(text):
    """Of "01-Feb-2020 10:00:00 +0545"."""
    return int(datetime.datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z").timestamp())


class Dates(Case):
    def test_zones(self):
        """Every zone, both sides of midnight, of a leap day, of the changes of the clock: kept to the second."""
        zones = ["+0000", "-0000", "+0100", "+0200", "-0500", "+0530", "+0545", "+0845", "+1245", "+1400", "-1200", "-0330", "+1300", "-1100"]
        days = ["31-Dec-1999 23:59:59", "01-Jan-2000 00:00:00", " 1-Mar-2020 00:30:00", "29-Feb-2020 23:59:59", "29-Mar-2020 02:30:00", "25-Oct-2020 02:30:00",
                "19-Jan-2038 03:14:07", " 9-Sep-2001 01:46:40", "01-Jan-1971 00:00:00"]
        dates = [day + " " + zones[n % len(zones)] for n, day in enumerate(days)] + ["15-Jun-2015 12:00:00 " + zone for zone in zones]
        dates = [date for date in dates if seconds(date) < time.time()]
        self.put("fusi", *mails(len(dates)))
        source = self.tamper(self.source, dated({n + 1: date.encode() for n, date in enumerate(dates)}))
        job = self.job(lib.account("fusi", source, self.target), workers=1)
        doc = self.ended(job.run())
        self.assertEqual(lib.problems(doc, "date-refused"), [])
        have = compare.read(self.target, "fusi").boxes["INBOX"].mails
        for date, m in zip(dates, have):
            self.assertEqual(time.mktime(m.date), seconds(date), date)
        self.twice(job)

    def test_no_dates(self):
        """A date that is none is told, with the mail's name; the mail goes. What the new server then says is not called the mail's own date."""
        bad = {1: b"99-Foo-2020 00:00:00 +0000", 2: b"", 3: b"31-Feb-2020 25:61:61 +0000", 4: b"not a date", 5: b"01-Jan-2020 00:00:00", 6: b"01-Jan-99999 00:00:00 +0000",
               7: b"00-Jan-0000 00:00:00 +0000"}
        self.put("senza", *mails(10))
        source = self.tamper(self.source, dated(bad))
        job = self.job(lib.account("senza", source, self.target), workers=1)
        for _ in range(2):
            doc = self.ended(job.run())
            self.assertEqual(self.ledger(doc, "copied", "pending"), (10, 0))
            told = lib.problems(doc, "date-refused")
            self.assertEqual(sorted(p["uid"] for p in told), sorted(bad))
            self.assertEqual({p["severity"] for p in told}, {"warning"})
        self.assertEqual(compare.read(self.target, "senza").count(), 10)
        self.twice(job)

    def test_before_1970(self):
        """Some servers keep such a date, some do not: it is right, or it is told."""
        old = {1: b"31-Dec-1969 23:59:59 +0000", 2: b"17-Jul-1965 02:44:25 +0100", 3: b"01-Jan-1900 00:00:00 +0000"}
        self.put("antica", *mails(6))
        source = self.tamper(self.source, dated(old))
        job = self.job(lib.account("antica", source, self.target), workers=1)
        doc = self.ended(job.run())
        told = {p["uid"] for p in lib.problems(doc, "date-refused")}
        imap = self.target.login("antica")
        imap.select("INBOX", readonly=True)
        for uid, date in old.items():
            kept = re.search(rb'INTERNALDATE "([^"]*)"', imap.uid("FETCH", str(uid), "(INTERNALDATE)")[1][0]).group(1).decode()
            self.assertTrue(uid in told or seconds(kept) == seconds(date.decode()), kept)
        self.assertEqual(compare.read(self.target, "antica").count(), 6)
        self.twice(job)

    def test_shifted(self):
        """A target that stores another date than it was given: told as altered, to the second."""
        self.put("spostata", *mails(6))

        struck = []

        def command(_, whole):
            if struck or b" APPEND " not in whole:
                return whole
            struck.append(1)
            return re.sub(rb'^(\S+ APPEND .*?)"(\d\d-\w{3}-\d{4} \d\d:\d\d:\d)\d ', lambda m: m.group(1) + b'"' + m.group(2) + b"9 ", whole, count=1)
        job = self.job(lib.account("spostata", self.source, self.tamper(self.target, None, command)), workers=1)
        doc = self.ended(job.run(), 1)
        told = lib.problems(doc, "message-altered")
        self.assertEqual([p["uid"] for p in told], [1])
        self.assertIn("date of arrival differs", told[0]["text"])

    def test_odd_dates(self):
        dates = {"vecchia": b"31-Dec-1899 23:59:59 +0000", "futura": b"17-Jul-2099 02:44:25 +0000", "rotta": b"99-Foo-2020 00:00:00 +0000",
                 "cattiva": b"01-Jan-2020 00:00:00 +0000) {5+}"}
        for name, date in dates.items():
            with self.subTest(date=date):
                change = lambda line: re.sub(rb'INTERNALDATE "[^"]*"', b'INTERNALDATE "' + date + b'"', line) if b" FETCH " in line else line
                self.through_hostile("data-" + name, change, 30, (0, 1))


if __name__ == "__main__":
    lib.tail()
