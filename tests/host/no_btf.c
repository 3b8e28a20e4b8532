// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: KVM's modules have no BTF, as far as exitstat-bpf sees. So it takes the plain
 * tracepoints, on a host that nobody is to load KVM anew on.
 */
#include <errno.h>
#include <stddef.h>

struct btf *btf__load_module_btf(const char *name, struct btf *vmlinux);

struct btf *btf__load_module_btf(const char *name, struct btf *vmlinux)
{
	(void)name;
	(void)vmlinux;
	errno = ENOENT;
	return NULL;
}
