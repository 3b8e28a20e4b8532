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
	[FACT_LOCK_FLAGS] = { "the CPU's flags for split locks", "/proc/cpuinfo", 0 },
	[FACT_LOCK_OPTION] = { "the kernel's option for them", "/proc/cmdline", 0 },
	[FACT_LOCK_MITIGATE] = { "kernel.split_lock_mitigate",
				 "/proc/sys/kernel/split_lock_mitigate", 0 },
};

/* What the line begins with, where it is not the first of the file. */
static const char *const line_keys[FACTS] = {
	[FACT_SWAPPED_IN] = "pswpin ",
	[FACT_LOCK_FLAGS] = "flags",
};

/* Of a line of words those that begin so are the fact; where there are none, FACT_NONE. */
#define FACT_WORDS 2
static const char *const word_starts[FACTS][FACT_WORDS] = {
	[FACT_LOCK_FLAGS] = { "split_lock_detect", "bus_lock_detect" },
	[FACT_LOCK_OPTION] = { "split_lock_detect=" },
};

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

static bool is_wanted(enum fact fact, const char *word)
{
	for (int i = 0; i < FACT_WORDS && word_starts[fact][i]; i++)
		if (!strncmp(word, word_starts[fact][i], strlen(word_starts[fact][i])))
			return true;
	return false;
}

static void copy_words(char text[FACT_LEN], enum fact fact, char *line)
{
	char *rest = line;
	size_t len = 0;

	for (char *word; (word = strsep(&rest, " ")) && len < FACT_LEN;)
		if (is_wanted(fact, word))
			len += (size_t)snprintf(text + len, FACT_LEN - len, "%s%s", len ? " " : "",
						word);
	if (!len)
		snprintf(text, FACT_LEN, "%s", FACT_NONE);
	make_printable(text);
}

void facts_read(struct facts *facts, const char *root)
{
	char path[512], line[8192]; /* the CPU's flags are the longest */

	*facts = (struct facts){ .known = true };
	for (int fact = 0; fact < FACTS; fact++) {
		char *value;

		snprintf(path, sizeof(path), "%s%s", root, sources[fact].path);
		value = file_value(path, line_keys[fact] ?: "", line, sizeof(line));
		if (value && word_starts[fact][0])
			copy_words(facts->text[fact], fact, value);
		else if (value)
			copy_value(facts->text[fact], value);
	}
}

void facts_read_of(struct facts *facts, const struct host *host)
{
	struct host here;

	host_describe(&here);
	*facts = (struct facts){ 0 };
	if (!strcmp(here.kernel, host->kernel) && !strcmp(here.cpu, host->cpu) &&
	    here.isa == host->isa)
		facts_read(facts, "");
}
