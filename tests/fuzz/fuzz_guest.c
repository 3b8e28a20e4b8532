// SPDX-License-Identifier: GPL-2.0-only
/* A document of exitstat-guest --json. */
#include <string.h>

#include "change_json.h"
#include "doc/import.h"
#include "fuzz.h"

static void expect_observations(const struct guest_doc *doc)
{
	EXPECT(doc->nreadings);
	EXPECT(doc->isa && doc->selection <= SELECTED_CHOSEN);
	for (size_t i = 0; i < doc->n; i++) {
		const struct observation *o = &doc->observations[i];

		EXPECT(o->reading < doc->nreadings);
		EXPECT(o->value <= INT64_MAX);
		EXPECT(!i || o->reading >= o[-1].reading);
		expect_printable(o->where);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *root = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct findings findings = { 0 };
	struct guest_doc doc;
	struct error err;

	if (import_guest(&doc, fuzz_file(0, data, size), &findings, &err)) {
		expect_error(&err);
	} else {
		if (!doc.is_text)
			expect_observations(&doc);
		keep_accepted(data, size);
		guest_doc_free(&doc);
	}
	if (root)
		expect_seal(root, &findings);
	json_decref(root);
	findings_free(&findings);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return change_json(data, size, max, seed, mend_guest);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
				 size_t other_size, uint8_t *out, size_t max, unsigned int seed)
{
	return cross_json(one, one_size, other, other_size, out, max, seed, mend_guest);
}
