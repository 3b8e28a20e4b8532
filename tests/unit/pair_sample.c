// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "bpf/exitstat.h"
#include "base/clock.h"
#include "doc/host_write.h"
#include "doc/guest_write.h"
#include "pair_sample.h"
#include "unit.h"

#define REALTIME 1700000000000000000ull

static struct pair pair;

static const struct host pair_host_machine = {
	.kernel = "6.1.0-test",
	.cpu = "A CPU",
	.isa = EXITSTAT_ISA_SVM,
	.tsc_khz = PAIR_KHZ,
};

static struct timespec as_timespec(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / NS_PER_SEC), (long)(ns % NS_PER_SEC) };
}

struct pair *pair_begin(void)
{
	struct vm_stat *vm;

	memset(&pair, 0, sizeof(pair));
	pair.ns = 5000000000;
	pair.layout = LAYOUT_2021;
	pair.whole = true;
	vm = sample_vm(&pair.now, 1, 4711, "web1");
	sample_vcpu(vm, 0);
	return &pair;
}

void pair_end(void)
{
	for (size_t i = 0; i < pair.nreadings; i++)
		reading_free(&pair.readings[i]);
	plan_free(&pair.plan);
	snapshot_free(&pair.now);
	series_free(&pair.series);
	answers_free(&pair.answers);
}

static struct reason_stat *reason_of(uint32_t code, uint32_t level)
{
	const struct reason_stat like = { .isa = EXITSTAT_ISA_SVM, .reason = code, .level = level };
	struct vcpu_stat *vcpu = &pair.now.vms[0].vcpus[0];
	struct reason_stat *r = vcpu_find_reason(vcpu, &like);

	if (r)
		return r;
	sample_reason(vcpu, EXITSTAT_ISA_SVM, code)->level = level;
	snapshot_sort(&pair.now);
	return reason_of(code, level);
}

void pair_early_exits(uint32_t code, uint64_t times)
{
	uint64_t cycles = ns_to_cycles(1000, PAIR_KHZ);

	pair.sums[code].count += times;
	pair.sums[code].handled += times * cycles / 2;
	pair.sums[code].away += times * cycles;
}

/* KVM's window is a little longer. */
static void end_window(uint32_t code, uint64_t ns)
{
	pair.sums[code].handled += ns_to_cycles(ns, PAIR_KHZ) / 2;
	pair.sums[code].away += ns_to_cycles(ns, PAIR_KHZ) + 100;
	pair.ns += ns;
}

void pair_exits(uint32_t code, uint64_t ns, uint64_t times)
{
	for (uint64_t i = 0; i < times; i++) {
		bool in_nested = pair.nested && pair.sums[code].count % 2;

		sample_exits(reason_of(code, in_nested ? EXITSTAT_L2 : EXITSTAT_L1), ns, 1);
		pair.sums[code].count++;
		end_window(code, ns);
	}
}

void pair_wait(uint64_t ns)
{
	pair.ns += ns;
}

void pair_snapshot(void)
{
	struct point when = { .time = as_timespec(REALTIME + pair.ns), .start_ns = pair.ns };

	pair.ns += 20000;
	when.took_ns = 20000;
	pair.now.losses = pair.losses;
	assert_int_equal(series_add(&pair.series, &when, &pair.now, true), 0);
}

/* --- the guest ------------------------------------------------------------------------ */

static struct sums sums_of(bool all, uint32_t code)
{
	struct sums sums = { 0 };

	if (!all)
		return code < COUNT(pair.sums) ? pair.sums[code] : sums;
	for (size_t i = 0; i < COUNT(pair.sums); i++) {
		sums.count += pair.sums[i].count;
		sums.handled += pair.sums[i].handled;
		sums.away += pair.sums[i].away;
	}
	return sums;
}

static void answer_who(struct cpuid_regs *regs, uint32_t subleaf)
{
	if (!subleaf) {
		regs->eax = 1 << 16 | pair.layout;
		memcpy(&regs->ebx, "KVME", 4);
		memcpy(&regs->ecx, "xitS", 4);
		memcpy(&regs->edx, "tats", 4);
	} else {
		*regs = (struct cpuid_regs){ 2, 171, PAIR_KHZ, 0 };
	}
}

static void answer(struct cpuid_regs *regs, uint32_t number, uint32_t code)
{
	for (int leaf = LEAF_COUNT_ALL; leaf <= LEAF_AWAY; leaf++) {
		struct sums sums = sums_of(leaf < LEAF_COUNT, code);
		uint64_t value = sums.count;

		if (leaf_number(pair.layout, (enum leaf)leaf) != number)
			continue;
		if (leaf >= LEAF_COUNT &&
		    leaves_define(EXITSTAT_ISA_SVM, 171, code) == CODE_UNDEFINED) {
			regs->edx = UINT32_MAX;
			continue;
		}
		if (leaf == LEAF_HANDLED || leaf == LEAF_HANDLED_ALL)
			value = sums.handled;
		else if (leaf == LEAF_AWAY || leaf == LEAF_AWAY_ALL)
			value = sums.away;
		regs->ebx = (uint32_t)(value >> 32);
		if (leaf == LEAF_COUNT || leaf == LEAF_COUNT_ALL)
			regs->eax = (uint32_t)value;
		else
			regs->ecx = (uint32_t)value;
	}
}

static void take_answer(const struct cpuid_regs *regs, uint32_t leaf, uint32_t subleaf)
{
	const struct exitstat_answer answer = {
		.vm_serial = pair.now.vms[0].serial,
		.ns = pair.ns,
		.function = leaf,
		.index = subleaf,
		.answer = { regs->eax, regs->ebx, regs->ecx, regs->edx },
	};

	assert_int_equal(answers_add(&pair.answers, &answer), 0);
}

/* Counted at its exit, so in its own answer; its time is known only at its entry. */
void pair_ask(struct cpuid_regs *regs, uint32_t leaf, uint32_t subleaf)
{
	memset(regs, 0, sizeof(*regs));
	reason_of(PAIR_CPUID, EXITSTAT_L1)->count++;
	pair.sums[PAIR_CPUID].count++;
	if (leaf == LEAF_WHO)
		answer_who(regs, subleaf);
	else
		answer(regs, leaf, subleaf);
	take_answer(regs, leaf, subleaf);
	sample_exits(reason_of(PAIR_CPUID, EXITSTAT_L1), 2100, 1);
	reason_of(PAIR_CPUID, EXITSTAT_L1)->count--;
	end_window(PAIR_CPUID, 2100);
	if (pair.questions_left && !--pair.questions_left)
		pair_snapshot();
	if (pair.reading && pair.between)
		pair.between();
}

void pair_reading(void)
{
	struct reading *reading = &pair.readings[pair.nreadings];
	struct error err;
	uint64_t start;

	if (!pair.nreadings) {
		pair.source.ask = pair_ask;
		assert_int_equal(plan_make(&pair.plan, &pair.source, NULL, 0, &err), 0);
	}
	assert_true(pair.nreadings < PAIR_READINGS);
	start = pair.ns;
	pair.questions_left = pair.snapshot_in;
	pair.reading = true;
	assert_int_equal(reading_take(reading, &pair.plan, &pair.source, &err), 0);
	pair.reading = false;
	pair.nreadings++;
	reading->ns = pair.ns - start;
	/* The guest was started when the host's clock was at 4 s. */
	reading->start_ns = start - 4000000000;
	reading->time = as_timespec(REALTIME + start + (uint64_t)pair.guest_clock_ns);
}

/* --- what happens ------------------------------------------------------------------------ */

void pair_work(uint64_t n)
{
	pair_exits(PAIR_IO, 3000 + n, 5 + n);
	pair_exits(PAIR_HLT, 700000 + 1000 * n, 3);
	pair_exits(PAIR_MSR, 900, 2 * n);
}

void pair_at_rest(void)
{
	pair_snapshot();
	for (uint64_t i = 1; i < 5; i++) {
		pair_work(i);
		pair_wait(1000000);
		pair_snapshot();
		pair_wait(1000000);
		pair_reading();
		pair_wait(1000000);
		pair_snapshot();
	}
	pair_wait(1000000);
	pair_snapshot();
}

/* --- documents ------------------------------------------------------------------------- */

json_t *pair_host(void)
{
	const struct series *series = &pair.series;
	struct run run = {
		.host = &pair_host_machine,
		.start = series->points[0].time,
		.end = series->points[series->npoints - 1].time,
		.ns = pair.ns,
		.snap = &pair.now,
		.series = series,
		.answers = pair.takes_answers ? &pair.answers : NULL,
	};
	json_t *doc;

	pair.now.losses = pair.losses;
	pair.now.vms[0].whole = pair.whole;
	doc = export_json(&run);
	assert_non_null(doc);
	return doc;
}

json_t *pair_guest(void)
{
	json_t *doc =
		document_make(&pair_host_machine, &pair.plan, false, pair.readings, pair.nreadings);

	assert_non_null(doc);
	return doc;
}
