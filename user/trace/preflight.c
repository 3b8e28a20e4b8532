// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Maps, programs, links, BTF: 39 were seen. libbpf does not say when they run out. */
#define DESCRIPTORS 64

static int check_descriptors(struct error *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= DESCRIPTORS)
		return 0;
	return fail(err, STATUS_FAILED,
		    "too few file descriptors, %llu: raise the limit to %d (ulimit -n %d)",
		    (unsigned long long)limit.rlim_cur, DESCRIPTORS, DESCRIPTORS);
}

/*
 * A container may lack what the kernel tells things by. That is no lack of the kernel,
 * nor of rights.
 */
static int check_mounts(struct error *err)
{
	if (!file_exists("/proc/self/status"))
		return fail(err, STATUS_CANNOT,
			    "no /proc here: run 'mount -t proc proc /proc', or give the container "
			    "the host's");
	if (!file_exists("/sys/module"))
		return fail(err, STATUS_CANNOT,
			    "no /sys here: run 'mount -t sysfs sysfs /sys', or give the container "
			    "the host's");
	return 0;
}

/* include/linux/proc_ns.h: PROC_PID_INIT_INO */
#define INIT_PID_NAMESPACE 0xeffffffcu

/*
 * BPF has the numbers that processes have in the first PID namespace. In another one -p
 * would take, and names would be of, whatever process has such a number there.
 */
static int check_namespace(struct error *err)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) || st.st_ino == INIT_PID_NAMESPACE)
		return 0;
	return fail(
		err, STATUS_CANNOT,
		"process numbers are others here than the kernel's (a PID namespace): run it on "
		"the host, or the container with --pid=host");
}

/* What /sys/kernel/btf would show, asked of the kernel itself. */
static bool kernel_has_btf(void)
{
	char name[64] = "";
	struct bpf_btf_info info = { .name = (__u64)(unsigned long)name, .name_len = sizeof(name) };
	__u32 len = sizeof(info), id = 0;
	int fd = bpf_btf_get_next_id(0, &id) ? -1 : bpf_btf_get_fd_by_id(id);
	bool found = fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) &&
		     !strcmp(name, "vmlinux");

	if (fd >= 0)
		close(fd);
	return found;
}

static int check_btf(struct error *err)
{
	if (file_exists("/sys/kernel/btf/vmlinux"))
		return 0;
	if (kernel_has_btf())
		return fail(err, STATUS_CANNOT,
			    "the kernel has BTF, but /sys/kernel/btf is not to be seen here: give "
			    "the container the host's /sys");
	return fail(err, STATUS_CANNOT,
		    "this kernel has no BTF (/sys/kernel/btf/vmlinux): use one built with "
		    "CONFIG_DEBUG_INFO_BTF=y");
}

int preflight(const struct host *host, struct error *err)
{
	if (check_mounts(err) || check_namespace(err))
		return -1;
	if (!has_capabilities())
		return fail(err, STATUS_CANNOT,
			    "not permitted: run it with sudo, or give it CAP_SYS_ADMIN");
	if (check_kvm(host, err) || check_descriptors(err))
		return -1;
	return check_btf(err);
}

bool kernel_is_locked_down(void)
{
	char line[256];
	const char *text = file_value("/sys/kernel/security/lockdown", "", line, sizeof(line));

	return text && strstr(text, "[confidentiality]");
}
