// SPDX-License-Identifier: GPL-2.0-only
/* What a page says, and that nothing that has a name gets out of its place. */
#include <stdlib.h>
#include <string.h>

#include "html/text.h"
#include "model/split.h"
#include "page_sample.h"
#include "unit.h"

/* --- names
 * ---------------------------------------------------------------------------------------- */

static const char *const hostile[] = {
	"</script><script>alert(1)</script>",
	"<!--<script>",
	"]]></style><img src=x onerror=alert(2)>",
	"\" onmouseover=\"alert(3)",
	"' autofocus onfocus='alert(4)",
	"&lt;script&gt;&amp;",
	"a\xe2\x80\xa8"
	"b\xe2\x80\xa9"
	"c\xe2\x80\xae"
	"d",
	"\x1b[31m\r\n\x01\x7f",
	"\xff\xfe\xc0\x80 not UTF-8",
	"{{data}}{{script}}{{body}}",
	"<svg/onload=alert(5)>",
};

/* Tags are the page's own: as many of each as of a run with good names. */
static void check_tags(char *text, const char *plain)
{
	static const char *const tags[] = { "<script", "</script", "<style", "</style", "<!--",
					    "<img",    "<svg",	   "<body",  "<table" };
	char *data = strstr(text, DATA);

	for (size_t i = 0; i < COUNT(tags); i++)
		if (count_of(text, tags[i]) != count_of(plain, tags[i]))
			fail_msg("%s: %zu, and %zu with good names", tags[i],
				 count_of(text, tags[i]), count_of(plain, tags[i]));
	assert_null(strstr(text, "\xe2\x80\xa8"));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_null(strchr(text, '\x1b'));
	assert_null(strstr(text, "\xff"));
	/* Nor does one end a value of an attribute. */
	assert_non_null(data);
	*data = '\0';
	assert_null(strstr(text, "\" onmouseover="));
	assert_null(strstr(text, "' autofocus"));
	*data = DATA[0];
}

static void test_hostile_names(void **state)
{
	char *plain = named_page("web1");

	(void)state;
	assert_int_equal(count_of(plain, "<!--"), 0);
	for (size_t i = 0; i < COUNT(hostile); i++) {
		char *text = named_page(hostile[i]);
		json_t *doc = data_of(text);

		check_tags(text, plain);
		assert_non_null(json_string_value(at(doc, "host", "kernel")));
		json_decref(doc);
		free(text);
	}
	free(plain);
}

/* They are not changed either, where they have no power: they read as they are. */
static void test_names_are_kept(void **state)
{
	char *text = named_page(hostile[0]);
	json_t *doc = data_of(text);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json_object_get(doc, "vms"), 0), "name")),
			    hostile[0]);
	assert_non_null(strstr(text, "<title>VM exits of &lt;/script&gt;&lt;script&gt;alert(1)"));
	json_decref(doc);
	free(text);
}

/* --- what is said
 * ---------------------------------------------------------------------------------- */

static void test_missing_is_said(void **state)
{
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	sample_snapshot(&snap);
	snap.losses.map_full = 1234567;
	snap.losses.keys = 9;
	sample_run(&run, &snap);
	run.clock_set_ns = -1500000000;
	text = simple_page(&run, "cut at byte 1234, after 17.0 s; what is before that is shown");
	assert_non_null(strstr(text, "a.exitstat: cut at byte 1234, after 17.0 s"));
	assert_non_null(strstr(text, "1,234,567 exits were not counted"));
	assert_non_null(strstr(text, "2 exits were counted, but not timed"));
	assert_non_null(strstr(text, "3 events were not handed to exitstat"));
	assert_non_null(strstr(text, "9 keys were not seen"));
	assert_non_null(strstr(text, "was set meanwhile, by -1.500 s"));
	assert_null(strstr(text, "Nothing is missing"));
	assert_true(strstr(text, "a.exitstat: cut at") < strstr(text, "id=rate"));
	free(text);
	snap.losses = (struct losses){ 0 };
	run.clock_set_ns = 0;
	text = simple_page(&run, NULL);
	assert_non_null(strstr(text, "Nothing is missing"));
	free(text);
	snapshot_free(&snap);
}

/* Without a script the tables say it all. */
static void test_tables(void **state)
{
	struct snapshot snap;
	struct run run;
	char *text, *end;

	(void)state;
	sample_snapshot(&snap);
	sample_details(&snap);
	sample_run(&run, &snap);
	run.kinds = SAMPLE_KINDS;
	run.parts = PARTS_ALL;
	text = simple_page(&run, NULL);
	end = strstr(text, DATA);
	assert_non_null(end);
	*end = '\0';
	assert_non_null(strstr(text, "<th scope=row class=l>HLT</th>"));
	assert_non_null(strstr(text, "web1"));
	assert_non_null(strstr(text, "db (ended)"));
	assert_non_null(strstr(text, "Exits over time, since the start of the run"));
	assert_non_null(strstr(text, "How long exits took that were not idle"));
	assert_non_null(strstr(text, "<tr><th scope=row>0.0 s</th><td>2.0 s<td>76<td>1.02us<td>"));
	assert_non_null(strstr(text, "How many exits took how long"));
	assert_non_null(strstr(text, "Its keys, those of most time first"));
	assert_non_null(strstr(text, "Where the time of each reason went"));
	assert_non_null(strstr(text, "the HLT instruction: the vCPU is idle"));
	assert_non_null(strstr(text, "in KVM 100.00%"));
	free(text);
	snapshot_free(&snap);
}

static void test_levels(void **state)
{
	struct reason_stat *of_l2;
	struct snapshot snap;
	struct run run;
	json_t *doc;
	char *text;

	(void)state;
	sample_snapshot(&snap);
	of_l2 = sample_reason(&snap.vms[0].vcpus[0], EXITSTAT_ISA_VMX, 10);
	of_l2->level = EXITSTAT_L2;
	of_l2->reflected = 11;
	sample_exits(of_l2, 700, 50);
	sample_run(&run, &snap);
	text = simple_page(&run, NULL);
	doc = data_of(text);
	assert_non_null(strstr(text,
			       "50 exits were theirs (level 2), 11 of which KVM handed to it; "
			       "it made 2.000 exits itself"));
	assert_non_null(strstr(text, ">LEVEL<"));
	assert_non_null(strstr(text, "\"name\":\"CPUID/L2\""));
	json_decref(doc);
	free(text);
	snapshot_free(&snap);
}

static void test_empty(void **state)
{
	struct snapshot snap = { 0 };
	struct run run;
	struct page page;
	char *text;

	(void)state;
	sample_run(&run, &snap);
	run.ns = 0;
	page = page_of(&run);
	text = page_text(&page);
	assert_non_null(text);
	assert_non_null(strstr(text, "No exits were seen."));
	assert_non_null(strstr(text, "The file has no moments of this time."));
	json_decref(data_of(text));
	free(text);
	text = simple_page(&run, NULL);
	json_decref(data_of(text));
	free(text);
}

static void test_no_histograms(void **state)
{
	struct snapshot snap = { 0 };
	struct reason_stat *r;
	struct run run;
	json_t *doc;
	char *text;

	(void)state;
	r = sample_reason(sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0), EXITSTAT_ISA_VMX, 10);
	r->count = 70;
	r->sum_ns = 70000;
	sample_run(&run, &snap);
	text = simple_page(&run, NULL);
	doc = data_of(text);
	assert_true(json_is_null(at(doc, "time", "band_ns")));
	assert_non_null(strstr(text, "There is none for this file"));
	assert_null(strstr(text, "data-chart=heat></figure>"));
	json_decref(doc);
	free(text);
	snapshot_free(&snap);
}

/* --- what it asks for -------------------------------------------------------------------- */

/* It may ask for nothing, and does not try: no address is in it but that of SVG's names. */
static void test_alone(void **state)
{
	char *text = named_page("web1");

	(void)state;
	assert_non_null(strstr(text, "content=\"default-src 'none'; style-src 'unsafe-inline'; "
				     "script-src 'unsafe-inline';"));
	assert_int_equal(count_of(text, "http:"), 1);
	assert_int_equal(count_of(text, "https:"), 0);
	assert_int_equal(count_of(text, "src="), 0);
	assert_int_equal(count_of(text, "url("), 0);
	assert_int_equal(count_of(text, "@import"), 0);
	assert_int_equal(count_of(text, "fetch("), 0);
	assert_int_equal(count_of(text, "innerHTML"), 0);
	free(text);
}

UNIT_TESTS(html_text)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_names),	cmocka_unit_test(test_names_are_kept),
		cmocka_unit_test(test_missing_is_said), cmocka_unit_test(test_tables),
		cmocka_unit_test(test_levels),		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_no_histograms),	cmocka_unit_test(test_alone),
	};

	RUN_GROUP(tally, "what a page says", tests);
}
