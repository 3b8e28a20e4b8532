// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "model/key_tables.h"
#include "model/keys.h"
#include "model/symbols.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ACCESSES (EXITSTAT_EXECUTE + 1)

static const struct {
	const char *name;
	const char *accesses[ACCESSES];
} kinds[] = {
	[EXITSTAT_IO] = { "io", { "in", "out" } },
	[EXITSTAT_MSR] = { "msr", { "rdmsr", "wrmsr" } },
	[EXITSTAT_MMIO] = { "mmio", { "read", "write", "exec" } },
	[EXITSTAT_FAULT] = { "fault", { "read", "write", "exec" } },
	[EXITSTAT_CPUID] = { "cpuid", { NULL } },
	[EXITSTAT_HYPERCALL] = { "hypercall", { NULL } },
	[EXITSTAT_VECTOR] = { "vector", { NULL } },
	[EXITSTAT_RIP] = { "rip", { NULL } },
	[DETAIL_REST] = { "rest", { NULL } },
	[DETAIL_NONE] = { "none", { NULL } },
};

/* By enum exitstat_hypervisor: each writes its numbers in its own base. */
static const struct {
	const char *format;
	const struct key_table *names;
} hypervisors[] = {
	[EXITSTAT_KVM] = { "KVM %u", &kvm_hypercall_names },
	[EXITSTAT_HYPERV] = { "Hyper-V 0x%x", &hyperv_hypercall_names },
	[EXITSTAT_XEN] = { "Xen %u", &xen_hypercall_names },
};

const char *kind_name(uint8_t kind)
{
	return kind < COUNT(kinds) ? kinds[kind].name : "unknown";
}

bool kind_find(const char *text, uint8_t *kind)
{
	for (uint8_t i = 0; i < EXITSTAT_KINDS; i++) {
		if (strcmp(kinds[i].name, text))
			continue;
		*kind = i;
		return true;
	}
	return false;
}

const char *access_name(uint8_t kind, uint8_t access)
{
	return kind < COUNT(kinds) && access < ACCESSES ? kinds[kind].accesses[access] : NULL;
}

static void cpuid_text(char text[KEY_TEXT_LEN], uint64_t key)
{
	uint32_t leaf = (uint32_t)key, subleaf = key >> 32;

	if (exitstat_has_subleaves(leaf))
		snprintf(text, KEY_TEXT_LEN, "0x%x/%#x", leaf, subleaf);
	else
		snprintf(text, KEY_TEXT_LEN, "0x%x", leaf);
}

static void hypercall_text(char text[KEY_TEXT_LEN], uint64_t key)
{
	uint32_t hypervisor = key >> 32;

	if (hypervisor < COUNT(hypervisors))
		snprintf(text, KEY_TEXT_LEN, hypervisors[hypervisor].format, (uint32_t)key);
	else
		snprintf(text, KEY_TEXT_LEN, "0x%" PRIx64, key);
}

void key_text(char text[KEY_TEXT_LEN], const struct detail *detail)
{
	if (detail->kind >= EXITSTAT_KINDS)
		text[0] = '\0';
	else if (detail->kind == EXITSTAT_CPUID)
		cpuid_text(text, detail->key);
	else if (detail->kind == EXITSTAT_HYPERCALL)
		hypercall_text(text, detail->key);
	else if (detail->kind == EXITSTAT_VECTOR)
		snprintf(text, KEY_TEXT_LEN, "%" PRIu64 " (0x%" PRIx64 ")", detail->key,
			 detail->key);
	else
		snprintf(text, KEY_TEXT_LEN, "0x%" PRIx64, detail->key);
}

static bool find(char name[KEY_NAME_LEN], const struct key_table *table, uint64_t key)
{
	for (size_t i = 0; i < table->n_names; i++) {
		if (table->names[i].key != key)
			continue;
		snprintf(name, KEY_NAME_LEN, "%s", table->names[i].text);
		return true;
	}
	for (size_t i = 0; i < table->n_ranges; i++) {
		const struct key_range *range = &table->ranges[i];

		if (key < range->first || key > range->last || (key - range->first) % range->step)
			continue;
		snprintf(name, KEY_NAME_LEN, range->format,
			 (uint32_t)(key - range->first) / range->step);
		return true;
	}
	return false;
}

static bool port_name(char name[KEY_NAME_LEN], uint64_t port, uint8_t access)
{
	const struct key_table *directed = access == EXITSTAT_READ ? &port_in_names
								   : &port_out_names;

	return find(name, &port_names, port) || find(name, directed, port);
}

/* SDM vol. 3, "x2APIC Register Address Space" */
#define X2APIC_FIRST 0x800u
#define X2APIC_LAST  0x8ffu

static bool msr_name(char name[KEY_NAME_LEN], uint64_t msr)
{
	char apic[KEY_NAME_LEN];

	if (msr < X2APIC_FIRST || msr > X2APIC_LAST)
		return find(name, &msr_names, msr);
	if (!find(apic, &apic_names, msr - X2APIC_FIRST) &&
	    !find(apic, &x2apic_names, msr - X2APIC_FIRST))
		return false;
	snprintf(name, KEY_NAME_LEN, "X2%.*s", KEY_NAME_LEN - 3, apic);
	return true;
}

/* Where the local APIC is unless the guest moves it. */
#define XAPIC_PAGE 0xfee00000u

static bool mmio_name(char name[KEY_NAME_LEN], uint64_t address)
{
	uint64_t page = address & ~0xfffULL, offset = address & 0xfff;

	if (page == XAPIC_PAGE && offset % 16 == 0 &&
	    (find(name, &apic_names, offset / 16) || find(name, &xapic_names, offset / 16)))
		return true;
	return find(name, &register_names, address) || find(name, &page_names, page);
}

static bool hypercall_name(char name[KEY_NAME_LEN], uint64_t key)
{
	uint32_t hypervisor = key >> 32;

	return hypervisor < COUNT(hypervisors) &&
	       find(name, hypervisors[hypervisor].names, (uint32_t)key);
}

static bool rip_name(char name[KEY_NAME_LEN], const struct detail *detail)
{
	const struct symbol *symbol = detail->symbol;

	if (symbol)
		snprintf(name, KEY_NAME_LEN, "%s+0x%" PRIx64, symbol->name,
			 detail->key - symbol->address);
	return symbol;
}

bool key_name(char name[KEY_NAME_LEN], const struct detail *detail)
{
	switch (detail->kind) {
	case EXITSTAT_IO:
		return port_name(name, detail->key, detail->access);
	case EXITSTAT_MSR:
		return msr_name(name, detail->key);
	case EXITSTAT_MMIO:
		return mmio_name(name, detail->key);
	case EXITSTAT_FAULT:
		return find(name, &page_names, detail->key);
	case EXITSTAT_CPUID:
		return find(name, &cpuid_names, (uint32_t)detail->key);
	case EXITSTAT_HYPERCALL:
		return hypercall_name(name, detail->key);
	case EXITSTAT_VECTOR:
		return find(name, &vector_names, detail->key);
	case EXITSTAT_RIP:
		return rip_name(name, detail);
	}
	return false;
}
