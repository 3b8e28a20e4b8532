// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsontext.h"
#include "doc/cpuid_text.h"
#include "doc/guest_write.h"
#include "doc/host_write.h"
#include "doc/import.h"
#include "doc/pasted.h"
#include "doc/seal.h"
#include "doc/whatis.h"

/* --- bytes ---------------------------------------------------------------------------- */

/* 0 or -errno; *text is the caller's to free in any case. */
static int read_all(FILE *file, char **text, size_t *len)
{
	size_t room = 0;
	char *grown;

	*text = NULL;
	for (*len = 0; *len <= IMPORT_MAX_BYTES;) {
		if (*len == room) {
			room = room ? 2 * room : 1 << 16;
			grown = realloc(*text, room);
			if (!grown)
				return -ENOMEM;
			*text = grown;
		}
		*len += fread(*text + *len, 1, room - *len, file);
		if (feof(file))
			return *len <= IMPORT_MAX_BYTES ? 0 : -EFBIG;
		if (ferror(file) && errno != EINTR)
			return -errno;
		clearerr(file);
	}
	return -EFBIG;
}

/* Of a file that is open already, or else of this name. */
static int open_and_read(FILE *open, const char *name, char **text, size_t *len)
{
	FILE *file = open ?: !strcmp(name, "-") ? stdin : fopen(name, "re");
	int err;

	*text = NULL;
	if (!file)
		return -errno;
	err = read_all(file, text, len);
	if (file != open && file != stdin)
		fclose(file);
	return err;
}

static int read_file(FILE *open, const char *name, char **text, size_t *len, struct error *err)
{
	int ret = open_and_read(open, name, text, len) ?: pasted_decode(text, len);

	if (!ret)
		return 0;
	free(*text);
	if (ret == -ENOMEM)
		return fail(err, STATUS_FAILED, "out of memory for %s", name);
	if (ret == -EFBIG)
		return fail(err, STATUS_CANNOT, "%s is larger than %u MiB: no file of exitstat is",
			    name, IMPORT_MAX_BYTES >> 20);
	return fail(err, STATUS_CANNOT, "cannot read %s: %s", name, strerror(-ret));
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
static int check_seal(const char *file, const json_t *root, struct findings *findings,
		      struct error *err)
{
	struct seal_fault fault = { 0 };
	enum seal_state state = seal_check(root, &fault);
	struct finding *f;

	if (state == SEAL_WHOLE)
		return 0;
	if (state == SEAL_NO_MEMORY)
		return fail(err, STATUS_FAILED, "out of memory for %s", file);
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
	return 0;
}

/* A document of one kind or the other. */
static int import_json(const char *file, const json_t *root, struct host_document *host,
		       struct guest_doc *guest, struct findings *findings, struct error *err)
{
	if (check_seal(file, root, findings, err) ||
	    check_schema(file, root, host ? EXITSTAT_SCHEMA : EXITSTAT_GUEST_SCHEMA, err))
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

static int import(FILE *open, const char *file, struct host_document *host, struct guest_doc *guest,
		  struct findings *findings, struct error *err)
{
	json_error_t error;
	bool no_memory = false;
	json_t *root = NULL;
	size_t len = 0;
	char *text;
	int ret;

	if (read_file(open, file, &text, &len, err))
		return -1;
	if (host || has_brace(text, len))
		root = jsontext_read(text, len, &error, &no_memory);
	if (no_memory)
		ret = fail(err, STATUS_FAILED, "out of memory for %s", file);
	else if (root)
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
	return import(NULL, file, doc, NULL, findings, err);
}

int import_open_host(struct host_document *doc, FILE *open, const char *file,
		     struct findings *findings, struct error *err)
{
	return import(open, file, doc, NULL, findings, err);
}

int import_guest(struct guest_doc *doc, const char *file, struct findings *findings,
		 struct error *err)
{
	return import(NULL, file, NULL, doc, findings, err);
}
