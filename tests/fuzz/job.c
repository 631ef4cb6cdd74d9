/* The job file, whole: YAML, keys, values, what is missing, what contradicts. */
#include "tests/fuzz/files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char table[] = "source_user,target_user\nx@libero.it,x\n";
	static bool there;
	if (!there)
		files_write("a.csv", table, sizeof table - 1);
	there = true;
	files_write("migrate.yaml", data, len);
	files_load();
	return 0;
}
