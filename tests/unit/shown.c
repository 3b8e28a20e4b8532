// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "doc/host_read.h"
#include "doc/host_write.h"
#include "shown.h"
#include "unit.h"
#include "view/tables.h"

char said[65536];
struct error said_error;

bool says(const char *text)
{
	return strstr(said, text);
}

int explain(char **argv)
{
	int argc = 0, status, out = dup(STDOUT_FILENO);
	FILE *file = tmpfile();

	assert_non_null(file);
	while (argv[argc])
		argc++;
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	memset(&said_error, 0x5a, sizeof(said_error));
	status = explain_command.run(argc, argv, &said_error);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	rewind(file);
	said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
	fclose(file);
	return status;
}

char *shown_summary(const struct run *run, enum group_by by)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	assert_int_equal(render_summary(file, run, by, false), 0);
	fclose(file);
	return text;
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
