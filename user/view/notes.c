// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "base/clock.h"
#include "base/figures.h"
#include "model/levels.h"
#include "view/notes.h"

void notes_losses(FILE *out, const struct losses *losses)
{
	fprintf(out,
		"losses: %" PRIu64 " not counted (map full), %" PRIu64
		" not timed (unpaired), %" PRIu64 " missed\n",
		losses->map_full, losses->unpaired, losses->missed);
	if (losses->keys)
		fprintf(out,
			"        %" PRIu64
			" keys were not seen: so many exits may stand under \"no key\" that have one\n",
			losses->keys);
	if (losses->map_full)
		fprintf(out,
			"        run it with --max-vcpus for as many as there can be to keep all\n");
}

void notes_clock(FILE *out, const struct run *run)
{
	const struct host *host = run->host;

	fprintf(out,
		"times: from VM exit to the next VM entry, by CLOCK_MONOTONIC; 1 us = %u.%03u TSC "
		"cycles%s\n",
		host->tsc_khz / 1000, host->tsc_khz % 1000,
		host->tsc_measured ? " (measured)" : "");
	if (run->clock_set_ns)
		fprintf(out,
			"clock: the time of day was set while tracing, by %+.3f s; no time above is "
			"of that clock\n",
			(double)run->clock_set_ns / (double)NS_PER_SEC);
}

void notes_levels(FILE *out, const struct run *run)
{
	if (run->no_levels && levels_may_be(run->snap))
		fprintf(out, "nested: exits of nested guests are among their VM's own above: which "
			     "they are is not known where KVM has no BTF\n");
}

/* Each program runs once in a round trip: their averages add up to its cost. */
void notes_self(FILE *out, const struct run *run)
{
	const struct self *self = run->self;
	uint64_t ns = 0, each_ns = 0;
	char all[32], each[32], process[32], share[32];

	for (size_t i = 0; i < self->nprograms; i++) {
		const struct self_program *program = &self->programs[i];

		ns += program->ns;
		each_ns += program->runs ? program->ns / program->runs : 0;
	}
	duration(all, sizeof(all), ns);
	duration(each, sizeof(each), each_ns);
	duration(process, sizeof(process), self->process_ns);
	percent(share, sizeof(share), ns, run->ns);
	fprintf(out, "self: %s in BPF programs, %s an exit, %s of a CPU; %s in this process\n", all,
		each, share, process);
	for (size_t i = 0; i < self->nprograms; i++) {
		const struct self_program *program = &self->programs[i];

		duration(each, sizeof(each), program->runs ? program->ns / program->runs : 0);
		fprintf(out, "      %-15s %10" PRIu64 " runs, %8s each\n", program->name,
			program->runs, each);
	}
}
