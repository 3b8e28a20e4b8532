// SPDX-License-Identifier: GPL-2.0-only
/* A document of exitstat-bpf --json. What is read comes out of the writer as it went in. */
#include <stdlib.h>
#include <string.h>

#include "advice/document.h"
#include "advice/print.h"
#include "change_json.h"
#include "doc/host_write.h"
#include "doc/import.h"
#include "fuzz.h"

/* Whatever a document has, something can be said of it. */
static void explain(const struct run *run)
{
	struct facts facts = { 0 };
	struct advice advice;
	json_t *doc;
	FILE *out = fopen("/dev/null", "we");

	EXPECT(out && !advice_judge(&advice, run, &facts, false));
	advice_print(out, &advice);
	doc = advice_document(&advice);
	EXPECT(doc);
	json_decref(doc);
	advice_free(&advice);
	fclose(out);
}

/* NULL where the reader refuses it. */
static char *rewrite(const json_t *root)
{
	struct host_document doc;
	struct error err;
	struct run run;
	json_t *again;
	char *text;

	if (host_read(&doc, "input", root, &err)) {
		expect_error(&err);
		return NULL;
	}
	run = host_document_run(&doc);
	explain(&run);
	again = export_json(&run);
	EXPECT(again);
	text = json_dumps(again, JSON_INDENT(1));
	EXPECT(text);
	json_decref(again);
	host_document_free(&doc);
	return text;
}

/* The input may have members that nobody knows; what was written of it has not. */
static void expect_the_same_again(const json_t *root)
{
	char *first = rewrite(root), *second;
	json_t *written = first ? json_loads(first, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (!first)
		return;
	EXPECT(written);
	second = rewrite(written);
	EXPECT(second);
	EXPECT_SAME(second, first);
	json_decref(written);
	free(second);
	free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *root = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct findings findings = { 0 };
	struct host_document doc;
	struct error err;

	if (import_host(&doc, fuzz_file(0, data, size), &findings, &err)) {
		expect_error(&err);
	} else {
		keep_accepted(data, size);
		host_document_free(&doc);
	}
	if (root) {
		expect_seal(root, &findings);
		expect_the_same_again(root);
	}
	json_decref(root);
	findings_free(&findings);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return change_json(data, size, max, seed, mend_host);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
				 size_t other_size, uint8_t *out, size_t max, unsigned int seed)
{
	return cross_json(one, one_size, other, other_size, out, max, seed, mend_host);
}
