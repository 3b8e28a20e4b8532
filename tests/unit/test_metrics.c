// SPDX-License-Identifier: GPL-2.0-only
/* What a time series database is told of a host, as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "metrics/edges.h"
#include "metrics/exposure.h"
#include "model/split.h"
#include "shown.h"
#include "unit.h"

#define VMX EXITSTAT_ISA_VMX

static void keep(void *arg, uint64_t serial)
{
	(void)arg;
	(void)serial;
}

/* The sample, as it is exposed. */
struct exposed {
	struct snapshot snap;
	struct run run;
	struct fleet fleet;
	struct exposure exposure;
};

static int begin(void **state)
{
	struct exposed *exposed = calloc(1, sizeof(*exposed));

	assert_non_null(exposed);
	sample_snapshot(&exposed->snap);
	sample_run(&exposed->run, &exposed->snap);
	strcpy(exposed->snap.vms[0].uuid, "c7a5fdbd-edaf-9455-926a-d65c16db1809");
	exposed->fleet.keep_ns = NS_OF(300);
	exposed->exposure = (struct exposure){ .run = &exposed->run,
					       .fleet = &exposed->fleet,
					       .max_series = 10000 };
	*state = exposed;
	return 0;
}

static int end(void **state)
{
	struct exposed *exposed = *state;

	snapshot_free(&exposed->snap);
	fleet_free(&exposed->fleet);
	free(exposed);
	return 0;
}

static void take(struct exposed *exposed)
{
	assert_int_equal(fleet_take(&exposed->fleet, &exposed->snap, NS_OF(1), keep, NULL), 0);
}

/* To be freed; *series: how many, if it is not NULL. */
static char *text_of(const struct exposed *exposed, enum metrics_format format, int64_t *series)
{
	struct output output;
	int64_t n = exposure_write(output_begin(&output), &exposed->exposure, format);

	assert_true(n > 0);
	if (series)
		*series = n;
	return output_end(&output);
}

/* --- exactly -------------------------------------------------------------------- */

/* What is the same in both formats, of the sample; the histogram is looked at by itself. */
static const char *const rows[] = {
	"exitstat_host_info{kernel=\"6.1.0-test\",cpu=\"A CPU\",isa=\"vmx\"} 1\n",
	"exitstat_start_time_seconds 1700000000.000001999\n",
	"exitstat_vms 1\n",
	"exitstat_vcpus 2\n",
	"exitstat_vms_ended_total 1\n",
	"exitstat_vms_gone_early_total 0\n",
	"exitstat_losses_total{kind=\"map_full\"} 1\n"
	"exitstat_losses_total{kind=\"unpaired\"} 2\n"
	"exitstat_losses_total{kind=\"missed\"} 3\n",
	"exitstat_max_series 10000\n",
	"exitstat_dropped_series{group=\"host_histograms\"} 0\n"
	"exitstat_dropped_series{group=\"vms\"} 0\n"
	"exitstat_dropped_series{group=\"vm_exits\"} 0\n"
	"exitstat_dropped_series{group=\"vm_parts\"} 0\n"
	"exitstat_dropped_series{group=\"vm_apicv\"} 0\n"
	"exitstat_dropped_series{group=\"vm_detail\"} 0\n"
	"exitstat_dropped_series{group=\"vm_histograms\"} 0\n",
	"exitstat_vm_info{vm=\"db\",pid=\"200\",uuid=\"\"} 1\n"
	"exitstat_vm_info{vm=\"web1\",pid=\"100\",uuid=\"c7a5fdbd-edaf-9455-926a-d65c16db1809\"} "
	"1\n",
	"exitstat_vm_up{vm=\"db\"} 0\n"
	"exitstat_vm_up{vm=\"web1\"} 1\n",
	"exitstat_vm_vcpus{vm=\"db\"} 0\n"
	"exitstat_vm_vcpus{vm=\"web1\"} 2\n",
	"exitstat_exits_total{vm=\"db\",reason=\"EPT_VIOLATION\",level=\"1\"} 7\n"
	"exitstat_exits_total{vm=\"db\",reason=\"INVALID_STATE+FAILED_ENTRY\",level=\"1\"} 1\n"
	"exitstat_exits_total{vm=\"web1\",reason=\"CPUID\",level=\"1\"} 69\n"
	"exitstat_exits_total{vm=\"web1\",reason=\"HLT\",level=\"1\"} 31\n",
	"exitstat_exit_seconds_total{vm=\"db\",reason=\"EPT_VIOLATION\",level=\"1\"} 0.000021\n"
	"exitstat_exit_seconds_total{vm=\"db\",reason=\"INVALID_STATE+FAILED_ENTRY\",level=\"1\"} "
	"0\n"
	"exitstat_exit_seconds_total{vm=\"web1\",reason=\"CPUID\",level=\"1\"} 0.000078\n"
	"exitstat_exit_seconds_total{vm=\"web1\",reason=\"HLT\",level=\"1\"} 0.15\n",
	"exitstat_exit_duration_seconds_bucket{reason=\"CPUID\",level=\"1\",le=\"5.11e-07\"} 0\n"
	"exitstat_exit_duration_seconds_bucket{reason=\"CPUID\",level=\"1\",le=\"1.023e-06\"} "
	"60\n"
	"exitstat_exit_duration_seconds_bucket{reason=\"CPUID\",level=\"1\",le=\"2.047e-06\"} "
	"69\n",
	"exitstat_exit_duration_seconds_bucket{reason=\"CPUID\",level=\"1\",le=\"+Inf\"} 69\n"
	"exitstat_exit_duration_seconds_count{reason=\"CPUID\",level=\"1\"} 69\n"
	"exitstat_exit_duration_seconds_sum{reason=\"CPUID\",level=\"1\"} 0.000078\n",
	"exitstat_exit_duration_seconds_count{reason=\"HLT\",level=\"1\"} 30\n",
};

static void test_rows(void **state)
{
	struct exposed *exposed = *state;

	take(exposed);
	for (int format = 0; format < METRICS_FORMATS; format++) {
		char version[64];
		char *text = text_of(exposed, (enum metrics_format)format, NULL);

		for (size_t i = 0; i < COUNT(rows); i++)
			has_text(text, rows[i]);
		snprintf(version, sizeof(version), "exitstat_build_info{version=\"%s\"} 1\n",
			 exitstat_version);
		has_text(text, version);
		free(text);
	}
}

/* Each format has its own way to name a family. */
static void test_heads(void **state)
{
	struct exposed *exposed = *state;
	char *text;

	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	assert_int_equal(strncmp(text,
				 "# HELP exitstat_build_info The version of exitstat.\n"
				 "# TYPE exitstat_build_info gauge\n"
				 "exitstat_build_info{",
				 100),
			 0);
	has_text(text, "# TYPE exitstat_exits_total counter\nexitstat_exits_total{");
	has_text(text, "# TYPE exitstat_exit_duration_seconds histogram\n");
	assert_null(strstr(text, "# UNIT"));
	assert_null(strstr(text, "# EOF"));
	free(text);
	text = text_of(exposed, METRICS_OPENMETRICS, NULL);
	assert_int_equal(strncmp(text,
				 "# HELP exitstat_build The version of exitstat.\n"
				 "# TYPE exitstat_build info\n"
				 "exitstat_build_info{",
				 94),
			 0);
	has_text(text, "# TYPE exitstat_exits counter\nexitstat_exits_total{");
	has_text(text,
		 "# TYPE exitstat_exit_seconds counter\n# UNIT exitstat_exit_seconds seconds\n"
		 "exitstat_exit_seconds_total{");
	assert_string_equal(text + strlen(text) - 6, "# EOF\n");
	assert_ptr_equal(strstr(text, "# EOF"), text + strlen(text) - 6);
	free(text);
}

/* A database keeps what it is sent by its labels: the same twice is an error to it. */
static void check_lines(char *text, int64_t series)
{
	const char *lines[4096];
	size_t n = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (*line == '#')
			continue;
		assert_true(n < COUNT(lines));
		assert_non_null(strrchr(line, ' '));
		*strrchr(line, ' ') = '\0';
		for (size_t i = 0; i < n; i++)
			assert_string_not_equal(line, lines[i]);
		lines[n++] = line;
	}
	assert_int_equal(n, series);
}

static void test_each_series_once(void **state)
{
	struct exposed *exposed = *state;
	int64_t series;
	char *text, wanted[64];

	for (size_t i = 0; i < 2; i++)
		sample_vm(&exposed->snap, 3 + i, 200, "db");
	exposed->run.parts = PARTS_ALL;
	exposed->exposure.vm_histograms = true;
	take(exposed);
	text = text_of(exposed, METRICS_OPENMETRICS, &series);
	snprintf(wanted, sizeof(wanted), "exitstat_series %lld\n", (long long)series);
	has_text(text, wanted);
	check_lines(text, series);
	free(text);
}

static void test_same_again(void **state)
{
	struct exposed *exposed = *state;
	char *first, *second;

	take(exposed);
	first = text_of(exposed, METRICS_OPENMETRICS, NULL);
	second = text_of(exposed, METRICS_OPENMETRICS, NULL);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

/* --- what is asked for ------------------------------------------------------------- */

static void test_parts(void **state)
{
	struct exposed *exposed = *state;
	char *text;

	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	assert_null(strstr(text, "_part_"));
	free(text);
	exposed->run.parts = PARTS_ALL;
	exposed->snap.vms[0].vcpus[0].reasons[1].part_ns[EXITSTAT_BLOCKED] = 1500000000;
	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	has_text(text, "exitstat_exit_part_seconds_total{vm=\"web1\",reason=\"HLT\",level=\"1\","
		       "part=\"polled\"} 0\n"
		       "exitstat_exit_part_seconds_total{vm=\"web1\",reason=\"HLT\",level=\"1\","
		       "part=\"blocked\"} 1.5\n");
	assert_null(strstr(text, "part=\"kvm\""));
	free(text);
}

static void test_vm_histograms(void **state)
{
	struct exposed *exposed = *state;
	int64_t without, with;
	char *text;

	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, &without);
	assert_null(strstr(text, "exitstat_vm_exit_duration"));
	free(text);
	exposed->exposure.vm_histograms = true;
	text = text_of(exposed, METRICS_PROMETHEUS, &with);
	has_text(text,
		 "exitstat_vm_exit_duration_seconds_bucket{vm=\"db\",reason=\"EPT_VIOLATION\","
		 "level=\"1\",le=\"4.095e-06\"} 7\n");
	assert_int_equal(with - without, 4 * (EDGES + 3));
	free(text);
}

static void test_detail(void **state)
{
	struct exposed *exposed = *state;
	int64_t without, with;
	char *text;

	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, &without);
	assert_null(strstr(text, "exitstat_detail"));
	free(text);
	sample_details(&exposed->snap);
	exposed->snap.vms[1].ended = false;
	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, &with);
	has_text(text, "exitstat_detail_exits_total{vm=\"web1\",reason=\"CPUID\",level=\"1\","
		       "kind=\"msr\",access=\"wrmsr\",key=\"0x830\",name=\"X2APIC_ICR\"} 9\n");
	has_text(text, "exitstat_detail_seconds_total{vm=\"web1\",reason=\"CPUID\",level=\"1\","
		       "kind=\"msr\",access=\"wrmsr\",key=\"0x830\",name=\"X2APIC_ICR\"} "
		       "0.000018\n");
	has_text(text, "kind=\"rest\",access=\"\",key=\"\",name=\"\"} 3\n");
	assert_int_equal(with - without, 2 * (exposed->snap.vms[0].vcpus[0].reasons[0].details.n +
					      exposed->snap.vms[0].vcpus[1].reasons[0].details.n));
	check_lines(text, with);
	free(text);
	/* A VM of that name again: what it was about goes on, too. */
	exposed->snap.vms[0].ended = true;
	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	has_text(text, "key=\"0x830\",name=\"X2APIC_ICR\"} 9\n");
	free(text);
	exposed->snap.vms[0].ended = false;
	exposed->snap.vms[0].serial = 77;
	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	has_text(text, "key=\"0x830\",name=\"X2APIC_ICR\"} 18\n");
	free(text);
}

static void test_cost(void **state)
{
	struct exposed *exposed = *state;
	const struct self self = { .nprograms = 1,
				   .programs = { { "handle_exit", 1000, 2500000000 } },
				   .process_ns = 1250000000 };
	char *text;

	take(exposed);
	exposed->run.self = &self;
	text = text_of(exposed, METRICS_OPENMETRICS, NULL);
	has_text(text, "exitstat_process_cpu_seconds_total 1.25\n");
	has_text(text, "exitstat_bpf_runs_total{program=\"handle_exit\"} 1000\n");
	has_text(text, "exitstat_bpf_run_seconds_total{program=\"handle_exit\"} 2.5\n");
	free(text);
}

static void test_apicv(void **state)
{
	struct exposed *exposed = *state;
	struct host host = sample_host;
	char *text;

	host.apicv = (struct apicv_host){ APICV_ON, 2, { "DISABLE", "HYPERV" } };
	exposed->run.host = &host;
	exposed->snap.vms[0].apicv = (struct apicv){
		.known = true, .inhibits = 2, .set = { [1] = 3 }, .cleared = { [1] = 2 }
	};
	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	has_text(text, "exitstat_apicv_enabled 1\n");
	has_text(text, "exitstat_vm_apicv_active{vm=\"web1\"} 0\n");
	has_text(text, "exitstat_vm_apicv_inhibited{vm=\"web1\",inhibit=\"HYPERV\"} 1\n");
	has_text(
		text,
		"exitstat_vm_apicv_changes_total{vm=\"web1\",inhibit=\"HYPERV\",change=\"set\"} 3\n"
		"exitstat_vm_apicv_changes_total{vm=\"web1\",inhibit=\"HYPERV\",change=\"cleared\"}"
		" 2\n");
	assert_null(strstr(text, "active{vm=\"db\"}"));
	free(text);
	host.apicv.use = APICV_OFF;
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	has_text(text, "exitstat_apicv_enabled 0\n");
	assert_null(strstr(text, "_vm_apicv_"));
	free(text);
}

static void test_levels(void **state)
{
	struct exposed *exposed = *state;
	char *text;

	exposed->snap.vms[0].vcpus[1].reasons[0].level = EXITSTAT_L2;
	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	has_text(text, "_exits_total{vm=\"web1\",reason=\"CPUID\",level=\"1\"} 60\n"
		       "exitstat_exits_total{vm=\"web1\",reason=\"CPUID\",level=\"2\"} 9\n");
	free(text);
	exposed->run.no_levels = true;
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	assert_null(strstr(text, "level=\"1\""));
	has_text(text, "level=\"unknown\"");
	free(text);
}

/* --- hostile names ------------------------------------------------------------------ */

static void test_escaping(void **state)
{
	struct exposed *exposed = *state;
	int64_t series;
	char *text;

	sample_vm(&exposed->snap, 9, 900, "a\"} 1\nb\\{c=\"d,=");
	take(exposed);
	text = text_of(exposed, METRICS_OPENMETRICS, &series);
	has_text(text, "exitstat_vm_up{vm=\"a\\\"} 1\\nb\\\\{c=\\\"d,=\"} 1\n");
	check_lines(text, series);
	free(text);
}

static void test_long_name(void **state)
{
	struct exposed *exposed = *state;
	char name[VM_NAME_LEN] = "", *text;

	memset(name, 'n', sizeof(name) - 1);
	sample_vm(&exposed->snap, 9, 4294967295u, name);
	sample_vm(&exposed->snap, 10, 4294967295u, name);
	take(exposed);
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	has_text(text, "n (4294967295)\"} 1\n");
	free(text);
}

/* --- bounds -------------------------------------------------------------------------- */

static const struct self most_self = {
	.nprograms = SELF_PROGRAMS,
	.programs = { { .name = "a" }, { .name = "b" }, { .name = "c" }, { .name = "d" } },
};

static void many_vms(struct exposed *exposed, unsigned int vms, unsigned int reasons)
{
	char name[32];

	for (unsigned int i = 0; i < vms; i++) {
		struct vcpu_stat *vcpu;

		snprintf(name, sizeof(name), "vm%u", i);
		vcpu = sample_vcpu(sample_vm(&exposed->snap, 100 + i, 1000 + i, name), 0);
		for (unsigned int j = 0; j < reasons; j++)
			sample_exits(sample_reason(vcpu, VMX, j), 100u << (j % 24), 1 + i);
	}
}

/* Never more than the bound, whole groups only, and each that is missing is named. */
static void test_max_series(void **state)
{
	struct exposed *exposed = *state;
	uint64_t most;
	int64_t series;

	many_vms(exposed, 5, 6);
	take(exposed);
	exposed->run.self = &most_self;
	exposed->run.parts = PARTS_ALL;
	exposed->exposure.vm_histograms = true;
	free(text_of(exposed, METRICS_PROMETHEUS, &series));
	most = (uint64_t)series;
	for (uint64_t max = EXPOSURE_MIN_SERIES; max <= most;
	     max += max < most && most - max < 50 ? most - max : 50) {
		char *text, *at, wanted[64];
		uint64_t dropped = 0;

		exposed->exposure.max_series = max;
		text = text_of(exposed, METRICS_PROMETHEUS, &series);
		assert_true((uint64_t)series <= max);
		snprintf(wanted, sizeof(wanted), "exitstat_series %lld\n", (long long)series);
		has_text(text, wanted);
		for (at = text; (at = strstr(at, "exitstat_dropped_series{")); at++)
			dropped += strtoull(strchr(at, ' '), NULL, 10);
		assert_int_equal((uint64_t)series + dropped, most);
		check_lines(text, series);
		free(text);
		if (max == most)
			break;
	}
	assert_int_equal(series, most);
}

/* The least bound has room for what is always there. */
static void test_least_bound(void **state)
{
	struct exposed *exposed = *state;
	int64_t series;
	char *text;

	many_vms(exposed, 100, 20);
	take(exposed);
	exposed->run.self = &most_self;
	exposed->exposure.max_series = EXPOSURE_MIN_SERIES;
	text = text_of(exposed, METRICS_PROMETHEUS, &series);
	assert_true(series <= EXPOSURE_MIN_SERIES);
	has_text(text, "exitstat_dropped_series{group=\"vm_exits\"} 4008\n");
	has_text(text, "exitstat_losses_total{kind=\"missed\"} 3\n");
	assert_null(strstr(text, "exitstat_exits_total{"));
	free(text);
}

/* --- sums ----------------------------------------------------------------------------- */

/* All values of the lines that begin like this. */
static uint64_t sum_of(const char *text, const char *start)
{
	uint64_t sum = 0;

	for (const char *at = text; (at = strstr(at, start)); at++)
		if (at == text || at[-1] == '\n')
			sum += strtoull(strchr(at, '}') + 1, NULL, 10);
	return sum;
}

static void test_sums_are_those_of_the_snapshot(void **state)
{
	struct exposed *exposed = *state;
	uint64_t timed = 0;
	char *text;

	many_vms(exposed, 7, 30);
	for_each_vm(vm, &exposed->snap)
		for_each_vcpu(vcpu, vm)
			for_each_reason(r, vcpu)
				timed += r->timed;
	take(exposed);
	exposed->exposure.vm_histograms = true;
	text = text_of(exposed, METRICS_PROMETHEUS, NULL);
	assert_int_equal(sum_of(text, "exitstat_exits_total{"), snapshot_count(&exposed->snap));
	assert_int_equal(sum_of(text, "exitstat_exit_duration_seconds_count{"), timed);
	assert_int_equal(sum_of(text, "exitstat_vm_exit_duration_seconds_count{"), timed);
	free(text);
}

static void test_edges(void **state)
{
	uint64_t random = 9;

	(void)state;
	for (unsigned int band = 0; band < EDGES; band++) {
		assert_int_equal(edge_band(exitstat_bucket(edge_ns(band))), band);
		assert_int_equal(edge_band(exitstat_bucket(edge_ns(band) + 1)), band + 1);
	}
	assert_int_equal(edge_band(0), 0);
	assert_int_equal(edge_band(EXITSTAT_HIST_BUCKETS - 1), EDGES);
	/* A bucket lies between two edges, wholly. */
	for (uint32_t i = 0; i < EXITSTAT_HIST_BUCKETS; i++) {
		unsigned int band = edge_band(i);

		if (band < EDGES)
			assert_true(exitstat_bucket_low(i + 1) - 1 <= edge_ns(band));
		if (band)
			assert_true(exitstat_bucket_low(i) > edge_ns(band - 1));
	}
	for (int i = 0; i < 100000; i++) {
		uint64_t ns = next_random(&random) >> (i % 60);
		unsigned int band = edge_band(exitstat_bucket(ns));

		assert_true(band == EDGES || ns <= edge_ns(band));
		assert_true(!band || ns > edge_ns(band - 1));
	}
}

static void test_cannot_be_written(void **state)
{
	struct exposed *exposed = *state;
	FILE *full = fopen("/dev/full", "w");

	take(exposed);
	assert_non_null(full);
	assert_true(exposure_write(full, &exposed->exposure, METRICS_PROMETHEUS) < 0);
	fclose(full);
}

#define metrics_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

UNIT_TESTS(metrics)
{
	const struct CMUnitTest tests[] = {
		metrics_test(test_rows),
		metrics_test(test_heads),
		metrics_test(test_each_series_once),
		metrics_test(test_same_again),
		metrics_test(test_parts),
		metrics_test(test_vm_histograms),
		metrics_test(test_detail),
		metrics_test(test_cost),
		metrics_test(test_apicv),
		metrics_test(test_levels),
		metrics_test(test_escaping),
		metrics_test(test_long_name),
		metrics_test(test_max_series),
		metrics_test(test_least_bound),
		metrics_test(test_sums_are_those_of_the_snapshot),
		cmocka_unit_test(test_edges),
		metrics_test(test_cannot_be_written),
	};

	RUN_GROUP(tally, "metrics", tests);
}
