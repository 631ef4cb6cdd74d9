/* Facts about providers, collected from their own pages and from others'. */
#include "providers/presets.h"

const struct presets presets = { .row = 0, .count = 0 };
