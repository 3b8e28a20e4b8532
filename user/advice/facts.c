// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "advice/facts.h"
#include "base/printable.h"
#include "base/sysfile.h"
#include "bpf/exitstat.h"

#define PARAMETER(module_, name_) "/sys/module/" module_ "/parameters/" name_

static const struct {
	const char *name;
	const char *path;
	uint32_t isa;
} sources[] = {
	[FACT_KERNEL] = { "kernel", "/proc/sys/kernel/osrelease", 0 },
	[FACT_CLOCKSOURCE] = { "the host's clock source",
			       "/sys/devices/system/clocksource/clocksource0/current_clocksource",
			       0 },
	[FACT_HALT_POLL] = { "kvm.halt_poll_ns", PARAMETER("kvm", "halt_poll_ns"), 0 },
	[FACT_THP] = { "transparent huge pages", "/sys/kernel/mm/transparent_hugepage/enabled", 0 },
	[FACT_NX_HUGE_PAGES] = { "kvm.nx_huge_pages", PARAMETER("kvm", "nx_huge_pages"), 0 },
	[FACT_APICV] = { "kvm_intel.enable_apicv", PARAMETER("kvm_intel", "enable_apicv"),
			 EXITSTAT_ISA_VMX },
	[FACT_IPIV] = { "kvm_intel.enable_ipiv", PARAMETER("kvm_intel", "enable_ipiv"),
			EXITSTAT_ISA_VMX },
	[FACT_AVIC] = { "kvm_amd.avic", PARAMETER("kvm_amd", "avic"), EXITSTAT_ISA_SVM },
	[FACT_PLE_GAP] = { "kvm_intel.ple_gap", PARAMETER("kvm_intel", "ple_gap"),
			   EXITSTAT_ISA_VMX },
	[FACT_PAUSE_FILTER] = { "kvm_amd.pause_filter_count",
				PARAMETER("kvm_amd", "pause_filter_count"), EXITSTAT_ISA_SVM },
	[FACT_SHADOW_VMCS] = { "kvm_intel.enable_shadow_vmcs",
			       PARAMETER("kvm_intel", "enable_shadow_vmcs"), EXITSTAT_ISA_VMX },
	[FACT_VLS] = { "kvm_amd.vls", PARAMETER("kvm_amd", "vls"), EXITSTAT_ISA_SVM },
	[FACT_VGIF] = { "kvm_amd.vgif", PARAMETER("kvm_amd", "vgif"), EXITSTAT_ISA_SVM },
	[FACT_NUMA_BALANCING] = { "kernel.numa_balancing", "/proc/sys/kernel/numa_balancing", 0 },
	[FACT_KSM] = { "KSM", "/sys/kernel/mm/ksm/run", 0 },
	[FACT_SWAPPED_IN] = { "pages swapped in since boot", "/proc/vmstat", 0 },
};

/* What the line begins with, where it is not the first of the file. */
static const char *const line_keys[FACTS] = { [FACT_SWAPPED_IN] = "pswpin " };

const char *fact_name(enum fact fact)
{
	return sources[fact].name;
}

uint32_t fact_isa(enum fact fact)
{
	return sources[fact].isa;
}

/* Of a choice such as "always [madvise] never" the one that is made. */
static void copy_value(char text[FACT_LEN], const char *value)
{
	const char *chosen = strchr(value, '[');
	size_t len = strlen(value);

	if (chosen && strchr(chosen, ']')) {
		value = chosen + 1;
		len = strcspn(value, "]");
	}
	snprintf(text, FACT_LEN, "%.*s", (int)len, value);
	make_printable(text);
}

void facts_read(struct facts *facts, const char *root)
{
	char path[512], line[256];

	*facts = (struct facts){ .known = true };
	for (int fact = 0; fact < FACTS; fact++) {
		const char *value;

		snprintf(path, sizeof(path), "%s%s", root, sources[fact].path);
		value = file_value(path, line_keys[fact] ?: "", line, sizeof(line));
		if (value)
			copy_value(facts->text[fact], value);
	}
}
