// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>

#include "model/selection.h"

static bool is_among(const uint32_t *numbers, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (numbers[i] == number)
			return true;
	return !n;
}

static void select_vcpus(struct vm_stat *vm, const struct selection *selection)
{
	size_t kept = 0;

	for (size_t i = 0; i < vm->nvcpus; i++) {
		if (is_among(selection->vcpus, selection->nvcpus, vm->vcpus[i].id))
			vm->vcpus[kept++] = vm->vcpus[i];
		else
			vcpu_free(&vm->vcpus[i]);
	}
	vm->nvcpus = kept;
}

int snapshot_select(struct snapshot *to, const struct snapshot *from,
		    const struct selection *selection)
{
	size_t kept = 0;

	if (snapshot_copy(to, from))
		return -ENOMEM;
	for (size_t i = 0; i < to->nvms; i++) {
		if (!is_among(selection->pids, selection->npids, to->vms[i].pid)) {
			vm_free(&to->vms[i]);
			continue;
		}
		select_vcpus(&to->vms[i], selection);
		to->vms[kept++] = to->vms[i];
	}
	to->nvms = kept;
	return 0;
}
