// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exit reasons: their names, and which edition of the manual has them. VMX: Intel
 * SDM vol. 3, appendix C, table C-1. SVM: AMD APM vol. 2, appendix C, table C-1, and
 * the codes of the GHCB protocol for SEV-ES (arch/x86/include/uapi/asm/svm.h).
 * Spelled as KVM spells them, in capitals, so that they match what perf and trace-cmd
 * print.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bpf/exitstat.h"
#include "model/reasons.h"

struct name {
	uint32_t code;
	const char *text;
};

/* SDM of December 2022 */
static const struct name vmx_2022[] = {
	{ 0, "EXCEPTION_NMI" },
	{ 1, "EXTERNAL_INTERRUPT" },
	{ 2, "TRIPLE_FAULT" },
	{ 3, "INIT_SIGNAL" },
	{ 4, "SIPI_SIGNAL" },
	{ 5, "IO_SMI" },
	{ 6, "OTHER_SMI" },
	{ 7, "INTERRUPT_WINDOW" },
	{ 8, "NMI_WINDOW" },
	{ 9, "TASK_SWITCH" },
	{ 10, "CPUID" },
	{ 11, "GETSEC" },
	{ 12, "HLT" },
	{ 13, "INVD" },
	{ 14, "INVLPG" },
	{ 15, "RDPMC" },
	{ 16, "RDTSC" },
	{ 17, "RSM" },
	{ 18, "VMCALL" },
	{ 19, "VMCLEAR" },
	{ 20, "VMLAUNCH" },
	{ 21, "VMPTRLD" },
	{ 22, "VMPTRST" },
	{ 23, "VMREAD" },
	{ 24, "VMRESUME" },
	{ 25, "VMWRITE" },
	{ 26, "VMXOFF" },
	{ 27, "VMXON" },
	{ 28, "CR_ACCESS" },
	{ 29, "DR_ACCESS" },
	{ 30, "IO_INSTRUCTION" },
	{ 31, "MSR_READ" },
	{ 32, "MSR_WRITE" },
	{ 33, "INVALID_STATE" },
	{ 34, "MSR_LOAD_FAIL" },
	{ 36, "MWAIT_INSTRUCTION" },
	{ 37, "MONITOR_TRAP_FLAG" },
	{ 39, "MONITOR_INSTRUCTION" },
	{ 40, "PAUSE_INSTRUCTION" },
	{ 41, "MCE_DURING_VMENTRY" },
	{ 43, "TPR_BELOW_THRESHOLD" },
	{ 44, "APIC_ACCESS" },
	{ 45, "EOI_INDUCED" },
	{ 46, "GDTR_IDTR" },
	{ 47, "LDTR_TR" },
	{ 48, "EPT_VIOLATION" },
	{ 49, "EPT_MISCONFIG" },
	{ 50, "INVEPT" },
	{ 51, "RDTSCP" },
	{ 52, "PREEMPTION_TIMER" },
	{ 53, "INVVPID" },
	{ 54, "WBINVD" },
	{ 55, "XSETBV" },
	{ 56, "APIC_WRITE" },
	{ 57, "RDRAND" },
	{ 58, "INVPCID" },
	{ 59, "VMFUNC" },
	{ 60, "ENCLS" },
	{ 61, "RDSEED" },
	{ 62, "PML_FULL" },
	{ 63, "XSAVES" },
	{ 64, "XRSTORS" },
	{ 66, "SPP_EVENT" },
	{ 67, "UMWAIT" },
	{ 68, "TPAUSE" },
	{ 69, "LOADIWKEY" },
	{ 70, "ENCLV" },
	{ 72, "ENQCMD_PASID" },
	{ 73, "ENQCMDS_PASID" },
	{ 74, "BUS_LOCK" },
	{ 75, "NOTIFY" },
};

/*
 * What came into the SDM after that. KVM itself has had no use for PCONFIG, and those
 * who read the table in 2021 and 2022 found no 65 in it.
 */
static const struct name vmx_later[] = {
	{ 65, "PCONFIG" },
	{ 78, "RDMSRLIST" },
	{ 79, "WRMSRLIST" },
};

/* arch/x86/include/uapi/asm/vmx.h of Linux 6.12 has none of these, 7.3 all. */
static const struct name vmx_kernel_1[] = { { 77, "TDCALL" } };
static const struct name vmx_kernel_2[] = { { 76, "SEAMCALL" } };
static const struct name vmx_kernel_3[] = { { 84, "MSR_READ_IMM" }, { 85, "MSR_WRITE_IMM" } };

/* APM of October 2022, revision 3.39: these, and all of svm_ranges */
static const struct name svm_2022[] = {
	{ 0x40, "EXCP_DE" },
	{ 0x41, "EXCP_DB" },
	{ 0x43, "EXCP_BP" },
	{ 0x44, "EXCP_OF" },
	{ 0x45, "EXCP_BR" },
	{ 0x46, "EXCP_UD" },
	{ 0x47, "EXCP_NM" },
	{ 0x48, "EXCP_DF" },
	{ 0x4a, "EXCP_TS" },
	{ 0x4b, "EXCP_NP" },
	{ 0x4c, "EXCP_SS" },
	{ 0x4d, "EXCP_GP" },
	{ 0x4e, "EXCP_PF" },
	{ 0x50, "EXCP_MF" },
	{ 0x51, "EXCP_AC" },
	{ 0x52, "EXCP_MC" },
	{ 0x53, "EXCP_XF" },
	{ 0x60, "INTR" },
	{ 0x61, "NMI" },
	{ 0x62, "SMI" },
	{ 0x63, "INIT" },
	{ 0x64, "VINTR" },
	{ 0x65, "CR0_SEL_WRITE" },
	{ 0x66, "READ_IDTR" },
	{ 0x67, "READ_GDTR" },
	{ 0x68, "READ_LDTR" },
	{ 0x69, "READ_TR" },
	{ 0x6a, "WRITE_IDTR" },
	{ 0x6b, "WRITE_GDTR" },
	{ 0x6c, "WRITE_LDTR" },
	{ 0x6d, "WRITE_TR" },
	{ 0x6e, "RDTSC" },
	{ 0x6f, "RDPMC" },
	{ 0x70, "PUSHF" },
	{ 0x71, "POPF" },
	{ 0x72, "CPUID" },
	{ 0x73, "RSM" },
	{ 0x74, "IRET" },
	{ 0x75, "SWINT" },
	{ 0x76, "INVD" },
	{ 0x77, "PAUSE" },
	{ 0x78, "HLT" },
	{ 0x79, "INVLPG" },
	{ 0x7a, "INVLPGA" },
	{ 0x7b, "IO" },
	{ 0x7c, "MSR" },
	{ 0x7d, "TASK_SWITCH" },
	{ 0x7e, "FERR_FREEZE" },
	{ 0x7f, "SHUTDOWN" },
	{ 0x80, "VMRUN" },
	{ 0x81, "VMMCALL" },
	{ 0x82, "VMLOAD" },
	{ 0x83, "VMSAVE" },
	{ 0x84, "STGI" },
	{ 0x85, "CLGI" },
	{ 0x86, "SKINIT" },
	{ 0x87, "RDTSCP" },
	{ 0x88, "ICEBP" },
	{ 0x89, "WBINVD" },
	{ 0x8a, "MONITOR" },
	{ 0x8b, "MWAIT" },
	{ 0x8c, "MWAIT_COND" },
	{ 0x8d, "XSETBV" },
	{ 0x8e, "RDPRU" },
	{ 0x8f, "EFER_WRITE_TRAP" },
	{ 0xa0, "INVLPGB" },
	{ 0xa1, "INVLPGB_ILLEGAL" },
	{ 0xa2, "INVPCID" },
	{ 0xa3, "MCOMMIT" },
	{ 0xa4, "TLBSYNC" },
	{ 0x400, "NPF" },
	{ 0x401, "AVIC_INCOMPLETE_IPI" },
	{ 0x402, "AVIC_NOACCEL" },
	{ 0x403, "VMGEXIT" },
	{ -2u, "BUSY" },
	{ -1u, "INVALID" },
};

/* What came into the APM after that. */
static const struct name svm_later[] = {
	{ -4u, "INVALID_PMC" },
	{ -3u, "IDLE_REQUIRED" },
};

/* arch/x86/include/uapi/asm/svm.h of Linux 6.12 has none of these, 7.3 all. */
static const struct name svm_kernel_1[] = { { 0xa5, "BUS_LOCK" }, { 0xa6, "IDLE_HLT" } };

static const struct name svm_ghcb[] = {
	{ 0x80000001, "VMGEXIT_MMIO_READ" },	 { 0x80000002, "VMGEXIT_MMIO_WRITE" },
	{ 0x80000003, "VMGEXIT_NMI_COMPLETE" },	 { 0x80000004, "VMGEXIT_AP_HLT_LOOP" },
	{ 0x80000005, "VMGEXIT_AP_JUMP_TABLE" }, { 0x80000010, "VMGEXIT_PSC" },
	{ 0x80000011, "VMGEXIT_GUEST_REQUEST" }, { 0x80000012, "VMGEXIT_EXT_GUEST_REQUEST" },
	{ 0x80000013, "VMGEXIT_AP_CREATION" },	 { 0x8000fffd, "VMGEXIT_HV_FEATURES" },
};

/* SVM has sixteen or thirty-two codes in a row for what differs in a number. */
static const struct {
	uint32_t first, last;
	const char *format;
} svm_ranges[] = {
	{ 0x00, 0x0f, "READ_CR%u" }, { 0x10, 0x1f, "WRITE_CR%u" },
	{ 0x20, 0x2f, "READ_DR%u" }, { 0x30, 0x3f, "WRITE_DR%u" },
	{ 0x40, 0x5f, "EXCP_%u" },   { 0x90, 0x9f, "CR%u_WRITE_TRAP" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TABLE(array) array, COUNT(array)

/* The more usual a code is the earlier. */
static const struct {
	uint32_t isa;
	enum edition edition;
	const struct name *names;
	size_t n;
} tables[] = {
	{ EXITSTAT_ISA_VMX, EDITION_2022, TABLE(vmx_2022) },
	{ EXITSTAT_ISA_SVM, EDITION_2022, TABLE(svm_2022) },
	{ EXITSTAT_ISA_VMX, EDITION_KERNEL_1, TABLE(vmx_kernel_1) },
	{ EXITSTAT_ISA_VMX, EDITION_KERNEL_2, TABLE(vmx_kernel_2) },
	{ EXITSTAT_ISA_VMX, EDITION_KERNEL_3, TABLE(vmx_kernel_3) },
	{ EXITSTAT_ISA_SVM, EDITION_KERNEL_1, TABLE(svm_kernel_1) },
	{ EXITSTAT_ISA_VMX, EDITION_LATER, TABLE(vmx_later) },
	{ EXITSTAT_ISA_SVM, EDITION_LATER, TABLE(svm_later) },
	{ EXITSTAT_ISA_SVM, EDITION_GHCB, TABLE(svm_ghcb) },
};

/* SDM vol. 3, 25.9.1 "Basic VM-Exit Information" */
static const struct name vmx_flags[] = {
	{ 1u << 25, "SHADOW_STACK_BUSY" }, { 1u << 26, "BUS_LOCK" },  { 1u << 27, "ENCLAVE" },
	{ 1u << 28, "PENDING_MTF" },	   { 1u << 29, "FROM_ROOT" }, { 1u << 31, "FAILED_ENTRY" },
};

const char *isa_name(uint32_t isa)
{
	if (isa == EXITSTAT_ISA_VMX)
		return "vmx";
	return isa == EXITSTAT_ISA_SVM ? "svm" : "unknown";
}

uint32_t reason_code(uint32_t isa, uint32_t reason)
{
	return isa == EXITSTAT_ISA_VMX ? reason & EXITSTAT_VMX_BASIC_MASK : reason;
}

uint32_t reason_flags(uint32_t isa, uint32_t reason)
{
	return isa == EXITSTAT_ISA_VMX ? reason & ~EXITSTAT_VMX_BASIC_MASK : 0;
}

static const char *find_text(uint32_t isa, uint32_t code, enum edition *edition)
{
	for (size_t i = 0; i < COUNT(tables); i++) {
		for (size_t j = 0; tables[i].isa == isa && j < tables[i].n; j++) {
			if (tables[i].names[j].code != code)
				continue;
			*edition = tables[i].edition;
			return tables[i].names[j].text;
		}
	}
	*edition = EDITION_NONE;
	return NULL;
}

/* One of svm_ranges, or COUNT(svm_ranges). */
static size_t find_range(uint32_t code)
{
	size_t i;

	for (i = 0; i < COUNT(svm_ranges); i++)
		if (code >= svm_ranges[i].first && code <= svm_ranges[i].last)
			break;
	return i;
}

enum edition reason_edition(uint32_t isa, uint32_t code)
{
	enum edition edition;

	if (!find_text(isa, code, &edition) && isa == EXITSTAT_ISA_SVM &&
	    find_range(code) < COUNT(svm_ranges))
		return EDITION_2022;
	return edition;
}

static void svm_name(char name[REASON_NAME_LEN], uint32_t code)
{
	enum edition edition;
	const char *text = find_text(EXITSTAT_ISA_SVM, code, &edition);
	size_t range = find_range(code);

	if (text)
		snprintf(name, REASON_NAME_LEN, "%s", text);
	else if (range < COUNT(svm_ranges))
		snprintf(name, REASON_NAME_LEN, svm_ranges[range].format,
			 code - svm_ranges[range].first);
	else
		snprintf(name, REASON_NAME_LEN, "SVM_0x%x", code);
}

const char *reason_flag_name(uint32_t flag)
{
	for (size_t i = 0; i < COUNT(vmx_flags); i++)
		if (vmx_flags[i].code == flag)
			return vmx_flags[i].text;
	return NULL;
}

static void vmx_name(char name[REASON_NAME_LEN], uint32_t reason)
{
	uint32_t flags = reason_flags(EXITSTAT_ISA_VMX, reason), known = 0;
	uint32_t basic = reason_code(EXITSTAT_ISA_VMX, reason);
	enum edition edition;
	const char *text = find_text(EXITSTAT_ISA_VMX, basic, &edition);
	size_t len;

	if (text)
		snprintf(name, REASON_NAME_LEN, "%s", text);
	else
		snprintf(name, REASON_NAME_LEN, "VMX_%u", basic);
	for (size_t i = 0; i < COUNT(vmx_flags); i++) {
		if (!(flags & vmx_flags[i].code))
			continue;
		known |= vmx_flags[i].code;
		len = strlen(name);
		snprintf(name + len, REASON_NAME_LEN - len, "+%s", vmx_flags[i].text);
	}
	if (flags & ~known) {
		len = strlen(name);
		snprintf(name + len, REASON_NAME_LEN - len, "+0x%x", flags & ~known);
	}
}

void reason_name(char name[REASON_NAME_LEN], uint32_t isa, uint32_t reason)
{
	if (isa == EXITSTAT_ISA_VMX)
		vmx_name(name, reason);
	else if (isa == EXITSTAT_ISA_SVM)
		svm_name(name, reason);
	else
		snprintf(name, REASON_NAME_LEN, "ISA%u_0x%x", isa, reason);
}

bool reason_is_idle(uint32_t isa, uint32_t reason)
{
	if (isa == EXITSTAT_ISA_VMX)
		return reason_code(isa, reason) == 12;
	/* HLT, and HLT with nothing pending (IDLE_HLT) */
	return isa == EXITSTAT_ISA_SVM && (reason == 0x78 || reason == 0xa6);
}

/* By asking for the name of every code that can have one, each is spelled once. */
bool reason_find(uint32_t isa, const char *text, uint32_t *code)
{
	char name[REASON_NAME_LEN];

	for (size_t i = 0; i < COUNT(tables); i++) {
		for (size_t j = 0; tables[i].isa == isa && j < tables[i].n; j++) {
			if (strcasecmp(tables[i].names[j].text, text))
				continue;
			*code = tables[i].names[j].code;
			return true;
		}
	}
	for (uint32_t i = 0; isa == EXITSTAT_ISA_SVM && i < 0x100; i++) {
		svm_name(name, i);
		if (!strcasecmp(name, text) && strncmp(name, "SVM_", 4)) {
			*code = i;
			return true;
		}
	}
	return false;
}

bool reason_next(uint32_t isa, uint64_t *code)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < COUNT(tables); i++)
		for (size_t j = 0; tables[i].isa == isa && j < tables[i].n; j++)
			if (tables[i].names[j].code >= *code && tables[i].names[j].code < next)
				next = tables[i].names[j].code;
	for (size_t i = 0; isa == EXITSTAT_ISA_SVM && i < COUNT(svm_ranges); i++)
		if (*code <= svm_ranges[i].last && svm_ranges[i].first < next)
			next = *code > svm_ranges[i].first ? *code : svm_ranges[i].first;
	*code = next;
	return next != UINT64_MAX;
}
