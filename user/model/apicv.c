// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/sysfile.h"
#include "model/apicv.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* arch/x86/kvm/vmx/vmx.c and svm/avic.c */
static const struct {
	const char *name, *parameter, *file;
} modules[] = {
	[EXITSTAT_ISA_VMX] = { "APICv", "kvm_intel.enable_apicv",
			       "/sys/module/kvm_intel/parameters/enable_apicv" },
	[EXITSTAT_ISA_SVM] = { "AVIC", "kvm_amd.avic", "/sys/module/kvm_amd/parameters/avic" },
};

/*
 * arch/x86/include/asm/kvm_host.h, enum kvm_apicv_inhibit, without APICV_INHIBIT_REASON_.
 * By name: the numbers differ.
 */
static const struct {
	const char *name, *text;
} reasons[] = {
	{ "DISABLE", "the module's parameter" }, /* until 6.8 or so */
	{ "DISABLED", "the module's parameter" },
	{ "HYPERV", "Hyper-V's AutoEOI" },
	{ "ABSENT", "no interrupt controller in the kernel" },
	{ "BLOCKIRQ", "a debugger that blocks interrupts" },
	{ "PHYSICAL_ID_ALIASED", "APIC ids that vCPUs share" },
	{ "PHYSICAL_ID_TOO_BIG", "APIC ids that are too big" },
	{ "LOGICAL_ID_ALIASED", "logical APIC ids that vCPUs share" },
	{ "APIC_ID_MODIFIED", "an APIC id that the guest changed" },
	{ "APIC_BASE_MODIFIED", "an APIC that the guest moved" },
	{ "NESTED", "a nested guest" },
	{ "IRQWIN", "interrupts that wait for a window" },
	{ "PIT_REINJ", "PIT reinjection" },
	{ "SEV", "SEV" },
	{ "X2APIC", "x2APIC ids" }, /* until 6.0 */
};

static uint32_t known_isa(uint32_t isa)
{
	return isa == EXITSTAT_ISA_SVM ? EXITSTAT_ISA_SVM : EXITSTAT_ISA_VMX;
}

const char *apicv_name(uint32_t isa)
{
	return modules[known_isa(isa)].name;
}

const char *apicv_parameter(uint32_t isa)
{
	return modules[known_isa(isa)].parameter;
}

enum apicv_use apicv_read_use(uint32_t isa)
{
	char line[64];
	const char *value = file_value(modules[known_isa(isa)].file, "", line, sizeof(line));

	if (value && (*value == 'Y' || *value == '1'))
		return APICV_ON;
	return value && (*value == 'N' || *value == '0') ? APICV_OFF : APICV_UNKNOWN;
}

void apicv_reason_name(char name[APICV_NAME_LEN], const struct apicv_host *host, uint32_t reason)
{
	if (reason < host->n)
		snprintf(name, APICV_NAME_LEN, "%s", host->names[reason]);
	else
		snprintf(name, APICV_NAME_LEN, "reason %u", reason);
}

void apicv_reason_text(char text[APICV_TEXT_LEN], const struct apicv_host *host, uint32_t reason)
{
	char name[APICV_NAME_LEN];

	apicv_reason_name(name, host, reason);
	for (size_t i = 0; i < COUNT(reasons); i++) {
		if (strcmp(reasons[i].name, name))
			continue;
		snprintf(text, APICV_TEXT_LEN, "%s", reasons[i].text);
		return;
	}
	/* One that we do not know yet: as it is, but for what hurts the eye. */
	for (char *c = name; *c; c++)
		*c = *c == '_' ? ' ' : (char)tolower((unsigned char)*c);
	snprintf(text, APICV_TEXT_LEN, "%s", name);
}

uint32_t apicv_find_reason(const struct apicv_host *host, const char *name)
{
	char found[APICV_NAME_LEN];
	uint32_t reason = 0;

	while (reason < EXITSTAT_INHIBITS) {
		apicv_reason_name(found, host, reason);
		if (!strcmp(found, name))
			break;
		reason++;
	}
	return reason;
}

struct apicv apicv_subtract(const struct apicv *now, const struct apicv *before)
{
	struct apicv growth = *now;

	for (uint32_t i = 0; i < EXITSTAT_INHIBITS; i++) {
		growth.set[i] -= before->set[i];
		growth.cleared[i] -= before->cleared[i];
	}
	return growth;
}

bool apicv_has_changed(const struct apicv *apicv)
{
	for (uint32_t i = 0; i < EXITSTAT_INHIBITS; i++)
		if (apicv->set[i] || apicv->cleared[i])
			return true;
	return false;
}
