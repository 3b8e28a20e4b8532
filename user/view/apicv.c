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
	print_reasons(out, &vm->apicv, &run->host->apicv);
	print_changes(out, &vm->apicv, &run->host->apicv);
	fputc('\n', out);
}

/* The first of which it is known; *alike: there is no other, or the others are as it is. */
static const struct vm_stat *first_known(const struct snapshot *snap, bool *alike, size_t *n)
{
	const struct vm_stat *first = NULL;

	*alike = true;
	*n = 0;
	for_each_vm(vm, snap) {
		if (!vm->apicv.known)
			continue;
		(*n)++;
		first = first ?: vm;
		if (vm->apicv.inhibits != first->apicv.inhibits || apicv_has_changed(&vm->apicv))
			*alike = false;
	}
	return first;
}

void apicv_print(FILE *out, const struct run *run)
{
	const struct host *host = run->host;
	const struct vm_stat *first;
	bool alike;
	size_t n;

	if (host->apicv.use == APICV_OFF) {
		fprintf(out,
			"%s: off on this host (%s is N, or the CPU has none): interrupts of its guests "
			"make VM exits\n",
			apicv_name(host->isa), apicv_parameter(host->isa));
		return;
	}
	first = first_known(run->snap, &alike, &n);
	if (!first)
		return;
	if (n == 1 || !alike) {
		for_each_vm(vm, run->snap)
			if (vm->apicv.known)
				print_vm(out, run, vm);
		return;
	}
	fprintf(out, "%s: all %zu VMs: ", apicv_name(host->isa), n);
	print_reasons(out, &first->apicv, &host->apicv);
	fputc('\n', out);
}
