/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_DOC_HOST_WRITE_H
#define EXITSTAT_DOC_HOST_WRITE_H

#include <jansson.h>

#include "model/run.h"

#define EXITSTAT_SCHEMA "exitstat/1"

/* The document's clock.source, by host.tsc_measured. */
extern const char *const clock_sources[2];

/*
 * The run as a document of user/exitstat.schema.json. The caller owns it;
 * NULL: no memory.
 */
json_t *export_json(const struct run *run);

#endif
