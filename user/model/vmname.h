/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_MODEL_VMNAME_H
#define EXITSTAT_MODEL_VMNAME_H

#include <stddef.h>
#include <stdint.h>

#define VM_NAME_LEN 128
#define VM_UUID_LEN 37 /* 8-4-4-4-12 digits */

/*
 * The name a VM's user knows it by: QEMU's -name, which is also libvirt's guest name, or
 * what other VMMs have for it (Firecracker, Cloud Hypervisor, crosvm, StratoVirt,
 * VirtualBox, kvmtool), else comm, the process name. Safe to print. Never fails.
 */
void vm_name(char name[VM_NAME_LEN], uint32_t pid, const char *comm);

/* The part that needs no process: a command line as in /proc/PID/cmdline. */
void vm_name_of_cmdline(char name[VM_NAME_LEN], const char *cmdline, size_t len, const char *comm);

/*
 * The UUID that QEMU was given by -uuid, which is also libvirt's, in small letters; "" where there
 * is none, or what is there is none. Never fails.
 */
void vm_uuid(char uuid[VM_UUID_LEN], uint32_t pid);
void vm_uuid_of_cmdline(char uuid[VM_UUID_LEN], const char *cmdline, size_t len);

#endif
