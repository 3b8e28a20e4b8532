/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording that is written as the run goes on: recording.h has the format. */
#ifndef EXITSTAT_DOC_RECORDING_WRITE_H
#define EXITSTAT_DOC_RECORDING_WRITE_H

#include <stdbool.h>

#include "base/error.h"
#include "model/run.h"

struct recording;

/* Could it be written? Leaves nothing behind, and touches no file that is there. 0, or -1 with err.
 */
int recording_check(const char *path, struct error *err);

/* Into a file that is made, or emptied; "-": stdout. 0, or -1 with err. */
int recording_create(struct recording **recording, const char *path, struct error *err);

/*
 * A moment of the run: run->snap has all counts since its start, and ns says when. The symbols of
 * its keys must outlive the recording. With last the file is whole, run->self is in it, and
 * nothing may be added. 0 or -1 with err: what was written before is still good.
 */
int recording_add(struct recording *recording, const struct run *run, bool last, struct error *err);

/* Bytes so far. */
uint64_t recording_bytes(const struct recording *recording);

/* In any case, also without a last moment. 0 or -1 with err: it may not be there. NULL: 0. */
int recording_close(struct recording *recording, struct error *err);

#endif
