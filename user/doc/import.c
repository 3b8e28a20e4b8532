// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "doc/cpuid_text.h"
#include "doc/guest_write.h"
#include "doc/host_write.h"
#include "doc/import.h"
#include "doc/pasted.h"
#include "doc/seal.h"
#include "doc/whatis.h"

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
	if (*len > IMPORT_MAX_BYTES) {
		free(*text);
		return fail(err, STATUS_CANNOT, "%s is larger than %u MiB: no file of exitstat is",
			    name, IMPORT_MAX_BYTES >> 20);
	}
	if (!pasted_decode(text, len))
		return 0;
	free(*text);
	return fail(err, STATUS_FAILED, "out of memory for %s", name);
}

/* --- documents --------------------------------------------------------------------------- */

/* One of another kind than wanted, or nobody's. What is left is for whoever reads it. */
static int check_schema(const char *file, const json_t *root, const char *wanted, struct error *err)
{
	const json_t *member = json_object_get(root, "schema");
	const char *schema = json_string_value(member);

	if (!member)
		return fail(err, STATUS_CANNOT,
			    "%s is JSON without a schema of exitstat's: give what --json wrote",
			    file);
	if (!schema || !strcmp(schema, wanted))
		return 0;
	if (!strcmp(schema, EXITSTAT_SCHEMA))
		return fail(err, STATUS_CANNOT,
			    "%s is a host's document: give it first, then its guest's", file);
	if (!strcmp(schema, EXITSTAT_GUEST_SCHEMA))
		return fail(err, STATUS_CANNOT,
			    "%s is a guest's document: give its host's first, then this", file);
	if (!strncmp(schema, "exitstat-", strlen("exitstat-")))
		return fail(err, STATUS_CANNOT,
			    "%s is a result, as its schema says: give what it was made of", file);
	return 0;
}

/* A document begins so; a pasted text hardly ever. */
static bool has_brace(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && memchr(" \t\r\n", text[i], 4))
		i++;
	return i < len && text[i] == '{';
}

static int fail_json(const char *file, const char *text, size_t len, const json_error_t *error,
		     struct error *err)
{
	const char *what = has_brace(text, len) ? NULL : whatis(text, len);

	if (!*error->text)
		return fail(err, STATUS_FAILED, "out of memory for %s", file);
	if (cpuid_text_found(text, len) > 0)
		return fail(err, STATUS_CANNOT,
			    "%s is a guest's text, not JSON: give its host's document first", file);
	if (what)
		return fail(err, STATUS_CANNOT,
			    "%s is %s, not JSON: give what 'exitstat-bpf --json' wrote", file,
			    what);
	return fail(err, STATUS_CANNOT, "%s, line %d: not JSON (%s): give it whole and unchanged",
		    file, error->line, error->text);
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
static int import_json(const char *file, const json_t *root, struct host_document *host,
		       struct guest_doc *guest, struct findings *findings, struct error *err)
{
	check_seal(file, root, findings);
	if (check_schema(file, root, host ? EXITSTAT_SCHEMA : EXITSTAT_GUEST_SCHEMA, err))
		return -1;
	return host ? host_read(host, file, root, err) : guest_read(guest, file, root, err);
}

/* What a guest's file has that is no document: text, be it between braces. */
static int import_text(const char *file, const char *text, size_t len, const json_error_t *error,
		       struct guest_doc *guest, struct findings *findings, struct error *err)
{
	int found = has_brace(text, len) ? cpuid_text_found(text, len) : 1;

	if (found < 0)
		return fail(err, STATUS_FAILED, "out of memory for %s", file);
	if (!found)
		return fail_json(file, text, len, error, err);
	return cpuid_text_read(guest, file, text, len, findings, err);
}

static int import(const char *file, struct host_document *host, struct guest_doc *guest,
		  struct findings *findings, struct error *err)
{
	json_error_t error;
	json_t *root = NULL;
	size_t len = 0;
	char *text;
	int ret;

	if (read_file(file, &text, &len, err))
		return -1;
	if (host || has_brace(text, len))
		root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (root)
		ret = import_json(file, root, host, guest, findings, err);
	else if (host)
		ret = fail_json(file, text, len, &error, err);
	else
		ret = import_text(file, text, len, &error, guest, findings, err);
	json_decref(root);
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
