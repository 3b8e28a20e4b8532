// SPDX-License-Identifier: GPL-2.0-only
/* KVM: make a VM, run its vCPUs, check what they did. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exitgen.h"
#include "guest.h"

/* guest.S */
extern const uint8_t guest_start[];
extern const uint8_t guest_ask[];
extern const uint8_t guest_end[];

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
_Static_assert(GUEST_CODE + (MAX_VCPUS + 1) * GUEST_PAGE_SIZE <= GUEST_MMIO, "guest.h");

#define APIC_BASE_X2APIC 0xc00 /* enabled, and in that mode */

static int vcpu_fail(const struct vcpu *vcpu, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int vcpu_fail(const struct vcpu *vcpu, int err, const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	return fail(vcpu->vm->job, err, "VM %u, vCPU %u: %s", vcpu->vm->index, vcpu->id, text);
}

/* The instruction for a hypercall is the vendor's; the other one is #UD. */
static uint32_t hypercall_of_this_cpu(void)
{
	uint32_t hypercall = 0;
	char *word, *rest;
	char line[8192];
	FILE *cpuinfo;

	cpuinfo = fopen("/proc/cpuinfo", "re");
	if (!cpuinfo)
		return 0;

	while (!hypercall && fgets(line, sizeof(line), cpuinfo)) {
		if (strncmp(line, "flags", strlen("flags")))
			continue;
		for (word = strtok_r(line, " \t\n", &rest); word;
		     word = strtok_r(NULL, " \t\n", &rest)) {
			if (!strcmp(word, "vmx"))
				hypercall = DO_VMCALL;
			else if (!strcmp(word, "svm"))
				hypercall = DO_VMMCALL;
		}
	}
	fclose(cpuinfo);

	return hypercall;
}

/* With these KVM takes the guest's HLT and its APIC itself. */
bool uses_irqchip(const struct options *opts)
{
	return opts->block_us || uses_x2apic(opts) || opts->inhibit || opts->auto_eoi ||
	       opts->alias;
}

/* Its MSRs are 0x800 to 0x8ff. */
bool uses_x2apic(const struct options *opts)
{
	bool msrs = opts->count[KIND_RDMSR] || opts->count[KIND_WRMSR];

	return opts->count[KIND_IPI] || (msrs && opts->msr >> 8 == 0x8);
}

int kvm_open(uint32_t *hypercall)
{
	if (vmm_open())
		return -errno;
	*hypercall = hypercall_of_this_cpu();

	return 0;
}

static unsigned int vm_vcpus(const struct vm *vm)
{
	return vm->job->opts.vcpus + vm->job->opts.leaves;
}

static size_t vm_size(const struct vm *vm)
{
	return (size_t)vm_vcpus(vm) * GUEST_PAGE_SIZE;
}

/* Of each vCPU, for MMIO. */
static size_t spread_size(const struct vm *vm)
{
	return (size_t)vm->job->opts.spread * GUEST_PAGE_SIZE;
}

static bool vcpu_asks(const struct vcpu *vcpu)
{
	return vcpu->id == vcpu->vm->job->opts.vcpus;
}

/* Of each kind. */
static const uint32_t *vcpu_count(const struct vcpu *vcpu)
{
	static const uint32_t none[KIND_COUNT];

	return vcpu_asks(vcpu) ? none : vcpu->vm->job->opts.count;
}

static uint8_t *vcpu_page(const struct vcpu *vcpu)
{
	return (uint8_t *)vcpu->vm->memory + vcpu->id * GUEST_PAGE_SIZE;
}

static struct guest_phase *vcpu_plan(const struct vcpu *vcpu)
{
	return (struct guest_phase *)(vcpu_page(vcpu) + GUEST_PLAN);
}

static uint32_t vcpu_port(const struct vcpu *vcpu)
{
	return vcpu->vm->job->opts.port ?: GUEST_PORT;
}

static uint64_t vcpu_mmio(const struct vcpu *vcpu)
{
	if (vcpu->vm->job->opts.mmio)
		return vcpu->vm->job->opts.mmio;
	return GUEST_MMIO +
	       (uint64_t)vcpu->id * (vcpu->vm->job->opts.spread ?: 1) * GUEST_PAGE_SIZE;
}

/*
 * All kinds with turns left are done in turn, so the plan has one phase for
 * each different count, each with fewer kinds than the one before.  A phase
 * without turns ends it.
 */
static void vcpu_make_plan(const struct vcpu *vcpu)
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
	struct guest_phase *phase = vcpu_plan(vcpu);
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

/* KVM allows a guest the mode of its APIC that its CPUID says it has. */
static const char *vcpu_use_x2apic(const struct vcpu *vcpu)
{
	const char *failed = vmm_give_cpuid(&vcpu->cpu);
	struct kvm_sregs sregs;

	if (failed)
		return failed;
	if (ioctl(vcpu->cpu.fd, KVM_GET_SREGS, &sregs))
		return "KVM_GET_SREGS";
	sregs.apic_base |= APIC_BASE_X2APIC;

	return ioctl(vcpu->cpu.fd, KVM_SET_SREGS, &sregs) ? "KVM_SET_SREGS" : NULL;
}

static int vcpu_create(struct vcpu *vcpu)
{
	struct kvm_mp_state runnable = { .mp_state = KVM_MP_STATE_RUNNABLE };
	const uint64_t code = GUEST_CODE + vcpu->id * GUEST_PAGE_SIZE;
	struct kvm_regs regs = {
		.rip = code,
		.rsp = code + GUEST_PLAN,
		.rsi = vcpu_mmio(vcpu),
		.rflags = RFLAGS_FIXED,
	};
	const struct options *opts = &vcpu->vm->job->opts;
	const char *failed;

	failed = vmm_create_vcpu(vcpu->vm->fd, vcpu->id, &vcpu->cpu);
	failed = failed ?: vmm_flat(&vcpu->cpu, true);
	if (!failed && uses_x2apic(opts))
		failed = vcpu_use_x2apic(vcpu);
	if (!failed && opts->count[KIND_ALIGN])
		failed = align_prepare(&vcpu->cpu, vcpu_page(vcpu), code);
	if (!failed && opts->auto_eoi)
		failed = inhibit_by_auto_eoi(vcpu);
	if (failed)
		return vcpu_fail(vcpu, -errno, "%s", failed);

	memcpy(vcpu_page(vcpu), guest_start, (uintptr_t)guest_end - (uintptr_t)guest_start);
	vcpu_make_plan(vcpu);

	/* With interrupt chips in the kernel all but the first wait for INIT. */
	if (uses_irqchip(opts) && ioctl(vcpu->cpu.fd, KVM_SET_MP_STATE, &runnable))
		return vcpu_fail(vcpu, -errno, "KVM_SET_MP_STATE");
	if (ioctl(vcpu->cpu.fd, KVM_SET_REGS, &regs))
		return vcpu_fail(vcpu, -errno, "KVM_SET_REGS");

	return 0;
}

/* KVM has memory where else MMIO would be. */
static int vm_map_spread(struct vm *vm)
{
	const size_t size = vm->job->opts.vcpus * spread_size(vm);
	const char *failed = vmm_new_memory(&vm->spread, size);

	failed = failed ?: vmm_map(vm->fd, 1, GUEST_MMIO, vm->spread, size);

	return failed ? fail(vm->job, -errno, "%s", failed) : 0;
}

/* In a vm of which only the job and the index are set. */
int vm_create(struct vm *vm)
{
	struct kvm_pit_config pit = { 0 };
	const char *failed;
	unsigned int i;
	int err = 0;

	vm->memory = NULL;
	vm->spread = NULL;
	vm->inhibited = false;
	vm->alias = -1;
	for (i = 0; i < vm_vcpus(vm); i++)
		vm->vcpus[i] = (struct vcpu){ .vm = vm, .id = i, .cpu.fd = -1 };

	failed = vmm_create(&vm->fd);
	if (!failed && vm->job->opts.exitstat)
		failed = vmm_exitstat(vm->fd, KVM_X86_EXITSTAT_ENABLED);
	if (failed)
		return fail(vm->job, -errno, "%s", failed);
	if (uses_irqchip(&vm->job->opts) && ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0))
		return fail(vm->job, -errno, "KVM_CREATE_IRQCHIP");
	if (vm->job->opts.inhibit && ioctl(vm->fd, KVM_CREATE_PIT2, &pit))
		return fail(vm->job, -errno, "KVM_CREATE_PIT2");

	/*
	 * KVM maps each page for writing at the guest's first fetch from it, and has no
	 * reason to fault again.
	 */
	failed = vmm_new_memory(&vm->memory, vm_size(vm));
	failed = failed ?: vmm_map(vm->fd, 0, GUEST_CODE, vm->memory, vm_size(vm));
	if (failed)
		return fail(vm->job, -errno, "%s", failed);
	if (vm->job->opts.discard)
		err = vm_map_spread(vm);
	for (i = 0; !err && i < vm_vcpus(vm); i++)
		err = vcpu_create(&vm->vcpus[i]);
	if (!err && vm->job->opts.alias) {
		failed = inhibit_by_alias(vm);
		err = failed ? fail(vm->job, -errno, "%s", failed) : 0;
	}

	return err;
}

/* KVM has forgotten the VM when this returns: nothing keeps it but these. */
void vm_destroy(struct vm *vm)
{
	struct vcpu *vcpu;

	for (vcpu = vm->vcpus; vcpu < vm->vcpus + vm_vcpus(vm); vcpu++)
		vmm_destroy_vcpu(&vcpu->cpu);
	if (vm->alias >= 0)
		close(vm->alias);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->memory)
		munmap(vm->memory, vm_size(vm));
	if (vm->spread)
		munmap(vm->spread, vm->job->opts.vcpus * spread_size(vm));
}

/*
 * Whether the first vCPU has got its page, and with it the page tables of all.
 * Two vCPUs that fault in the same table at the same time get in each other's
 * way, and one of them faults again.
 */
bool vm_mapped(const struct vm *vm)
{
	return __atomic_load_n(&vcpu_plan(&vm->vcpus[0])->begun, __ATOMIC_ACQUIRE);
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

static int vcpu_check_plan(const struct vcpu *vcpu)
{
	const struct guest_phase *phase;

	for (phase = vcpu_plan(vcpu); phase->kinds; phase++) {
		if (phase->left)
			return vcpu_fail(vcpu, 0, "the guest ended %u turns early", phase->left);
	}
	if (!phase->begun)
		return vcpu_fail(vcpu, 0, "the guest did not reach its end");

	return 0;
}

static int vcpu_end(struct vcpu *vcpu)
{
	vcpu->done = true;
	return vcpu_check_plan(vcpu);
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
	const size_t size = spread_size(vcpu->vm);

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
