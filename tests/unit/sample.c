// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/exitstat.h"
#include "model/run.h"
#include "unit.h"

/* xorshift64*, Vigna 2016 */
uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

struct vm_stat *sample_vm(struct snapshot *snap, uint64_t serial, uint32_t pid, const char *name)
{
	struct vm_stat *vm = snapshot_add_vm(snap, serial, pid, name);

	assert_non_null(vm);
	return vm;
}

struct vcpu_stat *sample_vcpu(struct vm_stat *vm, uint32_t id)
{
	struct vcpu_stat *vcpu = vm_add_vcpu(vm, id);

	assert_non_null(vcpu);
	return vcpu;
}

struct reason_stat *sample_reason(struct vcpu_stat *vcpu, uint32_t isa, uint32_t reason)
{
	struct reason_stat *r = vcpu_add_reason(vcpu, isa, reason);

	assert_non_null(r);
	return r;
}

static struct bucket *find_bucket(struct reason_stat *r, uint32_t index)
{
	struct bucket *grown;
	size_t i = 0;

	while (i < r->nbuckets && r->buckets[i].index < index)
		i++;
	if (i < r->nbuckets && r->buckets[i].index == index)
		return &r->buckets[i];
	grown = reallocarray(r->buckets, r->nbuckets + 1, sizeof(*grown));
	assert_non_null(grown);
	r->buckets = grown;
	memmove(&grown[i + 1], &grown[i], (r->nbuckets - i) * sizeof(*grown));
	grown[i] = (struct bucket){ .index = index };
	r->nbuckets++;
	return &grown[i];
}

void sample_exits(struct reason_stat *r, uint64_t ns, uint64_t times)
{
	find_bucket(r, exitstat_bucket(ns))->count += times;
	r->count += times;
	r->timed += times;
	r->sum_ns += ns * times;
	if (ns < r->min_ns)
		r->min_ns = ns;
	if (ns > r->max_ns)
		r->max_ns = ns;
}

void sample_in_flight(struct reason_stat *r)
{
	r->count++;
}

void sample_snapshot(struct snapshot *snap)
{
	struct vcpu_stat *vcpu;
	struct vm_stat *vm;

	memset(snap, 0, sizeof(*snap));
	snap->losses = (struct losses){ .map_full = 1, .unpaired = 2, .missed = 3 };
	vm = sample_vm(snap, 1, 100, "web1");
	vcpu = sample_vcpu(vm, 0);
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, 10), 1000, 60);
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, 12), 5000000, 30);
	sample_in_flight(&vcpu->reasons[1]);
	vcpu = sample_vcpu(vm, 1);
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, 10), 2000, 9);
	vm = sample_vm(snap, 2, 200, "db");
	vm->ended = true;
	vcpu = sample_vcpu(vm, 0);
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, 48), 3000, 7);
	sample_in_flight(sample_reason(vcpu, EXITSTAT_ISA_VMX, 0x80000021));
}

static void add_detail(struct reason_stat *r, uint8_t kind, uint64_t key, uint8_t access,
		       uint64_t count)
{
	const struct detail detail = { .kind = kind,
				       .access = access,
				       .key = key,
				       .count = count,
				       .accesses = count + key % 3,
				       .sum_ns = count * 11 };

	assert_non_null(details_add(&r->details, &detail));
}

void sample_details(struct snapshot *snap)
{
	struct reason_stat *r = &snap->vms[0].vcpus[0].reasons[0];

	for (uint8_t kind = 0; kind < EXITSTAT_KINDS; kind++) {
		add_detail(r, kind, 0x1000, EXITSTAT_READ, 2);
		add_detail(r, kind, 0x80, EXITSTAT_READ, 1);
	}
	add_detail(r, EXITSTAT_IO, 0x80, EXITSTAT_WRITE, 1);
	add_detail(r, EXITSTAT_FAULT, 0x1000, EXITSTAT_EXECUTE, 1);
	add_detail(r, EXITSTAT_CPUID, 7 | 0xffffffffull << 32, EXITSTAT_READ, 2);
	add_detail(r, EXITSTAT_HYPERCALL, 1 | (uint64_t)EXITSTAT_XEN << 32, EXITSTAT_READ, 1);
	add_detail(r, DETAIL_REST, 0, 0, 3);
	r = &snap->vms[0].vcpus[1].reasons[0];
	add_detail(r, EXITSTAT_MSR, 0x830, EXITSTAT_WRITE, r->count);
	r->details.list[0].sum_ns = r->sum_ns;
	snapshot_sort(snap);
}

const struct host sample_host = {
	.kernel = "6.1.0-test",
	.cpu = "A CPU",
	.isa = EXITSTAT_ISA_VMX,
	.tsc_khz = 2600000,
};

void sample_run(struct run *run, const struct snapshot *snap)
{
	*run = (struct run){
		.host = &sample_host,
		.start = { .tv_sec = 1700000000, .tv_nsec = 1999 },
		.end = { .tv_sec = 1700000002, .tv_nsec = 999999999 },
		.ns = NS_OF(2),
		.snap = snap,
	};
}

/* A shell that stops itself; what follows its script are the script's $0, $1 ... */
pid_t start_fake_qemu(const char *name)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		execl("/bin/sh", "/usr/bin/qemu-system-x86_64", "-c", "kill -STOP $$; :", "-name",
		      name, "-m", "1G", NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

void end_fake_qemu(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* gcc's, where it counts what is reached; else there is none. */
void __gcov_dump(void) __attribute__((weak));

void leave(int status)
{
	fflush(NULL);
	if (__gcov_dump)
		__gcov_dump();
	_exit(status);
}
