// SPDX-License-Identifier: GPL-2.0-only
/*
 * rewrite FILE...: reads documents of exitstat-bpf --json and writes them again. Each
 * must come out as it was, byte by byte, but for the program's version.
 *
 * Exit status: 0 all did, 1 some did not (a line each), 2 wrong usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/host_read.h"
#include "doc/host_write.h"
#include "doc/seal.h"

static char *text_of(const json_t *doc)
{
	return doc ? json_dumps(doc, JSON_INDENT(2)) : NULL;
}

/* Where two texts part, for whoever looks for the cause. */
static void tell_difference(const char *file, const char *before, const char *after)
{
	size_t line = 1, i = 0;

	for (; before[i] && before[i] == after[i]; i++)
		line += before[i] == '\n';
	while (i && before[i - 1] != '\n')
		i--;
	printf("%s: line %zu was '%.*s', is '%.*s'\n", file, line, (int)strcspn(before + i, "\n"),
	       before + i, (int)strcspn(after + i, "\n"), after + i);
}

/* The seal has the version, too. */
static void take_version(json_t *again, const json_t *doc)
{
	json_object_set(again, "tool", json_object_get(doc, "tool"));
	if (json_object_get(again, "seal"))
		seal_set(again);
}

static int rewrite(const char *file)
{
	json_error_t wrong;
	json_t *doc = json_load_file(file, 0, &wrong), *again = NULL;
	struct host_document read;
	struct error err;
	struct run run;
	char *before = text_of(doc), *after = NULL;
	int ret = 1;

	if (!before) {
		printf("%s: %s\n", file, wrong.text);
	} else if (host_read(&read, file, doc, &err)) {
		printf("%s\n", err.text);
	} else {
		run = host_document_run(&read);
		again = export_json(&run);
		if (again)
			take_version(again, doc);
		after = text_of(again);
		ret = !after || strcmp(before, after);
		if (ret)
			tell_difference(file, before, after ? after : "");
		host_document_free(&read);
	}
	free(before);
	free(after);
	json_decref(again);
	json_decref(doc);
	return ret;
}

int main(int argc, char **argv)
{
	int ret = 0;

	if (argc < 2) {
		fprintf(stderr, "rewrite: usage: rewrite FILE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		ret |= rewrite(argv[i]);
	return ret;
}
