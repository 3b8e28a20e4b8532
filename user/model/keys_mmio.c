// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest-physical addresses that are the same in every PC, and that QEMU has there: the
 * I/O APIC (82093AA; its EOI register is of the ICHs and of version 0x20 in QEMU), the HPET
 * (IA-PC HPET 1.0a, spelled as in Linux's arch/x86/include/asm/hpet.h), the TPM (TCG PC
 * Client Platform TPM Profile: five localities, a page each), the VGA's window.
 */
#include "model/key_tables.h"

static const struct key_name registers[] = {
	{ 0xfec00000, "IOAPIC IOREGSEL" },   { 0xfec00010, "IOAPIC IOWIN" },
	{ 0xfec00040, "IOAPIC EOI" },	     { 0xfed00000, "HPET_ID" },
	{ 0xfed00004, "HPET_PERIOD" },	     { 0xfed00010, "HPET_CFG" },
	{ 0xfed00020, "HPET_STATUS" },	     { 0xfed000f0, "HPET_COUNTER" },
	{ 0xfed000f4, "HPET_COUNTER high" },
};

/* As many timers as fit into the 1 KiB that it has. */
static const struct key_range timers[] = {
	{ 0xfed00100, 0xfed003e0, 0x20, "HPET_T%u_CFG" },
	{ 0xfed00104, 0xfed003e4, 0x20, "HPET_T%u_CFG high" },
	{ 0xfed00108, 0xfed003e8, 0x20, "HPET_T%u_CMP" },
	{ 0xfed0010c, 0xfed003ec, 0x20, "HPET_T%u_CMP high" },
	{ 0xfed00110, 0xfed003f0, 0x20, "HPET_T%u_ROUTE" },
	{ 0xfed00114, 0xfed003f4, 0x20, "HPET_T%u_ROUTE high" },
};

static const struct key_name pages[] = {
	{ 0xfec00000, "IOAPIC" },
	{ 0xfed00000, "HPET" },
	{ 0xfee00000, "local APIC" },
};

static const struct key_range page_ranges[] = {
	{ 0xa0000, 0xbf000, 0x1000, "VGA memory" },
	{ 0xfed40000, 0xfed44000, 0x1000, "TPM locality %u" },
};

const struct key_table register_names = { KEY_ROWS(registers), KEY_RANGES(timers) };
const struct key_table page_names = { KEY_ROWS(pages), KEY_RANGES(page_ranges) };
