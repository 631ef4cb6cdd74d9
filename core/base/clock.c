/* Clocks, and dates of the Gregorian calendar without the C library's time zone. */
#include "core/base/clock.h"

#include <stdio.h>
#include <time.h>

/* Year 9999 ends here: RFC 3339 has four digits. */
#define LAST_SECOND INT64_C(253402300799)
#define FIRST_SECOND INT64_C(-62167219200)

int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

void clock_utc(char out[21], int64_t seconds)
{
	if (seconds > LAST_SECOND)
		seconds = LAST_SECOND;
	if (seconds < FIRST_SECOND)
		seconds = FIRST_SECOND;

	time_t when = (time_t)seconds;
	struct tm tm;
	/* The compiler does not know that each number fits; 80 holds whatever it fears. */
	char text[80];

	gmtime_r(&when, &tm);
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec);
	snprintf(out, 21, "%.20s", text);
}

/* Leap days up to the end of a year, counted from year 0. */
static int64_t leaps(int64_t year)
{
	return year / 4 - year / 100 + year / 400;
}

int64_t clock_days(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	/* 400 years are a whole number of days: shifted so that no division sees a negative year. */
	const int64_t shift = 400 * 4096;
	int64_t y = (int64_t)year + shift;
	int in_year = month >= 1 && month <= 12 ? before[month - 1] : 0;

	if (month > 2 && leaps(y) != leaps(y - 1))
		in_year++;
	return (y - 1) * 365 + leaps(y - 1) - ((1969 + shift) * 365 + leaps(1969 + shift)) + in_year + day - 1;
}
