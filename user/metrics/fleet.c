// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "metrics/fleet.h"

/* --- labels ------------------------------------------------------------------- */

/* Of the first label that is not before it. */
static size_t place_of(const struct fleet *fleet, const char *label)
{
	size_t low = 0, high = fleet->nvms;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(fleet->vms[middle].label, label) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct fleet_vm *find_label(const struct fleet *fleet, const char *label)
{
	size_t place = place_of(fleet, label);

	if (place == fleet->nvms || strcmp(fleet->vms[place].label, label) != 0)
		return NULL;
	return &fleet->vms[place];
}

static struct fleet_vm *add_label(struct fleet *fleet, const char *label)
{
	size_t place = place_of(fleet, label);
	struct fleet_vm *vms;

	if (!array_append(&fleet->vms, &fleet->nvms, sizeof(*vms)))
		return NULL;
	vms = fleet->vms;
	memmove(&vms[place + 1], &vms[place], (fleet->nvms - 1 - place) * sizeof(*vms));
	vms[place] = (struct fleet_vm){ 0 };
	snprintf(vms[place].label, sizeof(vms[place].label), "%s", label);
	return &vms[place];
}

static bool lives(const struct fleet_vm *vm)
{
	for_each_element(member, vm->members, vm->nmembers)
		if (!member->ended)
			return true;
	return false;
}

/* Where a VM that is new belongs; NULL: no memory. */
static struct fleet_vm *choose_label(struct fleet *fleet, const struct vm_stat *vm)
{
	struct fleet_vm *known = find_label(fleet, vm->name);
	char label[FLEET_LABEL_LEN];

	snprintf(label, sizeof(label), "%.*s", VM_NAME_LEN - 1, vm->name);
	if (known && lives(known)) {
		snprintf(label, sizeof(label), "%.*s (%u)", VM_NAME_LEN - 1, vm->name, vm->pid);
		known = find_label(fleet, label);
	}
	return known ? known : add_label(fleet, label);
}

/* --- members ------------------------------------------------------------------ */

static void remove_member(struct fleet_vm *vm, struct fleet_member *member)
{
	const struct fleet_member *end = vm->members + vm->nmembers;

	memmove(member, member + 1, (size_t)(end - (member + 1)) * sizeof(*member));
	vm->nmembers--;
}

/* What has ended is told of only while nothing else can be. */
static void remove_ended(struct fleet_vm *vm, uint64_t but)
{
	for (size_t i = vm->nmembers; i-- > 0;)
		if (vm->members[i].ended && vm->members[i].serial != but)
			remove_member(vm, &vm->members[i]);
}

static struct fleet_member *add_member(struct fleet_vm *vm, const struct vm_stat *stat)
{
	struct fleet_member *member =
		array_append(&vm->members, &vm->nmembers, sizeof(*vm->members));

	if (!member)
		return NULL;
	member->serial = stat->serial;
	member->pid = stat->pid;
	return member;
}

/* The label and the member that a VM has, or gets; false: no memory. */
static bool find_member(struct fleet *fleet, const struct vm_stat *stat, struct fleet_vm **vm,
			struct fleet_member **member)
{
	for_each_element(known, fleet->vms, fleet->nvms) {
		for_each_element(old, known->members, known->nmembers) {
			*vm = known;
			*member = old;
			if (old->serial == stat->serial)
				return true;
		}
	}
	*vm = choose_label(fleet, stat);
	*member = *vm ? add_member(*vm, stat) : NULL;
	return *member;
}

static void describe(struct fleet_member *member, const struct vm_stat *stat)
{
	memcpy(member->uuid, stat->uuid, sizeof(member->uuid));
	member->nvcpus = stat->nvcpus;
	/* Between the ends of a VM's vCPUs nobody knows it. */
	if (stat->apicv.known || !member->apicv.known)
		member->apicv = stat->apicv;
}

/* --- what they did -------------------------------------------------------------- */

static void add_changes(struct apicv *sum, const struct apicv *apicv)
{
	for (unsigned int i = 0; i < EXITSTAT_INHIBITS; i++) {
		sum->set[i] += apicv->set[i];
		sum->cleared[i] += apicv->cleared[i];
	}
}

/* All places first: then nothing can fail, and it is added to all or to none. */
static int end_vm(struct fleet *fleet, struct fleet_vm *vm, struct fleet_member *member,
		  const struct vm_stat *stat)
{
	struct keyed keys;

	if (totals_reserve(&vm->past, stat) || totals_reserve(&fleet->past, stat) ||
	    keyed_sum(&keys, &vm->past_keys, stat))
		return -ENOMEM;
	keyed_free(&vm->past_keys);
	vm->past_keys = keys;
	totals_add(&vm->past, stat);
	totals_add(&fleet->past, stat);
	add_changes(&vm->changes, &member->apicv);
	fleet->nended++;
	member->ended = true;
	remove_ended(vm, member->serial);
	return 0;
}

static int take_vm(struct fleet *fleet, const struct vm_stat *stat,
		   void (*forget)(void *arg, uint64_t serial), void *arg)
{
	struct fleet_member *member;
	struct fleet_vm *vm;

	if (!find_member(fleet, stat, &vm, &member))
		return -ENOMEM;
	describe(member, stat);
	if (!stat->ended) {
		member->ended = false;
		remove_ended(vm, 0);
		return 0;
	}
	if (end_vm(fleet, vm, member, stat))
		return -ENOMEM;
	forget(arg, stat->serial);
	return 0;
}

static int add_living(struct fleet *fleet, const struct vm_stat *stat)
{
	struct fleet_member *member;
	struct fleet_vm *vm;

	if (stat->ended)
		return 0;
	if (!find_member(fleet, stat, &vm, &member) || totals_reserve(&vm->now, stat) ||
	    totals_reserve(&fleet->now, stat) || keyed_add(&vm->keys, stat))
		return -ENOMEM;
	totals_add(&vm->now, stat);
	totals_add(&fleet->now, stat);
	fleet->nliving++;
	fleet->nvcpus += stat->nvcpus;
	return 0;
}

/* What there was before those that live. */
static int begin_sum(struct fleet_vm *vm)
{
	const struct vm_stat nothing = { 0 };

	keyed_free(&vm->keys);
	return totals_copy(&vm->now, &vm->past) ?: keyed_sum(&vm->keys, &vm->past_keys, &nothing);
}

static int sum_up(struct fleet *fleet, const struct snapshot *snap)
{
	int err = totals_copy(&fleet->now, &fleet->past);

	fleet->nliving = 0;
	fleet->nvcpus = 0;
	for_each_element(vm, fleet->vms, fleet->nvms)
		err = err ?: begin_sum(vm);
	for_each_vm(stat, snap)
		err = err ?: add_living(fleet, stat);
	return err;
}

/* --- for how long --------------------------------------------------------------- */

static void free_vm(struct fleet_vm *vm)
{
	totals_free(&vm->past);
	totals_free(&vm->now);
	keyed_free(&vm->past_keys);
	keyed_free(&vm->keys);
	free(vm->members);
}

static void remove_vm(struct fleet *fleet, struct fleet_vm *vm)
{
	const struct fleet_vm *end = fleet->vms + fleet->nvms;

	free_vm(vm);
	memmove(vm, vm + 1, (size_t)(end - (vm + 1)) * sizeof(*vm));
	fleet->nvms--;
}

/* Those whose time has come go; the one that ended first; how many there are. */
static size_t expire(struct fleet *fleet, uint64_t now_ns, struct fleet_vm **first)
{
	size_t n = 0;

	*first = NULL;
	for (size_t i = fleet->nvms; i-- > 0;) {
		struct fleet_vm *vm = &fleet->vms[i];

		if (lives(vm)) {
			vm->ended_ns = 0;
			continue;
		}
		vm->ended_ns = vm->ended_ns ?: now_ns;
		if (now_ns - vm->ended_ns >= fleet->keep_ns && vm->ended_ns != now_ns)
			remove_vm(fleet, vm);
	}
	for_each_element(vm, fleet->vms, fleet->nvms) {
		if (!vm->ended_ns)
			continue;
		n++;
		if (!*first || vm->ended_ns < (*first)->ended_ns)
			*first = vm;
	}
	return n;
}

static void give_up(struct fleet *fleet, uint64_t now_ns)
{
	struct fleet_vm *first;

	while (expire(fleet, now_ns, &first) > FLEET_MAX_ENDED) {
		remove_vm(fleet, first);
		fleet->ngone++;
	}
}

int fleet_take(struct fleet *fleet, const struct snapshot *snap, uint64_t now_ns,
	       void (*forget)(void *arg, uint64_t serial), void *arg)
{
	int err = 0;

	/* Those that have ended first: a label may be wanted again. */
	for (int ended = 1; ended >= 0; ended--)
		for_each_vm(stat, snap)
			if (stat->ended == ended)
				err = err ?: take_vm(fleet, stat, forget, arg);
	give_up(fleet, now_ns);
	return err ?: sum_up(fleet, snap);
}

struct apicv fleet_apicv(const struct fleet_vm *vm)
{
	struct apicv sum = vm->changes;

	for_each_element(member, vm->members, vm->nmembers) {
		if (member->ended)
			continue;
		sum.known |= member->apicv.known;
		sum.inhibits |= member->apicv.inhibits;
		add_changes(&sum, &member->apicv);
	}
	return sum;
}

void fleet_free(struct fleet *fleet)
{
	for_each_element(vm, fleet->vms, fleet->nvms)
		free_vm(vm);
	free(fleet->vms);
	totals_free(&fleet->past);
	totals_free(&fleet->now);
	fleet->vms = NULL;
	fleet->nvms = 0;
}
