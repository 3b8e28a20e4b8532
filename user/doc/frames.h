/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any file of ours that has a run in it, as the moments of it that were kept: a recording
 * (recording.h), or a host's document (document_frames.h), by content and not by name. What
 * else such a file can be is a row of the table in frames.c.
 */
#ifndef EXITSTAT_DOC_FRAMES_H
#define EXITSTAT_DOC_FRAMES_H

#include "base/error.h"
#include "model/run.h"

struct frames;

/*
 * Opens a file and reads up to its first frame; "-" is stdin. 0, or -1 with err: it cannot be
 * read, it is none of ours, nothing of it is kept.
 */
int frames_open(struct frames **frames, const char *filename, struct error *err);
/* Of a recording, not of a document. */
bool frames_are_recorded(const struct frames *frames);
/* NULL: nothing to do. */
void frames_close(struct frames *frames);

/* The run as far as its head tells, until frames_close(): no snap, and ns is 0. */
const struct run *frames_head(const struct frames *frames);

/*
 * The next moment: *run is the run from its start until then, with ns, end and snap, which
 * has all counts since the start of the run, VMs that ended included. It is the frames' own,
 * until the next call, but for symbols, which stay until frames_rewind() or frames_close(). 1:
 * there is one, 0: no more, see frames_cut(); -1 with err: it cannot be read, no memory.
 */
int frames_next(struct frames *frames, const struct run **run, struct error *err);

/* Back to before the first. 0, or -1 with err: a pipe. */
int frames_rewind(struct frames *frames, struct error *err);

/*
 * After frames_next() gave 0. NULL: the file is whole; else what is missing, a line to follow
 * the file's name: "cut at byte 1234, after 17.0 s; what is before that is shown".
 */
const char *frames_cut(const struct frames *frames);

#endif
