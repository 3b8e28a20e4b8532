// SPDX-License-Identifier: GPL-2.0-only
/* The VM, and its questions: kernel-patch/README.md has what is asked. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "leaves.h"

void get_sregs(const struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	must_ioctl(vcpu->cpu.fd, KVM_GET_SREGS, sregs, "KVM_GET_SREGS");
}

void set_sregs(const struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	must_ioctl(vcpu->cpu.fd, KVM_SET_SREGS, sregs, "KVM_SET_SREGS");
}

void set_ring3(const struct vcpu *vcpu)
{
	struct kvm_sregs sregs;
	struct kvm_segment *data[] = { &sregs.ss, &sregs.ds, &sregs.es, &sregs.fs, &sregs.gs };
	unsigned int i;

	get_sregs(vcpu, &sregs);
	for (i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		data[i]->type = 3;
		data[i]->dpl = 3;
		data[i]->selector = 0x13;
	}
	sregs.cs.type = 11;
	sregs.cs.dpl = 3;
	sregs.cs.selector = 0xb;
	sregs.cr0 |= 1;
	set_sregs(vcpu, &sregs);
}

void set_msr(const struct vcpu *vcpu, uint32_t index, uint64_t value)
{
	struct kvm_msrs *msrs = calloc(1, sizeof(*msrs) + sizeof(msrs->entries[0]));

	msrs->nmsrs = 1;
	msrs->entries[0] = (struct kvm_msr_entry){ .index = index, .data = value };
	if (ioctl(vcpu->cpu.fd, KVM_SET_MSRS, msrs) != 1)
		err(1, "MSR %#x", index);
	free(msrs);
}

static void add_vcpu(struct vm *vm, int i)
{
	struct vcpu *vcpu = &vm->vcpus[i];
	struct kvm_sregs sregs;

	must(vmm_create_vcpu(vm->fd, i, &vcpu->cpu));
	must(vmm_give_cpuid(&vcpu->cpu));
	vcpu->area = (char *)vm->memory + IN + AREA * i;
	get_sregs(vcpu, &sregs);
	sregs.cs.base = sregs.cs.selector = 0;
	sregs.ds.base = IN + AREA * i;
	sregs.es.base = OUT + AREA * i;
	sregs.ds.selector = sregs.ds.base >> 4;
	sregs.es.selector = sregs.es.base >> 4;
	set_sregs(vcpu, &sregs);
}

static void vm_fill(struct vm *vm, int nr)
{
	int i;

	must(vmm_new_memory(&vm->memory, MEMORY));
	memcpy((char *)vm->memory + CODE, guest_ask, guest_end - guest_ask);
	must(vmm_map(vm->fd, 0, 0, vm->memory, MEMORY));
	vm->nr = nr;
	for (i = 0; i < nr; i++)
		add_vcpu(vm, i);
}

void vm_create(struct vm *vm, int nr)
{
	must(vmm_create(&vm->fd));
	vm_fill(vm, nr);
}

void vm_create_asking(struct vm *vm, int nr, uint64_t flags)
{
	must(vmm_create(&vm->fd));
	must(vmm_exitstat(vm->fd, flags));
	vm_fill(vm, nr);
}

void vm_destroy(struct vm *vm)
{
	int i;

	for (i = 0; i < vm->nr; i++)
		vmm_destroy_vcpu(&vm->vcpus[i].cpu);
	close(vm->fd);
	munmap(vm->memory, MEMORY);
}

uint32_t guest_address(const char *where)
{
	return CODE + (where - guest_ask);
}

void run_guest(struct vcpu *vcpu, const char *where, struct kvm_regs *regs)
{
	regs->rip = guest_address(where);
	regs->rflags = 0x3002; /* IOPL 3 */
	must(vmm_run(&vcpu->cpu, regs));
}

const struct regs *ask_list(struct vcpu *vcpu, uint32_t leaf, const uint32_t *list, int n)
{
	struct kvm_regs regs = { .rbp = leaf, .rsp = n };

	memcpy(vcpu->area, list, n * sizeof(*list));
	run_guest(vcpu, guest_ask, &regs);
	return (const struct regs *)(vcpu->area + 0x10000);
}

struct regs ask(struct vcpu *vcpu, uint32_t leaf, uint32_t ecx)
{
	return *ask_list(vcpu, leaf, &ecx, 1);
}

void *spin(void *arg)
{
	struct kvm_regs regs = { .rdi = SPINS };

	run_guest(arg, guest_spin, &regs);
	return NULL;
}

/* --- which leaf is which, which codes there are ------------------------------ */

int layout, isa;
uint32_t defined;

const char *const leaf_names[] = { "total away", "away of",	  "who",	"handled of",
				   "count of",	 "total handled", "total count" };

uint32_t leaf_of(int what)
{
	return what >= HANDLED_OF && layout == 2022 ? 0x4fffffffu - (what - HANDLED_OF)
						    : 0x4ffffff9u + what;
}

uint64_t value(int what, const struct regs *r)
{
	bool count = what == COUNT_OF || what == TOTAL_COUNT;

	return (uint64_t)r->ebx << 32 | (count ? r->eax : r->ecx);
}

uint64_t read_leaf(struct vcpu *vcpu, int what, uint32_t ecx)
{
	struct regs r = ask(vcpu, leaf_of(what), ecx);

	return value(what, &r);
}

int all_codes(uint32_t *codes)
{
	uint32_t cpuid = cpuid_reason(isa), code, i;
	int n = 0;

	for (i = 0; i < EXITSTAT_COUNTERS - 1; i++) {
		code = counter_reason(i);
		if (leaves_define(isa, defined, code) == CODE_DEFINED && code != cpuid)
			codes[n++] = code;
	}
	codes[n++] = cpuid;
	return n;
}

bool identify(struct vcpu *vcpu)
{
	struct regs r = ask(vcpu, 0x4ffffffb, 0);

	if (memcmp(&r.ebx, "KVMExitStats", 12))
		return false;
	if (r.eax >> 16 != 1)
		errx(1, "ABI version %u", r.eax >> 16);
	layout = r.eax & 0xffff;
	r = ask(vcpu, 0x4ffffffb, 1);
	isa = r.eax;
	defined = r.ebx;
	return true;
}

void vm_create_counted(struct vm *vm, int nr)
{
	vm_create(vm, nr);
	if (!identify(&vm->vcpus[0]))
		errx(3, "nobody answers: kvm has no exitstat=1");
}
