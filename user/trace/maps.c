// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/process.h"
#include "trace/maps.h"
#include "trace/programs.h"
#include "trace/wraps.h"
#include "model/vmname.h"

#define READS_BEFORE_NAP 1000

/* What a record was when it was last read. */
struct past {
	uint64_t told; /* the highest count */
	struct wraps wraps;
};

struct reader {
	const struct maps *maps;
	/* Every VM seen, with its name; of its vCPUs only those that ended. */
	struct snapshot kept;
	struct past *past; /* by record */
	uint64_t start_ticks;
	int (*ended)(void *arg, uint32_t slot);
	void *arg;
};

struct reader *reader_new(const struct maps *maps)
{
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->past = calloc(maps->max_records + 1, sizeof(*reader->past));
	if (!reader->past) {
		free(reader);
		return NULL;
	}
	reader->maps = maps;
	reader->start_ticks = process_ticks_now();
	return reader;
}

void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	snapshot_free(&reader->kept);
	for (uint32_t i = 0; i <= reader->maps->max_records; i++)
		wraps_reset(&reader->past[i].wraps);
	free(reader->past);
	free(reader);
}

/* Aligned 64-bit loads never tear; acquire keeps them in the order written. */
static uint64_t load64(const __u64 *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static uint32_t load32(const __u32 *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

uint32_t slots_end(const struct maps *maps)
{
	uint32_t last = load32(&maps->room->last[EXITSTAT_VCPUS]);
	uint32_t end = load32(&maps->room->end[EXITSTAT_VCPUS]);

	return last < end ? last + 1 : end;
}

/* An exit that has had no entry yet. Its line may be given away meanwhile, and it may end. */
struct pending {
	uint64_t exit_ns; /* 0: there is none */
	union exitstat_class class;
};

static struct pending read_pending(const struct maps *maps, const struct exitstat_vcpu *slot)
{
	const struct exitstat_line *line;
	struct pending pending;
	uint32_t index;

	do {
		index = load32(&slot->line);
		line = index && index <= EXITSTAT_LINES
			       ? &maps->lines[(index - 1) / 2].two[(index - 1) % 2]
			       : &slot->spare;
		pending.exit_ns = load64(&line->exit_ns);
		pending.class.both = load64(&line->class.both);
		/* An exit has another time than the one before. */
	} while (load64(&line->exit_ns) != pending.exit_ns || load32(&slot->line) != index);
	return pending;
}

static struct vm_stat *known_vm(struct reader *reader, const struct exitstat_vcpu *slot)
{
	struct vm_stat *vm = snapshot_find_vm(&reader->kept, slot->vm_serial);
	char name[VM_NAME_LEN];

	if (vm)
		return vm;
	vm_name(name, slot->pid, slot->comm);
	vm = snapshot_add_vm(&reader->kept, slot->vm_serial, slot->pid, name);
	if (!vm)
		return NULL;
	vm_uuid(vm->uuid, slot->pid);
	/* A process that is younger than we are has no older VM. */
	vm->whole = process_start_ticks(slot->pid) > reader->start_ticks;
	return vm;
}

void reader_forget(struct reader *reader, uint64_t serial)
{
	struct vm_stat *vm = snapshot_find_vm(&reader->kept, serial);
	const struct vm_stat *end = reader->kept.vms + reader->kept.nvms;

	if (!vm)
		return;
	vm_free(vm);
	memmove(vm, vm + 1, (size_t)(end - (vm + 1)) * sizeof(*vm));
	reader->kept.nvms--;
}

const struct vm_stat *reader_vm(struct reader *reader, uint32_t slot)
{
	return known_vm(reader, &reader->maps->vcpus[slot]);
}

int reader_notice(struct reader *reader, uint32_t slot)
{
	if (!slot || slot >= slots_end(reader->maps) || !load64(&reader->maps->vcpus[slot].serial))
		return 0;
	return reader_vm(reader, slot) ? 0 : -ENOMEM;
}

void reader_on_end(struct reader *reader, int (*ended)(void *arg, uint32_t slot), void *arg)
{
	reader->ended = ended;
	reader->arg = arg;
}

/* Extremes grow before the histogram does: no bucket beyond theirs is in use. */
static void used_buckets(const struct exitstat_record *record, uint32_t *first, uint32_t *last)
{
	uint64_t min = load64(&record->min_ns), max = load64(&record->max_ns);

	*first = min <= max ? exitstat_bucket(min) : 0;
	*last = min <= max ? exitstat_bucket(max) + 1 : 0;
}

static int add_detail(struct reason_stat *r, const struct detail *detail)
{
	return !detail->count || details_add(&r->details, detail) ? 0 : -ENOMEM;
}

/* Before the record's count, so that they are never more. */
static int read_details(const struct maps *maps, const struct exitstat_record *record,
			struct reason_stat *r)
{
	uint32_t index = load32(&record->details),
		 details = load32(&maps->room->end[EXITSTAT_DETAILS]);
	int err;

	err = add_detail(r, &(struct detail){ .kind = DETAIL_REST,
					      .count = load64(&record->rest_count),
					      .accesses = load64(&record->rest_accesses),
					      .sum_ns = load64(&record->rest_ns) });
	for (uint32_t n = 1; !err && n < details && index && index < details; n++) {
		const struct exitstat_detail *d = &maps->details[index];

		err = add_detail(r, &(struct detail){ .kind = d->kind,
						      .access = d->access,
						      .key = d->key,
						      .count = load64(&d->count),
						      .accesses = load64(&d->accesses),
						      .sum_ns = load64(&d->sum_ns) });
		index = d->sibling;
	}
	return err;
}

/*
 * Read again while it is written, which is over at once, unless the program was preempted
 * (PREEMPT_RT, or since 7.x) by ourselves: then it needs the CPU to come to its end.
 */
static void read_slow(const struct exitstat_slow *from, struct slow *slow)
{
	const struct timespec nap = { .tv_nsec = 100000 };
	unsigned int tries = 0;
	uint32_t writes;

	do {
		if (++tries > READS_BEFORE_NAP)
			nanosleep(&nap, NULL);
		writes = load32(&from->writes);
		*slow = (struct slow){
			.entry_ns = from->entry_ns,
			.ns = from->ns,
			.key = { .kind = from->kind, .access = from->access, .key = from->key },
			.other_tid = from->other_tid,
		};
		slow->key.accesses = from->accesses;
		memcpy(slow->part_ns, from->part_ns, sizeof(slow->part_ns));
		memcpy(slow->other, from->other, sizeof(slow->other));
		slow->other[sizeof(slow->other) - 1] = '\0';
	} while (writes % 2 || load32(&from->writes) != writes);
}

static int read_slowest(const struct maps *maps, const struct exitstat_record *record,
			struct reason_stat *r)
{
	const struct exitstat_slow *first =
		&maps->slowest[(size_t)(record - maps->records) * maps->nslowest];
	uint32_t n = load32(&record->nslowest);

	for (uint32_t i = 0; i < n && i < maps->nslowest; i++) {
		struct slow *slow = array_append(&r->slow, &r->nslow, sizeof(*slow));

		if (!slow)
			return -ENOMEM;
		read_slow(&first[i], slow);
	}
	return 0;
}

static int keep_buckets(struct reason_stat *r, const struct bucket *found)
{
	if (!r->nbuckets)
		return 0;
	r->buckets = malloc(r->nbuckets * sizeof(*found));
	if (!r->buckets) {
		r->nbuckets = 0;
		return -ENOMEM;
	}
	memcpy(r->buckets, found, r->nbuckets * sizeof(*found));
	return 0;
}

static int read_buckets(const struct exitstat_record *record, struct wraps *wraps,
			struct reason_stat *r)
{
	struct bucket found[EXITSTAT_HIST_BUCKETS];
	uint32_t first, last;

	used_buckets(record, &first, &last);
	for (uint32_t i = first; i < last; i++) {
		uint64_t count;

		if (wraps_count(wraps, i, load32(&record->hist[i]), &count))
			return -ENOMEM;
		if (!count)
			continue;
		found[r->nbuckets++] = (struct bucket){ .index = i, .count = count };
		r->timed += count;
	}
	return keep_buckets(r, found);
}

/* The count is read after the histogram: it grows before that does. */
static int read_record(const struct maps *maps, const struct exitstat_record *record,
		       struct wraps *wraps, struct reason_stat *r)
{
	r->level = record->class.level;
	if (maps->details && read_details(maps, record, r))
		return -ENOMEM;
	if (maps->slowest && read_slowest(maps, record, r))
		return -ENOMEM;
	if (read_buckets(record, wraps, r))
		return -ENOMEM;
	/* Before the sum, which grows first. */
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		r->part_ns[i] = load64(&record->part_ns[i]);
	r->sum_ns = load64(&record->sum_ns);
	r->min_ns = load64(&record->min_ns);
	r->max_ns = load64(&record->max_ns);
	r->reflected = load64(&record->reflected);
	r->count = load64(&record->count);
	return 0;
}

/*
 * The exit without an entry is looked for last, so that none is counted twice: at worst it
 * has had its entry since its record was read. Then what was told before has it, and holds.
 */
static void add_pending(const struct reader *reader, const struct exitstat_vcpu *slot,
			const struct exitstat_record *record, uint64_t *told, struct reason_stat *r)
{
	struct pending pending = read_pending(reader->maps, slot);

	if (pending.exit_ns && pending.class.both == record->class.both)
		r->count++;
	if (r->count > *told)
		*told = r->count;
	r->count = *told;
}

/* The first of its kind has a record when it has had its entry. */
static int read_first(const struct pending *pending, struct vcpu_stat *vcpu, uint32_t isa)
{
	struct reason_stat *r = vcpu_add_reason(vcpu, isa, pending->class.reason);

	if (!r)
		return -ENOMEM;
	r->level = pending->class.level;
	r->min_ns = UINT64_MAX;
	r->count = 1;
	return 0;
}

static int read_vcpu(struct reader *reader, const struct exitstat_vcpu *slot, struct vm_stat *vm)
{
	const struct maps *maps = reader->maps;
	struct vcpu_stat *vcpu = vm_add_vcpu(vm, slot->vcpu_id);
	const struct pending pending = read_pending(maps, slot);
	bool is_first = pending.exit_ns;
	uint32_t index = load32(&slot->first), end = load32(&maps->room->end[EXITSTAT_RECORDS]);

	if (!vcpu)
		return -ENOMEM;
	/* A list is never longer than this: should it be damaged, we still come to an end. */
	for (uint32_t n = 1; n < end && index && index < end; n++) {
		const struct exitstat_record *record = &maps->records[index];
		struct reason_stat *r = vcpu_add_reason(vcpu, slot->isa, record->class.reason);
		struct past *past = &reader->past[index];

		if (!r || read_record(maps, record, &past->wraps, r))
			return -ENOMEM;
		add_pending(reader, slot, record, &past->told, r);
		is_first = is_first && record->class.both != pending.class.both;
		index = record->next;
	}
	return is_first ? read_first(&pending, vcpu, slot->isa) : 0;
}

/* Each once, as below: one in use is of a record. */
static void recycle_details(const struct maps *maps, uint32_t index)
{
	while (index && index < maps->room->end[EXITSTAT_DETAILS] && maps->details[index].record) {
		uint32_t next = maps->details[index].sibling;

		memset(&maps->details[index], 0, sizeof(maps->details[index]));
		maps->free_detail(maps->owner, index);
		index = next;
	}
}

/* What is zeroed but cannot be given back is lost to later vCPUs, not to us. */
static void recycle(struct reader *reader, uint32_t index)
{
	const struct maps *maps = reader->maps;
	struct exitstat_vcpu *slot = &maps->vcpus[index];
	uint32_t record = slot->first;

	memset(slot, 0, sizeof(*slot));
	if (index < maps->nindexes)
		memset(&maps->indexes[index], 0, sizeof(maps->indexes[index]));
	if (maps->audited)
		memset(&maps->audited[index], 0, sizeof(maps->audited[index]));
	if (index < maps->nchains)
		memset(&maps->chains[index], 0, sizeof(maps->chains[index]));
	/* Each once, should the list be damaged: one in use always has a count or a minimum. */
	while (record && record < maps->room->end[EXITSTAT_RECORDS] &&
	       (maps->records[record].count || maps->records[record].min_ns)) {
		uint32_t next = maps->records[record].next;

		if (maps->details)
			recycle_details(maps, maps->records[record].details);
		if (maps->slowest)
			memset(&maps->slowest[(size_t)record * maps->nslowest], 0,
			       maps->nslowest * sizeof(*maps->slowest));
		memset(&maps->records[record], 0, sizeof(maps->records[record]));
		reader->past[record].told = 0;
		wraps_reset(&reader->past[record].wraps);
		maps->free_record(maps->owner, record);
		record = next;
	}
	maps->free_vcpu(maps->owner, index);
}

/* Not there: it is not kept, or was read when another vCPU of the VM had ended. */
static void read_apicv(const struct maps *maps, struct vm_stat *vm, bool last)
{
	struct exitstat_apicv found;

	if (!maps->read_apicv || maps->read_apicv(maps->owner, vm->serial, last, &found))
		return;
	vm->apicv.known = true;
	vm->apicv.inhibits = found.inhibits;
	memcpy(vm->apicv.set, found.set, sizeof(found.set));
	memcpy(vm->apicv.cleared, found.cleared, sizeof(found.cleared));
}

bool slot_is_live(const struct maps *maps, uint32_t slot)
{
	return load64(&maps->vcpus[slot].serial) && !load64(&maps->vcpus[slot].end_ns);
}

static void count_pending(const struct exitstat_vcpu *vcpu, const struct pending *pending,
			  struct slot_counts *counts)
{
	counts->waiting = pending->exit_ns;
	if (pending->exit_ns)
		counts->count[exitstat_counter(vcpu->isa, pending->class.reason)]++;
}

/* An exit goes from the line to a record, and is in none of the two in between. */
void slot_read(const struct maps *maps, uint32_t slot, enum slot_bound bound,
	       struct slot_counts *counts)
{
	const struct exitstat_vcpu *vcpu = &maps->vcpus[slot];
	struct pending pending = read_pending(maps, vcpu);
	uint32_t index = load32(&vcpu->first), end = load32(&maps->room->end[EXITSTAT_RECORDS]);

	memset(counts, 0, sizeof(*counts));
	for (uint32_t n = 1; n < end && index && index < end; n++) {
		const struct exitstat_record *record = &maps->records[index];
		uint32_t counter = exitstat_counter(vcpu->isa, record->class.reason);

		counts->ns[counter] += load64(&record->sum_ns);
		counts->count[counter] += load64(&record->count);
		index = record->next;
	}
	if (bound == SLOT_AT_MOST)
		pending = read_pending(maps, vcpu);
	count_pending(vcpu, &pending, counts);
}

uint64_t maps_lost(const struct maps *maps)
{
	return load64(&maps->ledger->map_full) + load64(&maps->ledger->missed) +
	       maps->missed(maps->owner, MISSED_EXITS);
}

static int harvest_ended(struct reader *reader)
{
	const struct maps *maps = reader->maps;

	for (uint32_t i = 1; i < slots_end(maps); i++) {
		struct exitstat_vcpu *slot = &maps->vcpus[i];
		struct vm_stat *vm;
		int err;

		if (!load64(&slot->serial) || !load64(&slot->end_ns))
			continue;
		vm = known_vm(reader, slot);
		if (!vm)
			return -ENOMEM;
		vm->ended = true;
		read_apicv(maps, vm, true);
		err = reader->ended ? reader->ended(reader->arg, i) : 0;
		err = err ?: read_vcpu(reader, slot, vm);
		if (err)
			return err;
		recycle(reader, i);
	}
	return 0;
}

static int read_live(struct reader *reader, struct snapshot *snap)
{
	const struct maps *maps = reader->maps;

	for (uint32_t i = 1; i < slots_end(maps); i++) {
		const struct exitstat_vcpu *slot = &maps->vcpus[i];
		struct vm_stat *known, *vm;
		int err;

		if (!load64(&slot->serial))
			continue;
		known = known_vm(reader, slot);
		if (!known)
			return -ENOMEM;
		vm = snapshot_find_vm(snap, known->serial);
		if (!vm)
			vm = snapshot_add_vm(snap, known->serial, known->pid, known->name);
		if (!vm)
			return -ENOMEM;
		if (!vm->nvcpus)
			read_apicv(maps, vm, false);
		vm->whole = known->whole;
		memcpy(vm->uuid, known->uuid, sizeof(vm->uuid));
		vm->ended = false; /* even if another vCPU has: one is destroyed after another */
		err = read_vcpu(reader, slot, vm);
		if (err)
			return err;
	}
	return 0;
}

/* Exits that are counted but in no bucket, as nobody has looked for too long. */
static uint64_t missed_wraps(const struct snapshot *snap)
{
	uint64_t sum = 0;

	for_each_vm(vm, snap)
		for_each_vcpu(vcpu, vm)
			for_each_reason(reason, vcpu)
				sum += wraps_missed(reason->count, reason->timed);
	return sum;
}

int reader_take(struct reader *reader, struct snapshot *snap)
{
	const struct maps *maps = reader->maps;
	uint64_t rips;
	int err;

	memset(snap, 0, sizeof(*snap));
	err = harvest_ended(reader);
	if (!err)
		err = snapshot_copy(snap, &reader->kept);
	if (!err)
		err = read_live(reader, snap);
	if (err) {
		snapshot_free(snap);
		return err;
	}
	snap->losses.map_full = load64(&maps->ledger->map_full);
	snap->losses.unpaired = load64(&maps->ledger->unpaired) + missed_wraps(snap);
	rips = load64(&maps->ledger->rips);
	snap->losses.missed =
		load64(&maps->ledger->missed) + rips + maps->missed(maps->owner, MISSED_ANY);
	snap->losses.keys = maps->details ? rips + maps->missed(maps->owner, MISSED_KEYS) : 0;
	snapshot_sort(snap);
	return 0;
}
