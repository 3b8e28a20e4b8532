// SPDX-License-Identifier: GPL-2.0-only
#include "base/array.h"
#include "base/clock.h"
#include "base/version.h"
#include "metrics/host_families.h"
#include "metrics/reason_labels.h"
#include "model/reasons.h"

/* --- what it is ------------------------------------------------------------------ */

static const struct family build_family = { "exitstat_build", FAMILY_INFO, NULL,
					    "The version of exitstat." };
static const struct family host_family = {
	"exitstat_host", FAMILY_INFO, NULL, "The host: its kernel, its CPU, and whose exits it has."
};
static const struct family start_family = {
	"exitstat_start_time_seconds", FAMILY_GAUGE, "seconds",
	"When counting began, in seconds since 1970: exits of before are in no counter."
};

static void write_identity(struct metrics_text *text, const struct run *run)
{
	const struct host *host = run->host;
	const struct label labels[] = {
		{ "kernel", host->kernel },
		{ "cpu", host->cpu },
		{ "isa", isa_name(host->isa) },
	};

	text_family(text, &build_family);
	text_number(text, &(struct label){ "version", exitstat_version }, 1, 1);
	text_family(text, &host_family);
	text_number(text, labels, COUNT_OF(labels), 1);
	text_family(text, &start_family);
	text_seconds(text, NULL, 0,
		     (uint64_t)run->start.tv_sec * NS_PER_SEC + (uint64_t)run->start.tv_nsec);
}

/* --- its VMs --------------------------------------------------------------------- */

static const struct family vms_family = { "exitstat_vms", FAMILY_GAUGE, NULL,
					  "VMs that run now, of which an exit was seen." };
static const struct family vcpus_family = { "exitstat_vcpus", FAMILY_GAUGE, NULL, "Their vCPUs." };
static const struct family ended_family = { "exitstat_vms_ended", FAMILY_COUNTER, NULL,
					    "VMs that have ended." };
static const struct family gone_family = {
	"exitstat_vms_gone_early", FAMILY_COUNTER, NULL,
	"Ended VMs that were not exposed for as long as they should be, as there were too many."
};
static const struct family apicv_family = {
	"exitstat_apicv_enabled", FAMILY_GAUGE, NULL,
	"Whether this host uses APICv or AVIC: 0, its interrupts to guests make exits."
};

static void write_fleet(struct metrics_text *text, const struct exposure *exposure)
{
	const struct fleet *fleet = exposure->fleet;
	enum apicv_use use = exposure->run->host->apicv.use;

	text_family(text, &vms_family);
	text_number(text, NULL, 0, fleet->nliving);
	text_family(text, &vcpus_family);
	text_number(text, NULL, 0, fleet->nvcpus);
	text_family(text, &ended_family);
	text_number(text, NULL, 0, fleet->nended);
	text_family(text, &gone_family);
	text_number(text, NULL, 0, fleet->ngone);
	text_family(text, &apicv_family);
	if (use != APICV_UNKNOWN)
		text_number(text, NULL, 0, use == APICV_ON);
}

/* --- what was not seen ------------------------------------------------------------ */

static const struct family losses_family = {
	"exitstat_losses", FAMILY_COUNTER, NULL,
	"What is in no other counter: map_full, exits that were not counted for want of room; "
	"unpaired, exits that were not timed; missed, events that the kernel did not hand over."
};

static void write_losses(struct metrics_text *text, const struct losses *losses)
{
	text_family(text, &losses_family);
	text_number(text, &(struct label){ "kind", "map_full" }, 1, losses->map_full);
	text_number(text, &(struct label){ "kind", "unpaired" }, 1, losses->unpaired);
	text_number(text, &(struct label){ "kind", "missed" }, 1, losses->missed);
}

/* --- what it costs ----------------------------------------------------------------- */

/* Not process_cpu_seconds, by which node_exporter tells of itself beside our file. */
static const struct family process_family = {
	"exitstat_process_cpu_seconds", FAMILY_COUNTER, "seconds",
	"CPU time of exitstat's process, without that of its BPF programs."
};
static const struct family runs_family = { "exitstat_bpf_runs", FAMILY_COUNTER, NULL,
					   "Runs of the BPF programs that run at each exit." };
static const struct family run_seconds_family = { "exitstat_bpf_run_seconds", FAMILY_COUNTER,
						  "seconds", "Time of these runs." };

static void write_cost(struct metrics_text *text, const struct self *self)
{
	text_family(text, &process_family);
	text_seconds(text, NULL, 0, self->process_ns);
	text_family(text, &runs_family);
	for_each_element(program, self->programs, self->nprograms)
		text_number(text, &(struct label){ "program", program->name }, 1, program->runs);
	text_family(text, &run_seconds_family);
	for_each_element(program, self->programs, self->nprograms)
		text_seconds(text, &(struct label){ "program", program->name }, 1, program->ns);
}

/* --- all of it --------------------------------------------------------------------- */

void host_families(struct metrics_text *text, const struct exposure *exposure)
{
	const struct run *run = exposure->run;

	write_identity(text, run);
	write_fleet(text, exposure);
	write_losses(text, &run->snap->losses);
	if (run->self)
		write_cost(text, run->self);
}

static const struct family histogram_family = {
	"exitstat_exit_duration_seconds", FAMILY_HISTOGRAM, "seconds",
	"Time from an exit to the next entry, of all VMs, those that have ended included."
};

void host_histograms(struct metrics_text *text, const struct exposure *exposure)
{
	const struct totals *totals = &exposure->fleet->now;
	struct reason_labels labels;

	text_family(text, &histogram_family);
	for_each_element(total, totals->list, totals->n) {
		reason_labels(&labels, exposure->run, total->isa, total->reason, total->level);
		text_histogram(text, labels.labels, REASON_LABELS, total);
	}
}
