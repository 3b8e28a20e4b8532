// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/jsonwrite.h"
#include "base/printable.h"
#include "doc/detail_json.h"
#include "doc/scale.h"
#include "doc/slowest_json.h"
#include "doc/split_json.h"
#include "model/reasons.h"
#include "model/slowest.h"

/* An exit's parts are those of a reason that had only it. */
static json_t *write_split(const struct slow *slow, const struct run *run)
{
	struct reason_stat alone = { .sum_ns = slow->ns };

	memcpy(alone.part_ns, slow->part_ns, sizeof(alone.part_ns));
	return split_write(&alone, run->parts, run->host->tsc_khz);
}

static json_t *write_key(const struct detail *key)
{
	json_t *made = detail_write_key(key);

	jsonwrite_member(&made, "accesses", integer(key->accesses));
	return made;
}

static json_t *write_one(const void *element, const void *with)
{
	const struct slowest *one = element;
	const struct reason_stat *r = one->reason;
	const struct slow *slow = one->slow;
	const struct run *run = with;
	const struct timespec when = slowest_time(run, slow);
	char name[REASON_NAME_LEN], other[sizeof(slow->other)];
	json_t *made;

	strcpy(other, slow->other);
	make_printable(other);
	reason_name(name, r->isa, r->reason);
	made = json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "time", timestamp(&when),
			 "monotonic_ns", integer(slow->entry_ns - slow->ns), "vcpu",
			 integer(one->vcpu->id), "code", integer(reason_code(r->isa, r->reason)),
			 "name", name, "flags", integer(reason_flags(r->isa, r->reason)), "cycles",
			 integer(scale_cycles(slow->ns, run->host->tsc_khz)), "split",
			 write_split(slow, run));
	if (r->level == EXITSTAT_L2)
		jsonwrite_member(&made, "level", integer(r->level));
	if (slow->key.accesses)
		jsonwrite_member(&made, "key", write_key(&slow->key));
	if (slow->other_tid)
		jsonwrite_member(&made, "before",
				 json_pack("{s:o, s:s}", "tid", integer(slow->other_tid), "name",
					   other));
	return made;
}

json_t *slowest_write(const struct run *run, const struct vm_stat *vm)
{
	struct slowest *found;
	json_t *made;
	size_t n;

	if (slowest_find(run, vm, &found, &n))
		return NULL;
	made = jsonwrite_array(found, n, sizeof(*found), write_one, run);
	free(found);
	return made;
}

/* --- back ---------------------------------------------------------------------------- */

struct reader {
	struct jsonread *json;
	struct vm_stat *vm;
	const struct run *run;
	struct kept_symbols *symbols;
	uint64_t last_ns; /* of the one before */
	size_t n;
};

/* A number and a name tell a reason that the vCPU has. */
static struct reason_stat *find_reason(struct reader *reader, const json_t *from)
{
	const struct vcpu_stat *vcpu = vm_find_vcpu(
		reader->vm, (uint32_t)jsonread_u64(reader->json, from, "vcpu", UINT32_MAX));
	uint32_t code = (uint32_t)jsonread_u64(reader->json, from, "code", UINT32_MAX);
	uint32_t flags = (uint32_t)jsonread_u64(reader->json, from, "flags", UINT32_MAX);
	const char *text = jsonread_text(reader->json, from, "name");
	uint32_t level = json_object_get(from, "level") ? EXITSTAT_L2 : EXITSTAT_L1;
	char name[REASON_NAME_LEN];

	if (!vcpu) {
		jsonread_fail(reader->json, "vcpu", "one of this VM");
		return NULL;
	}
	for_each_reason(r, vcpu) {
		reason_name(name, r->isa, r->reason);
		if (reason_code(r->isa, r->reason) == code &&
		    reason_flags(r->isa, r->reason) == flags && r->level == level &&
		    !strcmp(name, text))
			return r;
	}
	jsonread_fail(reader->json, "name", "a reason of this vCPU");
	return NULL;
}

static void read_split(struct reader *reader, const json_t *from, struct slow *slow)
{
	struct reason_stat alone = { .sum_ns = slow->ns };

	split_read(reader->json, from, &alone, reader->run->parts, reader->run->host->tsc_khz);
	memcpy(slow->part_ns, alone.part_ns, sizeof(slow->part_ns));
}

static void read_key(struct reader *reader, const json_t *from, struct slow *slow)
{
	const json_t *key = jsonread_member(reader->json, from, "key", JSON_OBJECT, false);

	if (!key)
		return;
	slow->key = detail_read_key(reader->json, key, reader->symbols);
	slow->key.accesses = jsonread_u64(reader->json, key, "accesses", UINT32_MAX);
	if (slow->key.kind >= EXITSTAT_KINDS || !slow->key.accesses)
		jsonread_fail(reader->json, "key", "a key that was accessed");
}

static void read_before(struct reader *reader, const json_t *from, struct slow *slow)
{
	const json_t *before = jsonread_member(reader->json, from, "before", JSON_OBJECT, false);
	const char *name;

	if (!before)
		return;
	slow->other_tid = (uint32_t)jsonread_u64(reader->json, before, "tid", UINT32_MAX);
	name = jsonread_text(reader->json, before, "name");
	if (!slow->other_tid || strlen(name) >= sizeof(slow->other))
		jsonread_fail(reader->json, "before", "a thread and its name");
	else
		strcpy(slow->other, name);
}

/* Each reason's exit once: no two of a vCPU end at a time. */
static void add(struct reader *reader, struct reason_stat *reason, const struct slow *slow)
{
	struct slow *copy;

	for_each_element(other, reason->slow, reason->nslow)
		if (other->entry_ns == slow->entry_ns)
			jsonread_fail(reader->json, "monotonic_ns", "that of another exit");
	if (reader->json->failed)
		return;
	copy = array_append(&reason->slow, &reason->nslow, sizeof(*copy));
	if (copy)
		*copy = *slow;
	else
		jsonread_no_memory(reader->json);
}

static void read_one(void *into, const json_t *from)
{
	struct reader *reader = into;
	struct reason_stat *reason = find_reason(reader, from);
	uint64_t cycles = jsonread_u64(reader->json, from, "cycles", INT64_MAX);
	struct slow slow = { 0 };

	if (!scale_ns(cycles, reader->run->host->tsc_khz ?: 1, &slow.ns))
		jsonread_fail(reader->json, "cycles", "as many cycles as whole nanoseconds have");
	if (reader->n++ >= reader->run->nslowest || slow.ns > reader->last_ns)
		jsonread_fail(reader->json, "cycles", "the longest first, and no more than n");
	reader->last_ns = slow.ns;
	slow.entry_ns = jsonread_ns(reader->json, from, "monotonic_ns") + slow.ns;
	read_split(reader, from, &slow);
	read_key(reader, from, &slow);
	read_before(reader, from, &slow);
	if (reason && !reader->json->failed)
		add(reader, reason, &slow);
}

void slowest_read(struct jsonread *json, const json_t *from, struct vm_stat *vm,
		  const struct run *run, struct kept_symbols *symbols)
{
	struct reader reader = {
		.json = json, .vm = vm, .run = run, .symbols = symbols, .last_ns = UINT64_MAX
	};

	jsonread_each(json, from, "slowest", true, read_one, &reader);
}
