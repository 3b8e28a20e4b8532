// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host's document against its guest's: {"host": DOCUMENT, "guest": DOCUMENT or TEXT}, so
 * that one input has both, and a text is one that was pasted.
 */
#include <stdlib.h>
#include <string.h>

#include "change_json.h"
#include "compare/document.h"
#include "compare/print.h"
#include "doc/import.h"
#include "fuzz.h"

struct pair {
	struct findings findings;
	struct host_document host;
	struct guest_doc guest;
};

/* Lines, none of which has power over a terminal. */
static void expect_lines(char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		expect_printable(line);
}

static void tell(const struct comparison *comparison)
{
	json_t *doc = comparison_document(comparison);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	EXPECT(doc && out);
	EXPECT(!comparison_print(out, comparison));
	fclose(out);
	expect_lines(text);
	if (findings_wrong(comparison->findings))
		EXPECT(comparison_verdict(comparison) == VERDICT_DISAGREE);
	free(text);
	json_decref(doc);
}

static void expect_numbers(const struct compared_guest *compared, const struct guest_doc *guest)
{
	size_t judged = compared->placed + compared->bounded;

	EXPECT(judged + compared->unchecked == guest->n);
	EXPECT(compared->checked == judged);
	EXPECT(compared->explained + compared->wrong <= judged);
}

static void compare(struct pair *pair, const struct vm_stat *vm)
{
	struct timeline timeline = timeline_of(&pair->host, vm);
	struct compared_guest compared;
	struct error err;

	if (compare_guest(&compared, &timeline, &pair->guest, &pair->findings, &err)) {
		expect_error(&err);
	} else {
		expect_numbers(&compared, &pair->guest);
		tell(&(struct comparison){ &timeline, 1, &compared, &pair->findings });
	}
	compared_free(&compared);
}

static void compare_all(struct pair *pair)
{
	EXPECT(!pair->findings.no_memory);
	for_each_vm(vm, &pair->host.snap)
		compare(pair, vm);
}

static int read_host(struct pair *pair, const json_t *from)
{
	char *text = json_dumps(from, JSON_COMPACT);
	struct error err;
	int ret;

	if (!text)
		return -1;
	ret = import_host(&pair->host, fuzz_file(0, text, strlen(text)), &pair->findings, &err);
	expect_seal(from, &pair->findings);
	free(text);
	return ret;
}

static int read_guest(struct pair *pair, const json_t *from)
{
	const char *pasted = json_string_value(from);
	char *text = pasted ? strdup(pasted) : json_dumps(from, JSON_COMPACT);
	struct findings findings = { 0 };
	struct error err;
	int ret;

	if (!text)
		return -1;
	ret = import_guest(&pair->guest, fuzz_file(1, text, strlen(text)), &findings, &err);
	if (!pasted)
		expect_seal(from, &findings);
	findings_free(&findings);
	free(text);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *root = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct pair pair = { 0 };

	if (root && !read_host(&pair, json_object_get(root, "host"))) {
		if (!read_guest(&pair, json_object_get(root, "guest"))) {
			keep_accepted(data, size);
			compare_all(&pair);
			guest_doc_free(&pair.guest);
		}
		host_document_free(&pair.host);
	}
	findings_free(&pair.findings);
	json_decref(root);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return change_json(data, size, max, seed, mend_pair);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
				 size_t other_size, uint8_t *out, size_t max, unsigned int seed)
{
	return cross_json(one, one_size, other, other_size, out, max, seed, mend_pair);
}
