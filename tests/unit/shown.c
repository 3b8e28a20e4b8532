// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>

#include "doc/host_read.h"
#include "doc/host_write.h"
#include "shown.h"
#include "unit.h"
#include "view/tables.h"

char said[65536], said_aside[65536];
struct error said_error;

bool says(const char *text)
{
	return strstr(said, text);
}

/* A stream that goes to a file while the command runs. */
struct caught {
	int fd, before;
	FILE *file;
};

static struct caught catch (int fd)
{
	struct caught caught = { fd, dup(fd), tmpfile() };

	assert_non_null(caught.file);
	dup2(fileno(caught.file), fd);
	return caught;
}

static void release(struct caught *caught, char *text, size_t size)
{
	dup2(caught->before, caught->fd);
	close(caught->before);
	rewind(caught->file);
	text[fread(text, 1, size - 1, caught->file)] = '\0';
	fclose(caught->file);
}

int show(const struct command *command, char **argv)
{
	struct caught out, aside;
	int argc = 0, status;

	while (argv[argc])
		argc++;
	fflush(stdout);
	out = catch (STDOUT_FILENO);
	aside = catch (STDERR_FILENO);
	memset(&said_error, 0x5a, sizeof(said_error));
	status = command->run(argc, argv, &said_error);
	fflush(stdout);
	release(&out, said, sizeof(said));
	release(&aside, said_aside, sizeof(said_aside));
	return status;
}

void said_refused(int status, const char *why)
{
	if (said_error.status != status || !strstr(said_error.text, why))
		fail_msg("not '%s' with %d, but '%s' with %d", why, status, said_error.text,
			 said_error.status);
}

void has_text(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("no '%s' in:\n%s", wanted, text);
}

FILE *output_begin(struct output *output)
{
	output->file = open_memstream(&output->text, &output->size);
	assert_non_null(output->file);
	return output->file;
}

char *output_end(struct output *output)
{
	assert_int_equal(fclose(output->file), 0);
	return output->text;
}

unsigned int count_lines(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

void words_of(const char *text, const char *first, char words[16][64], int *n)
{
	const char *line = text;
	size_t len = strlen(first);

	while (strncmp(line, first, len) || line[len] != ' ') {
		line = strchr(line, '\n');
		if (!line)
			fail_msg("no line begins with %s", first);
		line++;
	}
	for (*n = 0; *n < 16 && *line != '\n'; (*n)++) {
		size_t word = strcspn(line, " \n");

		snprintf(words[*n], 64, "%.*s", (int)word, line);
		line += word;
		line += strspn(line, " ");
	}
}

char *shown_summary(const struct run *run, enum group_by by)
{
	struct output output;

	assert_int_equal(render_summary(output_begin(&output), run, by, false), 0);
	return output_end(&output);
}

json_t *exported_sample(void)
{
	struct snapshot snap;
	struct run run;
	json_t *doc;

	sample_snapshot(&snap);
	sample_run(&run, &snap);
	doc = export_json(&run);
	assert_non_null(doc);
	snapshot_free(&snap);
	return doc;
}

void document_refused(json_t *doc, const char *where)
{
	struct host_document read;
	struct error err;

	if (!host_read(&read, "file", doc, &err))
		fail_msg("%s was taken", where);
	if (!strstr(err.text, where))
		fail_msg("'%s' does not name %s", err.text, where);
	json_decref(doc);
}

char *document_text(const struct run *run)
{
	json_t *doc = export_json(run);
	char *text = json_dumps(doc, 0);

	assert_non_null(text);
	json_decref(doc);
	return text;
}
