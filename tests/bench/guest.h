/* SPDX-License-Identifier: GPL-2.0-only */
/* What guest.S and its VMM agree on. Nothing but macros: the assembler includes this too. */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#define PAGE_SIZE 0x1000

/*
 * Guest physical memory: real mode's vectors and stack, a page of code for all
 * vCPUs, and each one's pages to fault on.
 */
#define GUEST_CODE  0x1000
#define LOW_SIZE    0x2000
#define GUEST_PAGES 0x200000

/* What wakes a vCPU: a line of the PIC, and the vector of its interrupt. */
#define IRQ    3
#define VECTOR 0x23

/* No device of KVM's own is there. */
#define PORT	 0xe9
#define PORT_END 0xea

#endif
