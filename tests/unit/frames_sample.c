// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>

#include "bpf/exitstat.h"
#include "doc/host_write.h"
#include "doc/recording_write.h"
#include "frames_sample.h"
#include "model/series.h"
#include "unit.h"

/* After so many seconds. */
static void make(struct snapshot *snap, uint64_t seconds)
{
	struct vm_stat *vm = sample_vm(snap, 1, 100, "web1");
	struct vcpu_stat *vcpu = sample_vcpu(vm, 0);

	snap->losses = (struct losses){ .unpaired = seconds };
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, 10), 1000, 100 * seconds);
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, 12), 5000000, 10 * seconds);
	vcpu = sample_vcpu(vm, 1);
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, 10), 1000, seconds);
	vm = sample_vm(snap, 2, 200, "db");
	vm->ended = seconds >= 3;
	vcpu = sample_vcpu(vm, 0);
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, 48), 3000,
		     7 * (vm->ended ? 3 : seconds));
}

void write_frames(const char *name, uint64_t seconds)
{
	struct series series = { 0 };
	struct snapshot snap;
	struct run run;
	json_t *doc;

	for (uint64_t i = 0; i <= seconds; i++) {
		uint64_t ns = NS_OF(i) + (i ? FRAMES_LATE_NS : 0);
		const struct point point = {
			.time = { 1700000000 + (time_t)i, (long)(ns - NS_OF(i)) },
			.start_ns = NS_OF(5000) + ns,
			.took_ns = 1,
		};

		snap = (struct snapshot){ 0 };
		if (i)
			make(&snap, i);
		assert_int_equal(series_add(&series, &point, &snap, true), 0);
		if (i < seconds)
			snapshot_free(&snap);
	}
	sample_run(&run, &snap);
	run.start.tv_nsec = 0;
	run.ns = NS_OF(seconds) + FRAMES_LATE_NS;
	run.end = (struct timespec){ run.start.tv_sec + (time_t)seconds, FRAMES_LATE_NS };
	run.series = &series;
	doc = export_json(&run);
	assert_non_null(doc);
	assert_int_equal(json_dump_file(doc, name, 0), 0);
	json_decref(doc);
	series_free(&series);
	snapshot_free(&snap);
}

void write_recorded(const char *name, uint64_t seconds)
{
	struct recording *recording;
	struct snapshot snap;
	struct error err;
	struct run run;

	if (recording_create(&recording, name, &err))
		fail_msg("%s", err.text);
	for (uint64_t i = 1; i <= seconds; i++) {
		snap = (struct snapshot){ 0 };
		make(&snap, i);
		sample_run(&run, &snap);
		run.start.tv_nsec = 0;
		run.start_ns = NS_OF(5000);
		run.ns = NS_OF(i) + FRAMES_LATE_NS;
		run.end = (struct timespec){ run.start.tv_sec + (time_t)i, FRAMES_LATE_NS };
		if (recording_add(recording, &run, i == seconds, &err))
			fail_msg("%s", err.text);
		snapshot_free(&snap);
	}
	assert_int_equal(recording_close(recording, &err), 0);
}
