// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>

#include "base/array.h"
#include "guest/growth.h"
#include "model/reasons.h"
#include "model/restart.h"

/* A number that is less than before. */
struct lesser {
	enum leaf leaf;
	uint32_t code;
	uint64_t before, now;
};

static bool find_in_sums(struct lesser *lesser, const enum leaf leaves[3], uint32_t code,
			 const struct sums *before, const struct sums *now)
{
	const uint64_t values[][2] = {
		{ before->count, now->count },
		{ before->handled, now->handled },
		{ before->away, now->away },
	};

	for (size_t i = 0; i < COUNT_OF(values); i++) {
		*lesser = (struct lesser){ leaves[i], code, values[i][0], values[i][1] };
		if (lesser->now < lesser->before)
			return true;
	}
	return false;
}

/* The first of them in the order of reading. */
static bool find_lesser(struct lesser *lesser, const struct reading *before,
			const struct reading *now)
{
	static const enum leaf of_reason[] = { LEAF_COUNT, LEAF_HANDLED, LEAF_AWAY };
	static const enum leaf of_all[] = { LEAF_COUNT_ALL, LEAF_HANDLED_ALL, LEAF_AWAY_ALL };

	for (size_t i = 0; i < now->nreasons; i++)
		if (find_in_sums(lesser, of_reason, now->reasons[i].code, &before->reasons[i].sums,
				 &now->reasons[i].sums))
			return true;
	return find_in_sums(lesser, of_all, 0, &before->total, &now->total);
}

bool growth_holds(const struct reading *before, const struct reading *now)
{
	struct lesser lesser;

	return !find_lesser(&lesser, before, now);
}

/* With what our asking alone has added since, which no other counters have. */
static struct restart compare_readings(const struct reading *before, const struct reading *now,
				       uint32_t isa)
{
	uint64_t own_in_cpuid = now->own_in_cpuid - before->own_in_cpuid;
	struct restart restart = { 0 };

	for (size_t i = 0; i < now->nreasons; i++) {
		uint64_t own = now->reasons[i].code == cpuid_reason(isa) ? own_in_cpuid : 0;

		restart_add(&restart, false, before->reasons[i].sums.count + own,
			    now->reasons[i].sums.count);
	}
	restart_add(&restart, true, before->total.count + now->own_in_total - before->own_in_total,
		    now->total.count);
	restart_add(&restart, true, before->total.handled, now->total.handled);
	restart_add(&restart, true, before->total.away, now->total.away);
	return restart;
}

static int fail_lesser(const struct lesser *lesser, bool others_went_on, uint32_t isa,
		       struct error *err)
{
	char name[REASON_NAME_LEN] = "";

	if (lesser->leaf >= LEAF_COUNT)
		reason_name(name, isa, lesser->code);
	return fail(err, STATUS_FAILED, "%s%s%s went back from %" PRIu64 " to %" PRIu64 ", %s",
		    leaf_text(lesser->leaf), *name ? " " : "", name, lesser->before, lesser->now,
		    others_went_on
			    ? "and not all others with it: check the host's KVM patch"
			    : "and too little was read to tell whether the VM has moved: read all "
			      "reasons");
}

int growth_fail(const struct reading *before, const struct reading *now,
		const struct reading *again, uint32_t isa, struct error *err)
{
	const struct restart restart = compare_readings(before, again, isa);
	struct lesser lesser;

	if (restart_is_whole(&restart))
		return fail(err, STATUS_FAILED,
			    "all counters have started again since reading %" PRIu64
			    ": the VM was migrated, or restored from a snapshot: start again",
			    before->number);
	find_lesser(&lesser, before, now);
	return fail_lesser(&lesser, restart.gone_on, isa, err);
}
