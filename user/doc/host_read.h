/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What "exitstat-bpf --json" wrote, read back as the structs it was written from. Written
 * again it is the same; what the writer never writes is refused by name.
 */
#ifndef EXITSTAT_DOC_HOST_READ_H
#define EXITSTAT_DOC_HOST_READ_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "model/run.h"
#include "model/symbols.h"

struct host_document {
	const char *file;
	struct host host;
	struct timespec start, end;
	uint64_t ns;
	int64_t clock_set_ns;
	struct snapshot snap;  /* serial 1 is the first VM of the document, and so on */
	uint32_t kinds, parts; /* these as struct run has them */
	unsigned int nslowest;
	bool slowest_idle;
	uint64_t start_ns;
	struct kept_symbols symbols; /* of its keys */
	bool no_levels;		     /* as struct run has it */
	bool has_series, has_answers, has_self;
	struct series series;
	struct answers answers;
	struct self self;
};

/* 0, or -1 with err: not such a document (STATUS_CANNOT), no memory. */
int host_read(struct host_document *doc, const char *file, const json_t *root, struct error *err);
void host_document_free(struct host_document *doc);

/* As every output takes it; it points into the document. */
struct run host_document_run(const struct host_document *doc);

#endif
