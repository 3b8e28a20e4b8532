// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "doc/document_frames.h"
#include "doc/frames.h"
#include "doc/frames_kind.h"
#include "doc/recording_read.h"

static const struct frames_kind *const kinds[] = {
	&recording_kind,
	&document_kind,
};

struct frames {
	const struct frames_kind *kind;
	struct frames_file from;
	char *name;
	void *source;
};

static const struct frames_kind *find_kind(int byte)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (kinds[i]->begins(byte))
			return kinds[i];
	return NULL;
}

static int fail_to_read(const struct frames *frames, struct error *err)
{
	if (errno == ENOMEM)
		return fail(err, STATUS_FAILED, "out of memory for %s", frames->name);
	return fail(err, STATUS_CANNOT, "cannot read %s: %s", frames->name, strerror(errno));
}

static int open_file(struct frames *frames, struct error *err)
{
	int byte;

	frames->from.name = frames->name;
	frames->from.file = strcmp(frames->name, "-") ? fopen(frames->name, "re") : stdin;
	if (!frames->from.file)
		return fail_to_read(frames, err);
	byte = getc(frames->from.file);
	if (byte == EOF && ferror(frames->from.file))
		return fail_to_read(frames, err);
	frames->kind = find_kind(byte);
	if (byte == EOF)
		return fail(err, STATUS_CANNOT, "%s is empty", frames->name);
	ungetc(byte, frames->from.file);
	if (!frames->kind)
		return fail(err, STATUS_CANNOT,
			    "%s is no recording and no document: give what 'exitstat-bpf record' "
			    "or 'exitstat-bpf --json' wrote",
			    frames->name);
	return frames->kind->open(&frames->source, &frames->from, err);
}

int frames_open(struct frames **frames, const char *filename, struct error *err)
{
	struct frames *made = calloc(1, sizeof(*made));

	if (made)
		made->name = strdup(filename);
	if (!made || !made->name) {
		free(made);
		return fail(err, STATUS_FAILED, "out of memory for %s", filename);
	}
	if (open_file(made, err)) {
		frames_close(made);
		return -1;
	}
	*frames = made;
	return 0;
}

bool frames_are_recorded(const struct frames *frames)
{
	return frames->kind == &recording_kind;
}

void frames_close(struct frames *frames)
{
	if (!frames)
		return;
	if (frames->source)
		frames->kind->close(frames->source);
	if (frames->from.file && frames->from.file != stdin)
		fclose(frames->from.file);
	free(frames->name);
	free(frames);
}

const struct run *frames_head(const struct frames *frames)
{
	return frames->kind->head(frames->source);
}

int frames_next(struct frames *frames, const struct run **run, struct error *err)
{
	return frames->kind->next(frames->source, run, err);
}

int frames_rewind(struct frames *frames, struct error *err)
{
	if (!frames->kind->at_once && fseek(frames->from.file, 0, SEEK_SET))
		return fail(err, STATUS_CANNOT, "%s can be read only once: give a file, not a pipe",
			    frames->name);
	return frames->kind->rewind(frames->source, err);
}

const char *frames_cut(const struct frames *frames)
{
	return frames->kind->cut(frames->source);
}
