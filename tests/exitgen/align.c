// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest needs for alignment checks (#AC): CPL 3, CR0.AM and EFLAGS.AC, and a way back to
 * CPL 0. It is all in the vCPU's page, and guest.S says how it is used.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "exitgen.h"
#include "guest.h"

/* guest.S */
extern const uint8_t guest_start[];
extern const uint8_t guest_misaligned[];
extern const uint8_t guest_checked[];

#define CR0_AM	  0x00040000
#define RFLAGS_AC 0x00040000

#define AC_VECTOR 17
#define CODE_0	  0x08
#define DATA_0	  0x10
#define CODE_3	  0x1b
#define DATA_3	  0x23

/* Flat segments, by selector. */
static const uint64_t gdt[] = {
	0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cffb000000ffff, 0x00cff3000000ffff,
};

/* Where the CPU finds the stack of CPL 0: all that is used of a TSS. */
struct tss {
	uint32_t link, esp0, ss0;
	uint8_t unused[92];
} __attribute__((packed));

/* What IRET takes from the stack. */
struct frame {
	uint32_t eip, cs, eflags, esp, ss;
};

struct tables {
	uint64_t gdt[sizeof(gdt) / sizeof(*gdt)];
	uint64_t idt[AC_VECTOR + 1]; /* all but the last are not present */
	struct tss tss;
};

_Static_assert(sizeof(struct tss) == 104, "as the CPU has it");
_Static_assert(GUEST_TABLES + sizeof(struct tables) <= GUEST_FRAME, "guest.h");
/* #AC pushes six words at the page's end. */
_Static_assert(GUEST_FRAME + sizeof(struct frame) + 24 <= GUEST_PAGE_SIZE, "guest.h");

/* An interrupt gate of 32 bits. */
static uint64_t gate(uint32_t offset)
{
	return (uint64_t)(offset >> 16) << 48 | 0x8e00ull << 32 | CODE_0 << 16 | (offset & 0xffff);
}

static void fill(uint8_t *page, uint64_t address)
{
	const struct frame frame = {
		.eip = address + (guest_misaligned - guest_start),
		.cs = CODE_3,
		.eflags = RFLAGS_FIXED | RFLAGS_AC,
		.esp = address + GUEST_FRAME,
		.ss = DATA_3,
	};
	struct tables tables = {
		.idt = { [AC_VECTOR] = gate(address + (guest_checked - guest_start)) },
		.tss = { .esp0 = address + GUEST_PAGE_SIZE, .ss0 = DATA_0 },
	};

	memcpy(tables.gdt, gdt, sizeof(gdt));
	memcpy(page + GUEST_TABLES, &tables, sizeof(tables));
	memcpy(page + GUEST_FRAME, &frame, sizeof(frame));
}

const char *align_prepare(const struct vmm_vcpu *vcpu, uint8_t *page, uint64_t address)
{
	const uint64_t tables = address + GUEST_TABLES;
	struct kvm_sregs sregs;

	fill(page, address);
	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return "KVM_GET_SREGS";
	sregs.gdt.base = tables + offsetof(struct tables, gdt);
	sregs.gdt.limit = sizeof(gdt) - 1;
	sregs.idt.base = tables + offsetof(struct tables, idt);
	sregs.idt.limit = sizeof(((struct tables *)0)->idt) - 1;
	sregs.tr.base = tables + offsetof(struct tables, tss);
	sregs.tr.limit = sizeof(struct tss) - 1;
	/* Those of CPL 0 would be gone after the first IRET. */
	sregs.ds.dpl = sregs.es.dpl = sregs.fs.dpl = sregs.gs.dpl = 3;
	sregs.cr0 |= CR0_AM;
	return ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) ? "KVM_SET_SREGS" : NULL;
}
