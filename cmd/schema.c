/* schema: the JSON Schema of the job file. */
#include "cmd/cmd.h"
#include "providers/presets.h"

int cmd_schema(const struct options *options)
{
	struct buf out = { 0 };
	(void)options;
	job_schema(&presets, &out);
	int status = print(&out);
	buf_free(&out);
	return status;
}
