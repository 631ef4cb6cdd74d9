/* Exit statuses and their words, as in the contract's table. */
#include "core/report/report.h"

#include <string.h>

const char *report_verdict(int exit)
{
	switch (exit) {
	case 0:
		return "complete";
	case 1:
		return "exceptions";
	case -1:
	case 3:
	case 130:
	case 143:
		return "incomplete";
	case 70:
		return "failed";
	default:
		return "stopped";
	}
}

const char *report_forecast(const struct report_part *part)
{
	if (part->exit != 0)
		return "no-go";
	for (size_t i = 0; i < part->problems; i++)
		if (strcmp(part->problem[i].severity, "warning") == 0 || part->problem[i].accepted > 0)
			return "warn";
	return "go";
}

const char *report_forecast_all(const struct report *report)
{
	const char *worst = report->run.exit == 0 ? "go" : "no-go";
	for (size_t i = 0; i < report->parts; i++) {
		const char *one = report_forecast(&report->part[i]);
		if (report->part[i].exit < 0 && report->run.finished > 0) /* not asked for (--account) */
			continue;
		if (strcmp(one, "no-go") == 0)
			return one;
		if (strcmp(one, "warn") == 0 && strcmp(worst, "go") == 0)
			worst = one;
	}
	return worst;
}

const char *report_next(int exit)
{
	switch (exit) {
	case 0:
		return "nothing";
	case 1:
	case 6:
	case 8:
		return "decide";
	case -1:
	case 3:
	case 9:
	case 130:
	case 143:
		return "run-again";
	default:
		return "fix-first";
	}
}

int report_exit(const int *exits, size_t count)
{
	static const int order[] = { 2, 70, 6, 5, 4, 7, 8, 9, 143, 130, 3, 1 };
	for (size_t o = 0; o < sizeof order / sizeof *order; o++)
		for (size_t i = 0; i < count; i++)
			if (exits[i] == order[o])
				return order[o];
	return 0;
}
