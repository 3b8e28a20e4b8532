// SPDX-License-Identifier: GPL-2.0-only
/* Files from elsewhere: documents, and what is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/exitstat.h"
#include "doc/host_write.h"
#include "doc/import.h"
#include "unit.h"

#define ZEROS "ebx=0x00000000 ecx=0x00000000 edx=0x00000000\n"

static int make_file(void **state)
{
	char *path = strdup("/tmp/exitstat-unit-XXXXXX");
	int fd;

	assert_non_null(path);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	*state = path;
	return 0;
}

static int remove_file(void **state)
{
	unlink(*state);
	free(*state);
	return 0;
}

static void write_file(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static char *host_text(void)
{
	struct series series = { 0 };
	struct snapshot snap;
	struct run run;
	json_t *doc;
	char *text;

	sample_snapshot(&snap);
	sample_run(&run, &snap);
	run.series = &series;
	assert_int_equal(series_add(&series, &(struct point){ .start_ns = 5, .took_ns = 7 }, &snap,
				    true),
			 0);
	doc = export_json(&run);
	text = json_dumps(doc, 0);
	assert_non_null(text);
	json_decref(doc);
	series_free(&series);
	snapshot_free(&snap);
	return text;
}

static void test_host_document(void **state)
{
	struct findings findings = { 0 };
	char *text = host_text();
	const struct reason_stat *r;
	struct host_document doc;
	struct error err;

	write_file(*state, text, strlen(text));
	free(text);
	assert_int_equal(import_host(&doc, *state, &findings, &err), 0);
	assert_int_equal(findings.n, 0);
	assert_int_equal(doc.host.isa, EXITSTAT_ISA_VMX);
	assert_int_equal(doc.start.tv_sec, 1700000000);
	assert_int_equal(doc.start.tv_nsec, 1000);
	assert_int_equal(doc.snap.losses.missed, 3);
	assert_int_equal(doc.snap.nvms, 2);
	assert_string_equal(doc.snap.vms[1].name, "db");
	r = &doc.snap.vms[0].vcpus[0].reasons[1];
	assert_int_equal(r->count, 31);
	assert_int_equal(r->timed, 30);
	assert_int_equal(reason_percentile(r, 99), 5000000);
	assert_int_equal(doc.snap.vms[1].vcpus[0].reasons[1].timed, 0);
	assert_int_equal(doc.series.npoints, 1);
	assert_int_equal(doc.series.points[0].took_ns, 7);
	assert_int_equal(vm_count(&doc.series.points[0].snap.vms[1]), 8);
	host_document_free(&doc);
}

/* Each prefix, and one byte of each changed: refused or taken, never a crash. */
static void test_damaged_files(void **state)
{
	char *text = host_text();
	size_t len = strlen(text);
	uint64_t random = 1;

	for (size_t i = 0; i < 400; i++) {
		struct findings findings = { 0 };
		size_t at = next_random(&random) % len;
		char byte = text[at], other = (char)next_random(&random);
		struct host_document doc;
		struct error err;
		int ret;

		text[at] = other;
		write_file(*state, text, i % 2 ? len : at + 1);
		text[at] = byte;
		ret = import_host(&doc, *state, &findings, &err);
		if (!ret)
			host_document_free(&doc);
		else
			assert_int_equal(err.status, STATUS_CANNOT);
		if (i % 2 && other != byte && !ret && !findings.n && (other >= '0' && other <= '9'))
			fail_msg("a changed digit is not seen");
		findings_free(&findings);
	}
	free(text);
}

static void refused(const char *path, const char *text, size_t len, const char *naming)
{
	struct findings findings = { 0 };
	struct host_document doc;
	struct error err;

	write_file(path, text, len);
	if (!import_host(&doc, path, &findings, &err))
		fail_msg("'%s' is taken", text);
	assert_int_equal(err.status, STATUS_CANNOT);
	if (!strstr(err.text, naming))
		fail_msg("'%s' does not name '%s'", err.text, naming);
	findings_free(&findings);
}

#define HEAD "{\"schema\": \"exitstat/1\", \"host\": {\"isa\": \"svm\", \"tsc_khz\": "
#define REST                                                                               \
	"}, \"clock\": {\"source\": \"\"}, \"interval\": {\"start\": \"2026-"              \
	"01-31T12:00:00.000000Z\", \"end\": \"2026-01-31T12:00:00.000000Z\", \"ns\": 1}, " \
	"\"losses\": {\"map_full\": 0, \"unpaired\": 0, \"missed\": 0}, \"vms\": []}"

static void test_hostile_files(void **state)
{
	static const char *const numbers[] = {
		"-1",  "18446744073709551616", "1.5", "1e3", "NaN", "null", "\"1\"",
		"[1]", "4294967296",	       "0",   ""
	};
	char text[512], deep[3000];

	for (size_t i = 0; i < COUNT(numbers); i++) {
		snprintf(text, sizeof(text), HEAD "%s" REST, numbers[i]);
		refused(*state, text, strlen(text), *state);
	}
	refused(*state, "{\"a\": 1, \"a\": 1}", 16, "duplicate");
	refused(*state, "{\"a\": \"\xff\"}", 11, "0xff");
	refused(*state, "{\"a\": \"b\0c\"}", 12, "JSON");
	refused(*state, "{\"schema\": \"exitstat/2\"}", 24, "schema");
	refused(*state, "[]", 2, "schema");
	refused(*state, "", 0, "JSON");
	memset(deep, '[', sizeof(deep));
	refused(*state, deep, sizeof(deep), "depth");
	snprintf(text, sizeof(text), HEAD "1" REST);
	memcpy(strstr(text, "01-31"), "13-31", 5);
	write_file(*state, text, strlen(text));
}

/* As PowerShell's > and editors write it. */
static size_t as_utf16(char *to, const char *text, bool big_endian)
{
	size_t n = 0;

	for (const char *p = big_endian ? "\xfe\xff" : "\xff\xfe"; *p; p++)
		to[n++] = *p;
	for (; *text; text++) {
		to[n + big_endian] = *text;
		to[n + !big_endian] = '\0';
		n += 2;
	}
	return n;
}

static void takes_guest(const char *path, const char *text, size_t len, size_t n)
{
	struct findings findings = { 0 };
	struct guest_doc doc;
	struct error err;

	write_file(path, text, len);
	if (import_guest(&doc, path, &findings, &err))
		fail_msg("%s", err.text);
	assert_int_equal(doc.n, n);
	assert_int_equal(findings.n, 0);
	guest_doc_free(&doc);
}

static void test_utf16(void **state)
{
	static const char answers[] = "0x4ffffffd 0x72: eax=0x00000010 " ZEROS
				      "0x4fffffff 0x00: eax=0x00000020 " ZEROS;
	char *text = host_text(), *wide = malloc(2 * strlen(text) + 8);
	struct findings findings = { 0 };
	struct host_document doc;
	struct error err;
	size_t len;

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		len = as_utf16(wide, answers, big_endian);
		takes_guest(*state, wide, len, 2);
		/* Half a unit, and halves of characters, break nothing else. */
		takes_guest(*state, wide, len + 1, 2);
		memcpy(wide + len,
		       big_endian ? "\xd8\x3d\xd8\x3d\0A"
				  : "\x3d\xd8\x3d\xd8"
				    "A\0",
		       6);
		takes_guest(*state, wide, len + 6, 2);
		write_file(*state, wide, as_utf16(wide, text, big_endian));
		assert_int_equal(import_host(&doc, *state, &findings, &err), 0);
		assert_int_equal(findings.n, 0);
		assert_string_equal(doc.snap.vms[1].name, "db");
		host_document_free(&doc);
	}
	sprintf(wide, "\xef\xbb\xbf%s", text);
	write_file(*state, wide, strlen(wide));
	assert_int_equal(import_host(&doc, *state, &findings, &err), 0);
	assert_int_equal(findings.n, 0);
	host_document_free(&doc);
	free(wide);
	free(text);
}

static void refused_guest(const char *path, const char *text, const char *naming)
{
	struct findings findings = { 0 };
	struct guest_doc doc;
	struct error err;

	write_file(path, text, strlen(text));
	assert_int_equal(import_guest(&doc, path, &findings, &err), -1);
	assert_int_equal(err.status, STATUS_CANNOT);
	if (!strstr(err.text, naming))
		fail_msg("'%s' does not name '%s'", err.text, naming);
	findings_free(&findings);
}

/* A brace does not make it JSON; JSON that is not ours is not searched for answers. */
static void test_braces(void **state)
{
	static const char *const texts[] = {
		"{code}\n0x4ffffffd 0x72: eax=0x00000010 " ZEROS "{code}\n",
		"{ cpuid -1 -r -l 0x4ffffffd -s 0x72; }\n0x4ffffffd 0x72: eax=0x00000010 " ZEROS,
		"{\"output\": [\n\"0x4ffffffd 0x72: eax=0x00000010 " ZEROS "\",\n",
	};
	char *text = host_text();

	for (size_t i = 0; i < COUNT(texts); i++)
		takes_guest(*state, texts[i], strlen(texts[i]), 1);
	refused_guest(*state, "{code}\nhello\n{code}\n", "line 1: not JSON");
	refused_guest(*state, "{\"schema\": \"exitstat-guest/1\",", "not JSON");
	refused_guest(*state,
		      "{\"stdout\": \"0x4ffffffd 0x72: eax=0x00000010 ebx=0x00000000 "
		      "ecx=0x00000000 edx=0x00000000\"}",
		      "JSON without a schema");
	refused_guest(*state, text, "is a host's document: give it first");
	refused_guest(*state, "{\"schema\": \"exitstat-compare/1\"}", "is a result");
	refused(*state, "{\"schema\": \"exitstat-guest/1\"}", 30, "is a guest's document");
	refused(*state, texts[0] + 7, strlen(texts[0] + 7), "is a guest's text");
	refused(*state, "CPU op-mode(s): Architecture:\n", 31, "is lscpu's text");
	free(text);
}

static void test_files_that_cannot_be_read(void **state)
{
	struct findings findings = { 0 };
	struct host_document doc;
	struct error err;

	(void)state;
	assert_int_equal(import_host(&doc, "/nonexistent", &findings, &err), -1);
	assert_int_equal(err.status, STATUS_CANNOT);
	assert_non_null(strstr(err.text, "/nonexistent: No such file"));
	assert_int_equal(import_host(&doc, "/tmp", &findings, &err), -1);
	assert_int_equal(err.status, STATUS_CANNOT);
	assert_int_equal(import_host(&doc, "/dev/zero", &findings, &err), -1);
	assert_non_null(strstr(err.text, "128 MiB"));
}

/* To the byte, also of a file that ends soon after. */
static void test_file_that_is_too_large(void **state)
{
	struct findings findings = { 0 };
	struct host_document doc;
	FILE *file = tmpfile();
	struct error err;

	(void)state;
	assert_non_null(file);
	assert_int_equal(ftruncate(fileno(file), IMPORT_MAX_BYTES + 1), 0);
	assert_int_equal(import_open_host(&doc, file, "large", &findings, &err), -1);
	assert_string_equal(err.text, "large is larger than 128 MiB: no file of exitstat is");
	fclose(file);
}

UNIT_TESTS(import)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_host_document, make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_damaged_files, make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_hostile_files, make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_utf16, make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_braces, make_file, remove_file),
		cmocka_unit_test(test_files_that_cannot_be_read),
		cmocka_unit_test(test_file_that_is_too_large),
	};

	RUN_GROUP(tally, "import", tests);
}
