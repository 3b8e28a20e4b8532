// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/cpuid_text.h"
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

/* Is the document as it was written? One that has to have a seal may have lost it. */
static void check_seal(const char *file, const json_t *root, struct findings *findings)
{
	struct seal_fault fault = { 0 };
	enum seal_state state = seal_check(root, &fault);
	struct finding *f;

	if (state == SEAL_WHOLE)
		return;
	f = findings_add(findings, file, VERDICT_DISAGREE, "%s",
			 state == SEAL_ONE ? fault.path : "seal");
	if (state == SEAL_NONE) {
		finding_set(f->why, "there is none: whether it is as it was written is not known");
		if (!json_object_get(root, "snapshots") && !json_object_get(root, "readings"))
			f->verdict = VERDICT_EXPLAINED;
	} else if (state == SEAL_BROKEN) {
		finding_set(f->why,
			    "more than one value of this file was changed after it was written");
	} else {
		finding_set(f->why, "changed after the file was written: its seal tells");
		if (fault.is_integer) {
			finding_set(f->value, "%" PRId64, fault.value);
			finding_set(f->expected, "%" PRId64, fault.written);
		}
	}
}

/* A document of one kind or the other. */
static int import_json(const char *file, const char *text, size_t len, struct host_document *host,
		       struct guest_doc *guest, struct findings *findings, struct error *err)
{
	json_t *root;
	int ret;

	if (parse_json(&root, file, text, len, err))
		return -1;
	check_seal(file, root, findings);
	ret = host ? host_read(host, file, root, err) : guest_read(guest, file, root, err);
	json_decref(root);
	return ret;
}

/* The same for what may also be a text of a guest. */
static int import(const char *file, struct host_document *host, struct guest_doc *guest,
		  struct findings *findings, struct error *err)
{
	size_t len = 0;
	char *text;
	int ret;

	if (read_file(file, &text, &len, err))
		return -1;
	ret = host || is_json(text, len) ? import_json(file, text, len, host, guest, findings, err)
					 : cpuid_text_read(guest, file, text, len, findings, err);
	free(text);
	return ret;
}

int import_host(struct host_document *doc, const char *file, struct findings *findings,
		struct error *err)
{
	return import(file, doc, NULL, findings, err);
}

int import_guest(struct guest_doc *doc, const char *file, struct findings *findings,
		 struct error *err)
{
	return import(file, NULL, doc, findings, err);
}
