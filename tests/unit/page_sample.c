// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/jsontext.h"
#include "model/split.h"
#include "model/symbols.h"
#include "page_sample.h"
#include "unit.h"

static const struct facts no_facts;
struct course course;

struct page page_of(const struct run *run)
{
	return (struct page){
		.file = "a.exitstat", .run = run, .course = &course, .facts = &no_facts
	};
}

char *simple_page(const struct run *run, const char *cut)
{
	struct page page = page_of(run);
	char *text;

	page.cut = cut;
	assert_int_equal(course_add(&course, run), 0);
	text = page_text(&page);
	course_free(&course);
	assert_non_null(text);
	return text;
}

size_t count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

json_t *data_of(const char *text)
{
	const char *begin = strstr(text, DATA), *end = begin ? strstr(begin, "</script>") : NULL;
	json_error_t error;
	bool no_memory;
	json_t *doc;

	assert_non_null(end);
	begin += strlen(DATA);
	doc = jsontext_read(begin, (size_t)(end - begin), &error, &no_memory);
	if (!doc)
		fail_msg("the data of the page is no JSON: %s", error.text);
	return doc;
}

const json_t *at(const json_t *doc, const char *a, const char *b)
{
	return json_object_get(b ? json_object_get(doc, a) : doc, b ?: a);
}

char *named_page(const char *name)
{
	struct snapshot snap = { 0 };
	struct host host = sample_host;
	struct reason_stat *r;
	struct symbol symbol = { .name = (char *)name };
	struct detail detail = {
		.kind = EXITSTAT_RIP, .count = 1, .accesses = 1, .symbol = &symbol
	};
	struct slow *slow = calloc(1, sizeof(*slow));
	struct self self = { .nprograms = 1 };
	struct run run;
	struct page page;
	char *text;

	snprintf(host.kernel, sizeof(host.kernel), "%s", name);
	snprintf(host.cpu, sizeof(host.cpu), "%s", name);
	host.apicv = (struct apicv_host){ .use = APICV_ON, .n = 1 };
	snprintf(host.apicv.names[0], sizeof(host.apicv.names[0]), "%s", name);
	snprintf(self.programs[0].name, sizeof(self.programs[0].name), "%s", name);
	r = sample_reason(sample_vcpu(sample_vm(&snap, 1, 100, name), 0), EXITSTAT_ISA_VMX, 10);
	snap.vms[0].apicv = (struct apicv){ .known = true, .inhibits = 1 };
	sample_exits(r, 1000, 5000000);
	assert_non_null(details_add(&r->details, &detail));
	*slow = (struct slow){ .ns = 1000, .entry_ns = 5000, .other_tid = 1 };
	snprintf(slow->other, sizeof(slow->other), "%s", name);
	r->slow = slow;
	r->nslow = 1;
	sample_run(&run, &snap);
	run.host = &host;
	run.kinds = SAMPLE_KINDS;
	run.nslowest = 4;
	run.self = &self;
	page = page_of(&run);
	page.file = name;
	page.cut = name;
	assert_int_equal(course_add(&course, &run), 0);
	text = page_text(&page);
	course_free(&course);
	snapshot_free(&snap);
	assert_non_null(text);
	return text;
}
