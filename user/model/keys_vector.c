// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vectors of exceptions, as in Intel's SDM vol. 3, "Exception and Interrupt Vectors".
 *
 * Vectors of the host's own interrupts, spelled as in Linux's asm/irq_vectors.h without
 * _VECTOR: those that are the same in 6.1, 6.12 and 7.3. Those of devices are given out
 * as they are asked for.
 */
#include "model/key_tables.h"

static const struct key_name names[] = {
	{ 0, "#DE" },
	{ 1, "#DB" },
	{ 2, "NMI" },
	{ 3, "#BP" },
	{ 4, "#OF" },
	{ 5, "#BR" },
	{ 6, "#UD" },
	{ 7, "#NM" },
	{ 8, "#DF" },
	{ 10, "#TS" },
	{ 11, "#NP" },
	{ 12, "#SS" },
	{ 13, "#GP" },
	{ 14, "#PF" },
	{ 16, "#MF" },
	{ 17, "#AC" },
	{ 18, "#MC" },
	{ 19, "#XM" },
	{ 20, "#VE" },
	{ 21, "#CP" },
	{ 0xec, "LOCAL_TIMER" },
	{ 0xed, "HYPERV_STIMER0" },
	{ 0xee, "HYPERV_REENLIGHTENMENT" },
	{ 0xef, "MANAGED_IRQ_SHUTDOWN" },
	{ 0xf0, "POSTED_INTR_NESTED" },
	{ 0xf1, "POSTED_INTR_WAKEUP" },
	{ 0xf2, "POSTED_INTR" },
	{ 0xf3, "HYPERVISOR_CALLBACK" },
	{ 0xf4, "DEFERRED_ERROR" },
	{ 0xf6, "IRQ_WORK" },
	{ 0xf7, "X86_PLATFORM_IPI" },
	{ 0xf8, "REBOOT" },
	{ 0xf9, "THRESHOLD_APIC" },
	{ 0xfa, "THERMAL_APIC" },
	{ 0xfb, "CALL_FUNCTION_SINGLE" },
	{ 0xfc, "CALL_FUNCTION" },
	{ 0xfd, "RESCHEDULE" },
	{ 0xfe, "ERROR_APIC" },
	{ 0xff, "SPURIOUS_APIC" },
};

const struct key_table vector_names = { KEY_ROWS(names) };
