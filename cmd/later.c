/* Commands of the contract that are not built yet: refused by name. Weak: the command's own file takes the place. */
#include "cmd/cmd.h"

static int later(const struct options *options)
{
	fprintf(stderr, "trasloco: not in this version yet: %s\n", options->command);
	return EXIT_USAGE;
}

__attribute__((weak)) int cmd_schema(const struct options *options) { return later(options); }
