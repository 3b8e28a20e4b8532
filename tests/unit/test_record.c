// SPDX-License-Identifier: GPL-2.0-only
/* exitstat-bpf record: its options, and what it makes of intervals. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/record_sink.h"
#include "cmd/trace.h"
#include "recorded.h"
#include "unit.h"

/* --- options ------------------------------------------------------------------------- */

#define MAX_ARGS 16

static int parse(struct trace_options *options, struct error *err, char **args)
{
	static char *argv[MAX_ARGS + 1];
	int argc = 0;

	argv[argc++] = "exitstat-bpf record";
	for (; *args; args++) {
		assert_true(argc < MAX_ARGS);
		argv[argc++] = *args;
	}
	argv[argc] = NULL;
	return trace_options_parse_record(options, "Record.", argc, argv, err);
}

static void test_options(void **state)
{
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(parse(&o, &err,
			       (char *[]){ "-o", "f", "-i", "0.5", "-d", "9", "-p", "7", "-c", "1",
					   "-r", "HLT", "--slowest", "3", "--self", NULL }),
			 0);
	assert_string_equal(o.record.path, "f");
	assert_int_equal(o.record.rotate_bytes, 0);
	assert_int_equal(o.host.session.interval_ns, NS_OF(1) / 2);
	assert_int_equal(o.host.session.duration_ns, NS_OF(9));
	assert_int_equal(o.host.session.tracer.npids, 1);
	assert_int_equal(o.host.session.tracer.nvcpus, 1);
	assert_int_equal(o.nfilters, 1);
	assert_int_equal(o.host.session.tracer.nslowest, 3);
	assert_true(o.host.session.tracer.split);
	assert_true(o.host.session.tracer.kinds);
	assert_true(o.host.session.tracer.apicv);
	trace_options_free(&o);
	assert_int_equal(parse(&o, &err,
			       (char *[]){ "--output=-", "--detail=rip", "--guest-symbols=a=b",
					   "--split", "--json=j", "--", "ls", NULL }),
			 0);
	assert_string_equal(o.record.path, "-");
	assert_int_equal(o.nsymbols, 1);
	assert_string_equal(o.host.json, "j");
	assert_string_equal(o.host.session.command[0], "ls");
	trace_options_free(&o);
}

static void test_rotate(void **state)
{
	static const struct {
		char *text;
		uint64_t bytes;
		uint32_t files;
	} good[] = {
		{ "4096,1", 4096, 1 },
		{ "4K,1000", 4096, 1000 },
		{ "100M,5", 100ull << 20, 5 },
		{ "1024G,2", 1ull << 40, 2 },
	};
	static char *const wrong[] = { "",
				       "1",
				       "4095,1",
				       "4K",
				       "4K,",
				       ",1",
				       "K,1",
				       "4k,1",
				       "4K,0",
				       "4K,1001",
				       "1025G,1",
				       "-1,1",
				       "4K,1,1",
				       "4KB,1",
				       "4K, 1",
				       "0x,1",
				       "99999999999999999999999999999999999999,1" };
	struct trace_options o;
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(parse(&o, &err,
				       (char *[]){ "-o", "f", "--rotate", good[i].text, NULL }),
				 0);
		assert_int_equal(o.record.rotate_bytes, good[i].bytes);
		assert_int_equal(o.record.rotate_files, good[i].files);
		trace_options_free(&o);
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (!parse(&o, &err, (char *[]){ "-o", "f", "--rotate", wrong[i], NULL }))
			fail_msg("--rotate '%s' is taken", wrong[i]);
		assert_int_equal(err.status, STATUS_USAGE);
		assert_non_null(strstr(err.text, "--rotate"));
	}
}

static void refused(const char *why, char **args)
{
	struct trace_options o;
	struct error err;

	assert_int_equal(parse(&o, &err, args), -1);
	assert_int_equal(err.status, STATUS_USAGE);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void test_wrong_options(void **state)
{
	(void)state;
	refused("Give -o FILE", (char *[]){ NULL });
	refused("--output", (char *[]){ "-o", "", NULL });
	refused("stdout is none", (char *[]){ "-o", "-", "--rotate", "1M,1", NULL });
	refused("both go to stdout", (char *[]){ "-o", "-", "--json", "-", NULL });
	refused("--by", (char *[]){ "-o", "f", "--by", "vm", NULL });
	refused("--snapshots", (char *[]){ "-o", "f", "--snapshots", NULL });
	refused("'ls'", (char *[]){ "-o", "f", "ls", NULL });
}

/* Nor does trace take its. */
static void test_not_of_trace(void **state)
{
	char *argv[] = { "exitstat-bpf", "-o", "f", NULL };
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(trace_options_parse(&o, 3, argv, &err), -1);
	assert_non_null(strstr(err.text, "-o"));
}

/* --- the sink ------------------------------------------------------------------------- */

static char folder[] = "/dev/shm/exitstat-record-XXXXXX", path[64];

static void give_interval(struct record_sink *record, const struct recorded *made, unsigned int i,
			  int expected)
{
	struct run growth = made->runs[i];
	struct snapshot grown, none = { 0 };

	growth.ns -= i ? made->runs[i - 1].ns : 0;
	assert_int_equal(
		snapshot_subtract(&grown, &made->snaps[i], i ? &made->snaps[i - 1] : &none), 0);
	growth.snap = &grown;
	assert_int_equal(record->sink.interval(&record->sink, &growth, &made->snaps[i]), expected);
	snapshot_free(&grown);
}

/* From that moment on all comes back. The next that is to come. */
static unsigned int expect_from(const char *file, const struct recorded *made, unsigned int i)
{
	const struct run *run;
	struct frames *frames;
	struct error err;

	if (frames_open(&frames, file, &err))
		fail_msg("%s", err.text);
	while (frames_next(frames, &run, &err) == 1) {
		assert_true(i < RECORDED);
		assert_same_run(run, &made->runs[i++]);
	}
	assert_null(frames_cut(frames));
	frames_close(frames);
	return i;
}

static void test_sink(void **state)
{
	const struct record_options options = { .path = path };
	struct record_sink record = record_sink(&options);
	struct recorded made;
	struct error err;
	struct stat st;

	(void)state;
	recorded_make(&made);
	assert_int_equal(record.sink.begin(&record.sink, &err), 0);
	assert_int_equal(stat(path, &st), -1);
	for (unsigned int i = 0; i + 1 < RECORDED; i++)
		give_interval(&record, &made, i, 0);
	assert_int_equal(record.sink.end(&record.sink, &made.runs[RECORDED - 1], &err), 0);
	record_sink_free(&record);
	assert_int_equal(expect_from(path, &made, 0), RECORDED);
	recorded_free(&made);
}

#define SMALL 1700

/* A line that is drawn over the last one, short, and with what was lost. */
static void test_progress(void **state)
{
	const struct record_options options = { .path = path };
	struct record_sink record = record_sink(&options);
	struct recorded made;
	struct error err;
	char *text;
	size_t len;

	(void)state;
	recorded_make(&made);
	record.progress = open_memstream(&text, &len);
	assert_non_null(record.progress);
	give_interval(&record, &made, 0, 0);
	assert_non_null(strstr(text, "\r\033[K1.00s: 2 VMs, 108 exits, 6 LOST, 1 moments in "));
	assert_null(strchr(text, '\n'));
	assert_int_equal(record.sink.end(&record.sink, &made.runs[1], &err), 0);
	assert_non_null(strstr(text, "\r\033[Krecorded 2.00s: "));
	for (const char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n"))
		assert_true(strlen(line) < 80 + strlen("\033[K"));
	fclose(record.progress);
	free(text);
	record_sink_free(&record);
	recorded_free(&made);
}

/* Each file is whole, begins with the moment at which the older one ends, and is small. */
static void test_rotation(void **state)
{
	const struct record_options options = { path, SMALL, 9 };
	struct record_sink record = record_sink(&options);
	unsigned int at = 0, files = 0;
	struct recorded made;
	struct error err;

	(void)state;
	recorded_make(&made);
	assert_int_equal(record.sink.begin(&record.sink, &err), 0);
	for (unsigned int i = 0; i + 1 < RECORDED; i++)
		give_interval(&record, &made, i, 0);
	assert_int_equal(record.sink.end(&record.sink, &made.runs[RECORDED - 1], &err), 0);
	record_sink_free(&record);
	for (unsigned int number = 9; number; number--) {
		char older[80];
		struct stat st;

		snprintf(older, sizeof(older), "%s.%u", path, number);
		if (stat(older, &st))
			continue;
		assert_true(st.st_size <= SMALL + SMALL / 4);
		at = expect_from(older, &made, at ? at - 1 : 0);
		unlink(older);
		files++;
	}
	assert_true(files > 0);
	assert_int_equal(expect_from(path, &made, at - 1), RECORDED);
	recorded_free(&made);
}

/* Of more than there may be, the oldest goes. */
static void test_oldest_goes(void **state)
{
	const struct record_options options = { path, 1, 2 };
	struct record_sink record = record_sink(&options);
	struct recorded made;
	char older[80];
	struct error err;
	struct stat st;

	(void)state;
	recorded_make(&made);
	for (unsigned int i = 0; i + 1 < RECORDED; i++)
		give_interval(&record, &made, i, 0);
	assert_int_equal(record.sink.end(&record.sink, &made.runs[RECORDED - 1], &err), 0);
	record_sink_free(&record);
	for (unsigned int i = 1; i <= 3; i++) {
		snprintf(older, sizeof(older), "%s.%u", path, i);
		assert_int_equal(stat(older, &st), i < 3 ? 0 : -1);
		unlink(older);
	}
	recorded_free(&made);
}

/* The run ends, and says why. */
static void test_full_disk(void **state)
{
	const struct record_options options = { .path = "/dev/full" };
	struct record_sink record = record_sink(&options);
	struct recorded made;
	struct error err;

	(void)state;
	recorded_make(&made);
	assert_int_equal(record.sink.begin(&record.sink, &err), 0);
	give_interval(&record, &made, 0, -EIO);
	assert_int_equal(record.sink.end(&record.sink, &made.runs[1], &err), -1);
	assert_int_equal(err.status, STATUS_FAILED);
	assert_non_null(strstr(err.text, "/dev/full: No space left"));
	record_sink_free(&record);
	recorded_free(&made);
}

static void test_device_is_not_renamed(void **state)
{
	const struct record_options options = { "/dev/null", 4096, 1 };
	struct record_sink record = record_sink(&options);
	struct error err;

	(void)state;
	assert_int_equal(record.sink.begin(&record.sink, &err), -1);
	assert_int_equal(err.status, STATUS_FAILED);
	assert_non_null(strstr(err.text, "/dev/null is none"));
}

/* What is there stays until there is something to write. */
static void test_check(void **state)
{
	struct error err;
	struct stat st;

	(void)state;
	recorded_fill("old", 3);
	assert_int_equal(recording_check(recorded_path, &err), 0);
	assert_int_equal(stat(recorded_path, &st), 0);
	assert_int_equal(st.st_size, 3);
	unlink(recorded_path);
	assert_int_equal(recording_check("-", &err), 0);
	assert_int_equal(recording_check("/", &err), -1);
	assert_non_null(strstr(err.text, "Is a directory"));
	assert_int_equal(recording_check("/nowhere/x", &err), -1);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(recording_check(path, &err), -1);
	assert_non_null(strstr(err.text, "give -o -"));
}

static int make_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/run", folder);
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

UNIT_TESTS(record)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_rotate),
		cmocka_unit_test(test_wrong_options),
		cmocka_unit_test(test_not_of_trace),
		cmocka_unit_test_teardown(test_sink, remove_file),
		cmocka_unit_test_teardown(test_progress, remove_file),
		cmocka_unit_test_teardown(test_rotation, remove_file),
		cmocka_unit_test_teardown(test_oldest_goes, remove_file),
		cmocka_unit_test(test_device_is_not_renamed),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test_teardown(test_check, remove_file),
	};

	tally_add(tally, COUNT(tests),
		  cmocka_run_group_tests_name("record", tests, make_folder, remove_folder));
}
