// SPDX-License-Identifier: GPL-2.0-only
/*
 * frames FILE: each moment of a recording as a document of exitstat-bpf --json, a line each,
 * and a last line, {"cut": TEXT}, or null where the file is whole.
 *
 * frames --cuts N FILE: nothing, if the recording, cut at N random bytes, is each time read up
 * to the last moment that is whole, which is what it was, and is not taken for whole.
 *
 * Exit status: 0 all is well, 1 it is not, or the file cannot be read (a line to stderr),
 * 2 wrong usage.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cuts.h"
#include "doc/frames.h"
#include "doc/host_write.h"
#include "frames.h"

static char *text_of(json_t *doc)
{
	char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;

	if (!text) {
		fprintf(stderr, "frames: no memory\n");
		exit(1);
	}
	json_decref(doc);
	return text;
}

char *moment_text(const struct run *run)
{
	return text_of(export_json(run));
}

static void print(char *text)
{
	puts(text);
	free(text);
}

static int print_all(const char *path)
{
	struct frames *frames;
	const struct run *run;
	struct error err;
	int ret;

	if (frames_open(&frames, path, &err)) {
		fprintf(stderr, "frames: %s\n", err.text);
		return 1;
	}
	while ((ret = frames_next(frames, &run, &err)) == 1)
		print(moment_text(run));
	if (ret)
		fprintf(stderr, "frames: %s\n", err.text);
	else
		print(text_of(json_pack("{s:s?}", "cut", frames_cut(frames))));
	frames_close(frames);
	return ret ? 1 : 0;
}

int main(int argc, char **argv)
{
	uint64_t cuts;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc == 2)
		return print_all(argv[1]);
	if (argc == 4 && !strcmp(argv[1], "--cuts") && !parse_u64(argv[2], 1, 1000000, &cuts))
		return check_cuts(argv[3], (unsigned int)cuts);
	fprintf(stderr, "frames: usage: frames [--cuts N] FILE\n");
	return 2;
}
