// SPDX-License-Identifier: GPL-2.0-only
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "base/sysfile.h"
#include "bpf/exitstat.h"
#include "trace/preflight.h"

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
	if (file_exists("/sys/module/kvm_intel") || file_exists("/sys/module/kvm_amd") ||
	    file_exists("/dev/kvm"))
		return 0;
	if (host->isa == EXITSTAT_ISA_UNKNOWN)
		return fail(err, STATUS_CANNOT,
			    "KVM is not loaded and this CPU shows neither VMX nor SVM: enable "
			    "virtualization in the firmware, or use a host that has it");
	return fail(err, STATUS_CANNOT, "KVM is not loaded: run 'modprobe %s'",
		    host->isa == EXITSTAT_ISA_VMX ? "kvm_intel" : "kvm_amd");
}

int preflight(const struct host *host, struct error *err)
{
	if (!has_capabilities())
		return fail(err, STATUS_CANNOT,
			    "not permitted: run it with sudo, or give it CAP_SYS_ADMIN");
	if (check_kvm(host, err))
		return -1;
	if (!file_exists("/sys/kernel/btf/vmlinux"))
		return fail(err, STATUS_CANNOT,
			    "this kernel has no BTF (/sys/kernel/btf/vmlinux): use one built with "
			    "CONFIG_DEBUG_INFO_BTF=y");
	return 0;
}

bool kernel_is_locked_down(void)
{
	char line[256];
	const char *text = file_value("/sys/kernel/security/lockdown", "", line, sizeof(line));

	return text && strstr(text, "[confidentiality]");
}
