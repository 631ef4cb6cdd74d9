/* "Did you mean": names that are nearly the same. */
#include "core/job/near.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#define NAME_LEN 32	/* the longest key of the contract has 20 */
#define FAR 3

static unsigned lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A' + 'a') : (unsigned char)c;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment, row by row; row[0] is the newest, row[2] the one two before. */
unsigned near_distance(const char *a, const char *b)
{
	unsigned row[3][NAME_LEN + 1], d;
	size_t la = strlen(a), lb = strlen(b);

	if (la > NAME_LEN || lb > NAME_LEN)
		return FAR;
	for (size_t j = 0; j <= lb; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		memcpy(row[2], row[1], sizeof(row[1]));
		memcpy(row[1], row[0], sizeof(row[0]));
		row[0][0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			d = least(row[1][j] + 1, row[0][j - 1] + 1, row[1][j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
				d = least(d, d, row[2][j - 2] + 1);
			row[0][j] = d;
		}
	}
	return row[0][lb] < FAR ? row[0][lb] : FAR;
}

unsigned near_rank(const char *wrong, const char *right)
{
	size_t lw = strlen(wrong), lr = strlen(right), shorter = lw < lr ? lw : lr;
	unsigned d = near_distance(wrong, right);

	if (d < FAR && d < shorter)
		return d;
	if (shorter >= 2 && strncasecmp(wrong, right, shorter) == 0)
		return FAR;
	return UINT_MAX;
}
