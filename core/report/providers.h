/* What is known of providers, as JSON. */
#ifndef REPORT_PROVIDERS_H
#define REPORT_PROVIDERS_H

#include "core/base/buf.h"
#include "core/job/preset.h"

/* A list of objects, a row each with all its facts; only NULL: all rows, else that one. English always. */
void report_providers(const struct presets *presets, const struct preset *only, struct buf *out);

#endif
