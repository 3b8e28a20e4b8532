// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/import.h"
#include "doc/seal.h"

/* --- bytes ---------------------------------------------------------------------------- */

static char *read_all(FILE *file, size_t *len)
{
	size_t room = 1 << 16;
	char *text = malloc(room), *grown;

	for (*len = 0; text; text = grown) {
		*len += fread(text + *len, 1, room - *len, file);
		if (*len < room || room > IMPORT_MAX_BYTES)
			break;
		room *= 2;
		grown = realloc(text, room);
		if (!grown)
			free(text);
	}
	return text;
}

static int read_file(const char *name, char **text, size_t *len, struct error *err)
{
	bool is_stdin = !strcmp(name, "-");
	FILE *file = is_stdin ? stdin : fopen(name, "re");
	int saved;

	*text = NULL;
	if (file) {
		errno = 0;
		*text = read_all(file, len);
		saved = ferror(file) ? errno : 0;
		if (!is_stdin)
			fclose(file);
		errno = saved;
	}
	if (!file || (*text && errno)) {
		free(*text);
		return fail(err, STATUS_CANNOT, "cannot read %s: %s", name, strerror(errno));
	}
	if (!*text)
		return fail(err, STATUS_FAILED, "out of memory for %s", name);
	if (*len <= IMPORT_MAX_BYTES)
		return 0;
	free(*text);
	return fail(err, STATUS_CANNOT, "%s is larger than %u MiB: no file of exitstat is", name,
		    IMPORT_MAX_BYTES >> 20);
}

/* --- documents --------------------------------------------------------------------------- */

/* A pasted text may begin with anything but this. */
static bool is_json(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && memchr(" \t\r\n", text[i], 4))
		i++;
	return i < len && text[i] == '{';
}

static int parse_json(json_t **root, const char *file, const char *text, size_t len,
		      struct error *err)
{
	json_error_t error;

	*root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (*root)
		return 0;
	return fail(err, STATUS_CANNOT, "%s, line %d: not JSON (%s): give it whole and unchanged",
		    file, error.line, error.text);
}

/* Whether the document is not as it was written. */
static bool check_seal(const char *file, const json_t *root, struct findings *findings)
{
	struct seal_fault fault;
	enum seal_state state = seal_check(root, &fault);
	struct finding *f;

	if (state == SEAL_NONE || state == SEAL_WHOLE)
		return false;
	f = findings_add(findings, file);
	finding_field(f, "%s", state == SEAL_ONE ? fault.path : "seal");
	if (state == SEAL_BROKEN) {
		finding_why(f, "more than one value of this file was changed after it was written");
	} else {
		if (f && fault.is_integer)
			snprintf(f->value, sizeof(f->value), "%" PRId64, fault.value);
		if (fault.is_integer)
			finding_expected(f, "%" PRId64, fault.written);
		finding_why(f, "changed after the file was written: its seal tells");
	}
	return true;
}

static int import_json(json_t **root, const char *file, const char *text, size_t len,
		       struct findings *findings, bool *damaged, struct error *err)
{
	if (parse_json(root, file, text, len, err))
		return -1;
	*damaged = check_seal(file, *root, findings);
	return 0;
}

int import_host(struct host_doc *doc, const char *file, struct findings *findings, bool *damaged,
		struct error *err)
{
	json_t *root;
	size_t len;
	char *text;
	int ret;

	*damaged = false;
	if (read_file(file, &text, &len, err))
		return -1;
	ret = import_json(&root, file, text, len, findings, damaged, err);
	if (!ret)
		ret = hostdoc_read(doc, file, root, err);
	free(text);
	return ret;
}

int import_guest(struct guest_doc *doc, const char *file, struct findings *findings, bool *damaged,
		 struct error *err)
{
	json_t *root;
	size_t len;
	char *text;
	int ret;

	*damaged = false;
	if (read_file(file, &text, &len, err))
		return -1;
	if (is_json(text, len)) {
		ret = import_json(&root, file, text, len, findings, damaged, err);
		if (!ret)
			ret = guestdoc_read(doc, file, root, err);
	} else {
		ret = guestdoc_read_text(doc, file, text, len, findings, err);
	}
	free(text);
	return ret;
}
