// SPDX-License-Identifier: GPL-2.0-only
/* A vCPU's exits to user space, and whether they are those that were asked for. */
#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exitgen.h"
#include "guest.h"

/* guest.S */
extern const uint8_t guest_start[];
extern const uint8_t guest_ask[];

int vcpu_fail(const struct vcpu *vcpu, int err, const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	return fail(vcpu->vm->job, err, "VM %u, vCPU %u: %s", vcpu->vm->index, vcpu->id, text);
}

static bool vcpu_asks(const struct vcpu *vcpu)
{
	return vcpu->id == vcpu->vm->job->opts.vcpus;
}

const uint32_t *vcpu_count(const struct vcpu *vcpu)
{
	static const uint32_t none[KIND_COUNT];

	return vcpu_asks(vcpu) ? none : vcpu->vm->job->opts.count;
}

uint8_t *vcpu_page(const struct vcpu *vcpu)
{
	return (uint8_t *)vcpu->vm->memory + vcpu->id * GUEST_PAGE_SIZE;
}

uint32_t vcpu_port(const struct vcpu *vcpu)
{
	return vcpu->vm->job->opts.port ?: GUEST_PORT;
}

uint64_t vcpu_mmio(const struct vcpu *vcpu)
{
	if (vcpu->vm->job->opts.mmio)
		return vcpu->vm->job->opts.mmio;
	return GUEST_MMIO +
	       (uint64_t)vcpu->id * (vcpu->vm->job->opts.spread ?: 1) * GUEST_PAGE_SIZE;
}

/* One more than asked is one too many: a guest gone wild may never end. */
static int vcpu_saw(struct vcpu *vcpu, enum kind kind)
{
	uint32_t count = vcpu_count(vcpu)[kind];

	if (vcpu->seen[kind] == count)
		return vcpu_fail(vcpu, 0, "more than %u exits of kind %s", count, kind_names[kind]);

	vcpu->seen[kind]++;
	return 0;
}

static int vcpu_end(struct vcpu *vcpu)
{
	vcpu->done = true;
	return plan_check(vcpu);
}

/* Is it the number itself, or with a spread one of those that follow? */
static bool in_spread(const struct vcpu *vcpu, uint64_t number, uint64_t first, uint64_t step)
{
	uint32_t spread = vcpu->vm->job->opts.spread ?: 1;

	return number >= first && (number - first) % step == 0 && (number - first) / step < spread;
}

/* As a balloon, or whatever else of the host takes memory. */
static int vcpu_discard(const struct vcpu *vcpu)
{
	const size_t size = vm_spread_size(vcpu->vm);

	if (madvise((uint8_t *)vcpu->vm->spread + vcpu->id * size, size, MADV_DONTNEED))
		return vcpu_fail(vcpu, -errno, "MADV_DONTNEED");

	return 0;
}

static int vcpu_saw_io(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->cpu.run;
	int err;

	if (run->io.port == GUEST_END_PORT && vcpu->vm->job->opts.end_out)
		return vcpu_end(vcpu);
	if (!in_spread(vcpu, run->io.port, vcpu_port(vcpu), 1) || run->io.size != 1 ||
	    run->io.count != 1)
		return vcpu_fail(vcpu, 0, "I/O of size %u, count %u at port %#x", run->io.size,
				 run->io.count, run->io.port);
	if (vcpu->vm->job->opts.discard && run->io.direction == KVM_EXIT_IO_OUT) {
		err = vcpu_discard(vcpu);
		if (err)
			return err;
	}

	return vcpu_saw(vcpu, run->io.direction == KVM_EXIT_IO_OUT ? KIND_OUT : KIND_IN);
}

static int vcpu_saw_mmio(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->cpu.run;

	if (!in_spread(vcpu, run->mmio.phys_addr, vcpu_mmio(vcpu), GUEST_PAGE_SIZE) ||
	    run->mmio.len != sizeof(uint32_t))
		return vcpu_fail(vcpu, 0, "MMIO of length %u at %#llx", run->mmio.len,
				 (unsigned long long)run->mmio.phys_addr);

	return vcpu_saw(vcpu, run->mmio.is_write ? KIND_MMIO_WRITE : KIND_MMIO_READ);
}

/* Runs until the next exit to user space; -EINTR if a signal made it return. */
int vcpu_step(struct vcpu *vcpu)
{
	const char *failed;

	if (ioctl(vcpu->cpu.fd, KVM_RUN, 0)) {
		if (errno == EINTR)
			return -EINTR;
		return vcpu_fail(vcpu, -errno, "KVM_RUN");
	}

	if (vcpu->vm->job->opts.inhibit && !vcpu->id && !vcpu->vm->inhibited) {
		vcpu->vm->inhibited = true;
		failed = inhibit_change(vcpu, vcpu->vm->job->opts.inhibit);
		if (failed)
			return vcpu_fail(vcpu, -errno, "%s", failed);
	}

	switch (vcpu->cpu.run->exit_reason) {
	case KVM_EXIT_IO:
		return vcpu_saw_io(vcpu);
	case KVM_EXIT_MMIO:
		return vcpu_saw_mmio(vcpu);
	case KVM_EXIT_HLT:
		return vcpu_saw(vcpu, KIND_HLT);
	case KVM_EXIT_SHUTDOWN:
		return vcpu_end(vcpu);
	case KVM_EXIT_INTERNAL_ERROR:
		return vcpu_fail(vcpu, 0, "KVM internal error, suberror %u",
				 vcpu->cpu.run->internal.suberror);
	default:
		return vcpu_fail(vcpu, 0, "unexpected exit to user space %u",
				 vcpu->cpu.run->exit_reason);
	}
}

/* Ends a HLT that blocks in the kernel: 1, or 0 if it was not in one. */
int vcpu_wake(struct vcpu *vcpu)
{
	struct kvm_mp_state state;
	int err;

	if (ioctl(vcpu->cpu.fd, KVM_GET_MP_STATE, &state))
		return vcpu_fail(vcpu, -errno, "KVM_GET_MP_STATE");
	if (state.mp_state != KVM_MP_STATE_HALTED)
		return 0;

	state.mp_state = KVM_MP_STATE_RUNNABLE;
	if (ioctl(vcpu->cpu.fd, KVM_SET_MP_STATE, &state))
		return vcpu_fail(vcpu, -errno, "KVM_SET_MP_STATE");
	err = vcpu_saw(vcpu, KIND_HLT);

	return err ? err : 1;
}

uint64_t vcpu_ask_address(const struct vcpu *vcpu)
{
	return GUEST_CODE + vcpu->id * GUEST_PAGE_SIZE + (guest_ask - guest_start);
}

/* To the OUT that follows the question in these registers, which get the answer. */
int vcpu_ask(struct vcpu *vcpu, struct kvm_regs *regs)
{
	const char *failed = vmm_run(&vcpu->cpu, regs);

	if (failed)
		return vcpu_fail(vcpu, -errno, "%s", failed);
	if (vcpu->cpu.run->io.port != GUEST_PORT)
		return vcpu_fail(vcpu, 0, "I/O at port %#x", vcpu->cpu.run->io.port);

	return 0;
}

/*
 * KVM's statistics tell all exits together, and those that interrupts of the
 * host made.  They must leave room for all that was asked.
 */
static int vcpu_check_stats(const struct vcpu *vcpu, struct result *result)
{
	const uint32_t *count = vcpu_count(vcpu);
	uint64_t known, mmio_faults;
	struct vcpu_stats stats;
	int kind, err;

	err = stats_read(vcpu->cpu.fd, &stats);
	if (err == -EOPNOTSUPP)
		return 0;
	if (err)
		return vcpu_fail(vcpu, err, "KVM_GET_STATS_FD");

	/* The first MMIO access faults like memory, unless KVM caches none. */
	mmio_faults = stats.pf_mmio_spte_created;
	if (!mmio_faults)
		mmio_faults = (uint64_t)count[KIND_MMIO_READ] + count[KIND_MMIO_WRITE];
	result->memory = stats.pf_taken - mmio_faults;

	known = result->memory + vcpu->done + stats.irq_exits + 2 * result->asked;
	for (kind = 0; kind < KIND_COUNT; kind++)
		known += count[kind];
	if (stats.exits < known)
		return vcpu_fail(vcpu, 0, "KVM counted %llu exits, not %llu or more",
				 (unsigned long long)stats.exits, (unsigned long long)known);

	result->counted = true;
	result->interrupt = stats.irq_exits;
	result->other = stats.exits - known;

	return 0;
}

/* Whether the vCPU did what was asked, and what else it did. */
int vcpu_check(struct vcpu *vcpu, struct result *result)
{
	static const enum kind to_user[] = {
		KIND_OUT, KIND_IN, KIND_HLT, KIND_MMIO_READ, KIND_MMIO_WRITE,
	};
	const uint32_t *count = vcpu_count(vcpu);
	enum kind kind;
	size_t i;

	for (i = 0; i < sizeof(to_user) / sizeof(*to_user); i++) {
		kind = to_user[i];
		if (kind == KIND_MMIO_WRITE && vcpu->vm->job->opts.discard)
			continue;
		if (vcpu->seen[kind] != count[kind])
			return vcpu_fail(vcpu, 0, "%u exits of kind %s, not %u", vcpu->seen[kind],
					 kind_names[kind], count[kind]);
	}

	result->pid = getpid();
	result->memory = 1;
	result->end_out = vcpu->done && vcpu->vm->job->opts.end_out;
	result->shutdown = vcpu->done && !result->end_out;
	result->asked = vcpu->asked;

	return vcpu_check_stats(vcpu, result);
}
