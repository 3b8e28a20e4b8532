// SPDX-License-Identifier: GPL-2.0-only
/* What any pair of programs on the two tracepoints costs at least. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/kvm_exit")
int empty_exit(void *ctx)
{
	return 0;
}

SEC("tp_btf/kvm_entry")
int empty_entry(void *ctx)
{
	return 0;
}
