// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trace/btf.h"

/* A type of KVM, in its module's BTF, or in the kernel's own where it is built in. */
struct target {
	const char *section; /* of the program that is to be attached to it */
	const char *type;
	__u32 kind;
	__u32 id;
};

static struct target targets[] = {
	{ "tp_btf/kvm_exit", "btf_trace_kvm_exit", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_entry", "btf_trace_kvm_entry", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_cpuid", "btf_trace_kvm_cpuid", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_emulate_insn", "btf_trace_kvm_emulate_insn", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_pio", "btf_trace_kvm_pio", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_msr", "btf_trace_kvm_msr", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_mmio", "btf_trace_kvm_mmio", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_fast_mmio", "btf_trace_kvm_fast_mmio", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_page_fault", "btf_trace_kvm_page_fault", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_hypercall", "btf_trace_kvm_hypercall", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_hv_hypercall", "btf_trace_kvm_hv_hypercall", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_xen_hypercall", "btf_trace_kvm_xen_hypercall", BTF_KIND_TYPEDEF, 0 },
	{ "tp_btf/kvm_apicv_inhibit_changed", "btf_trace_kvm_apicv_inhibit_changed",
	  BTF_KIND_TYPEDEF, 0 },
	{ "fexit/kvm_set_or_clear_apicv_inhibit", "kvm_set_or_clear_apicv_inhibit", BTF_KIND_FUNC,
	  0 },
	{ "tp_btf/kvm_nested_vmexit_inject", "btf_trace_kvm_nested_vmexit_inject", BTF_KIND_TYPEDEF,
	  0 },
	{ "fentry/kvm_arch_vcpu_destroy", "kvm_arch_vcpu_destroy", BTF_KIND_FUNC, 0 },
	{ "fentry/kvm_arch_vcpu_load", "kvm_arch_vcpu_load", BTF_KIND_FUNC, 0 },
	{ "fentry/kvm_arch_vcpu_put", "kvm_arch_vcpu_put", BTF_KIND_FUNC, 0 },
};

#define NTARGETS (sizeof(targets) / sizeof(targets[0]))

static int kvm_btf_fd; /* of its module; 0: KVM is built in */

/* --- BTF ------------------------------------------------------------------------------- */

/*
 * Looked for in a module's own types, not in the kernel's 100,000 that libbpf would go
 * through first. 0: there is none.
 */
static __u32 find_type(const struct btf *module, const struct btf *vmlinux, const char *name,
		       __u32 kind)
{
	const struct btf *btf = module ?: vmlinux;
	__u32 first = module && vmlinux ? btf__type_cnt(vmlinux) : 1;

	for (__u32 i = first; btf && i < btf__type_cnt(btf); i++) {
		const struct btf_type *type = btf__type_by_id(btf, i);

		if (btf_kind(type) == kind &&
		    !strcmp(btf__name_by_offset(btf, type->name_off), name))
			return i;
	}
	return 0;
}

/* A file descriptor, or -1. */
static int open_module_btf(const char *name)
{
	char found[64];
	__u32 id = 0;

	while (!bpf_btf_get_next_id(id, &id)) {
		struct bpf_btf_info info = { .name = (__u64)(unsigned long)found,
					     .name_len = sizeof(found) };
		__u32 len = sizeof(info);
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) && !strcmp(found, name))
			return fd;
		close(fd);
	}
	return -1;
}

/* --- why APICv is inhibited -------------------------------------------------------------- */

#define REASON_PREFIX "APICV_INHIBIT_REASON_"

/* By number; an enumerator that is no reason is their count. */
static void read_reasons(struct apicv_host *to, const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const struct btf_enum *value = type ? btf_enum(type) : NULL;
	const size_t prefix = strlen(REASON_PREFIX);

	for (__u16 i = 0; type && i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, value[i].name_off);

		if (!name || strncmp(name, REASON_PREFIX, prefix) || value[i].val != (int)to->n ||
		    to->n == EXITSTAT_INHIBITS)
			break;
		snprintf(to->names[to->n++], APICV_NAME_LEN, "%s", name + prefix);
	}
}

/* In the module's types, or in those that the kernel has, too (6.1). */
static void find_reasons(struct apicv_host *to, const struct btf *kvm, const struct btf *vmlinux)
{
	static const char name[] = "kvm_apicv_inhibit";
	__u32 id = find_type(kvm, vmlinux, name, BTF_KIND_ENUM);

	if (!id)
		id = find_type(NULL, vmlinux, name, BTF_KIND_ENUM);
	if (id)
		read_reasons(to, kvm ?: vmlinux, id);
}

static bool has_target(const char *type)
{
	for (size_t i = 0; i < NTARGETS; i++)
		if (!strcmp(targets[i].type, type))
			return targets[i].id;
	return false;
}

/* --- what libbpf asks --------------------------------------------------------------------- */

static int prepare_load(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	const char *section = bpf_program__section_name(program);
	int id;

	(void)cookie;
	if (!strcmp(section, "tp_btf/sched_switch")) {
		id = libbpf_find_vmlinux_btf_id("sched_switch", BPF_TRACE_RAW_TP);
		opts->attach_btf_id = id > 0 ? (__u32)id : 0;
		return id > 0 ? 0 : -ESRCH;
	}
	for (size_t i = 0; i < NTARGETS; i++) {
		if (strcmp(targets[i].section, section) || !targets[i].id)
			continue;
		opts->attach_btf_obj_fd = (__u32)kvm_btf_fd;
		opts->attach_btf_id = targets[i].id;
		return 0;
	}
	return -ESRCH;
}

static int attach(const struct bpf_program *program, long cookie, struct bpf_link **link)
{
	(void)cookie;
	*link = bpf_program__attach_trace(program);
	return *link ? 0 : -errno;
}

/*
 * libbpf finds a target by going through all types of the kernel and of each module,
 * and through the kernel's again for each module: 20 ms for each program where 16 are
 * loaded. Both stay registered: programs point to them.
 */
static void take_over_targets(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = prepare_load,
		    .prog_attach_fn = attach);
	static bool done;

	if (!done) {
		libbpf_register_prog_handler("tp_btf/", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP,
					     &opts);
		libbpf_register_prog_handler("fentry/", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
					     &opts);
		libbpf_register_prog_handler("fexit/", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT,
					     &opts);
	}
	done = true;
}

/*
 * Since 7.x tracepoints are guarded by SRCU, not by preemption being off. What BTF tells is
 * that tracepoints have struct tracepoint_ext, which came before that (6.14 or so).
 */
static bool can_be_preempted(const struct btf *vmlinux)
{
	return btf__find_by_name_kind(vmlinux, "tracepoint_ext", BTF_KIND_STRUCT) > 0;
}

/* No BTF at all: the plain ways. */
struct ways ways_find(void)
{
	struct btf *vmlinux = btf__load_vmlinux_btf();
	struct btf *kvm = btf__load_module_btf("kvm", vmlinux);
	struct btf *intel = btf__load_module_btf("kvm_intel", vmlinux);
	struct btf *amd = btf__load_module_btf("kvm_amd", vmlinux);
	struct ways ways = { .end = END_BY_KPROBE };

	for (size_t i = 0; i < NTARGETS; i++)
		targets[i].id = find_type(kvm, vmlinux, targets[i].type, targets[i].kind);
	if (find_type(kvm, vmlinux, "kvm_arch_vcpu_destroy", BTF_KIND_FUNC))
		ways.end = END_BY_FENTRY;
	ways.counters = find_type(kvm, vmlinux, "kvm_vcpu_exitstat", BTF_KIND_STRUCT);
	ways.preempted = ways.counters && can_be_preempted(vmlinux);
	if (amd || !intel)
		ways.typed = find_type(amd, vmlinux, "vcpu_svm", BTF_KIND_STRUCT);
	if (intel || !amd)
		ways.typed |= find_type(intel, vmlinux, "vcpu_vmx", BTF_KIND_STRUCT);
	ways.apicv = has_target("btf_trace_kvm_apicv_inhibit_changed");
	ways.apicv_calls = has_target("kvm_set_or_clear_apicv_inhibit");
	find_reasons(&ways.inhibits, kvm, vmlinux);
	kvm_btf_fd = kvm ? open_module_btf("kvm") : 0;
	take_over_targets();
	btf__free(amd);
	btf__free(intel);
	btf__free(kvm);
	btf__free(vmlinux);
	return ways;
}
