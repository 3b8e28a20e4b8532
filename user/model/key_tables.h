/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables that keys.c looks names up in: a file for each kind of keys. */
#ifndef EXITSTAT_MODEL_KEY_TABLES_H
#define EXITSTAT_MODEL_KEY_TABLES_H

#include <stddef.h>
#include <stdint.h>

struct key_name {
	uint32_t key;
	const char *text;
};

/* Keys that differ in a number, which counts from 0: first, first + step, ... last. */
struct key_range {
	uint32_t first, last, step;
	const char *format;
};

/* Both sorted. No key is in both, or in two ranges. */
struct key_table {
	const struct key_name *names;
	size_t n_names;
	const struct key_range *ranges;
	size_t n_ranges;
};

#define KEY_ROWS(array_)   .names = (array_), .n_names = sizeof(array_) / sizeof((array_)[0])
#define KEY_RANGES(array_) .ranges = (array_), .n_ranges = sizeof(array_) / sizeof((array_)[0])

/* Ports that are the same thing in both directions, and those that are not. */
extern const struct key_table port_names, port_in_names, port_out_names;

extern const struct key_table msr_names;

/*
 * Registers of the local APIC, by their number: of the xAPIC the offset / 16, of the
 * x2APIC the MSR - 0x800. Those that only one of them has are apart.
 */
extern const struct key_table apic_names, xapic_names, x2apic_names;

/* Guest-physical addresses: of registers, and of pages. */
extern const struct key_table register_names, page_names;

extern const struct key_table cpuid_names;
extern const struct key_table kvm_hypercall_names, hyperv_hypercall_names, xen_hypercall_names;
extern const struct key_table vector_names;

#endif
