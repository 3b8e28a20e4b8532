// SPDX-License-Identifier: GPL-2.0-only
#include "base/array.h"
#include "bpf/exitstat.h"
#include "model/explain.h"

/* The first that has the code: SVM's exceptions are single ones, and then all others. */
static const struct explanation *find(const struct explanation *all, size_t n, uint32_t code)
{
	for (size_t i = 0; i < n; i++)
		if (code >= all[i].first && code <= all[i].last)
			return &all[i];
	return NULL;
}

const struct explanation *explain_reason(uint32_t isa, uint32_t code)
{
	if (isa == EXITSTAT_ISA_VMX)
		return find(vmx_explanations, vmx_nexplanations, code);
	if (isa == EXITSTAT_ISA_SVM)
		return find(svm_explanations, svm_nexplanations, code);
	return NULL;
}

/* SDM vol. 3, "Basic VM-Exit Information", bits of the exit-reason field. */
static const struct {
	uint32_t flag;
	const char *text;
} flags[] = {
	{ 1u << 25, "The exit came while a supervisor shadow stack was being marked as busy, which "
		    "was not completed." },
	{ 1u << 26, "The guest made a bus lock, too, and the VMM had asked to be told "
		    "(KVM_CAP_X86_BUS_LOCK_EXIT)." },
	{ 1u << 27, "The guest was in an SGX enclave." },
	{ 1u << 28, "A monitor-trap-flag exit was due, and did not come because of this one." },
	{ 1u << 29, "The exit came out of VMX root operation, as SMM's monitor sees it; KVM never "
		    "has it." },
	{ 1u << 31, "The guest was not entered: the VM entry itself failed." },
};

const char *explain_flag(uint32_t flag)
{
	for (size_t i = 0; i < COUNT_OF(flags); i++)
		if (flags[i].flag == flag)
			return flags[i].text;
	return NULL;
}
