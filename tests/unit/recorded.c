// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/exitstat.h"
#include "doc/recording_write.h"
#include "model/symbols.h"
#include "recorded.h"
#include "shown.h"
#include "unit.h"

/* --- the same, member by member ------------------------------------------------------- */

static void assert_same_details(const struct details *a, const struct details *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		assert_int_equal(details_compare(&a->list[i], &b->list[i]), 0);
		assert_int_equal(a->list[i].count, b->list[i].count);
		assert_int_equal(a->list[i].accesses, b->list[i].accesses);
		assert_int_equal(a->list[i].sum_ns, b->list[i].sum_ns);
	}
}

static void assert_same_slow(const struct slow *a, const struct slow *b)
{
	assert_int_equal(a->entry_ns, b->entry_ns);
	assert_int_equal(a->ns, b->ns);
	assert_memory_equal(a->part_ns, b->part_ns, sizeof(a->part_ns));
	assert_int_equal(details_compare(&a->key, &b->key), 0);
	assert_int_equal(a->key.accesses, b->key.accesses);
	assert_int_equal(a->other_tid, b->other_tid);
	assert_string_equal(a->other, b->other);
}

static void assert_same_reason(const struct reason_stat *a, const struct reason_stat *b)
{
	assert_true(reason_is_same(a, b));
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->timed, b->timed);
	assert_int_equal(a->sum_ns, b->sum_ns);
	assert_int_equal(a->min_ns, b->min_ns);
	assert_int_equal(a->max_ns, b->max_ns);
	assert_memory_equal(a->part_ns, b->part_ns, sizeof(a->part_ns));
	assert_int_equal(a->reflected, b->reflected);
	assert_int_equal(a->nbuckets, b->nbuckets);
	for (size_t i = 0; i < a->nbuckets; i++) {
		assert_int_equal(a->buckets[i].index, b->buckets[i].index);
		assert_int_equal(a->buckets[i].count, b->buckets[i].count);
	}
	assert_same_details(&a->details, &b->details);
	assert_int_equal(a->nslow, b->nslow);
	for (size_t i = 0; i < a->nslow; i++)
		assert_same_slow(&a->slow[i], &b->slow[i]);
}

static void assert_same_vm(const struct vm_stat *a, const struct vm_stat *b)
{
	assert_int_equal(a->serial, b->serial);
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->ended, b->ended);
	assert_int_equal(a->whole, b->whole);
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->apicv.known, b->apicv.known);
	assert_int_equal(a->apicv.inhibits, b->apicv.inhibits);
	assert_memory_equal(a->apicv.set, b->apicv.set, sizeof(a->apicv.set));
	assert_memory_equal(a->apicv.cleared, b->apicv.cleared, sizeof(a->apicv.cleared));
	assert_int_equal(a->nvcpus, b->nvcpus);
	for (size_t i = 0; i < a->nvcpus; i++) {
		assert_int_equal(a->vcpus[i].id, b->vcpus[i].id);
		assert_int_equal(a->vcpus[i].nreasons, b->vcpus[i].nreasons);
		for (size_t r = 0; r < a->vcpus[i].nreasons; r++)
			assert_same_reason(&a->vcpus[i].reasons[r], &b->vcpus[i].reasons[r]);
	}
}

static void assert_same_snapshot(const struct snapshot *a, const struct snapshot *b)
{
	assert_memory_equal(&a->losses, &b->losses, sizeof(a->losses));
	assert_int_equal(a->nvms, b->nvms);
	for (size_t i = 0; i < a->nvms; i++)
		assert_same_vm(&a->vms[i], &b->vms[i]);
}

void assert_same_run(const struct run *a, const struct run *b)
{
	char *text = document_text(a), *other = document_text(b);

	assert_string_equal(text, other);
	free(text);
	free(other);
	assert_int_equal(a->ns, b->ns);
	assert_int_equal(a->end.tv_sec, b->end.tv_sec);
	assert_int_equal(a->end.tv_nsec, b->end.tv_nsec);
	assert_same_snapshot(a->snap, b->snap);
}

/* --- a run that goes on ------------------------------------------------------------------ */

static const struct symbol symbols[] = {
	{ .address = 0xffffffff81000000, .code = true, .name = (char *)"native_halt" },
	{ .address = 0xffffffff81000100, .code = true, .name = (char *)"do_idle" },
};

static void add_rip(struct reason_stat *r, uint64_t key, const struct symbol *symbol)
{
	const struct detail detail = { .kind = EXITSTAT_RIP,
				       .key = key,
				       .count = 3,
				       .accesses = 3,
				       .sum_ns = 1234,
				       .symbol = symbol };

	assert_non_null(details_add(&r->details, &detail));
}

static void add_slow(struct reason_stat *r, uint64_t ns)
{
	struct slow slow = { .entry_ns = 1000000 + ns,
			     .ns = ns,
			     .part_ns = { 1, 2, ns / 2, 0 },
			     .key = { .kind = EXITSTAT_MSR,
				      .access = EXITSTAT_WRITE,
				      .key = 0x6e0,
				      .accesses = 1 },
			     .other_tid = (uint32_t)(ns % 3),
			     .other = "kworker/0:1" };
	struct slow *place;

	if (r->nslow == 4) {
		r->slow[ns % 4] = slow;
		return;
	}
	place = r->slow;
	r->slow = reallocarray(place, r->nslow + 1, sizeof(slow));
	assert_non_null(r->slow);
	r->slow[r->nslow++] = slow;
}

static struct reason_stat *find_reason(const struct vcpu_stat *vcpu, uint32_t code)
{
	struct reason_stat like, *found;

	reason_init(&like, EXITSTAT_ISA_VMX, code);
	found = vcpu_find_reason(vcpu, &like);
	assert_non_null(found);
	return found;
}

/* What an interval adds, of each member something now and then. */
static void go_on(struct snapshot *snap, unsigned int i)
{
	struct vm_stat *vm = &snap->vms[0];
	struct reason_stat *r = find_reason(&vm->vcpus[0], 10);

	for (uint64_t ns = 900; ns < 1200; ns += 13)
		sample_exits(r, ns * (i + 1), ns % 7 * i);
	sample_exits(find_reason(&vm->vcpus[0], 12), 5000000 + i * 1000, i % 2);
	r->part_ns[EXITSTAT_USER] += i * 11;
	r->part_ns[EXITSTAT_RUNNABLE] += i % 2;
	r->details.list[i % 3].count += i;
	r->details.list[i % 5].sum_ns += i * 77;
	add_slow(r, 5000 + i * i);
	snap->losses.missed += i % 2;
	snap->losses.keys += i == 5;
	vm->apicv = (struct apicv){ .known = true, .inhibits = i % 4, .set = { i / 2, 7, i } };
	switch (i) {
	case 2:
		add_rip(r, 0xffffffff8100000e, &symbols[0]);
		add_rip(r, 0xffffffff8100010e, &symbols[1]);
		add_rip(r, 0xffffffff8100011e, &symbols[1]);
		break;
	case 3: /* before what there is, between, and behind */
		sample_exits(sample_reason(&vm->vcpus[0], EXITSTAT_ISA_VMX, 1), 77, 7);
		sample_exits(sample_reason(&vm->vcpus[0], EXITSTAT_ISA_VMX, 11), 77777, 1);
		r = sample_reason(&vm->vcpus[0], EXITSTAT_ISA_VMX, 12);
		r->level = EXITSTAT_L2;
		r->reflected = 4;
		sample_exits(r, 1ull << 60, 5);
		sample_in_flight(sample_reason(&vm->vcpus[0], 7, 0xffffffff));
		break;
	case 5:
		vm->ended = true;
		snap->vms[1].whole = true;
		sample_exits(sample_reason(sample_vcpu(vm, 7), EXITSTAT_ISA_SVM, 0x400), 0, 3);
		sample_vcpu(vm, 6);
		break;
	case 6:
		vm = sample_vm(snap, 77, 100, "a VM of the same pid: \xc3\xa9");
		sample_exits(sample_reason(sample_vcpu(vm, 0), EXITSTAT_ISA_VMX, 10), 10, 1);
		break;
	}
	snapshot_sort(snap);
}

void recorded_make(struct recorded *made)
{
	memset(made, 0, sizeof(*made));
	sample_snapshot(&made->snaps[0]);
	sample_details(&made->snaps[0]);
	for (unsigned int i = 0; i < RECORDED; i++) {
		struct run *run = &made->runs[i];

		if (i) {
			assert_int_equal(snapshot_copy(&made->snaps[i], &made->snaps[i - 1]), 0);
			go_on(&made->snaps[i], i);
		}
		sample_run(run, &made->snaps[i]);
		run->kinds = SAMPLE_KINDS;
		run->parts = 0x1f;
		run->nslowest = 3;
		run->slowest_idle = true;
		run->start_ns = 123456;
		run->ns = NS_OF(i + 1) + i * i % 7;
		run->end = (struct timespec){ 1700000001 + i, 1999 + i * 3 };
	}
}

void recorded_free(struct recorded *made)
{
	for (unsigned int i = 0; i < RECORDED; i++)
		snapshot_free(&made->snaps[i]);
}

/* --- files ------------------------------------------------------------------------------- */

char recorded_path[64];

static FILE *open_file(const char *mode)
{
	FILE *file;

	snprintf(recorded_path, sizeof(recorded_path), "/dev/shm/exitstat-recorded-%d",
		 (int)getpid());
	file = fopen(recorded_path, mode);
	assert_non_null(file);
	return file;
}

void recorded_write(const struct run *runs, size_t n, bool whole)
{
	struct recording *rec;
	struct error err;

	fclose(open_file("w"));
	if (recording_create(&rec, recorded_path, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < n; i++)
		if (recording_add(rec, &runs[i], whole && i + 1 == n, &err))
			fail_msg("%s", err.text);
	assert_int_equal(recording_close(rec, &err), 0);
}

void recorded_fill(const void *bytes, size_t len)
{
	FILE *file = open_file("w");

	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

unsigned char *recorded_bytes(size_t *len)
{
	FILE *file = open_file("r");
	unsigned char *bytes = malloc(1 << 20);

	assert_non_null(bytes);
	*len = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

struct frames *recorded_open(void)
{
	struct frames *frames;
	struct error err;

	if (frames_open(&frames, recorded_path, &err))
		fail_msg("%s", err.text);
	return frames;
}
