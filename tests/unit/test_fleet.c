// SPDX-License-Identifier: GPL-2.0-only
/* The VMs that are exposed: their labels, what they did, for how long. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "metrics/fleet.h"
#include "unit.h"

#define VMX EXITSTAT_ISA_VMX

/* A host's VMs, and the fleet that is told of them at each moment. */
struct hosted {
	struct snapshot snap;
	struct fleet fleet;
	uint64_t now_ns;
	size_t forgotten;
};

static int begin(void **state)
{
	struct hosted *hosted = calloc(1, sizeof(*hosted));

	assert_non_null(hosted);
	hosted->fleet.keep_ns = NS_OF(100);
	hosted->now_ns = NS_OF(1000);
	*state = hosted;
	return 0;
}

static int end(void **state)
{
	struct hosted *hosted = *state;

	snapshot_free(&hosted->snap);
	fleet_free(&hosted->fleet);
	free(hosted);
	return 0;
}

/* What the reader would do; the snapshot is still looked at. */
static void forget(void *arg, uint64_t serial)
{
	struct hosted *hosted = arg;
	struct vm_stat *vm = snapshot_find_vm(&hosted->snap, serial);

	assert_non_null(vm);
	assert_true(vm->ended);
	assert_int_not_equal(vm->pid, 0);
	vm->pid = 0;
	hosted->forgotten++;
}

static void drop_forgotten(struct snapshot *snap)
{
	size_t n = 0;

	for (size_t i = 0; i < snap->nvms; i++) {
		if (snap->vms[i].pid)
			snap->vms[n++] = snap->vms[i];
		else
			vm_free(&snap->vms[i]);
	}
	snap->nvms = n;
}

/* So many seconds later. */
static void take(struct hosted *hosted, uint64_t seconds)
{
	hosted->now_ns += NS_OF(seconds);
	assert_int_equal(fleet_take(&hosted->fleet, &hosted->snap, hosted->now_ns, forget, hosted),
			 0);
	drop_forgotten(&hosted->snap);
}

/* A VM with so many CPUIDs of 1 us. */
static void start(struct hosted *hosted, uint64_t serial, uint32_t pid, const char *name,
		  uint64_t exits)
{
	struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&hosted->snap, serial, pid, name), 0);

	sample_exits(sample_reason(vcpu, VMX, 10), 1000, exits);
	assert_non_null(details_add(&vcpu->reasons[0].details,
				    &(struct detail){ .kind = EXITSTAT_CPUID, .count = exits }));
}

static struct vm_stat *vm_of(struct hosted *hosted, uint64_t serial)
{
	struct vm_stat *vm = snapshot_find_vm(&hosted->snap, serial);

	assert_non_null(vm);
	return vm;
}

static void stop(struct hosted *hosted, uint64_t serial)
{
	vm_of(hosted, serial)->ended = true;
}

/* The labels, each with its exits: "a=1 b=2 ". */
static const char *told(const struct hosted *hosted)
{
	static char text[1024];
	size_t len = 0;

	text[0] = '\0';
	for_each_element(vm, hosted->fleet.vms, hosted->fleet.nvms) {
		uint64_t count = 0;

		for_each_element(total, vm->now.list, vm->now.n)
			count += total->count;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s=%llu%s ", vm->label,
					(unsigned long long)count, vm->ended_ns ? "!" : "");
	}
	return text;
}

static uint64_t count_all(const struct hosted *hosted)
{
	uint64_t count = 0;

	for_each_element(total, hosted->fleet.now.list, hosted->fleet.now.n)
		count += total->count;
	return count;
}

/* --- labels ------------------------------------------------------------------ */

static void test_labels(void **state)
{
	struct hosted *hosted = *state;

	start(hosted, 1, 100, "web1", 5);
	start(hosted, 2, 200, "db", 7);
	take(hosted, 1);
	assert_string_equal(told(hosted), "db=7 web1=5 ");
	/* Two of one name are told apart, and the first stays what it is. */
	start(hosted, 3, 300, "web1", 9);
	take(hosted, 1);
	assert_string_equal(told(hosted), "db=7 web1=5 web1 (300)=9 ");
	/* More than one of a process: the third is counted with the second. */
	start(hosted, 4, 300, "web1", 1);
	take(hosted, 1);
	assert_string_equal(told(hosted), "db=7 web1=5 web1 (300)=10 ");
	stop(hosted, 1);
	take(hosted, 1);
	assert_string_equal(told(hosted), "db=7 web1=5! web1 (300)=10 ");
	assert_int_equal(hosted->fleet.nliving, 3);
	assert_int_equal(count_all(hosted), 22);
}

/* To whoever draws its curve it is the same VM, and the curve does not fall. */
static void test_started_again(void **state)
{
	struct hosted *hosted = *state;

	start(hosted, 1, 100, "web1", 5);
	take(hosted, 1);
	sample_exits(&vm_of(hosted, 1)->vcpus[0].reasons[0], 1000, 3);
	stop(hosted, 1);
	take(hosted, 1);
	assert_int_equal(hosted->forgotten, 1);
	assert_string_equal(told(hosted), "web1=8! ");
	take(hosted, 50);
	assert_string_equal(told(hosted), "web1=8! ");
	start(hosted, 2, 101, "web1", 2);
	take(hosted, 1);
	assert_string_equal(told(hosted), "web1=10 ");
	assert_int_equal(hosted->fleet.vms[0].nmembers, 1);
	assert_int_equal(hosted->fleet.vms[0].members[0].pid, 101);
	take(hosted, 1000);
	assert_string_equal(told(hosted), "web1=10 ");
}

/* Both at once: the end of one, and the start of the next. */
static void test_started_again_at_once(void **state)
{
	struct hosted *hosted = *state;

	start(hosted, 1, 100, "web1", 5);
	take(hosted, 1);
	stop(hosted, 1);
	start(hosted, 2, 101, "web1", 2);
	take(hosted, 1);
	assert_string_equal(told(hosted), "web1=7 ");
	/* And one of which nothing was seen but its end. */
	start(hosted, 3, 102, "brief", 1);
	stop(hosted, 3);
	take(hosted, 1);
	assert_string_equal(told(hosted), "brief=1! web1=7 ");
	assert_int_equal(hosted->fleet.nended, 2);
}

/* --- for how long ---------------------------------------------------------------- */

static void test_goes_after_a_while(void **state)
{
	struct hosted *hosted = *state;

	start(hosted, 1, 100, "web1", 5);
	start(hosted, 2, 200, "db", 7);
	take(hosted, 1);
	stop(hosted, 1);
	take(hosted, 1);
	take(hosted, 99);
	assert_string_equal(told(hosted), "db=7 web1=5! ");
	take(hosted, 1);
	assert_string_equal(told(hosted), "db=7 ");
	/* The host's counters do not go back for that. */
	assert_int_equal(count_all(hosted), 12);
	start(hosted, 3, 300, "web1", 1);
	take(hosted, 1);
	assert_string_equal(told(hosted), "db=7 web1=1 ");
	assert_int_equal(count_all(hosted), 13);
	assert_int_equal(hosted->fleet.ngone, 0);
}

/* It is told of once, even if it is not to be kept. */
static void test_kept_for_no_time(void **state)
{
	struct hosted *hosted = *state;

	hosted->fleet.keep_ns = 0;
	start(hosted, 1, 100, "web1", 5);
	stop(hosted, 1);
	take(hosted, 1);
	assert_string_equal(told(hosted), "web1=5! ");
	take(hosted, 1);
	assert_string_equal(told(hosted), "");
	assert_int_equal(count_all(hosted), 5);
}

static void test_no_more_than_so_many_ended(void **state)
{
	struct hosted *hosted = *state;
	char name[32];

	for (uint32_t i = 0; i < FLEET_MAX_ENDED + 3; i++) {
		snprintf(name, sizeof(name), "vm%05u", i);
		start(hosted, i + 1, i + 1, name, 1);
		stop(hosted, i + 1);
		hosted->now_ns++;
		take(hosted, 0);
	}
	assert_int_equal(hosted->fleet.nvms, FLEET_MAX_ENDED);
	assert_int_equal(hosted->fleet.ngone, 3);
	assert_string_equal(hosted->fleet.vms[0].label, "vm00003");
	assert_int_equal(count_all(hosted), FLEET_MAX_ENDED + 3);
	assert_int_equal(hosted->forgotten, FLEET_MAX_ENDED + 3);
}

/* --- what they did --------------------------------------------------------------- */

static void test_sums(void **state)
{
	struct hosted *hosted = *state;
	struct vcpu_stat *vcpu;
	struct total *total;

	start(hosted, 1, 100, "web1", 5);
	vcpu = sample_vcpu(vm_of(hosted, 1), 1);
	sample_exits(sample_reason(vcpu, VMX, 10), 300, 2);
	sample_in_flight(&vcpu->reasons[0]);
	vcpu->reasons[0].part_ns[EXITSTAT_USER] = 77;
	sample_exits(sample_reason(vcpu, VMX, 1), 20, 1);
	sample_reason(vcpu, VMX, 10)->level = EXITSTAT_L2;
	take(hosted, 1);
	assert_int_equal(hosted->fleet.nvcpus, 2);
	assert_int_equal(hosted->fleet.vms[0].now.n, 3);
	total = &hosted->fleet.vms[0].now.list[0];
	assert_int_equal(total->reason, 1);
	assert_int_equal(total->bands[0], 1);
	total++;
	assert_int_equal(total->reason, 10);
	assert_int_equal(total->level, EXITSTAT_L1);
	assert_int_equal(total->count, 8);
	assert_int_equal(total->sum_ns, 5600);
	assert_int_equal(total->part_ns[EXITSTAT_USER], 77);
	assert_int_equal(total->bands[1], 2); /* 256 to 511 ns */
	assert_int_equal(total->bands[2], 5); /* 512 to 1023 ns */
	assert_int_equal(total[1].level, EXITSTAT_L2);
}

/* Between the ends of a VM's vCPUs nobody knows what inhibits it: counters stay. */
static void test_apicv(void **state)
{
	struct hosted *hosted = *state;
	struct apicv apicv;

	start(hosted, 1, 100, "web1", 5);
	vm_of(hosted, 1)->apicv =
		(struct apicv){ .known = true, .inhibits = 4, .set = { [2] = 3 } };
	take(hosted, 1);
	memset(&vm_of(hosted, 1)->apicv, 0, sizeof(apicv));
	take(hosted, 1);
	apicv = fleet_apicv(&hosted->fleet.vms[0]);
	assert_true(apicv.known);
	assert_int_equal(apicv.inhibits, 4);
	assert_int_equal(apicv.set[2], 3);
	stop(hosted, 1);
	take(hosted, 1);
	apicv = fleet_apicv(&hosted->fleet.vms[0]);
	assert_false(apicv.known);
	assert_int_equal(apicv.set[2], 3);
	start(hosted, 2, 101, "web1", 5);
	vm_of(hosted, 2)->apicv =
		(struct apicv){ .known = true, .set = { [2] = 1 }, .cleared = { [2] = 1 } };
	take(hosted, 1);
	apicv = fleet_apicv(&hosted->fleet.vms[0]);
	assert_int_equal(apicv.inhibits, 0);
	assert_int_equal(apicv.set[2], 4);
	assert_int_equal(apicv.cleared[2], 1);
}

static uint64_t count_of(const struct totals *totals)
{
	uint64_t count = 0;

	for_each_element(total, totals->list, totals->n)
		count += total->count;
	return count;
}

/* However VMs come and go: each counter that was there grows, and the host's have them all. */
static void test_any_course(void **state)
{
	struct hosted *hosted = *state;
	uint64_t random = 15, serial = 0, all = 0;

	for (int round = 0; round < 3000; round++) {
		struct {
			char label[FLEET_LABEL_LEN];
			uint64_t count;
		} before[64];
		size_t n = hosted->fleet.nvms;

		assert_true(n <= COUNT(before));
		for (size_t i = 0; i < n; i++) {
			memcpy(before[i].label, hosted->fleet.vms[i].label, FLEET_LABEL_LEN);
			before[i].count = count_of(&hosted->fleet.vms[i].now);
		}
		for (size_t i = 0; i < hosted->snap.nvms; i++) {
			uint64_t exits = next_random(&random) % 5;

			sample_exits(&hosted->snap.vms[i].vcpus[0].reasons[0], 1000, exits);
			all += exits;
			hosted->snap.vms[i].ended = next_random(&random) % 7 == 0;
		}
		if (hosted->snap.nvms < 10 && next_random(&random) % 2) {
			const char *const names[] = { "a", "b", "c" };

			start(hosted, ++serial, 10 + (uint32_t)(next_random(&random) % 3),
			      names[next_random(&random) % 3], 1);
			all++;
		}
		take(hosted, next_random(&random) % 30);
		assert_int_equal(count_all(hosted), all);
		for (size_t i = 0; i < n; i++)
			for_each_element(vm, hosted->fleet.vms, hosted->fleet.nvms)
				if (!strcmp(vm->label, before[i].label))
					assert_true(count_of(&vm->now) >= before[i].count);
		for (size_t i = 1; i < hosted->fleet.nvms; i++)
			assert_true(strcmp(hosted->fleet.vms[i - 1].label,
					   hosted->fleet.vms[i].label) < 0);
	}
	assert_int_equal(hosted->fleet.nliving, hosted->snap.nvms);
}

/* Wherever memory is out: the next moment has all of it, and nothing twice. */
static void test_no_memory(void **state)
{
	struct hosted *hosted = *state;
	size_t nth = 1, wishes;

	do {
		int err;

		snapshot_free(&hosted->snap);
		fleet_free(&hosted->fleet);
		hosted->fleet = (struct fleet){ .keep_ns = NS_OF(100) };
		start(hosted, 1, 100, "web1", 5);
		take(hosted, 1);
		stop(hosted, 1);
		start(hosted, 2, 200, "web1", 7);
		start(hosted, 3, 200, "web1", 11);
		start(hosted, 4, 300, "db", 13);
		stop(hosted, 4);
		allocations_fail(nth, false);
		err = fleet_take(&hosted->fleet, &hosted->snap, hosted->now_ns, forget, hosted);
		wishes = allocations_end();
		assert_int_equal(err, nth <= wishes ? -ENOMEM : 0);
		drop_forgotten(&hosted->snap);
		take(hosted, 1);
		assert_string_equal(told(hosted), "db=13! web1=12 web1 (200)=11 ");
		assert_int_equal(count_all(hosted), 36);
		assert_int_equal(hosted->fleet.vms[1].keys.list[0].details.list[0].count, 12);
		assert_int_equal(hosted->fleet.vms[0].keys.list[0].details.list[0].count, 13);
		assert_int_equal(hosted->fleet.nended, 2);
	} while (wishes >= nth++);
	assert_in_range(wishes, 10, 100);
}

#define fleet_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

UNIT_TESTS(fleet)
{
	const struct CMUnitTest tests[] = {
		fleet_test(test_labels),
		fleet_test(test_started_again),
		fleet_test(test_started_again_at_once),
		fleet_test(test_goes_after_a_while),
		fleet_test(test_kept_for_no_time),
		fleet_test(test_no_more_than_so_many_ended),
		fleet_test(test_sums),
		fleet_test(test_apicv),
		fleet_test(test_any_course),
		fleet_test(test_no_memory),
	};

	RUN_GROUP(tally, "fleet", tests);
}
