// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/array.h"
#include "base/field.h"
#include "base/table.h"
#include "bpf/exitstat.h"
#include "model/explain.h"
#include "model/reasons.h"
#include "view/explanation.h"

static const char *const away_texts[] = {
	[AWAY_IN_KVM] = "KVM handles it in the kernel. Where it takes long, the host mostly had "
			"something else for this CPU: an interrupt, or another task.",
	[AWAY_IN_VMM] =
		"Short where KVM has the answer. Else the way to the VMM and back is in it, "
		"and what the VMM does meanwhile.",
	[AWAY_ASLEEP] = "The sleep until something wakes the vCPU is in it, and halt polling: long "
			"times are idleness.",
	[AWAY_YIELDING] = "The time of others that KVM lets run instead is in it.",
	[AWAY_INTERRUPT] = "The host's handling of the interrupt is in it, and other tasks that it "
			   "lets run then.",
	[AWAY_MEMORY] =
		"What it takes to find the page is in it: to clear it, to read it from swap, "
		"to get it from elsewhere (userfaultfd); of a device, the VMM's answer.",
	[AWAY_FOR_GOOD] =
		"The vCPU's run ends, and the VMM is told why. If it does not go on, such an "
		"exit is counted and has no time.",
};

const char *explanation_time(enum away away)
{
	return away_texts[away];
}

static const struct field_layout layout = { 2, 8 };

static void print_flag(FILE *out, uint32_t flag)
{
	const char *name = reason_flag_name(flag), *text = explain_flag(flag);
	char line[256];

	if (name)
		snprintf(line, sizeof(line), "%s: %s", name, text);
	else
		snprintf(line, sizeof(line), "0x%x: not one that is known here.", flag);
	print_field(out, layout, "Flag", line);
}

static void print_title(FILE *out, uint32_t isa, uint32_t reason)
{
	uint32_t code = reason_code(isa, reason);
	char name[REASON_NAME_LEN];

	reason_name(name, isa, reason);
	if (isa == EXITSTAT_ISA_VMX)
		fprintf(out, "%s\n  Intel VMX, exit reason %u (0x%x)\n", name, code, code);
	else
		fprintf(out, "%s\n  AMD SVM, exit code 0x%x\n", name, code);
}

void explanation_print(FILE *out, uint32_t isa, uint32_t reason)
{
	const struct explanation *it = explain_reason(isa, reason_code(isa, reason));
	uint32_t flags = reason_flags(isa, reason);

	print_title(out, isa, reason);
	print_field(out, layout, "What", it->what);
	print_field(out, layout, "When", it->when);
	print_field(out, layout, "Hint", it->look);
	if (it->away != AWAY_NONE)
		print_field(out, layout, "Time", away_texts[it->away]);
	for (uint32_t flag = 1u << 16; flag; flag <<= 1)
		if (flags & flag)
			print_flag(out, flag);
	print_field(out, layout, "Manual", it->manual);
}

int explanation_list(FILE *out, uint32_t isa)
{
	const struct table_column columns[] = {
		{ isa == EXITSTAT_ISA_VMX ? "VMX" : "SVM", 0, 0, false, false },
		{ "NAME", 0, 2, true, false },
		{ "WHAT IT IS", 0, 2, true, true },
	};
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	char name[REASON_NAME_LEN];

	for (uint64_t next = 0; reason_next(isa, &next); next++) {
		uint32_t code = (uint32_t)next;

		reason_name(name, isa, code);
		table_add(&table, isa == EXITSTAT_ISA_VMX ? "%u" : "0x%x", code);
		table_add(&table, "%s", name);
		table_add(&table, "%s", explain_reason(isa, code)->brief);
	}
	return table_print(&table, out, true);
}
