// SPDX-License-Identifier: GPL-2.0-only
/* Whether the answers are right. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "leaves.h"

#define MSR_MISC_FEATURES_ENABLES 0x140

int failures;

/* What a VM's leaves answered so far: none may go back. */
static uint64_t highest[NR_LEAVES][0x404];

/* Does the answer have the ABI's form? */
static void check_answer(int what, uint32_t ecx, const struct regs *r)
{
	bool by_code = what == AWAY_OF || what == HANDLED_OF || what == COUNT_OF;
	uint64_t v = value(what, r), *seen;
	bool good;

	if (what == WHO) {
		good = ecx == 0 ? r->eax == (1u << 16 | layout) &&
					  !memcmp(&r->ebx, "KVMExitStats", 12)
		       : ecx == 1 ? r->eax == (uint32_t)isa && r->ecx && !r->edx &&
					    r->ebx == defined && leaves_have_total(isa, defined)
				  : !(r->eax | r->ebx | r->ecx | r->edx);
	} else if (by_code && leaves_define(isa, defined, ecx) == CODE_UNDEFINED) {
		good = !(r->eax | r->ebx | r->ecx) && r->edx == 0xffffffff;
	} else {
		good = !r->edx && !(what == COUNT_OF || what == TOTAL_COUNT ? r->ecx : r->eax);
		seen = &highest[what][by_code && ecx < 0x404 ? ecx : 0];
		if (!by_code || ecx < 0x404) {
			CHECK(v >= *seen, "%s %#x went back by %llu", leaf_names[what], ecx,
			      (unsigned long long)(*seen - v));
			*seen = v;
		}
	}
	CHECK(good, "%s, ECX %#x: %#x %#x %#x %#x", leaf_names[what], ecx, r->eax, r->ebx, r->ecx,
	      r->edx);
}

static uint32_t random32(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state = state * 6364136223846793005 + 1442695040888963407;
	return state >> 32;
}

/* Every low half of ECX and @n random values of it. */
static void check_inputs(struct vcpu *vcpu, int what, unsigned int n)
{
	uint32_t list[LIST_MAX];
	const struct regs *r;
	unsigned int i, done;

	for (done = 0; done < 0x10000 + n; done += LIST_MAX) {
		for (i = 0; i < LIST_MAX; i++)
			list[i] = done + i < 0x10000 ? done + i : random32();
		r = ask_list(vcpu, leaf_of(what), list, LIST_MAX);
		for (i = 0; i < LIST_MAX; i++)
			check_answer(what, list[i], &r[i]);
	}
}

/*
 * All that the tool says is defined is so here. As there are not more of them, which
 * check_answer() sees, nothing else is: they agree on every code up to the last.
 */
static void check_codes(struct vcpu *vcpu, int what)
{
	static const uint32_t others[] = { 0x404, 0x7fffffff, 0x80000000, -5u, -4u, -3u };
	uint32_t codes[LIST_MAX];
	const struct regs *r;
	int i, n = all_codes(codes);

	memcpy(codes + n, others, sizeof(others));
	n += sizeof(others) / sizeof(others[0]);
	r = ask_list(vcpu, leaf_of(what), codes, n);
	for (i = 0; i < n; i++)
		check_answer(what, codes[i], &r[i]);
}

/* n questions are n CPUID exits, each already counted in its own answer. */
static void check_exact(struct vcpu *vcpu)
{
	uint32_t io = isa == 2 ? 0x7b : 30, cpuid = cpuid_reason(isa), list[LIST_MAX];
	uint64_t io_before = read_leaf(vcpu, COUNT_OF, io), before, after;
	const struct regs *r;
	int i;

	before = read_leaf(vcpu, COUNT_OF, cpuid);
	for (i = 0; i < LIST_MAX; i++)
		list[i] = cpuid;
	r = ask_list(vcpu, leaf_of(COUNT_OF), list, LIST_MAX);
	for (i = 0; i < LIST_MAX; i++)
		CHECK(value(COUNT_OF, &r[i]) == before + 1 + i, "answer %d: %llu after %llu", i,
		      (unsigned long long)value(COUNT_OF, &r[i]), (unsigned long long)before);
	for (i = 0; i < 100; i++)
		ask(vcpu, 0, 0);
	after = read_leaf(vcpu, COUNT_OF, cpuid);
	CHECK(after == before + LIST_MAX + 101, "CPUID: %llu more",
	      (unsigned long long)(after - before));
	/* the OUTs of: io_before, before, the list, 100, after */
	after = read_leaf(vcpu, COUNT_OF, io);
	CHECK(after == io_before + 104, "OUT: %llu more", (unsigned long long)(after - io_before));
}

/* With all else at rest the total is the sum, but for an interrupt in between. */
void check_sum(struct vcpu *vcpu)
{
	uint32_t codes[LIST_MAX];
	uint64_t sum, total = 0;
	const struct regs *r;
	int i, n = all_codes(codes), try;

	for (try = 0; try < 20; try++) {
		r = ask_list(vcpu, leaf_of(COUNT_OF), codes, n);
		for (sum = 0, i = 0; i < n; i++)
			sum += value(COUNT_OF, &r[i]);
		total = read_leaf(vcpu, TOTAL_COUNT, 0);
		/* the OUT after the list and this question */
		if (total == sum + 2)
			break;
	}
	CHECK(try < 20, "total %llu, sum %llu", (unsigned long long)total, (unsigned long long)sum);
}

static void check_windows(struct vcpu *vcpu)
{
	uint32_t codes[LIST_MAX], i, n = all_codes(codes);
	uint64_t handled = read_leaf(vcpu, TOTAL_HANDLED, 0), away = read_leaf(vcpu, TOTAL_AWAY, 0);

	CHECK(handled && handled <= away, "handled %llu, away %llu", (unsigned long long)handled,
	      (unsigned long long)away);
	for (i = 0; i < n; i++) {
		handled = read_leaf(vcpu, HANDLED_OF, codes[i]);
		away = read_leaf(vcpu, AWAY_OF, codes[i]);
		CHECK(handled <= away, "%#x: handled %llu, away %llu", codes[i],
		      (unsigned long long)handled, (unsigned long long)away);
	}
}

/* The first vCPU reads while the others run; then all of theirs must be there. */
static void check_vcpus(struct vm *vm)
{
	uint64_t before = read_leaf(&vm->vcpus[0], TOTAL_COUNT, 0), after;
	uint32_t codes[LIST_MAX];
	pthread_t threads[MAX_VCPUS];
	const struct regs *r;
	int i, j, what, n = all_codes(codes);

	for (i = 1; i < vm->nr; i++)
		pthread_create(&threads[i], NULL, spin, &vm->vcpus[i]);
	for (i = 0; i < 20; i++) {
		for (what = 0; what < NR_LEAVES; what++) {
			r = ask_list(&vm->vcpus[0], leaf_of(what), codes, n);
			for (j = 0; j < n; j++)
				check_answer(what, codes[j], &r[j]);
		}
	}
	for (i = 1; i < vm->nr; i++)
		pthread_join(threads[i], NULL);
	after = read_leaf(&vm->vcpus[0], TOTAL_COUNT, 0);
	CHECK(after - before >= (vm->nr - 1) * (uint64_t)SPINS, "%d vCPUs added %llu", vm->nr - 1,
	      (unsigned long long)(after - before));
}

/* What another VM does between two readings must not show. */
static void check_isolation(struct vm *vm)
{
	uint32_t cpuid = cpuid_reason(isa);
	uint64_t before = read_leaf(&vm->vcpus[0], COUNT_OF, cpuid), after;
	struct vm other;

	vm_create(&other, 1);
	spin(&other.vcpus[0]);
	after = read_leaf(&vm->vcpus[0], COUNT_OF, cpuid);
	CHECK(after == before + 1, "another VM shows: %llu", (unsigned long long)(after - before));
	after = read_leaf(&other.vcpus[0], COUNT_OF, cpuid);
	CHECK(after == SPINS + 1, "a new VM starts with %llu", (unsigned long long)after);
	vm_destroy(&other);
}

/* The emulator answers the same, and its CPUID is no exit of that reason. */
static void check_emulator(struct vcpu *vcpu)
{
	uint32_t cpuid = cpuid_reason(isa);
	struct kvm_regs regs = { .rax = leaf_of(COUNT_OF), .rcx = cpuid };
	char on = '0';
	uint64_t before;
	int fd = open("/sys/module/kvm/parameters/force_emulation_prefix", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &on, 1) != 1 || on == '0') {
		puts("skipped: the emulator (load kvm with force_emulation_prefix=1)");
	} else {
		before = read_leaf(vcpu, COUNT_OF, cpuid);
		run_guest(vcpu, guest_emulated, &regs);
		CHECK(regs.rax == before && !regs.rbx && !regs.rcx && !regs.rdx,
		      "emulator: %llu, not %llu", regs.rax, (unsigned long long)before);
	}
	close(fd);
}

/* Ring 3 gets the answers, unless the guest has CPUID fault there. */
static void check_ring3(void)
{
	struct kvm_regs regs = { .rip = CODE, .rflags = 0x3002, .rbp = 0x4fffffff, .rsp = 1 };
	struct vcpu *vcpu;
	struct vm vm;

	vm_create(&vm, 1);
	vcpu = &vm.vcpus[0];
	set_ring3(vcpu);
	CHECK(read_leaf(vcpu, TOTAL_COUNT, 0), "no answer in ring 3");
	set_msr(vcpu, MSR_MISC_FEATURES_ENABLES, 1);
	must_ioctl(vcpu->cpu.fd, KVM_SET_REGS, &regs, "KVM_SET_REGS");
	must_ioctl(vcpu->cpu.fd, KVM_RUN, NULL, "KVM_RUN");
	CHECK(vcpu->cpu.run->exit_reason == KVM_EXIT_SHUTDOWN, "CPUID did not fault in ring 3: %u",
	      vcpu->cpu.run->exit_reason);
	vm_destroy(&vm);
}

void command_race(void)
{
	struct vm vm;

	vm_create_counted(&vm, 4);
	memset(highest, 0, sizeof(highest));
	check_vcpus(&vm);
	check_sum(&vm.vcpus[0]);
	vm_destroy(&vm);
}

void command_inputs(unsigned int n, unsigned int what)
{
	struct vm vm;

	if (what >= NR_LEAVES)
		errx(2, "no leaf %u: 0 to %d", what, NR_LEAVES - 1);
	vm_create_counted(&vm, 1);
	check_inputs(&vm.vcpus[0], what, n);
	vm_destroy(&vm);
}

void command_check(unsigned int n)
{
	struct vm vm;
	int what;

	vm_create_counted(&vm, 1);
	check_exact(&vm.vcpus[0]);
	for (what = 0; what < NR_LEAVES; what++) {
		check_codes(&vm.vcpus[0], what);
		check_inputs(&vm.vcpus[0], what, n);
	}
	check_sum(&vm.vcpus[0]);
	check_windows(&vm.vcpus[0]);
	check_isolation(&vm);
	check_emulator(&vm.vcpus[0]);
	vm_destroy(&vm);
	check_ring3();
	command_race();
}
