// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of the local APIC: Intel SDM vol. 3, "Local APIC Register Address Map" and
 * "x2APIC Register Address Space"; from 0x40 on AMD APM vol. 2, "Extended APIC". Spelled as
 * in Linux's arch/x86/include/asm/apicdef.h and so as KVM's own tracepoint kvm_apic.
 */
#include "model/key_tables.h"

static const struct key_name both[] = {
	{ 0x02, "APIC_ID" },	  { 0x03, "APIC_LVR" },	  { 0x08, "APIC_TASKPRI" },
	{ 0x0a, "APIC_PROCPRI" }, { 0x0b, "APIC_EOI" },	  { 0x0d, "APIC_LDR" },
	{ 0x0f, "APIC_SPIV" },	  { 0x28, "APIC_ESR" },	  { 0x2f, "APIC_LVTCMCI" },
	{ 0x30, "APIC_ICR" },	  { 0x32, "APIC_LVTT" },  { 0x33, "APIC_LVTTHMR" },
	{ 0x34, "APIC_LVTPC" },	  { 0x35, "APIC_LVT0" },  { 0x36, "APIC_LVT1" },
	{ 0x37, "APIC_LVTERR" },  { 0x38, "APIC_TMICT" }, { 0x39, "APIC_TMCCT" },
	{ 0x3e, "APIC_TDCR" },	  { 0x40, "APIC_EFEAT" }, { 0x41, "APIC_ECTRL" },
	{ 0x42, "APIC_SEOI" },
};

/* Eight of 32 vectors each; four of AMD's extended interrupts. */
static const struct key_range both_ranges[] = {
	{ 0x10, 0x17, 1, "APIC_ISR%u" },   { 0x18, 0x1f, 1, "APIC_TMR%u" },
	{ 0x20, 0x27, 1, "APIC_IRR%u" },   { 0x48, 0x4f, 1, "APIC_IER%u" },
	{ 0x50, 0x53, 1, "APIC_EILVT%u" },
};

static const struct key_name xapic[] = {
	{ 0x09, "APIC_ARBPRI" },
	{ 0x0c, "APIC_RRR" },
	{ 0x0e, "APIC_DFR" },
	{ 0x31, "APIC_ICR2" },
};

static const struct key_name x2apic[] = {
	{ 0x3f, "APIC_SELF_IPI" },
};

const struct key_table apic_names = { KEY_ROWS(both), KEY_RANGES(both_ranges) };
const struct key_table xapic_names = { KEY_ROWS(xapic) };
const struct key_table x2apic_names = { KEY_ROWS(x2apic) };
