// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "model/key_tables.h"
#include "model/keys.h"
#include "unit.h"

#define TABLE(name_)             \
	{                        \
#name_, &(name_) \
	}

static const struct {
	const char *name;
	const struct key_table *table;
} tables[] = {
	TABLE(port_names),	    TABLE(port_in_names),	TABLE(port_out_names),
	TABLE(msr_names),	    TABLE(apic_names),		TABLE(xapic_names),
	TABLE(x2apic_names),	    TABLE(register_names),	TABLE(page_names),
	TABLE(cpuid_names),	    TABLE(kvm_hypercall_names), TABLE(hyperv_hypercall_names),
	TABLE(xen_hypercall_names), TABLE(vector_names),
};

static bool in_range(const struct key_range *range, uint32_t key)
{
	return key >= range->first && key <= range->last && (key - range->first) % range->step == 0;
}

/* In how many places of a table a key is. */
static unsigned int times(const struct key_table *table, uint32_t key)
{
	unsigned int n = 0;

	for (size_t i = 0; i < table->n_names; i++)
		n += table->names[i].key == key;
	for (size_t i = 0; i < table->n_ranges; i++)
		n += in_range(&table->ranges[i], key);
	return n;
}

static void test_tables_are_sorted(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++) {
		const struct key_table *table = tables[t].table;

		for (size_t i = 1; i < table->n_names; i++)
			if (table->names[i - 1].key >= table->names[i].key)
				fail_msg("%s: 0x%x is in no order", tables[t].name,
					 table->names[i].key);
		for (size_t i = 1; i < table->n_ranges; i++)
			if (table->ranges[i - 1].first >= table->ranges[i].first)
				fail_msg("%s: the range from 0x%x is in no order", tables[t].name,
					 table->ranges[i].first);
	}
}

static void test_each_key_has_one_name(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++) {
		const struct key_table *table = tables[t].table;

		for (size_t i = 0; i < table->n_names; i++)
			if (times(table, table->names[i].key) != 1)
				fail_msg("%s: 0x%x has two names", tables[t].name,
					 table->names[i].key);
		for (size_t i = 0; i < table->n_ranges; i++) {
			const struct key_range *range = &table->ranges[i];

			for (uint32_t key = range->first; key <= range->last; key += range->step)
				if (times(table, key) != 1)
					fail_msg("%s: 0x%x has two names", tables[t].name, key);
		}
	}
}

static void test_tables_do_not_overlap(void **state)
{
	static const struct {
		const struct key_table *a, *b;
	} apart[] = {
		{ &port_in_names, &port_names },
		{ &port_out_names, &port_names },
		{ &xapic_names, &apic_names },
		{ &x2apic_names, &apic_names },
	};

	(void)state;
	for (size_t t = 0; t < COUNT(apart); t++) {
		assert_int_equal(apart[t].a->n_ranges, 0);
		for (size_t i = 0; i < apart[t].a->n_names; i++)
			assert_int_equal(times(apart[t].b, apart[t].a->names[i].key), 0);
	}
	for (uint32_t msr = 0x800; msr < 0x900; msr++)
		assert_int_equal(times(&msr_names, msr), 0);
}

/* What the compiler cannot check: at most one conversion, and that of the number. */
static bool is_format(const char *format)
{
	const char *percent = strchr(format, '%');

	return !percent || (percent[1] == 'u' && !strchr(percent + 1, '%'));
}

static void test_rows_are_whole(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++) {
		const struct key_table *table = tables[t].table;

		for (size_t i = 0; i < table->n_names; i++) {
			assert_non_null(table->names[i].text);
			assert_in_range(strlen(table->names[i].text), 2, KEY_NAME_LEN - 3);
			assert_null(strchr(table->names[i].text, '%'));
		}
		for (size_t i = 0; i < table->n_ranges; i++) {
			const struct key_range *range = &table->ranges[i];

			assert_in_range(strlen(range->format), 2, KEY_NAME_LEN - 12);
			assert_true(is_format(range->format));
			assert_true(range->first < range->last && in_range(range, range->last));
		}
	}
}

static void test_kinds(void **state)
{
	static const char *const names[] = { "io",    "msr",	   "mmio",   "fault",
					     "cpuid", "hypercall", "vector", "rip" };
	static const char *const bad[] = { "", "IO", "i", "io ", "rest", "none", "unknown" };
	uint8_t kind;

	(void)state;
	assert_int_equal(COUNT(names), EXITSTAT_KINDS);
	for (uint8_t i = 0; i < EXITSTAT_KINDS; i++) {
		assert_string_equal(kind_name(i), names[i]);
		kind = 99;
		assert_true(kind_find(names[i], &kind));
		assert_int_equal(kind, i);
	}
	assert_string_equal(kind_name(DETAIL_REST), "rest");
	assert_string_equal(kind_name(DETAIL_NONE), "none");
	assert_string_equal(kind_name(DETAIL_NONE + 1), "unknown");
	assert_string_equal(kind_name(UINT8_MAX), "unknown");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(kind_find(bad[i], &kind));
}

static void test_accesses(void **state)
{
	static const char *const names[EXITSTAT_KINDS][3] = {
		[EXITSTAT_IO] = { "in", "out" },
		[EXITSTAT_MSR] = { "rdmsr", "wrmsr" },
		[EXITSTAT_MMIO] = { "read", "write", "exec" },
		[EXITSTAT_FAULT] = { "read", "write", "exec" },
	};

	(void)state;
	for (unsigned int kind = 0; kind <= UINT8_MAX; kind++) {
		for (unsigned int access = 0; access <= UINT8_MAX; access++) {
			const char *name = access_name(kind, access);

			if (kind >= EXITSTAT_KINDS || access >= 3 || !names[kind][access])
				assert_null(name);
			else
				assert_string_equal(name, names[kind][access]);
		}
	}
}

#define HYPERCALL(hypervisor, number) ((uint64_t)(hypervisor) << 32 | (number))
#define CPUID(leaf, subleaf)	      ((uint64_t)(subleaf) << 32 | (leaf))

static void test_texts(void **state)
{
	static const struct {
		uint8_t kind;
		uint64_t key;
		const char *text;
	} cases[] = {
		{ EXITSTAT_IO, 0x3f8, "0x3f8" },
		{ EXITSTAT_IO, 0, "0x0" },
		{ EXITSTAT_MSR, 0x6e0, "0x6e0" },
		{ EXITSTAT_MSR, 0xc0000080, "0xc0000080" },
		{ EXITSTAT_MMIO, 0xfee000f0, "0xfee000f0" },
		{ EXITSTAT_FAULT, 0xfffffffffffff000, "0xfffffffffffff000" },
		{ EXITSTAT_CPUID, CPUID(1, 0), "0x1" },
		{ EXITSTAT_CPUID, CPUID(0, 0), "0x0" },
		{ EXITSTAT_CPUID, CPUID(7, 0), "0x7/0" },
		{ EXITSTAT_CPUID, CPUID(0xd, 1), "0xd/0x1" },
		{ EXITSTAT_CPUID, CPUID(0x4ffffffd, 0x400), "0x4ffffffd/0x400" },
		{ EXITSTAT_CPUID, CPUID(0x4fffffff, UINT32_MAX), "0x4fffffff/0xffffffff" },
		{ EXITSTAT_HYPERCALL, HYPERCALL(EXITSTAT_KVM, 5), "KVM 5" },
		{ EXITSTAT_HYPERCALL, HYPERCALL(EXITSTAT_HYPERV, 0x5c), "Hyper-V 0x5c" },
		{ EXITSTAT_HYPERCALL, HYPERCALL(EXITSTAT_XEN, 29), "Xen 29" },
		{ EXITSTAT_HYPERCALL, HYPERCALL(3, 1), "0x300000001" },
		{ EXITSTAT_HYPERCALL, UINT64_MAX, "0xffffffffffffffff" },
		{ EXITSTAT_VECTOR, 236, "236 (0xec)" },
		{ EXITSTAT_VECTOR, 17, "17 (0x11)" },
		{ EXITSTAT_RIP, 0xffffffff81000000, "0xffffffff81000000" },
		{ DETAIL_REST, 0, "" },
		{ DETAIL_NONE, 0, "" },
		{ UINT8_MAX, 7, "" },
	};
	char text[KEY_TEXT_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct detail detail = { .kind = cases[i].kind, .key = cases[i].key };

		memset(text, 'x', sizeof(text));
		key_text(text, &detail);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_numbers_of_any_size_fit(void **state)
{
	char text[KEY_TEXT_LEN], name[KEY_NAME_LEN];

	(void)state;
	for (unsigned int kind = 0; kind <= UINT8_MAX; kind++) {
		struct detail detail = { .kind = kind, .key = UINT64_MAX };

		key_text(text, &detail);
		assert_true(strlen(text) < KEY_TEXT_LEN - 1);
		assert_false(key_name(name, &detail));
	}
}

struct named {
	uint8_t kind, access;
	uint64_t key;
	const char *name;
};

/* NULL: it has no name. */
static void check_names(const struct named *cases, size_t n)
{
	char name[KEY_NAME_LEN];

	for (size_t i = 0; i < n; i++) {
		struct detail detail = { .kind = cases[i].kind,
					 .access = cases[i].access,
					 .key = cases[i].key };
		bool found;

		memset(name, 'x', sizeof(name));
		found = key_name(name, &detail);
		if (found != (cases[i].name != NULL) || (found && strcmp(name, cases[i].name)))
			fail_msg("%s 0x%llx: '%s'", kind_name(detail.kind),
				 (unsigned long long)detail.key, found ? name : "no name");
	}
}

static void test_ports(void **state)
{
	static const struct named cases[] = {
		{ EXITSTAT_IO, EXITSTAT_READ, 0x3f8, "COM1 RBR/DLL" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x3f8, "COM1 THR/DLL" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x3fa, "COM1 IIR" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x3fa, "COM1 FCR" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x3fd, "COM1 LSR" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x3fd, NULL },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x2f9, "COM2 IER/DLM" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x3ef, "COM3 SCR" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x2ee, "COM4 MSR" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x20, "PIC1 command" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0xa1, "PIC2 data" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x42, "PIT channel 2" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x43, "PIT control" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x64, "keyboard status" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x64, "keyboard command" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x70, "RTC index" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x80, "POST code" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0xcf8, "PCI CONFIG_ADDRESS" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0xcfe, "PCI CONFIG_DATA" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x608, "ACPI PM_TMR" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0xb008, "ACPI PM_TMR" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x510, "fw_cfg selector" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x511, "fw_cfg data" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x518, "fw_cfg DMA address low" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x1f7, "IDE1 status" },
		{ EXITSTAT_IO, EXITSTAT_WRITE, 0x177, "IDE2 command" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x3f4, "floppy MSR" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x3da, "VGA input status 1" },
		{ EXITSTAT_IO, EXITSTAT_READ, 0xc000, NULL },
		{ EXITSTAT_IO, EXITSTAT_READ, 0x1000003f8, NULL },
	};

	(void)state;
	check_names(cases, COUNT(cases));
}

static void test_msrs(void **state)
{
	static const struct named cases[] = {
		{ EXITSTAT_MSR, 1, 0x6e0, "IA32_TSC_DEADLINE" },
		{ EXITSTAT_MSR, 0, 0x10, "IA32_TSC" },
		{ EXITSTAT_MSR, 1, 0x12, "KVM_SYSTEM_TIME" },
		{ EXITSTAT_MSR, 1, 0x48, "IA32_SPEC_CTRL" },
		{ EXITSTAT_MSR, 1, 0xc0000080, "EFER" },
		{ EXITSTAT_MSR, 1, 0xc0000081, "STAR" },
		{ EXITSTAT_MSR, 1, 0xc0000100, "FS_BASE" },
		{ EXITSTAT_MSR, 1, 0x4b564d03, "KVM_STEAL_TIME" },
		{ EXITSTAT_MSR, 1, 0x40000000, "HV_X64_MSR_GUEST_OS_ID" },
		{ EXITSTAT_MSR, 1, 0x40000084, "HV_X64_MSR_EOM" },
		{ EXITSTAT_MSR, 1, 0x4000009f, "HV_X64_MSR_SINT15" },
		{ EXITSTAT_MSR, 1, 0x400000b1, "HV_X64_MSR_STIMER0_COUNT" },
		{ EXITSTAT_MSR, 1, 0x400000b6, "HV_X64_MSR_STIMER3_CONFIG" },
		{ EXITSTAT_MSR, 1, 0x40000118, "HV_X64_MSR_TSC_INVARIANT_CONTROL" },
		{ EXITSTAT_MSR, 1, 0xc1, "IA32_PERFCTR0" },
		{ EXITSTAT_MSR, 1, 0x187, "P6_EVNTSEL1" },
		{ EXITSTAT_MSR, 1, 0x30a, "CORE_PERF_FIXED_CTR1" },
		{ EXITSTAT_MSR, 1, 0x38f, "CORE_PERF_GLOBAL_CTRL" },
		{ EXITSTAT_MSR, 1, 0x203, "MTRRphysMask1" },
		{ EXITSTAT_MSR, 1, 0x2ff, "MTRRdefType" },
		{ EXITSTAT_MSR, 1, 0x401, "IA32_MC0_STATUS" },
		{ EXITSTAT_MSR, 1, 0x47f, "IA32_MC31_MISC" },
		{ EXITSTAT_MSR, 1, 0x480, "IA32_VMX_BASIC" },
		{ EXITSTAT_MSR, 0, 0xc0010015, "K7_HWCR" },
		{ EXITSTAT_MSR, 0, 0xc0010203, "F15H_PERF_CTR1" },
		{ EXITSTAT_MSR, 0, 0xc0002011, "AMD64_SMCA_MC1_STATUS" },
		{ EXITSTAT_MSR, 1, 0x80b, "X2APIC_EOI" },
		{ EXITSTAT_MSR, 1, 0x830, "X2APIC_ICR" },
		{ EXITSTAT_MSR, 1, 0x838, "X2APIC_TMICT" },
		{ EXITSTAT_MSR, 1, 0x83f, "X2APIC_SELF_IPI" },
		{ EXITSTAT_MSR, 0, 0x811, "X2APIC_ISR1" },
		{ EXITSTAT_MSR, 1, 0x80e, NULL }, /* DFR and ICR2 are of the xAPIC */
		{ EXITSTAT_MSR, 1, 0x831, NULL },
		{ EXITSTAT_MSR, 1, 0x8ff, NULL },
		{ EXITSTAT_MSR, 1, 0x690, NULL }, /* differs from model to model */
		{ EXITSTAT_MSR, 1, 0xdeadbeef, NULL },
	};

	(void)state;
	check_names(cases, COUNT(cases));
}

static void test_addresses(void **state)
{
	static const struct named cases[] = {
		{ EXITSTAT_MMIO, 1, 0xfee000b0, "APIC_EOI" },
		{ EXITSTAT_MMIO, 1, 0xfee00300, "APIC_ICR" },
		{ EXITSTAT_MMIO, 1, 0xfee00310, "APIC_ICR2" },
		{ EXITSTAT_MMIO, 1, 0xfee00080, "APIC_TASKPRI" },
		{ EXITSTAT_MMIO, 1, 0xfee00320, "APIC_LVTT" },
		{ EXITSTAT_MMIO, 1, 0xfee00380, "APIC_TMICT" },
		{ EXITSTAT_MMIO, 0, 0xfee00270, "APIC_IRR7" },
		{ EXITSTAT_MMIO, 0, 0xfee003f0, "local APIC" }, /* SELF_IPI is of the x2APIC */
		{ EXITSTAT_MMIO, 0, 0xfee000b4, "local APIC" },
		{ EXITSTAT_MMIO, 1, 0xfec00000, "IOAPIC IOREGSEL" },
		{ EXITSTAT_MMIO, 1, 0xfec00010, "IOAPIC IOWIN" },
		{ EXITSTAT_MMIO, 1, 0xfec00040, "IOAPIC EOI" },
		{ EXITSTAT_MMIO, 0, 0xfed000f0, "HPET_COUNTER" },
		{ EXITSTAT_MMIO, 1, 0xfed00108, "HPET_T0_CMP" },
		{ EXITSTAT_MMIO, 1, 0xfed00140, "HPET_T2_CFG" },
		{ EXITSTAT_MMIO, 1, 0xfed00ffc, "HPET" },
		{ EXITSTAT_MMIO, 1, 0xa0000, "VGA memory" },
		{ EXITSTAT_MMIO, 1, 0xbf000, "VGA memory" },
		{ EXITSTAT_MMIO, 1, 0xc0000, NULL },
		{ EXITSTAT_MMIO, 1, 0xfed43000, "TPM locality 3" },
		{ EXITSTAT_MMIO, 1, 0x1fee000b0, NULL },
		{ EXITSTAT_FAULT, 0, 0xfee00000, "local APIC" },
		{ EXITSTAT_FAULT, 0, 0xb8000, "VGA memory" },
		{ EXITSTAT_FAULT, 2, 0x100000, NULL },
	};

	(void)state;
	check_names(cases, COUNT(cases));
}

static void test_the_other_kinds(void **state)
{
	static const struct named cases[] = {
		{ EXITSTAT_CPUID, 0, CPUID(0, 0), "vendor, highest leaf" },
		{ EXITSTAT_CPUID, 0, CPUID(0xd, 1), "extended state" },
		{ EXITSTAT_CPUID, 0, CPUID(0x8, 0), NULL },
		{ EXITSTAT_CPUID, 0, CPUID(0x40000000, 0), "hypervisor vendor" },
		{ EXITSTAT_CPUID, 0, CPUID(0x40000101, 0), "hypervisor" },
		{ EXITSTAT_CPUID, 0, CPUID(0x4ffffffb, 1), "exitstat: who answers" },
		{ EXITSTAT_CPUID, 0, CPUID(0x4ffffffd, 12), "exitstat: exits or cycles" },
		{ EXITSTAT_CPUID, 0, CPUID(0x80000003, 0), "brand string" },
		{ EXITSTAT_CPUID, 0, CPUID(0x8000000a, 0), "SVM" },
		{ EXITSTAT_HYPERCALL, 0, HYPERCALL(EXITSTAT_KVM, 5), "KVM_HC_KICK_CPU" },
		{ EXITSTAT_HYPERCALL, 0, HYPERCALL(EXITSTAT_KVM, 4), NULL }, /* of PowerPC */
		{ EXITSTAT_HYPERCALL, 0, HYPERCALL(EXITSTAT_HYPERV, 0x5c), "HVCALL_POST_MESSAGE" },
		{ EXITSTAT_HYPERCALL, 0, HYPERCALL(EXITSTAT_HYPERV, 5), NULL },
		{ EXITSTAT_HYPERCALL, 0, HYPERCALL(EXITSTAT_XEN, 29), "HYPERVISOR_sched_op" },
		{ EXITSTAT_HYPERCALL, 0, HYPERCALL(EXITSTAT_XEN, 48), "HYPERVISOR_arch_0" },
		{ EXITSTAT_HYPERCALL, 0, HYPERCALL(3, 29), NULL },
		{ EXITSTAT_VECTOR, 0, 0, "#DE" },
		{ EXITSTAT_VECTOR, 0, 2, "NMI" },
		{ EXITSTAT_VECTOR, 0, 9, NULL }, /* of the 386 alone */
		{ EXITSTAT_VECTOR, 0, 17, "#AC" },
		{ EXITSTAT_VECTOR, 0, 0xec, "LOCAL_TIMER" },
		{ EXITSTAT_VECTOR, 0, 0xfd, "RESCHEDULE" },
		{ EXITSTAT_VECTOR, 0, 0xf2, "POSTED_INTR" },
		{ EXITSTAT_VECTOR, 0, 0xeb, NULL }, /* a device's in 6.1, POSTED_MSI since */
		{ EXITSTAT_VECTOR, 0, 0xf5, NULL }, /* unused in 6.1 */
		{ EXITSTAT_VECTOR, 0, 0x22, NULL },
		{ EXITSTAT_RIP, 0, 0x20, NULL },
		{ DETAIL_REST, 0, 0x20, NULL },
		{ DETAIL_NONE, 0, 0x20, NULL },
	};

	(void)state;
	check_names(cases, COUNT(cases));
}

UNIT_TESTS(keys)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_are_sorted),
		cmocka_unit_test(test_each_key_has_one_name),
		cmocka_unit_test(test_tables_do_not_overlap),
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_accesses),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_numbers_of_any_size_fit),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_msrs),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_the_other_kinds),
	};

	RUN_GROUP(tally, "keys", tests);
}
