// SPDX-License-Identifier: GPL-2.0-only
/* What a vCPU's guest is to do: made from the options, and whether it was done. */
#include <stddef.h>

#include "exitgen.h"
#include "guest.h"

/* The guest does each of these kinds once a turn, for so many turns. */
struct guest_phase {
	uint32_t kinds;
	uint32_t left;
	uint32_t leaf;
	uint32_t begun;
	uint32_t spread;
	uint32_t msr;
	uint32_t port;
	uint32_t spin;
};

_Static_assert(offsetof(struct guest_phase, kinds) == PHASE_KINDS, "guest.h");
_Static_assert(offsetof(struct guest_phase, left) == PHASE_LEFT, "guest.h");
_Static_assert(offsetof(struct guest_phase, leaf) == PHASE_LEAF, "guest.h");
_Static_assert(offsetof(struct guest_phase, begun) == PHASE_BEGUN, "guest.h");
_Static_assert(offsetof(struct guest_phase, spread) == PHASE_SPREAD, "guest.h");
_Static_assert(offsetof(struct guest_phase, msr) == PHASE_MSR, "guest.h");
_Static_assert(offsetof(struct guest_phase, port) == PHASE_PORT, "guest.h");
_Static_assert(offsetof(struct guest_phase, spin) == PHASE_SPIN, "guest.h");
_Static_assert(sizeof(struct guest_phase) == PHASE_SIZE, "guest.h");
_Static_assert(GUEST_PLAN + (KIND_COUNT + 1) * PHASE_SIZE <= GUEST_TABLES, "guest.h");

static struct guest_phase *plan_of(const struct vcpu *vcpu)
{
	return (struct guest_phase *)(vcpu_page(vcpu) + GUEST_PLAN);
}

/*
 * All kinds with turns left are done in turn, so the plan has one phase for
 * each different count, each with fewer kinds than the one before.  A phase
 * without turns ends it.
 */
void plan_make(const struct vcpu *vcpu)
{
	const uint32_t guest_bits[KIND_COUNT] = {
		[KIND_CPUID] = DO_CPUID,
		[KIND_OUT] = DO_OUT,
		[KIND_IN] = DO_IN,
		[KIND_HLT] = DO_HLT,
		[KIND_RDMSR] = DO_RDMSR,
		[KIND_WRMSR] = DO_WRMSR,
		[KIND_MMIO_READ] = DO_MMIO_READ,
		[KIND_MMIO_WRITE] = DO_MMIO_WRITE,
		[KIND_CR_WRITE] = DO_CR_WRITE,
		[KIND_IPI] = DO_IPI,
		[KIND_ALIGN] = DO_ALIGN,
		[KIND_HYPERCALL] = vcpu->vm->job->hypercall,
	};
	const struct options *opts = &vcpu->vm->job->opts;
	const uint32_t *count = vcpu_count(vcpu);
	struct guest_phase *phase = plan_of(vcpu);
	uint32_t done, next;
	int kind;

	for (done = 0;; done = next, phase++) {
		next = UINT32_MAX;
		for (kind = 0; kind < KIND_COUNT; kind++) {
			if (count[kind] <= done)
				continue;
			phase->kinds |= guest_bits[kind];
			if (count[kind] < next)
				next = count[kind];
		}
		if (!phase->kinds)
			break;
		if (opts->pause)
			phase->kinds |= DO_PAUSE;
		phase->left = next - done;
		phase->leaf = opts->leaf;
		phase->spread = opts->spread ? opts->spread - 1 : 0;
		phase->msr = opts->msr ?: opts->spread ? GUEST_MSRS : GUEST_MSR;
		phase->port = vcpu_port(vcpu);
		phase->spin = opts->spin;
	}
	phase->leaf = opts->end_out;
}

int plan_check(const struct vcpu *vcpu)
{
	const struct guest_phase *phase;

	for (phase = plan_of(vcpu); phase->kinds; phase++) {
		if (phase->left)
			return vcpu_fail(vcpu, 0, "the guest ended %u turns early", phase->left);
	}
	if (!phase->begun)
		return vcpu_fail(vcpu, 0, "the guest did not reach its end");

	return 0;
}

bool plan_begun(const struct vcpu *vcpu)
{
	return __atomic_load_n(&plan_of(vcpu)->begun, __ATOMIC_ACQUIRE);
}
