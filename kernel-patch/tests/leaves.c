// SPDX-License-Identifier: GPL-2.0-only
/*
 * leaves: a VM that asks the exit statistics' CPUID leaves, and checks the answers.
 *
 * Needs nothing but /dev/kvm. The guest runs in real mode: it takes a list of
 * values for ECX, asks one leaf with each, stores the answers, and does one OUT.
 * So a list of n costs n CPUID exits and one of I/O, and what the memory costs.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LIST_MAX  2048
#define MAX_VCPUS 8

enum {
	CODE = 0x1000,
	IN = 0x10000,
	OUT = 0x20000,
	AREA = 0x20000,
	MEMORY = AREA * (MAX_VCPUS + 1)
};

/* ask: BP is the leaf, SP how many; DS:SI the list, ES:DI the answers.
 * cost: EDI how many times leaf EBP; EAX gets the cycles it took.
 * spin: EDI how many times leaf 0. emulated: one CPUID, by KVM's emulator.
 * nested: in protected mode, EDI how many times VMRUN of the VMCB at EAX. */
extern const char guest_ask[], guest_cost[], guest_spin[], guest_emulated[], guest_nested[],
	guest_of_nested[], guest_end[];
asm(".pushsection .rodata\n"
    ".code16\n"
    "guest_ask: mov %ebp, %eax\n"
    "	mov (%si), %ecx\n"
    "	cpuid\n"
    "	mov %eax, %es:(%di)\n"
    "	mov %ebx, %es:4(%di)\n"
    "	mov %ecx, %es:8(%di)\n"
    "	mov %edx, %es:12(%di)\n"
    "	add $4, %si\n"
    "	add $16, %di\n"
    "	dec %sp\n"
    "	jnz guest_ask\n"
    "	out %al, $0x10\n"
    "guest_cost: rdtsc\n"
    "	mov %eax, %esi\n"
    "1:	mov %ebp, %eax\n"
    "	xor %ecx, %ecx\n"
    "	cpuid\n"
    "	dec %edi\n"
    "	jnz 1b\n"
    "	rdtsc\n"
    "	sub %esi, %eax\n"
    "	out %al, $0x10\n"
    "guest_spin: xor %eax, %eax\n"
    "	cpuid\n"
    "	dec %edi\n"
    "	jnz guest_spin\n"
    "	out %al, $0x10\n"
    "guest_emulated: .ascii \"\\x0f\\x0bkvm\"\n"
    "	cpuid\n"
    "	out %al, $0x10\n"
    ".code32\n"
    "guest_nested: vmrun\n"
    "	dec %edi\n"
    "	jnz guest_nested\n"
    "	out %al, $0x10\n"
    ".code16\n"
    "guest_of_nested: cpuid\n"
    "guest_end:\n"
    ".code64\n"
    ".popsection\n");

struct regs {
	uint32_t eax, ebx, ecx, edx;
};

struct vcpu {
	int fd;
	struct kvm_run *run;
	char *area; /* this vCPU's list and answers */
};

struct vm {
	int fd, nr;
	char *memory;
	struct vcpu vcpus[MAX_VCPUS];
};

static int kvm;
static size_t run_size;

static void do_ioctl(int fd, unsigned long request, void *arg, const char *what)
{
	if (ioctl(fd, request, arg) < 0)
		err(1, "%s", what);
}

static void set_cpuid(int fd)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + 256 * sizeof(cpuid->entries[0]));

	cpuid->nent = 256;
	do_ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid, "KVM_GET_SUPPORTED_CPUID");
	do_ioctl(fd, KVM_SET_CPUID2, cpuid, "KVM_SET_CPUID2");
	free(cpuid);
}

static void set_msr(struct vcpu *vcpu, uint32_t index, uint64_t value)
{
	struct kvm_msrs *msrs = calloc(1, sizeof(*msrs) + sizeof(msrs->entries[0]));

	msrs->nmsrs = 1;
	msrs->entries[0] = (struct kvm_msr_entry){ .index = index, .data = value };
	if (ioctl(vcpu->fd, KVM_SET_MSRS, msrs) != 1)
		err(1, "MSR %#x", index);
	free(msrs);
}

/* Memory: the code, then for each vCPU 64 KiB of list and 64 KiB of answers. */
static void add_vcpu(struct vm *vm, int i)
{
	struct vcpu *vcpu = &vm->vcpus[i];
	struct kvm_sregs sregs;

	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, (long)i);
	if (vcpu->fd < 0)
		err(1, "KVM_CREATE_VCPU");
	vcpu->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		err(1, "mmap");
	set_cpuid(vcpu->fd);
	vcpu->area = vm->memory + IN + AREA * i;
	do_ioctl(vcpu->fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.cs.base = sregs.cs.selector = 0;
	sregs.ds.base = IN + AREA * i;
	sregs.es.base = OUT + AREA * i;
	sregs.ds.selector = sregs.ds.base >> 4;
	sregs.es.selector = sregs.es.base >> 4;
	do_ioctl(vcpu->fd, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
}

static void vm_create(struct vm *vm, int nr)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY };
	int i;

	vm->fd = ioctl(kvm, KVM_CREATE_VM, 0L);
	if (vm->fd < 0)
		err(1, "KVM_CREATE_VM");
	ioctl(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000L);
	vm->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->memory == MAP_FAILED)
		err(1, "mmap");
	memset(vm->memory, 0, MEMORY);
	memcpy(vm->memory + CODE, guest_ask, guest_end - guest_ask);
	region.userspace_addr = (uintptr_t)vm->memory;
	do_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region, "KVM_SET_USER_MEMORY_REGION");
	vm->nr = nr;
	for (i = 0; i < nr; i++)
		add_vcpu(vm, i);
}

static void vm_destroy(struct vm *vm)
{
	int i;

	for (i = 0; i < vm->nr; i++) {
		munmap(vm->vcpus[i].run, run_size);
		close(vm->vcpus[i].fd);
	}
	close(vm->fd);
	munmap(vm->memory, MEMORY);
}

/* Run to the OUT. */
static void run_guest(struct vcpu *vcpu, const char *where, struct kvm_regs *regs)
{
	regs->rip = CODE + (where - guest_ask);
	regs->rflags = 0x3002; /* IOPL 3 */
	do_ioctl(vcpu->fd, KVM_SET_REGS, regs, "KVM_SET_REGS");
	do_ioctl(vcpu->fd, KVM_RUN, NULL, "KVM_RUN");
	if (vcpu->run->exit_reason != KVM_EXIT_IO)
		errx(1, "the guest stopped with reason %u", vcpu->run->exit_reason);
	do_ioctl(vcpu->fd, KVM_GET_REGS, regs, "KVM_GET_REGS");
}

static const struct regs *ask_list(struct vcpu *vcpu, uint32_t leaf, const uint32_t *list, int n)
{
	struct kvm_regs regs = { .rbp = leaf, .rsp = n };

	memcpy(vcpu->area, list, n * sizeof(*list));
	run_guest(vcpu, guest_ask, &regs);
	return (const struct regs *)(vcpu->area + 0x10000);
}

static struct regs ask(struct vcpu *vcpu, uint32_t leaf, uint32_t ecx)
{
	return *ask_list(vcpu, leaf, &ecx, 1);
}

enum {
	MSR_MISC_FEATURES_ENABLES = 0x140,
	MSR_VM_HSAVE_PA = 0xc0010117,
	EFER_SVME = 1 << 12,
	CR4_PSE = 1 << 4,
};

enum {
	TOTAL_AWAY,
	AWAY_OF,
	WHO,
	HANDLED_OF,
	COUNT_OF,
	TOTAL_HANDLED,
	TOTAL_COUNT,
	NR_LEAVES
};

static int layout, isa;
static const char *const leaf_names[] = { "total away", "away of",	 "who",	       "handled of",
					  "count of",	"total handled", "total count" };

static uint32_t leaf_of(int what)
{
	return what >= HANDLED_OF && layout == 2022 ? 0x4fffffffu - (what - HANDLED_OF)
						    : 0x4ffffff9u + what;
}

static uint64_t value(int what, const struct regs *r)
{
	bool count = what == COUNT_OF || what == TOTAL_COUNT;

	return (uint64_t)r->ebx << 32 | (count ? r->eax : r->ecx);
}

static uint64_t read_leaf(struct vcpu *vcpu, int what, uint32_t ecx)
{
	struct regs r = ask(vcpu, leaf_of(what), ecx);

	return value(what, &r);
}

/* The manuals' tables once more, in another form than the patch has them. */
static bool defined(uint32_t code)
{
	static const uint8_t vmx_undefined[] = { 35, 38, 42, 65, 71 };

	if (isa == 2)
		return code < 0xa5 || code >> 2 == 0x100 || code > 0xfffffffdu;
	return code < 76 && !memchr(vmx_undefined, code, sizeof(vmx_undefined));
}

/* The codes that the manual defines, CPUID's last: asking for it is the last exit. */
static int all_codes(uint32_t *codes)
{
	uint32_t cpuid = isa == 2 ? 0x72 : 10, code;
	int n = 0;

	for (code = 0; code < 0x404; code++) {
		if (defined(code) && code != cpuid)
			codes[n++] = code;
	}
	if (isa == 2) {
		codes[n++] = -2u;
		codes[n++] = -1u;
	}
	codes[n++] = cpuid;
	return n;
}

static bool identify(struct vcpu *vcpu)
{
	struct regs r = ask(vcpu, 0x4ffffffb, 0);

	if (memcmp(&r.ebx, "KVMExitStats", 12))
		return false;
	if (r.eax >> 16 != 1)
		errx(1, "ABI version %u", r.eax >> 16);
	layout = r.eax & 0xffff;
	r = ask(vcpu, 0x4ffffffb, 1);
	isa = r.eax;
	return true;
}

static void vm_create_counted(struct vm *vm, int nr)
{
	vm_create(vm, nr);
	if (!identify(&vm->vcpus[0]))
		errx(3, "nobody answers: load kvm with exitstat=1");
}

static int failures;

#define CHECK(condition, ...)                        \
	do {                                         \
		if (!(condition)) {                  \
			warnx("FAIL: " __VA_ARGS__); \
			failures++;                  \
		}                                    \
	} while (0)

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
		       : ecx == 1 ? r->eax == (uint32_t)isa && r->ebx == (isa == 2 ? 171u : 71u) &&
					    r->ecx && !r->edx
				  : !(r->eax | r->ebx | r->ecx | r->edx);
	} else if (by_code && !defined(ecx)) {
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

/* n questions are n CPUID exits, each already counted in its own answer. */
static void check_exact(struct vcpu *vcpu)
{
	uint32_t io = isa == 2 ? 0x7b : 30, cpuid = isa == 2 ? 0x72 : 10, list[LIST_MAX];
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
static void check_sum(struct vcpu *vcpu)
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

static void *spin(void *arg)
{
	struct kvm_regs regs = { .rdi = 20000 };

	run_guest(arg, guest_spin, &regs);
	return NULL;
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
	CHECK(after - before >= (vm->nr - 1) * 20000ull, "%d vCPUs added %llu", vm->nr - 1,
	      (unsigned long long)(after - before));
}

/* What another VM does between two readings must not show. */
static void check_isolation(struct vm *vm)
{
	uint32_t cpuid = isa == 2 ? 0x72 : 10;
	uint64_t before = read_leaf(&vm->vcpus[0], COUNT_OF, cpuid), after;
	struct vm other;

	vm_create(&other, 1);
	spin(&other.vcpus[0]);
	after = read_leaf(&vm->vcpus[0], COUNT_OF, cpuid);
	CHECK(after == before + 1, "another VM shows: %llu", (unsigned long long)(after - before));
	after = read_leaf(&other.vcpus[0], COUNT_OF, cpuid);
	CHECK(after == 20001, "a new VM starts with %llu", (unsigned long long)after);
	vm_destroy(&other);
}

/* The emulator answers the same, and its CPUID is no exit of that reason. */
static void check_emulator(struct vcpu *vcpu)
{
	uint32_t cpuid = isa == 2 ? 0x72 : 10;
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

static void set_ring3(struct vcpu *vcpu)
{
	struct kvm_sregs sregs;
	struct kvm_segment *data[] = { &sregs.ss, &sregs.ds, &sregs.es, &sregs.fs, &sregs.gs };
	unsigned int i;

	do_ioctl(vcpu->fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	for (i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		data[i]->type = 3;
		data[i]->dpl = 3;
		data[i]->selector = 0x13;
	}
	sregs.cs.type = 11;
	sregs.cs.dpl = 3;
	sregs.cs.selector = 0xb;
	sregs.cr0 |= 1;
	do_ioctl(vcpu->fd, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
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
	do_ioctl(vcpu->fd, KVM_SET_REGS, &regs, "KVM_SET_REGS");
	do_ioctl(vcpu->fd, KVM_RUN, NULL, "KVM_RUN");
	CHECK(vcpu->run->exit_reason == KVM_EXIT_SHUTDOWN, "CPUID did not fault in ring 3: %u",
	      vcpu->run->exit_reason);
	vm_destroy(&vm);
}

/* AMD's VMCB (APM vol. 2, appendix B): what a real-mode guest that is never let
 * past its CPUID needs of it. */
struct vmcb {
	uint8_t unused1[0x00c];
	uint32_t intercepts[2];
	uint8_t unused2[0x058 - 0x014];
	uint32_t asid;
	uint8_t unused3[0x400 - 0x05c];
	struct vmcb_segment {
		uint16_t selector, attributes;
		uint32_t limit;
		uint64_t base;
	} es, cs, ss, ds;
	uint8_t unused4[0x4d0 - 0x440];
	uint64_t efer;
	uint8_t unused5[0x558 - 0x4d8];
	uint64_t cr0, dr7, dr6, rflags, rip;
};

_Static_assert(offsetof(struct vmcb, asid) == 0x058, "APM");
_Static_assert(offsetof(struct vmcb, efer) == 0x4d0, "APM");
_Static_assert(offsetof(struct vmcb, rip) == 0x578, "APM");

enum {
	/* In the vCPU's list: */
	VMCB = 0x4000,
	SAVE_AREA = 0x5000,
	PAGES = 0x6000,
};

static void make_vmcb(struct vmcb *vmcb)
{
	struct vmcb_segment data = { .attributes = 0x93, .limit = 0xffff };

	*vmcb = (struct vmcb){
		.intercepts = { 1 << 18, 1 }, /* CPUID; VMRUN, as is demanded */
		.asid = 1,
		.es = data,
		.cs = { .attributes = 0x9b, .limit = 0xffff },
		.ss = data,
		.ds = data,
		.efer = EFER_SVME,
		.cr0 = 0x10,
		.dr7 = 0x400,
		.dr6 = 0xffff0ff0,
		.rflags = 2,
		.rip = CODE + (guest_of_nested - guest_ask),
	};
}

/* Protected mode with paging, as VMRUN demands: 4 MiB, each at its own address. */
static void set_hypervisor(struct vcpu *vcpu, uint64_t list)
{
	struct kvm_sregs sregs;

	do_ioctl(vcpu->fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	*(uint32_t *)(vcpu->area + PAGES) = 0x83; /* present, writable, large */
	sregs.cr0 |= 0x80000001;
	sregs.cr3 = list + PAGES;
	sregs.cr4 |= CR4_PSE;
	sregs.efer |= EFER_SVME;
	sregs.cs.limit = 0xffffffff;
	sregs.cs.db = sregs.cs.g = 1;
	do_ioctl(vcpu->fd, KVM_SET_SREGS, &sregs,
		 "KVM_SET_SREGS: is kvm_amd loaded with nested=0?");
	set_msr(vcpu, MSR_VM_HSAVE_PA, list + SAVE_AREA);
}

/* A nested guest's exits, which its hypervisor gets, count once each, as do those
 * of its hypervisor's VMRUNs. */
static void command_nested(unsigned int n)
{
	uint64_t vmruns, cpuids;
	struct vcpu *reader, *l1;
	struct kvm_regs regs;
	struct vm vm;

	vm_create_counted(&vm, 2);
	reader = &vm.vcpus[0];
	l1 = &vm.vcpus[1];
	if (isa != 2)
		errx(3, "needs kvm_amd");
	regs = (struct kvm_regs){ .rax = IN + AREA + VMCB, .rdi = n };
	set_hypervisor(l1, IN + AREA);
	make_vmcb((struct vmcb *)(l1->area + VMCB));
	vmruns = read_leaf(reader, COUNT_OF, 0x80);
	cpuids = read_leaf(reader, COUNT_OF, 0x72);
	run_guest(l1, guest_nested, &regs);
	vmruns = read_leaf(reader, COUNT_OF, 0x80) - vmruns;
	cpuids = read_leaf(reader, COUNT_OF, 0x72) - cpuids;
	CHECK(vmruns == n, "%u VMRUNs: %llu exits", n, (unsigned long long)vmruns);
	/* asking for VMRUN's and for CPUID's count again */
	CHECK(cpuids == n + 2, "%u nested CPUIDs: %llu exits", n, (unsigned long long)cpuids - 2);
	vm_destroy(&vm);
}

static void command_race(void)
{
	struct vm vm;

	vm_create_counted(&vm, 4);
	memset(highest, 0, sizeof(highest));
	check_vcpus(&vm);
	check_sum(&vm.vcpus[0]);
	vm_destroy(&vm);
}

static void command_inputs(unsigned int n, unsigned int what)
{
	struct vm vm;

	if (what >= NR_LEAVES)
		errx(2, "no leaf %u: 0 to %d", what, NR_LEAVES - 1);
	vm_create_counted(&vm, 1);
	check_inputs(&vm.vcpus[0], what, n);
	vm_destroy(&vm);
}

static void command_check(unsigned int n)
{
	struct vm vm;
	int what;

	vm_create_counted(&vm, 1);
	check_exact(&vm.vcpus[0]);
	for (what = 0; what < NR_LEAVES; what++)
		check_inputs(&vm.vcpus[0], what, n);
	check_sum(&vm.vcpus[0]);
	check_windows(&vm.vcpus[0]);
	check_isolation(&vm);
	check_emulator(&vm.vcpus[0]);
	vm_destroy(&vm);
	check_ring3();
	command_race();
}

/* Data segments of 4 GiB in real mode: without unrestricted guests no VMX runs that, and
 * KVM emulates all of it. */
static void set_unreal(struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	do_ioctl(vcpu->fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.ds.limit = 0xffffffff;
	sregs.ds.g = 1;
	do_ioctl(vcpu->fd, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
}

static void command_cost(unsigned int n, uint32_t leaf, bool unreal)
{
	struct kvm_regs regs;
	struct vm vm;
	int i;

	vm_create(&vm, 1);
	if (unreal) {
		ask(&vm.vcpus[0], 0, 0); /* real exits, by which an observer knows the vCPU */
		set_unreal(&vm.vcpus[0]);
	}
	for (i = 0; i < 3; i++) {
		regs = (struct kvm_regs){ .rdi = n, .rbp = leaf };
		run_guest(&vm.vcpus[0], guest_cost, &regs);
		printf("%.2f\n", (double)(uint32_t)regs.rax / n);
	}
	vm_destroy(&vm);
}

/* What a VM that is not counted gets, to be compared with stock KVM's. */
static void command_dump(void)
{
	static const uint32_t firsts[] = { 0,	       0x40000000, 0x40000100, 0x4ffffff0,
					   0x50000000, 0x80000000, 0xc0000000 };
	struct regs r;
	struct vm vm;
	unsigned int i, j;
	uint32_t ecx;

	vm_create(&vm, 1);
	for (i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		for (j = 0; j < 0x28; j++) {
			for (ecx = 0; ecx < 4; ecx++) {
				r = ask(&vm.vcpus[0], firsts[i] + j, ecx);
				printf("%08x %x: %08x %08x %08x %08x\n", firsts[i] + j, ecx, r.eax,
				       r.ebx, r.ecx, r.edx);
			}
		}
	}
	vm_destroy(&vm);
}

/* A vCPU that has exits and does nothing any more; then, from a while later, one that
 * asks for all exits again and again. */
static void command_idle(unsigned int seconds)
{
	struct vm vm;
	int i;

	vm_create_counted(&vm, 2);
	spin(&vm.vcpus[1]);
	sleep(seconds);
	for (i = 0; i < 100; i++)
		read_leaf(&vm.vcpus[0], TOTAL_COUNT, 0);
	vm_destroy(&vm);
}

static void command_churn(unsigned int n)
{
	struct vm vm;

	while (n--) {
		vm_create(&vm, MAX_VCPUS);
		ask(&vm.vcpus[n % MAX_VCPUS], 0x4fffffff, 0);
		vm_destroy(&vm);
	}
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	unsigned int n = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		err(3, "/dev/kvm");
	run_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (!strcmp(command, "check"))
		command_check(n);
	else if (!strcmp(command, "cost"))
		command_cost(n, argc > 3 ? strtoul(argv[3], NULL, 0) : 0, false);
	else if (!strcmp(command, "unreal"))
		command_cost(n, argc > 3 ? strtoul(argv[3], NULL, 0) : 0, true);
	else if (!strcmp(command, "dump"))
		command_dump();
	else if (!strcmp(command, "idle"))
		command_idle(n);
	else if (!strcmp(command, "churn"))
		command_churn(n);
	else if (!strcmp(command, "inputs"))
		command_inputs(n, argc > 3 ? strtoul(argv[3], NULL, 0) : 0);
	else if (!strcmp(command, "race"))
		command_race();
	else if (!strcmp(command, "nested"))
		command_nested(n);
	else
		errx(2, "usage: leaves check RANDOM | inputs RANDOM LEAF | race | nested EXITS |"
			" cost EXITS LEAF | unreal EXITS LEAF | dump | churn VMS |"
			" idle SECONDS");
	if (failures)
		errx(1, "%d failures", failures);
	return 0;
}
