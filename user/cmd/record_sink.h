/* SPDX-License-Identifier: GPL-2.0-only */
/* A run as a recording, written as it goes on. */
#ifndef EXITSTAT_CMD_RECORD_SINK_H
#define EXITSTAT_CMD_RECORD_SINK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "doc/recording_write.h"
#include "model/sink.h"

struct record_options {
	const char *path;      /* NULL: no recording; "-": stdout */
	uint64_t rotate_bytes; /* a file of about that size is put aside; 0: it just grows */
	uint32_t rotate_files; /* of those put aside, so many are kept: path.1, the last, and so on
				*/
};

struct record_sink {
	struct sink sink;
	const struct record_options *options;
	FILE *progress; /* NULL: nobody looks */
	struct recording *recording;
	uint64_t ns; /* of the run until now */
	uint64_t moments;
	uint64_t bytes;	     /* of this file before its last moment, */
	uint64_t bytes_gone; /* and of those put aside */
	bool failed;	     /* why is in error */
	struct error error;
};

struct record_sink record_sink(const struct record_options *options);
/* In any case. */
void record_sink_free(struct record_sink *record);

#endif
