// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "base/printable.h"
#include "view/apicv.h"

#define VM_TEXT_LEN 256

static void print_reasons(FILE *out, const struct apicv *apicv, const struct apicv_host *host)
{
	const char *before = "inhibited by ";
	char text[APICV_TEXT_LEN];

	if (!apicv->inhibits)
		fputs("active", out);
	for (uint32_t i = 0; i < EXITSTAT_INHIBITS; i++) {
		if (!(apicv->inhibits >> i & 1))
			continue;
		apicv_reason_text(text, host, i);
		fprintf(out, "%s%s", before, text);
		before = ", ";
	}
}

static void print_changes(FILE *out, const struct apicv *apicv, const struct apicv_host *host)
{
	const char *before = "; changes: ";
	char text[APICV_TEXT_LEN];

	for (uint32_t i = 0; i < EXITSTAT_INHIBITS; i++) {
		if (!apicv->set[i] && !apicv->cleared[i])
			continue;
		apicv_reason_text(text, host, i);
		fprintf(out, "%s%s (set %" PRIu64 ", cleared %" PRIu64 ")", before, text,
			apicv->set[i], apicv->cleared[i]);
		before = ", ";
	}
}

static void print_vm(FILE *out, const struct run *run, const struct vm_stat *vm)
{
	char name[VM_TEXT_LEN];

	snprintf(name, sizeof(name), "%s", vm->name);
	make_printable(name);
	fprintf(out, "%s: %s (pid %u): ", apicv_name(run->host->isa), name, vm->pid);
	if (!vm->apicv.known) {
		fputs("not known what inhibits it\n", out);
		return;
	}
	print_reasons(out, &vm->apicv, &run->host->apicv);
	print_changes(out, &vm->apicv, &run->host->apicv);
	fputc('\n', out);
}

/* Two or more that have the same, and had it all the time. */
static bool are_alike(const struct snapshot *snap)
{
	const struct apicv *first = &snap->vms->apicv;

	for_each_vm(vm, snap)
		if (vm->apicv.known != first->known || vm->apicv.inhibits != first->inhibits ||
		    apicv_has_changed(&vm->apicv))
			return false;
	return snap->nvms > 1;
}

static bool is_known_of_any(const struct snapshot *snap)
{
	for_each_vm(vm, snap)
		if (vm->apicv.known)
			return true;
	return false;
}

void apicv_print(FILE *out, const struct run *run)
{
	const struct host *host = run->host;
	const struct snapshot *snap = run->snap;

	if (host->apicv.use == APICV_OFF) {
		fprintf(out,
			"%s: off on this host (%s is N, or the CPU has none): interrupts of its guests "
			"make VM exits\n",
			apicv_name(host->isa), apicv_parameter(host->isa));
	} else if (!is_known_of_any(snap)) {
		if (host->apicv.use == APICV_ON && snap->nvms)
			fprintf(out, "%s: on; not known what inhibits it\n", apicv_name(host->isa));
	} else if (are_alike(snap)) {
		fprintf(out, "%s: all %zu VMs: ", apicv_name(host->isa), snap->nvms);
		print_reasons(out, &snap->vms->apicv, &host->apicv);
		fputc('\n', out);
	} else {
		for_each_vm(vm, snap)
			print_vm(out, run, vm);
	}
}
