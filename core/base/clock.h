/* Time: a monotonic clock for waiting (sleep of the machine does not count), the wall clock for dates. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some fixed moment, CLOCK_MONOTONIC. */
int64_t clock_ms(void);
/* Seconds since 1970, UTC. */
int64_t clock_now(void);
/* "2026-11-24T10:00:00Z" (RFC 3339). */
void clock_utc(char out[21], int64_t seconds);
/* The days of a date of the Gregorian calendar since 1970-01-01; month 1 to 12. */
int64_t clock_days(int year, int month, int day);

#endif
