/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NESTED_GUEST_H
#define NESTED_GUEST_H

/* Where things are in the guest's memory. */
#define CODE	      0x1000
#define REFLECTED     0x2000 /* a counter */
#define VMXON_POINTER 0x2010
#define VMCS_POINTER  0x2018
#define FIELDS	      0x7000 /* of the VMCS, each with its value */
#define NO_FIELD      0xffffffff

/* The ports of the hypervisor, by which it ends, and of its guest. */
#define PORT_DONE   0x10
#define PORT_FAILED 0x11
#define PORT_NESTED 0xe9

#endif
