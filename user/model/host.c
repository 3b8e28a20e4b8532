// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bpf/exitstat.h"
#include "base/clock.h"
#include "model/host.h"

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The value after "KEY :" in a file such as /proc/cpuinfo; NULL: no such key. */
static char *file_value(const char *path, const char *key, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t key_len = strlen(key);
	char *value = NULL;

	if (!file)
		return NULL;
	while (!value && fgets(line, (int)size, file)) {
		if (strncmp(line, key, key_len))
			continue;
		value = line + key_len;
		value += strspn(value, " \t:");
		value[strcspn(value, "\n")] = '\0';
	}
	fclose(file);
	return value;
}

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

	if (exists("/sys/module/kvm_intel"))
		return EXITSTAT_ISA_VMX;
	if (exists("/sys/module/kvm_amd"))
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

/*
 * CAP_BPF and CAP_PERFMON would do for the programs, but the BTF of KVM's modules
 * is looked up by its id, which the kernel allows CAP_SYS_ADMIN only.
 */
static bool has_capabilities(void)
{
	char line[256];
	const char *text = file_value("/proc/self/status", "CapEff", line, sizeof(line));
	uint64_t effective = text ? strtoull(text, NULL, 16) : 0;

	return effective & 1ull << CAP_SYS_ADMIN;
}

static int check_kvm(const struct host *host, struct error *err)
{
	if (exists("/sys/module/kvm_intel") || exists("/sys/module/kvm_amd") || exists("/dev/kvm"))
		return 0;
	if (host->isa == EXITSTAT_ISA_UNKNOWN)
		return fail(err, STATUS_CANNOT,
			    "KVM is not loaded and this CPU shows neither VMX nor SVM: enable "
			    "virtualization in the firmware, or use a host that has it");
	return fail(err, STATUS_CANNOT, "KVM is not loaded: run 'modprobe %s'",
		    host->isa == EXITSTAT_ISA_VMX ? "kvm_intel" : "kvm_amd");
}

int host_check(const struct host *host, struct error *err)
{
	if (!has_capabilities())
		return fail(err, STATUS_CANNOT,
			    "not permitted: run it with sudo, or give it CAP_SYS_ADMIN");
	if (check_kvm(host, err))
		return -1;
	if (!exists("/sys/kernel/btf/vmlinux"))
		return fail(err, STATUS_CANNOT,
			    "this kernel has no BTF (/sys/kernel/btf/vmlinux): use one built with "
			    "CONFIG_DEBUG_INFO_BTF=y");
	return 0;
}

bool host_is_locked_down(void)
{
	char line[256];
	const char *text = file_value("/sys/kernel/security/lockdown", "", line, sizeof(line));

	return text && strstr(text, "[confidentiality]");
}
