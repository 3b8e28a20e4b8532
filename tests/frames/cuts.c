// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "cuts.h"
#include "doc/frames.h"
#include "doc/recording.h"
#include "frames.h"

/* What is in each block: the first has none. */
struct moment {
	size_t end; /* in the file */
	uint64_t ns;
	char *text;
};

struct whole {
	unsigned char *bytes;
	size_t len;
	size_t n;
	struct moment *moments;
	int fd; /* a file in memory, which is cut */
	char path[32];
};

/* xorshift64, Marsaglia 2003: the same places each time. */
static uint64_t draw(void)
{
	static uint64_t state = 14;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void wrong(const char *what, size_t at)
{
	fprintf(stderr, "frames: cut at byte %zu: %s\n", at, what);
	exit(1);
}

static void read_bytes(struct whole *whole, const char *path)
{
	FILE *file = fopen(path, "rb");
	unsigned char *byte;
	int c;

	while (file && (c = getc(file)) != EOF) {
		byte = array_append(&whole->bytes, &whole->len, sizeof(*byte));
		if (!byte)
			break;
		*byte = (unsigned char)c;
	}
	if (!file || !feof(file)) {
		perror(path);
		exit(1);
	}
	fclose(file);
	whole->fd = memfd_create("cut", MFD_CLOEXEC);
	snprintf(whole->path, sizeof(whole->path), "/proc/self/fd/%d", whole->fd);
}

/* As their lengths say. */
static void find_blocks(struct whole *whole)
{
	size_t at = RECORDING_FILE_HEAD;

	while (at + RECORDING_BLOCK_HEAD <= whole->len) {
		struct moment *moment =
			array_append(&whole->moments, &whole->n, sizeof(*whole->moments));
		uint32_t len;

		if (!moment)
			wrong("no memory", at);
		memcpy(&len, whole->bytes + at, sizeof(len));
		at += RECORDING_BLOCK_HEAD + le32toh(len);
		moment->end = at;
	}
	if (at != whole->len)
		wrong("it is no whole recording as it is", whole->len);
}

static struct frames *open_cut(const struct whole *whole, size_t at, struct error *err)
{
	struct frames *frames;

	if (ftruncate(whole->fd, 0) || pwrite(whole->fd, whole->bytes, at, 0) != (ssize_t)at) {
		perror("frames");
		exit(1);
	}
	return frames_open(&frames, whole->path, err) ? NULL : frames;
}

static void read_whole(struct whole *whole)
{
	struct error err = { 0 };
	struct frames *frames = open_cut(whole, whole->len, &err);
	const struct run *run;

	for (size_t i = 1; frames && i < whole->n && frames_next(frames, &run, &err) == 1; i++) {
		whole->moments[i].ns = run->ns;
		whole->moments[i].text = moment_text(run);
	}
	if (!frames || frames_next(frames, &run, &err) || frames_cut(frames))
		wrong("it is no whole recording as it is", whole->len);
	frames_close(frames);
}

/* How many blocks are whole before this byte, the head too. */
static size_t blocks_before(const struct whole *whole, size_t at)
{
	size_t n = 0;

	while (n < whole->n && whole->moments[n].end <= at)
		n++;
	return n;
}

/* Counts are since the begin: the last has what all before it had. */
static void check_last(const struct run *run, const struct moment *moment, size_t at)
{
	char *text = moment_text(run);

	if (strcmp(text, moment->text))
		wrong("the last moment is not as it was", at);
	free(text);
}

static void check_frames(const struct whole *whole, struct frames *frames, size_t at)
{
	size_t n = blocks_before(whole, at), i = 1;
	const struct run *run;
	struct error err;
	int ret;

	while ((ret = frames_next(frames, &run, &err)) == 1) {
		if (i == n || run->ns != whole->moments[i].ns)
			wrong("there is a moment that was not before it", at);
		if (++i == n)
			check_last(run, &whole->moments[n - 1], at);
	}
	if (ret)
		wrong(err.text, at);
	if (i != n)
		wrong("moments before it are not read", at);
	if (!frames_cut(frames))
		wrong("it is taken for whole", at);
}

static void check_cut(const struct whole *whole, size_t at)
{
	struct error err = { 0 };
	struct frames *frames = open_cut(whole, at, &err);

	if (frames)
		check_frames(whole, frames, at);
	else if (blocks_before(whole, at) || !(strstr(err.text, "cut") || !at))
		wrong(err.text, at);
	frames_close(frames);
}

int check_cuts(const char *path, unsigned int cuts)
{
	struct whole whole = { 0 };

	read_bytes(&whole, path);
	find_blocks(&whole);
	read_whole(&whole);
	while (cuts--)
		check_cut(&whole, (size_t)(draw() % whole.len));
	for (size_t i = 0; i < whole.n; i++)
		free(whole.moments[i].text);
	free(whole.moments);
	free(whole.bytes);
	close(whole.fd);
	return 0;
}
