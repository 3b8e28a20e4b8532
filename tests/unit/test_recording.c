// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/exitstat.h"
#include "doc/recording.h"
#include "doc/recording_write.h"
#include "recorded.h"
#include "unit.h"

/* Each made by its version, and never again: they must stay readable. */
static const char *const fixtures[RECORDING_VERSION] = {
	"tests/unit/recordings/v1.exitrec",
	"tests/unit/recordings/v2.exitrec",
};

static void each_comes_back(struct frames *frames, const struct recorded *made)
{
	const struct run *run;
	struct error err;

	for (unsigned int i = 0; i < RECORDED; i++) {
		if (frames_next(frames, &run, &err) != 1)
			fail_msg("%u: %s", i, frames_cut(frames) ?: "no more");
		assert_same_run(run, &made->runs[i]);
	}
	assert_int_equal(frames_next(frames, &run, &err), 0);
	assert_int_equal(frames_next(frames, &run, &err), 0);
	assert_null(frames_cut(frames));
}

static void all_comes_back(void **state)
{
	struct recorded made;
	struct frames *frames;
	struct error err;

	(void)state;
	recorded_make(&made);
	recorded_write(made.runs, RECORDED, true);
	frames = recorded_open();
	assert_string_equal(frames_head(frames)->host->cpu, sample_host.cpu);
	assert_null(frames_head(frames)->snap);
	assert_int_equal(frames_head(frames)->ns, 0);
	assert_int_equal(frames_head(frames)->kinds, SAMPLE_KINDS);
	each_comes_back(frames, &made);
	assert_int_equal(frames_rewind(frames, &err), 0);
	each_comes_back(frames, &made);
	frames_close(frames);
	recorded_free(&made);
}

static void old_files_stay_readable(void **state)
{
	struct recorded made;
	struct error err;

	(void)state;
	recorded_make(&made);
	for (size_t i = 0; i < COUNT(fixtures); i++) {
		struct frames *frames;

		if (frames_open(&frames, fixtures[i], &err))
			fail_msg("%s", err.text);
		each_comes_back(frames, &made);
		frames_close(frames);
	}
	recorded_free(&made);
}

/* The head's members that are not asked for in most runs. */
static void the_head_comes_back(void **state)
{
	const struct reason_filter filters[] = {
		{ .is_number = true, .code = 0xffffffff },
		{ .on_vmx = true, .on_svm = true, .vmx_code = 12, .svm_code = 0x78 },
	};
	const struct self self = { .nprograms = 2,
				   .programs = { { "on_exit", 7, 70 }, { "on_entry", 8, 80 } },
				   .process_ns = UINT64_MAX };
	struct host host = sample_host;
	const struct run *back;
	struct snapshot snap;
	struct frames *frames;
	struct error err;
	struct run run;

	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	host.tsc_measured = true;
	host.apicv = (struct apicv_host){ APICV_ON, 2, { "DISABLED", "HYPERV" } };
	run.host = &host;
	run.no_levels = true;
	run.filters = filters;
	run.nfilters = 2;
	run.clock_set_ns = -5;
	run.self = &self;
	recorded_write(&run, 1, true);
	frames = recorded_open();
	assert_int_equal(frames_next(frames, &back, &err), 1);
	assert_same_run(back, &run);
	assert_int_equal(back->nfilters, 2);
	assert_memory_equal(back->filters, filters, sizeof(filters));
	assert_int_equal(back->clock_set_ns, -5);
	frames_close(frames);
	snapshot_free(&snap);
}

/* A host that is looked at anew, or a name that is another: all is said again. */
static void what_shrinks_is_said_anew(void **state)
{
	struct recorded made;
	struct frames *frames;
	const struct run *run;
	struct error err;
	struct run back[3], first;
	struct snapshot kept;

	(void)state;
	recorded_make(&made);
	back[0] = made.runs[7];
	back[1] = made.runs[3];
	back[2] = made.runs[8];
	recorded_write(back, 3, true);
	frames = recorded_open();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(frames_next(frames, &run, &err), 1);
		assert_same_run(run, &back[i]);
		if (i)
			continue;
		/* As the full-screen view does. */
		first = *run;
		assert_int_equal(snapshot_copy(&kept, run->snap), 0);
		first.snap = &kept;
	}
	assert_same_run(&first, &back[0]);
	snapshot_free(&kept);
	frames_close(frames);
	recorded_free(&made);
}

/* --- keys ------------------------------------------------------------------------------- */

#define KEY_MOMENTS 60u

/* Of any size, mostly small. */
static uint64_t draw(uint64_t *random)
{
	return next_random(random) >> (20 + next_random(random) % 44);
}

static void grow_key(struct detail *key, uint64_t *random)
{
	uint64_t more = draw(random) >> 4;

	key->count += more;
	key->accesses += next_random(random) % 5 ? more : 2 * more + 1;
	key->sum_ns += draw(random);
}

/* Some keys more, some of the others' exits; of the reason what they add up to, or something. */
static void grow_keys(struct reason_stat *r, uint64_t *random)
{
	size_t n = next_random(random) % 4 ? 0 : next_random(random) % 30;
	uint64_t before = details_total(&r->details).count;

	sample_exits(r, 1000, 1 + (next_random(random) % 5 ? 0 : draw(random) >> 4));
	for (size_t i = 0; i < r->details.n; i++)
		if (next_random(random) % 3 == 0)
			grow_key(&r->details.list[i], random);
	for (size_t i = 0; i < n; i++) {
		const struct detail key = { .kind = (uint8_t)(i % EXITSTAT_KINDS),
					    .access = EXITSTAT_WRITE,
					    .key = next_random(random),
					    .count = 1 };

		assert_non_null(details_add(&r->details, &key));
	}
	details_sort(&r->details);
	if (details_total(&r->details).count != before)
		sample_exits(r, 1000 + draw(random), details_total(&r->details).count - before);
}

static void any_keys_come_back(void **state)
{
	static struct snapshot snaps[KEY_MOMENTS];
	static struct run runs[KEY_MOMENTS];
	uint64_t random = 7;
	struct frames *frames;
	const struct run *run;
	struct error err;

	(void)state;
	for (unsigned int i = 0; i < KEY_MOMENTS; i++) {
		if (i)
			assert_int_equal(snapshot_copy(&snaps[i], &snaps[i - 1]), 0);
		else
			sample_reason(sample_vcpu(sample_vm(&snaps[0], 1, 1, "vm"), 0),
				      EXITSTAT_ISA_VMX, 30);
		grow_keys(&snaps[i].vms[0].vcpus[0].reasons[0], &random);
		sample_run(&runs[i], &snaps[i]);
		runs[i].kinds = SAMPLE_KINDS;
		runs[i].ns = NS_OF(i + 1);
	}
	recorded_write(runs, KEY_MOMENTS, true);
	frames = recorded_open();
	for (unsigned int i = 0; i < KEY_MOMENTS; i++) {
		if (frames_next(frames, &run, &err) != 1)
			fail_msg("%u: %s", i, frames_cut(frames) ?: "no more");
		assert_same_run(run, &runs[i]);
	}
	frames_close(frames);
	for (unsigned int i = 0; i < KEY_MOMENTS; i++)
		snapshot_free(&snaps[i]);
}

/* --- what is no recording ------------------------------------------------------------- */

static void refused(const char *path, const char *why)
{
	struct frames *frames;
	struct error err = { .status = 99 };

	assert_int_equal(frames_open(&frames, path, &err), -1);
	assert_int_equal(err.status, STATUS_CANNOT);
	if (!strstr(err.text, why))
		fail_msg("'%s' is not said, but: %s", why, err.text);
}

static void what_is_none_is_named(void **state)
{
	struct recorded made;
	unsigned char *bytes;
	size_t len;

	(void)state;
	recorded_make(&made);
	recorded_write(made.runs, 2, true);
	bytes = recorded_bytes(&len);
	bytes[RECORDING_MAGIC_LEN]++;
	recorded_fill(bytes, len);
	refused(recorded_path, "of version 3, and this exitstat-bpf reads up to 2");
	bytes[RECORDING_MAGIC_LEN] = 0;
	recorded_fill(bytes, len);
	refused(recorded_path, "of version 0");
	bytes[RECORDING_MAGIC_LEN] = RECORDING_VERSION;
	bytes[RECORDING_FILE_HEAD + 4]++; /* the check of the first block */
	recorded_fill(bytes, len);
	refused(recorded_path, "is damaged at its begin");
	recorded_fill(bytes, RECORDING_FILE_HEAD);
	refused(recorded_path, "was cut before a recording's first moment");
	bytes[3] = 'X';
	recorded_fill(bytes, len);
	refused(recorded_path, "is no recording");
	recorded_fill("some text", 9);
	refused(recorded_path, "is no recording and no document: give what 'exitstat-bpf record' "
			       "or 'exitstat-bpf --json' wrote");
	recorded_fill("", 0);
	refused(recorded_path, "is empty");
	refused("/nowhere/at all", "No such file");
	refused("/", "cannot read /");
	free(bytes);
	recorded_free(&made);
}

static void a_pipe_is_read_once(void **state)
{
	const struct run *run;
	struct recorded made;
	struct frames *frames;
	int saved = dup(0), fds[2];
	unsigned char *bytes;
	struct error err;
	size_t len;

	(void)state;
	recorded_make(&made);
	recorded_write(made.runs, 1, true);
	bytes = recorded_bytes(&len);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], bytes, len), len);
	close(fds[1]);
	assert_int_equal(dup2(fds[0], 0), 0);
	close(fds[0]);
	assert_int_equal(frames_open(&frames, "-", &err), 0);
	assert_int_equal(frames_next(frames, &run, &err), 1);
	assert_same_run(run, &made.runs[0]);
	assert_int_equal(frames_next(frames, &run, &err), 0);
	assert_int_equal(frames_rewind(frames, &err), -1);
	assert_non_null(strstr(err.text, "not a pipe"));
	frames_close(frames);
	assert_int_equal(dup2(saved, 0), 0);
	close(saved);
	clearerr(stdin);
	free(bytes);
	recorded_free(&made);
}

/* --- what cannot be written ------------------------------------------------------------ */

static void a_full_disk_is_said(void **state)
{
	struct recording *rec;
	struct recorded made;
	struct error err;

	(void)state;
	recorded_make(&made);
	assert_int_equal(recording_create(&rec, "/nowhere/at all", &err), -1);
	assert_non_null(strstr(err.text, "No such file"));
	assert_int_equal(recording_create(&rec, "/dev/full", &err), 0);
	assert_int_equal(recording_add(rec, &made.runs[0], false, &err), -1);
	assert_int_equal(err.status, STATUS_FAILED);
	assert_non_null(strstr(err.text, "No space left"));
	assert_int_equal(recording_close(rec, &err), 0);
	recorded_free(&made);
}

/* Counts that no run has, as a bucket that is not there twice. */
static void nonsense_is_not_written(void **state)
{
	struct recording *rec;
	struct recorded made;
	struct error err;

	(void)state;
	recorded_make(&made);
	made.snaps[0].vms[0].vcpus[0].reasons[0].buckets[0].index = EXITSTAT_HIST_BUCKETS;
	assert_int_equal(recording_create(&rec, "/dev/null", &err), 0);
	assert_int_equal(recording_add(rec, &made.runs[0], false, &err), -1);
	assert_non_null(strstr(err.text, "no run has such counts"));
	assert_int_equal(recording_close(rec, &err), 0);
	recorded_free(&made);
}

static int remove_file(void **state)
{
	(void)state;
	unlink(recorded_path);
	return 0;
}

UNIT_TESTS(recording)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_comes_back),
		cmocka_unit_test(old_files_stay_readable),
		cmocka_unit_test(the_head_comes_back),
		cmocka_unit_test(what_shrinks_is_said_anew),
		cmocka_unit_test(any_keys_come_back),
		cmocka_unit_test(what_is_none_is_named),
		cmocka_unit_test(a_pipe_is_read_once),
		cmocka_unit_test(a_full_disk_is_said),
		cmocka_unit_test(nonsense_is_not_written),
	};

	tally_add(tally, COUNT(tests),
		  cmocka_run_group_tests_name("recording", tests, NULL, remove_file));
}
