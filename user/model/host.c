// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <x86intrin.h>

#include "bpf/exitstat.h"
#include "base/clock.h"
#include "base/sysfile.h"
#include "model/host.h"

/* Whether a space-separated list has this word. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; (p = strstr(p, word)); p += len)
		if ((p == list || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
			return true;
	return false;
}

static uint32_t find_isa(void)
{
	char line[8192];
	const char *flags;

	if (file_exists("/sys/module/kvm_intel"))
		return EXITSTAT_ISA_VMX;
	if (file_exists("/sys/module/kvm_amd"))
		return EXITSTAT_ISA_SVM;
	flags = file_value("/proc/cpuinfo", "flags", line, sizeof(line));
	if (flags && has_word(flags, "vmx"))
		return EXITSTAT_ISA_VMX;
	return flags && has_word(flags, "svm") ? EXITSTAT_ISA_SVM : EXITSTAT_ISA_UNKNOWN;
}

void host_describe(struct host *host)
{
	struct utsname name;
	char line[8192];
	const char *model;

	memset(host, 0, sizeof(*host));
	if (!uname(&name))
		snprintf(host->kernel, sizeof(host->kernel), "%s", name.release);
	model = file_value("/proc/cpuinfo", "model name", line, sizeof(line));
	snprintf(host->cpu, sizeof(host->cpu), "%s", model ? model : "unknown");
	host->isa = find_isa();
	host->apicv.use = apicv_read_use(host->isa);
}

/* How many TSC cycles a ms of CLOCK_MONOTONIC has, good to about 1 in 10,000. */
static uint32_t measure_tsc_khz(void)
{
	const struct timespec wait = { .tv_nsec = 20000000 };
	uint64_t tsc, ns = monotonic_ns();

	tsc = __rdtsc();
	nanosleep(&wait, NULL);
	tsc = __rdtsc() - tsc;
	ns = monotonic_ns() - ns;
	return (uint32_t)((unsigned __int128)tsc * 1000000 / ns);
}

void host_set_tsc(struct host *host, uint32_t kernel_tsc_khz)
{
	host->tsc_khz = kernel_tsc_khz;
	host->tsc_measured = !kernel_tsc_khz;
	if (host->tsc_measured)
		host->tsc_khz = measure_tsc_khz();
}
