// SPDX-License-Identifier: GPL-2.0-only
/* Which rules fit: each at its thresholds and beside them. */
#include <stdio.h>
#include <string.h>

#include "advice/judge.h"
#include "model/host.h"
#include "model/reasons.h"
#include "model/split.h"
#include "unit.h"

#define SECONDS 10

static struct snapshot snap;
static struct run run;
static struct facts facts;
static struct vm_stat *vm;

static void begin(void)
{
	memset(&snap, 0, sizeof(snap));
	sample_run(&run, &snap);
	run.ns = NS_OF(SECONDS);
	run.kinds = SAMPLE_KINDS;
	facts = (struct facts){ .known = true };
	vm = sample_vm(&snap, 1, 100, "web1");
	sample_vcpu(vm, 0);
}

static int end(void **state)
{
	(void)state;
	snapshot_free(&snap);
	return 0;
}

/* So many exits of a reason that all have this key; accesses 0: none. */
static struct reason_stat *add(struct rule_reason of, uint64_t count, uint64_t ns,
			       const struct rule_keys *keys, uint64_t key)
{
	struct vcpu_stat *vcpu = &vm->vcpus[vm->nvcpus - 1];
	const struct reason_stat like = { .isa = of.isa, .reason = of.code, .level = EXITSTAT_L1 };
	struct reason_stat *r = vcpu_find_reason(vcpu, &like);
	struct detail detail = { .key = key, .count = count, .sum_ns = count * ns };

	r = r ?: sample_reason(vcpu, of.isa, of.code);
	sample_exits(r, ns, count);
	if (!keys || !keys->accesses)
		return r;
	detail.kind = keys->kind;
	detail.access = (uint8_t)__builtin_ctz(keys->accesses);
	assert_non_null(details_add(&r->details, &detail));
	details_sort(&r->details);
	return r;
}

/* Of all reasons that there are, so many percent are in this part. */
static void set_parts(unsigned int part, uint64_t percent)
{
	run.parts = PARTS_ALL;
	for_each_reason(r, &vm->vcpus[0])
		r->part_ns[part] = r->sum_ns * percent / 100;
}

static enum fit fit_of(const struct rule *rule, bool lives)
{
	enum fit fit = FIT_NOT;
	struct advice advice;

	assert_int_equal(advice_judge(&advice, &run, &facts, lives), 0);
	assert_int_equal(advice.nvms, 1);
	for_each_element(judgment, advice.vms[0].judgments, advice.vms[0].n)
		if (judgment->rule == rule)
			fit = judgment->fit;
	advice_free(&advice);
	return fit;
}

static void expect(const struct rule *rule, enum fit expected, const char *what)
{
	enum fit fit = fit_of(rule, true);

	if (fit != expected)
		fail_msg("%s, %s: %d instead of %d", rule->id, what, (int)fit, (int)expected);
}

/* --- at the thresholds ------------------------------------------------------------------- */

/* Exits, and ns of each, that just reach both. */
static uint64_t enough(const struct rule *rule)
{
	return (uint64_t)(rule->rate * SECONDS);
}

static uint64_t long_enough(const struct rule *rule)
{
	return (uint64_t)(rule->time / 100 * (double)run.ns / (double)enough(rule)) + 1;
}

/* What the rule's host is like. */
static void set_where(const struct rule *rule)
{
	static struct host host;

	host = sample_host;
	host.apicv.use = APICV_ON;
	run.host = &host;
	vm->apicv = (struct apicv){ .known = true, .inhibits = rule->apicv == RULE_INHIBITED };
	if (rule->where.value)
		strcpy(facts.text[rule->where.fact], rule->where.is ? rule->where.value : "other");
}

/* Where it goes by pages, each exit has its own, and they lie side by side. */
static void make(const struct rule *rule, struct rule_reason of, const struct rule_keys *keys,
		 uint64_t count, uint64_t ns)
{
	begin();
	set_where(rule);
	if (!rule_of_pages(rule))
		add(of, count, ns, keys, keys->first);
	for (uint64_t i = 0; i < count && rule_of_pages(rule); i++)
		add(of, 1, ns, keys, i << 12);
	if (rule->spent.share > 0)
		set_parts(rule->spent.part, 100);
}

static void check_thresholds(const struct rule *rule, struct rule_reason of,
			     const struct rule_keys *keys)
{
	uint64_t n, ns;

	begin();
	n = enough(rule);
	ns = long_enough(rule);
	end(NULL);

	make(rule, of, keys, n, ns);
	expect(rule, FIT_CONSISTENT, "at its thresholds");
	end(NULL);
	make(rule, of, keys, n - 1, ns * 2);
	expect(rule, FIT_NOT, "below its rate");
	end(NULL);
	make(rule, of, keys, n, ns - 2);
	expect(rule, FIT_NOT, "below its time");
	end(NULL);
	if (!rule->average)
		return;
	make(rule, of, keys, n, rule->average + 1);
	expect(rule, FIT_NOT, "longer than its average");
	end(NULL);
}

static void each_way(void (*check)(const struct rule *rule, struct rule_reason of,
				   const struct rule_keys *keys))
{
	for (size_t i = 0; i < nrules; i++) {
		const struct rule *rule = &rules[i];

		for (size_t r = 0; r < RULE_REASONS && rule->reasons[r].isa; r++)
			for (size_t k = 0; k < RULE_KEYS && (!k || rule->keys[k].accesses); k++)
				if (rule->measured == MEASURE_EXITS)
					check(rule, rule->reasons[r], &rule->keys[k]);
	}
}

static void test_thresholds(void **state)
{
	(void)state;
	each_way(check_thresholds);
}

/* Of a rule that goes by where times went. */
static void check_spent(const struct rule *rule, struct rule_reason of,
			const struct rule_keys *keys)
{
	if (rule->spent.share <= 0)
		return;
	make(rule, of, keys, 100000, 90000);
	set_parts(rule->spent.part, (uint64_t)rule->spent.share + 1);
	expect(rule, FIT_CONSISTENT, "enough in that part");
	set_parts(rule->spent.part, (uint64_t)rule->spent.share - 1);
	expect(rule, FIT_NOT, "too little in that part");
	run.parts = 0;
	expect(rule, FIT_NO_SPLIT, "without split");
	run.parts = PARTS_ALL & ~(1u << rule->spent.part);
	expect(rule, FIT_NO_SPLIT, "of a kernel that does not tell");
	run.kinds = 0;
	vm->vcpus[0].reasons[0].details.n = 0;
	expect(rule, FIT_NO_KEYS, "without keys");
	end(NULL);
}

static void test_spent(void **state)
{
	(void)state;
	each_way(check_spent);
}

/* With the state known, one of two rules of the same exits fits. */
static void test_inhibited(void **state)
{
	const struct rule_keys eoi = { EXITSTAT_MSR, 0x80b, 0x80b, 1u << EXITSTAT_WRITE };
	const struct rule *off, *inhibited;
	struct host host;

	(void)state;
	for (off = rules; strcmp(off->id, "eoi-exits"); off++)
		;
	for (inhibited = rules; strcmp(inhibited->id, "apicv-inhibited"); inhibited++)
		;
	begin();
	host = *run.host;
	run.host = &host;
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0x7c }, 100000, 90000, &eoi, 0x80b);
	expect(off, FIT_CONSISTENT, "nothing known");
	expect(inhibited, FIT_NOT, "nothing known");
	vm->apicv = (struct apicv){ .known = true, .inhibits = 1 };
	host.apicv.use = APICV_OFF;
	expect(off, FIT_CONSISTENT, "off");
	expect(inhibited, FIT_NOT, "off");
	host.apicv.use = APICV_ON;
	expect(off, FIT_NOT, "inhibited");
	expect(inhibited, FIT_CONSISTENT, "inhibited");
	vm->apicv.inhibits = 0;
	expect(off, FIT_CONSISTENT, "active");
	expect(inhibited, FIT_NOT, "active");
	end(NULL);
}

static void test_run_delay(void **state)
{
	const struct rule_reason hlt = { EXITSTAT_ISA_SVM, 0x78 };
	const struct rule *rule;

	(void)state;
	for (rule = rules; strcmp(rule->id, "run-delay"); rule++)
		;
	begin();
	add(hlt, 300, 30000000, NULL, 0);
	expect(rule, FIT_NOT, "idle, without split");
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0x60 }, 2000, 600000, NULL, 0);
	expect(rule, FIT_NO_SPLIT, "away for 12 %, without split");
	set_parts(EXITSTAT_RUNNABLE, 11);
	expect(rule, FIT_CONSISTENT, "11 % of 10.2 s");
	set_parts(EXITSTAT_RUNNABLE, 9);
	expect(rule, FIT_NOT, "9 % of 10.2 s");
	set_parts(EXITSTAT_USER, 90);
	expect(rule, FIT_NOT, "90 % elsewhere");
	end(NULL);
}

/* Keys beside a rule's, other accesses, other reasons, are not the rule's. */
static void check_neighbours(const struct rule *rule, struct rule_reason of,
			     const struct rule_keys *keys)
{
	struct rule_keys other = *keys;

	if (!keys->accesses || rule_of_pages(rule))
		return;
	make(rule, of, keys, 0, 1);
	add(of, 100000, 90000, keys, keys->last + 1);
	expect(rule, FIT_NOT, "the key after its last");
	end(NULL);
	make(rule, of, keys, 0, 1);
	add((struct rule_reason){ of.isa, 0x60 }, 100000, 90000, keys, keys->first);
	expect(rule, FIT_NOT, "another reason");
	end(NULL);
	other.accesses = 1u << EXITSTAT_EXECUTE;
	make(rule, of, keys, 0, 1);
	add(of, 100000, 90000, &other, keys->first);
	expect(rule, FIT_NOT, "another access");
	end(NULL);
	other = *keys;
	other.kind = keys->kind == EXITSTAT_VECTOR ? EXITSTAT_MSR : EXITSTAT_VECTOR;
	make(rule, of, keys, 0, 1);
	add(of, 100000, 90000, &other, keys->first);
	expect(rule, FIT_NOT, "another kind");
	end(NULL);
}

static void test_neighbours(void **state)
{
	(void)state;
	each_way(check_neighbours);
}

/* --- what cannot be judged ------------------------------------------------------------------ */

static void check_open(const struct rule *rule, struct rule_reason of, const struct rule_keys *keys)
{
	static const struct rule_keys none;
	const struct detail rest = { .kind = DETAIL_REST,
				     .count = 100000,
				     .accesses = 100000,
				     .sum_ns = 100000ull * 90000 };
	const struct detail rip = { .kind = EXITSTAT_RIP,
				    .count = 100000,
				    .accesses = 100000,
				    .sum_ns = 100000ull * 90000 };
	struct reason_stat *r;

	if (!keys->accesses)
		return;
	make(rule, of, &none, 0, 1);
	add(of, 100000, 90000, &none, 0);
	expect(rule, FIT_NOT, "exits without keys, of which all were asked for");
	run.kinds = 0;
	expect(rule, FIT_NO_KEYS, "no keys were asked for");
	run.kinds = ~(1u << keys->kind) & SAMPLE_KINDS;
	expect(rule, FIT_NO_KEYS, "other kinds were asked for");
	run.kinds = SAMPLE_KINDS;
	snap.losses.keys = 1;
	expect(rule, FIT_NO_ROOM, "keys were not seen");
	end(NULL);

	make(rule, of, &none, 0, 1);
	r = add(of, 100000, 90000, &none, 0);
	assert_non_null(details_add(&r->details, &rip));
	expect(rule, FIT_NOT, "exits without keys but where they were");
	run.kinds = 1u << EXITSTAT_RIP;
	expect(rule, FIT_NO_KEYS, "only where they were was asked for");
	end(NULL);

	make(rule, of, &none, 0, 1);
	r = add(of, 100000, 90000, &none, 0);
	assert_non_null(details_add(&r->details, &rest));
	expect(rule, FIT_NO_ROOM, "keys had no room");
	end(NULL);

	make(rule, of, &none, 0, 1);
	add(of, ADVICE_LEAST, 1000, &none, 0);
	run.kinds = 0;
	expect(rule, FIT_NOT, "no keys, but too few of its reason whatever they are");
	end(NULL);
}

static void test_what_is_open(void **state)
{
	(void)state;
	each_way(check_open);
}

static const struct rule *rule_of(const char *id)
{
	for (size_t i = 0; i < nrules; i++)
		if (!strcmp(rules[i].id, id))
			return &rules[i];
	fail_msg("no rule %s", id);
	return NULL;
}

static void test_where(void **state)
{
	const struct rule *polled = rule_of("halts-polled"), *unpolled = rule_of("halts-unpolled");

	(void)state;
	begin();
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0x78 }, 50000, 100000, NULL, 0);
	strcpy(facts.text[FACT_HALT_POLL], "200000");
	expect(polled, FIT_CONSISTENT, "polling");
	expect(unpolled, FIT_NOT, "polling");
	strcpy(facts.text[FACT_HALT_POLL], "0");
	expect(polled, FIT_NOT, "no polling");
	expect(unpolled, FIT_CONSISTENT, "no polling");
	facts.text[FACT_HALT_POLL][0] = '\0';
	expect(polled, FIT_NO_FACT, "no such parameter");
	strcpy(facts.text[FACT_HALT_POLL], "0");
	facts.known = false;
	expect(polled, FIT_NO_FACT, "another host");
	expect(unpolled, FIT_NO_FACT, "another host");
	end(NULL);
}

/* #AC of a guest on a CPU that detects no split locks is the guest's own affair. */
static void test_locks(void **state)
{
	const struct rule *rule = rule_of("split-locks");
	const struct rule_keys ac = { EXITSTAT_VECTOR, 17, 17, 1u << EXITSTAT_READ };
	const struct rule_reason exception = { EXITSTAT_ISA_VMX, 0 };

	(void)state;
	begin();
	add(exception, 400, 12000000, &ac, 17);
	strcpy(facts.text[FACT_LOCK_FLAGS], FACT_NONE);
	expect(rule, FIT_NOT, "nothing detects them");
	strcpy(facts.text[FACT_LOCK_FLAGS], "split_lock_detect");
	expect(rule, FIT_CONSISTENT, "they are detected");
	facts.known = false;
	expect(rule, FIT_NO_FACT, "another host");
	end(NULL);

	/* AMD's #AC is never one; a bus lock is, on either. */
	begin();
	strcpy(facts.text[FACT_LOCK_FLAGS], "bus_lock_detect");
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0x51 }, 4000, 90000, &ac, 17);
	expect(rule, FIT_NOT, "#AC of SVM");
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0xa5 }, 150, 90000, NULL, 0);
	expect(rule, FIT_NOT, "too few bus locks");
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0xa5 }, 50, 90000, NULL, 0);
	run.kinds = 0;
	expect(rule, FIT_CONSISTENT, "bus locks, whatever was asked for");
	end(NULL);

	/* Both together reach what neither does. */
	begin();
	strcpy(facts.text[FACT_LOCK_FLAGS], "split_lock_detect bus_lock_detect");
	add(exception, 120, 12000000, &ac, 17);
	expect(rule, FIT_NOT, "too few #AC");
	add((struct rule_reason){ EXITSTAT_ISA_VMX, 74 }, 80, 90000, NULL, 0);
	expect(rule, FIT_CONSISTENT, "#AC and bus locks");
	end(NULL);
}

/* --- the two that are not about many exits of a key ---------------------------------------- */

/* One page of each 2 MiB: as with huge pages, and as many as one likes. */
static void test_crowd(void **state)
{
	const struct rule_keys keys = { EXITSTAT_FAULT, 0, 0, 1u << EXITSTAT_WRITE };
	const struct rule *rule = rule_of("small-pages");
	const struct detail rest = { .kind = DETAIL_REST,
				     .count = 100000,
				     .accesses = 100000,
				     .sum_ns = 100000ull * 90000 };
	struct reason_stat *r = NULL;

	(void)state;
	for (unsigned int shift = 12; shift <= 21; shift += 9) {
		begin();
		for (uint64_t i = 0; i < 6000; i++)
			r = add((struct rule_reason){ EXITSTAT_ISA_VMX, 48 }, 1, 90000, &keys,
				i << shift);
		expect(rule, shift == 12 ? FIT_CONSISTENT : FIT_NOT, "a page of each");
		assert_non_null(details_add(&r->details, &rest));
		expect(rule, shift == 12 ? FIT_CONSISTENT : FIT_NO_ROOM, "and more without room");
		end(NULL);
	}
	/* Few of them had room: they tell of the others. */
	begin();
	for (uint64_t i = 0; i < 64; i++)
		r = add((struct rule_reason){ EXITSTAT_ISA_VMX, 48 }, 1, 90000, &keys, i << 12);
	expect(rule, FIT_NOT, "few");
	sample_exits(r, 90000, 100000);
	assert_non_null(details_add(&r->details, &rest));
	expect(rule, FIT_CONSISTENT, "many, few of which had room");
	end(NULL);
}

/* So many pages, of each of which there are so many faults. */
static void add_pages(uint64_t pages, uint64_t times)
{
	const struct rule_keys keys = { EXITSTAT_FAULT, 0, 0, 1u << EXITSTAT_WRITE };

	for (uint64_t i = 0; i < pages; i++)
		add((struct rule_reason){ EXITSTAT_ISA_VMX, 48 }, times, 90000, &keys, i << 12);
}

/* Which of two rules names what: pages that come again, and those that come once. */
static void test_again(void **state)
{
	const struct rule *taken = rule_of("memory-taken"), *small = rule_of("small-pages");

	(void)state;
	begin();
	add_pages(6000, 1);
	expect(taken, FIT_CONSISTENT, "each once");
	expect(small, FIT_CONSISTENT, "each once");
	end(NULL);
	begin();
	add_pages(3000, 2);
	expect(small, FIT_CONSISTENT, "each twice");
	end(NULL);
	begin();
	add_pages(64, 129);
	expect(taken, FIT_CONSISTENT, "again and again");
	expect(small, FIT_NOT, "again and again");
	end(NULL);
	begin();
	add_pages(63, 129);
	expect(taken, FIT_NOT, "too few pages");
	end(NULL);
}

/* It is of VMs that were there before, which not every file tells. */
static void test_old(void **state)
{
	const struct rule *rule = rule_of("memory-taken");
	const struct series series = { 0 };

	(void)state;
	begin();
	add_pages(100, 100);
	expect(rule, FIT_CONSISTENT, "there before");
	assert_int_equal(fit_of(rule, false), FIT_NO_LIVES);
	run.series = &series;
	assert_int_equal(fit_of(rule, false), FIT_CONSISTENT);
	vm->whole = true;
	assert_int_equal(fit_of(rule, false), FIT_NOT);
	expect(rule, FIT_NOT, "it began in the run");
	run.kinds = 0;
	vm->vcpus[0].reasons[0].details.n = 0;
	expect(rule, FIT_NOT, "it began in the run, and without keys");
	vm->whole = false;
	expect(rule, FIT_NO_KEYS, "without keys");
	run.series = NULL;
	assert_int_equal(fit_of(rule, false), FIT_NO_KEYS);
	end(NULL);
}

static void test_little(void **state)
{
	const struct rule *rule = rule_of("not-exits");
	const struct rule_reason hlt = { EXITSTAT_ISA_SVM, 0x78 };

	(void)state;
	begin();
	add(hlt, 300, 30000000, NULL, 0);
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0x60 }, 3000, 90000, NULL, 0);
	expect(rule, FIT_CONSISTENT, "2.7 %");
	assert_int_equal(fit_of(rule, false), FIT_NO_LIVES);
	vm->whole = true;
	expect(rule, FIT_NOT, "it began in the run");
	vm->whole = false;
	vm->ended = true;
	expect(rule, FIT_NOT, "it ended in the run");
	vm->ended = false;
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0x60 }, 3000, 20000, NULL, 0);
	expect(rule, FIT_NOT, "3.3 %");
	sample_vcpu(vm, 1);
	expect(rule, FIT_CONSISTENT, "3.3 % of one of two vCPUs");
	add(hlt, 50000, 100000, NULL, 0);
	strcpy(facts.text[FACT_HALT_POLL], "200000");
	expect(rule, FIT_NOT, "another rule fits");
	end(NULL);
	begin();
	add(hlt, ADVICE_LEAST_OF_VM - 1, 100, NULL, 0);
	expect(rule, FIT_NOT, "too few exits to tell");
	end(NULL);
}

static void test_too_few(void **state)
{
	const struct rule_keys keys = { EXITSTAT_IO, 0x71, 0x71, 1u << EXITSTAT_READ };
	const struct rule_reason io = { EXITSTAT_ISA_SVM, 0x7b };
	const struct rule *rule = rule_of("rtc-polled");

	(void)state;
	begin();
	run.ns = 10000000;
	add(io, ADVICE_LEAST - 1, 10000, &keys, 0x71);
	expect(rule, FIT_NOT, "for a moment");
	add(io, 1, 10000, &keys, 0x70);
	expect(rule, FIT_CONSISTENT, "one more");
	end(NULL);
}

/* Its vCPUs are one VM's, those of other VMs are not. */
static void test_each_vm(void **state)
{
	const struct rule_keys keys = { EXITSTAT_IO, 0x71, 0x71, 1u << EXITSTAT_READ };
	const struct rule *rule = rule_of("rtc-polled");
	struct advice advice;

	(void)state;
	begin();
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0x7b }, 1500, 50000, &keys, 0x71);
	expect(rule, FIT_NOT, "one vCPU");
	sample_vcpu(vm, 1);
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0x7b }, 500, 50000, &keys, 0x71);
	expect(rule, FIT_CONSISTENT, "two vCPUs");
	vm = sample_vm(&snap, 2, 200, "none");
	vm = sample_vm(&snap, 3, 300, "db");
	sample_vcpu(vm, 0);
	add((struct rule_reason){ EXITSTAT_ISA_SVM, 0x7b }, 10, 50000, &keys, 0x71);
	assert_int_equal(advice_judge(&advice, &run, &facts, true), 0);
	assert_int_equal(advice.nvms, 2);
	assert_int_equal(advice.vms[0].vm->pid, 100);
	assert_int_equal(advice.vms[0].judgments[0].measure.rule.count, 2000);
	assert_int_equal(advice.vms[0].judgments[0].measure.keys.n, 1);
	assert_int_equal(advice.vms[1].vm->pid, 300);
	assert_int_equal(advice.vms[1].n, 0);
	assert_int_equal(advice_count(&advice, FIT_CONSISTENT), 1);
	advice_free(&advice);
	end(NULL);
}

/* --- the table --------------------------------------------------------------------------- */

static void check_text(const char *id, const char *text, bool sentences)
{
	size_t len = strlen(text);

	if (!len || (sentences && text[len - 1] != '.') || (!sentences && text[len - 1] == '.') ||
	    strstr(text, "  ") || text[0] == ' ')
		fail_msg("%s: '%s'", id, text);
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			fail_msg("%s: a character in '%s'", id, text);
}

static void test_table(void **state)
{
	char name[REASON_NAME_LEN];

	(void)state;
	for (size_t i = 0; i < nrules; i++) {
		const struct rule *rule = &rules[i];

		check_text(rule->id, rule->id, false);
		check_text(rule->id, rule->title, false);
		check_text(rule->id, rule->means, true);
		check_text(rule->id, rule->change, true);
		check_text(rule->id, rule->cost, true);
		check_text(rule->id, rule->documented, false);
		assert_true(rule_of(rule->id) == rule);
		assert_true(rule->time > 0);
		assert_true(rule->measured != MEASURE_EXITS || rule->rate > 0);
		assert_true(!rule->where.value || rule->facts & 1u << rule->where.fact);
		for (size_t r = 0; r < RULE_REASONS && rule->reasons[r].isa; r++) {
			reason_name(name, rule->reasons[r].isa, rule->reasons[r].code);
			if (!reason_edition(rule->reasons[r].isa, rule->reasons[r].code))
				fail_msg("%s: reason %s", rule->id, name);
		}
		for (size_t r = 0; r < RULE_WHOLE && rule->whole[r].isa; r++)
			assert_true(reason_edition(rule->whole[r].isa, rule->whole[r].code));
		for (size_t k = 0; k < RULE_KEYS && rule->keys[k].accesses; k++)
			assert_true(rule->keys[k].first <= rule->keys[k].last);
	}
}

UNIT_TESTS(advice)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thresholds), cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_spent),	   cmocka_unit_test(test_run_delay),
		cmocka_unit_test(test_inhibited),  cmocka_unit_test(test_what_is_open),
		cmocka_unit_test(test_where),	   cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_little),	   cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_each_vm),	   cmocka_unit_test(test_table),
		cmocka_unit_test(test_again),	   cmocka_unit_test(test_old),
		cmocka_unit_test(test_locks),
	};

	RUN_GROUP(tally, "advice", tests);
}
