// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID leaves: Intel SDM vol. 2, CPUID, with APX as in its own specification; AMD APM
 * vol. 3, appendix E. The hypervisors' leaves mean what the one says that answers, and a
 * guest may see two of them. Ours: kernel-patch/README.md; which is which from 0x4ffffffc
 * on depends on their layout.
 */
#include "bpf/exitstat.h"
#include "model/key_tables.h"
#include "model/leaves.h"

static const struct key_name names[] = {
	{ 0x0, "vendor, highest leaf" },
	{ 0x1, "version, features" },
	{ 0x2, "cache descriptors" },
	{ 0x3, "serial number" },
	{ 0x4, "caches" },
	{ 0x5, "MONITOR, MWAIT" },
	{ 0x6, "thermal, power" },
	{ 0x7, "structured extended features" },
	{ 0x9, "direct cache access" },
	{ 0xa, "performance monitoring" },
	{ 0xb, "topology" },
	{ 0xd, "extended state" },
	{ 0xf, "resource monitoring" },
	{ 0x10, "resource allocation" },
	{ 0x12, "SGX" },
	{ 0x14, "processor trace" },
	{ 0x15, "TSC" },
	{ 0x16, "processor frequency" },
	{ 0x17, "SoC vendor" },
	{ 0x18, "TLBs" },
	{ 0x19, "key locker" },
	{ 0x1a, "hybrid CPU" },
	{ 0x1b, "PCONFIG" },
	{ 0x1c, "last branch records" },
	{ 0x1d, "AMX tiles" },
	{ 0x1e, "AMX multiplier" },
	{ 0x1f, "topology, version 2" },
	{ 0x20, "history reset" },
	{ 0x21, "TDX guest" },
	{ 0x23, "performance monitoring, extended" },
	{ 0x24, "AVX10" },
	{ 0x29, "APX" },
	{ 0x40000000, "hypervisor vendor" },
	{ EXITSTAT_LEAF_FIRST, "exitstat: cycles away" },
	{ EXITSTAT_LEAF_FIRST + 1, "exitstat: cycles away of a reason" },
	{ LEAF_WHO, "exitstat: who answers" },
	{ 0x80000000, "highest extended leaf" },
	{ 0x80000001, "extended features" },
	{ 0x80000005, "L1 caches and TLBs" },
	{ 0x80000006, "L2 and L3 caches, TLBs" },
	{ 0x80000007, "power management, RAS" },
	{ 0x80000008, "address sizes, features" },
	{ 0x8000000a, "SVM" },
	{ 0x80000019, "TLBs of 1 GiB pages" },
	{ 0x8000001a, "instruction optimizations" },
	{ 0x8000001b, "instruction-based sampling" },
	{ 0x8000001c, "lightweight profiling" },
	{ 0x8000001d, "caches" },
	{ 0x8000001e, "topology" },
	{ 0x8000001f, "encrypted memory" },
	{ 0x80000020, "quality of service" },
	{ 0x80000021, "extended features 2" },
	{ 0x80000022, "performance monitoring" },
	{ 0x80000023, "encrypted memory, multi-key" },
	{ 0x80000026, "extended topology" },
	{ 0xc0000000, "highest Centaur leaf" },
	{ 0xc0000001, "Centaur features" },
};

static const struct key_range ranges[] = {
	{ 0x40000001, 0x4000ffff, 1, "hypervisor" },
	{ LEAF_WHO + 1, EXITSTAT_LEAF_LAST, 1, "exitstat: exits or cycles" },
	{ 0x80000002, 0x80000004, 1, "brand string" },
};

const struct key_table cpuid_names = { KEY_ROWS(names), KEY_RANGES(ranges) };
