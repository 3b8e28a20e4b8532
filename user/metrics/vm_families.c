// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "base/array.h"
#include "metrics/reason_labels.h"
#include "metrics/vm_families.h"
#include "model/split.h"

#define for_each_exposed(vm, exposure) \
	for_each_element(vm, (exposure)->fleet->vms, (exposure)->fleet->nvms)

/* --- what they are ---------------------------------------------------------------- */

static const struct family info_family = {
	"exitstat_vm", FAMILY_INFO, NULL,
	"A VM's process, and the UUID that QEMU was given (libvirt's)."
};
static const struct family up_family = {
	"exitstat_vm_up", FAMILY_GAUGE, NULL,
	"1: it runs; 0: it has ended, and its counters are exposed for a while."
};
static const struct family vcpus_family = { "exitstat_vm_vcpus", FAMILY_GAUGE, NULL,
					    "Its vCPUs of which an exit was seen." };

/* Several VMs of one process can have the same label. */
static bool is_told(const struct fleet_vm *vm, const struct fleet_member *member)
{
	for (const struct fleet_member *other = vm->members; other < member; other++)
		if (other->pid == member->pid)
			return true;
	return false;
}

static void write_info(struct metrics_text *text, const struct fleet_vm *vm)
{
	char pid[16];

	for_each_element(member, vm->members, vm->nmembers) {
		const struct label labels[] = {
			{ "vm", vm->label },
			{ "pid", pid },
			{ "uuid", member->uuid },
		};

		if (is_told(vm, member))
			continue;
		snprintf(pid, sizeof(pid), "%" PRIu32, member->pid);
		text_number(text, labels, COUNT_OF(labels), 1);
	}
}

static uint64_t count_vcpus(const struct fleet_vm *vm)
{
	uint64_t n = 0;

	for_each_element(member, vm->members, vm->nmembers)
		n += member->ended ? 0 : member->nvcpus;
	return n;
}

void vm_descriptions(struct metrics_text *text, const struct exposure *exposure)
{
	text_family(text, &info_family);
	for_each_exposed(vm, exposure) write_info(text, vm);
	text_family(text, &up_family);
	for_each_exposed(vm, exposure)
		text_number(text, &(struct label){ "vm", vm->label }, 1, !vm->ended_ns);
	text_family(text, &vcpus_family);
	for_each_exposed(vm, exposure)
		text_number(text, &(struct label){ "vm", vm->label }, 1, count_vcpus(vm));
}

/* --- exits ------------------------------------------------------------------------ */

/* The label vm, those of a reason, and one more. */
#define LABELS (REASON_LABELS + 2)

typedef void (*reason_fn)(struct metrics_text *text, struct label labels[LABELS],
			  const struct total *total);

/* Each VM's reasons; the last label is the function's. */
static void for_each_exit(struct metrics_text *text, const struct exposure *exposure,
			  const struct family *family, reason_fn write)
{
	struct label labels[LABELS] = { { "vm", NULL } };
	struct reason_labels reason = { 0 };

	text_family(text, family);
	for_each_exposed(vm, exposure)
	{
		labels[0].value = vm->label;
		for_each_element(total, vm->now.list, vm->now.n) {
			if (!text->counts_only)
				reason_labels(&reason, exposure->run, total->isa, total->reason,
					      total->level);
			for (size_t i = 0; i < REASON_LABELS; i++)
				labels[1 + i] = reason.labels[i];
			write(text, labels, total);
		}
	}
}

static const struct family exits_family = { "exitstat_exits", FAMILY_COUNTER, NULL,
					    "Exits of a VM, for each reason." };
static const struct family seconds_family = {
	"exitstat_exit_seconds", FAMILY_COUNTER, "seconds",
	"Time from exits of a VM to the next entry, user space and sleep included, for each reason."
};

static void write_count(struct metrics_text *text, struct label labels[LABELS],
			const struct total *total)
{
	text_number(text, labels, LABELS - 1, total->count);
}

static void write_seconds(struct metrics_text *text, struct label labels[LABELS],
			  const struct total *total)
{
	text_seconds(text, labels, LABELS - 1, total->sum_ns);
}

void vm_exits(struct metrics_text *text, const struct exposure *exposure)
{
	for_each_exit(text, exposure, &exits_family, write_count);
	for_each_exit(text, exposure, &seconds_family, write_seconds);
}

/* --- where their time went ---------------------------------------------------------- */

/*
 * Without what KVM itself took, which is what is left of the whole: as a part is counted after
 * the whole is, the rest can shrink from one reading to the next, and no counter may.
 */
static const struct family parts_family = {
	"exitstat_exit_part_seconds", FAMILY_COUNTER, "seconds",
	"Of exitstat_exit_seconds: in user space, polled for a wakeup, blocked, runnable without "
	"a CPU. KVM itself took the rest."
};

static void write_parts(struct metrics_text *text, struct label labels[LABELS],
			const struct total *total)
{
	for (unsigned int part = 0; part < EXITSTAT_PARTS; part++) {
		labels[LABELS - 1] = (struct label){ "part", part_name(part) };
		text_seconds(text, labels, LABELS, total->part_ns[part]);
	}
}

void vm_parts(struct metrics_text *text, const struct exposure *exposure)
{
	if (exposure->run->parts)
		for_each_exit(text, exposure, &parts_family, write_parts);
}

/* --- APICv ------------------------------------------------------------------------ */

static const struct family active_family = {
	"exitstat_vm_apicv_active", FAMILY_GAUGE, NULL,
	"Whether APICv or AVIC is active: interrupts reach the guest without exits."
};
static const struct family inhibited_family = { "exitstat_vm_apicv_inhibited", FAMILY_GAUGE, NULL,
						"What inhibits it now." };
static const struct family changes_family = {
	"exitstat_vm_apicv_changes", FAMILY_COUNTER, NULL,
	"How often an inhibit was set or cleared since the VM's first exit that was seen."
};

static void write_changes(struct metrics_text *text, struct label labels[3], uint64_t set,
			  uint64_t cleared)
{
	labels[2] = (struct label){ "change", "set" };
	text_number(text, labels, 3, set);
	labels[2] = (struct label){ "change", "cleared" };
	text_number(text, labels, 3, cleared);
}

/* Of one VM what a family has of it. */
static void write_inhibits(struct metrics_text *text, const struct exposure *exposure,
			   const struct fleet_vm *vm, bool changes)
{
	const struct apicv apicv = fleet_apicv(vm);
	char name[APICV_NAME_LEN];
	struct label labels[3] = { { "vm", vm->label }, { "inhibit", name } };

	for (uint32_t i = 0; i < EXITSTAT_INHIBITS; i++) {
		bool active = apicv.known && apicv.inhibits >> i & 1;

		if (!(changes ? apicv.set[i] || apicv.cleared[i] : active))
			continue;
		apicv_reason_name(name, &exposure->run->host->apicv, i);
		if (!changes)
			text_number(text, labels, 2, 1);
		else
			write_changes(text, labels, apicv.set[i], apicv.cleared[i]);
	}
}

/* On a host that has it off there is nothing to tell of a VM. */
void vm_apicv(struct metrics_text *text, const struct exposure *exposure)
{
	if (exposure->run->host->apicv.use == APICV_OFF)
		return;
	text_family(text, &active_family);
	for_each_exposed(vm, exposure)
	{
		const struct apicv apicv = fleet_apicv(vm);

		if (apicv.known)
			text_number(text, &(struct label){ "vm", vm->label }, 1, !apicv.inhibits);
	}
	text_family(text, &inhibited_family);
	for_each_exposed(vm, exposure) write_inhibits(text, exposure, vm, false);
	text_family(text, &changes_family);
	for_each_exposed(vm, exposure) write_inhibits(text, exposure, vm, true);
}

/* --- how long they took ------------------------------------------------------------- */

static const struct family histogram_family = {
	"exitstat_vm_exit_duration_seconds", FAMILY_HISTOGRAM, "seconds",
	"Time from an exit of a VM to the next entry, for each reason."
};

static void write_histogram(struct metrics_text *text, struct label labels[LABELS],
			    const struct total *total)
{
	text_histogram(text, labels, LABELS - 1, total);
}

void vm_histograms(struct metrics_text *text, const struct exposure *exposure)
{
	if (exposure->vm_histograms)
		for_each_exit(text, exposure, &histogram_family, write_histogram);
}
