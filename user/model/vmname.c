// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/printable.h"
#include "model/vmname.h"

/* --- what a VMM's option says --------------------------------------------------- */

static void take_whole(char name[VM_NAME_LEN], const char *value)
{
	copy_cut(name, VM_NAME_LEN, value);
}

/*
 * QEMU takes "NAME" or "debug-threads=on,guest=NAME"; a comma within a value is doubled
 * (util/qemu-option.c). The last one counts.
 */
static void take_guest(char name[VM_NAME_LEN], const char *value)
{
	char part[4 * VM_NAME_LEN];

	for (bool first = true; *value; first = false) {
		size_t n = 0;

		for (; *value; value++) {
			if (*value == ',' && *++value != ',')
				break;
			if (n + 1 < sizeof(part))
				part[n++] = *value;
		}
		part[n] = '\0';
		if (!strncmp(part, "guest=", 6))
			take_whole(name, part + 6);
		else if (first && !strchr(part, '='))
			take_whole(name, part);
	}
}

/* "/run/NAME.sock", or "path=/run/NAME.sock"; not "fd=3". */
static void take_socket(char name[VM_NAME_LEN], const char *value)
{
	const char *slash = strrchr(value, '/');
	char *dot;

	if (!strncmp(value, "fd=", 3))
		return;
	if (!slash && !strncmp(value, "path=", 5))
		value += 5;
	take_whole(name, slash ? slash + 1 : value);
	dot = strrchr(name, '.');
	if (dot && dot != name)
		*dot = '\0';
}

/* --- whose command line it is ------------------------------------------------------ */

/* Options of QEMU that stand alone: without HAS_ARG in qemu-options.hx, 2.5 to 10.0. */
static const char *const qemu_alone[] = {
	"S",
	"alt-grab",
	"ctrl-grab",
	"curses",
	"daemonize",
	"enable-fips",
	"enable-kvm",
	"full-screen",
	"h",
	"help",
	"mem-prealloc",
	"no-acpi",
	"no-fd-bootchk",
	"no-frame",
	"no-hpet",
	"no-kvm",
	"no-kvm-irqchip",
	"no-kvm-pit-reinjection",
	"no-quit",
	"no-reboot",
	"no-shutdown",
	"no-user-config",
	"nodefaults",
	"nodefconfig",
	"nographic",
	"old-param",
	"only-migratable",
	"portrait",
	"preconfig",
	"s",
	"sdl",
	"semihosting",
	"singlestep",
	"snapshot",
	"usb",
	"version",
	"win2k-hack",
	"xen-attach",
	"xen-domid-restrict",
};

/* The first whose program it is, by the last part of its path. */
static const struct vmm {
	const char *program;
	bool in_name; /* the program's name has this in it */
	bool is_qemu; /* each option has a value, but for the above; no --option=VALUE */
	const char *options[2];
	void (*take)(char name[VM_NAME_LEN], const char *value);
} vmms[] = {
	{ "firecracker", false, false, { "--id", NULL }, take_whole },
	{ "cloud-hypervisor", false, false, { "--api-socket", NULL }, take_socket },
	{ "crosvm", false, false, { "--name", NULL }, take_whole },
	{ "stratovirt", false, true, { "-name", NULL }, take_guest },
	{ "VirtualBoxVM", false, false, { "--comment", NULL }, take_whole },
	{ "VBoxHeadless", false, false, { "--comment", NULL }, take_whole },
	{ "lkvm", false, false, { "--name", "-n" }, take_whole },
	{ "qemu", true, true, { "-name", "--name" }, take_guest },
	{ "kvm", true, true, { "-name", "--name" }, take_guest },
};

static const struct vmm *find_vmm(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	const char *base = slash ? slash + 1 : argv0;

	for (size_t i = 0; i < COUNT_OF(vmms); i++)
		if (vmms[i].in_name ? strstr(base, vmms[i].program) != NULL
				    : !strcmp(base, vmms[i].program))
			return &vmms[i];
	return NULL;
}

static bool stands_alone(const char *option)
{
	option += option[1] == '-' ? 2 : 1;
	for (size_t i = 0; i < COUNT_OF(qemu_alone); i++)
		if (!strcmp(option, qemu_alone[i]))
			return true;
	return false;
}

/* The value, if this argument is the one that has the name: it, or a part of it, or next. */
static const char *value_of(const struct vmm *vmm, const char *arg, const char *next)
{
	for (size_t i = 0; i < COUNT_OF(vmm->options) && vmm->options[i]; i++) {
		size_t len = strlen(vmm->options[i]);

		if (strncmp(arg, vmm->options[i], len))
			continue;
		if (!arg[len])
			return next;
		if (arg[len] == '=' && !vmm->is_qemu)
			return arg + len + 1;
	}
	return NULL;
}

/* Each argument that is no option's value, with the one behind it; NULL: it is the last. */
typedef void (*argument_fn)(void *to, const struct vmm *vmm, const char *arg, const char *next);

static void for_each_argument(const char *cmdline, size_t len, argument_fn take, void *to)
{
	const char *end = cmdline + len, *arg, *next;
	const struct vmm *vmm = NULL;

	if (len && !end[-1])
		vmm = find_vmm(cmdline);
	for (arg = cmdline; vmm && arg < end; arg = next) {
		next = arg + strlen(arg) + 1;
		take(to, vmm, arg, next < end ? next : NULL);
		/* What is the value of an option is none itself. */
		if (vmm->is_qemu && arg != cmdline && *arg == '-' && next < end &&
		    !stands_alone(arg))
			next += strlen(next) + 1;
	}
}

static void take_name(void *name, const struct vmm *vmm, const char *arg, const char *next)
{
	const char *value = value_of(vmm, arg, next);

	if (value && *value)
		vmm->take(name, value);
}

void vm_name_of_cmdline(char name[VM_NAME_LEN], const char *cmdline, size_t len, const char *comm)
{
	name[0] = '\0';
	for_each_argument(cmdline, len, take_name, name);
	if (!name[0])
		copy_cut(name, VM_NAME_LEN, comm);
	make_printable(name);
}

/* The last one counts, as QEMU has it. */
static void take_uuid(void *to, const struct vmm *vmm, const char *arg, const char *next)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	char *uuid = to;

	if (!vmm->is_qemu || !next || (strcmp(arg, "-uuid") && strcmp(arg, "--uuid")))
		return;
	uuid[0] = '\0';
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)next[i]) : next[i] != '-')
			return;
	if (next[VM_UUID_LEN - 1])
		return;
	for (size_t i = 0; i < VM_UUID_LEN; i++)
		uuid[i] = (char)tolower((unsigned char)next[i]);
}

void vm_uuid_of_cmdline(char uuid[VM_UUID_LEN], const char *cmdline, size_t len)
{
	uuid[0] = '\0';
	for_each_argument(cmdline, len, take_uuid, uuid);
}

/* --- of a process ------------------------------------------------------------------ */

#define CMDLINE_LEN 32768

/* With a NUL at its end, if there is anything. */
static size_t read_cmdline(char cmdline[CMDLINE_LEN], uint32_t pid)
{
	char path[64];
	ssize_t len = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, cmdline, CMDLINE_LEN - 1);
		close(fd);
	}
	if (len < 0)
		len = 0;
	if (len > 0 && cmdline[len - 1])
		cmdline[len++] = '\0';
	return (size_t)len;
}

void vm_name(char name[VM_NAME_LEN], uint32_t pid, const char *comm)
{
	char cmdline[CMDLINE_LEN];

	vm_name_of_cmdline(name, cmdline, read_cmdline(cmdline, pid), comm);
}

void vm_uuid(char uuid[VM_UUID_LEN], uint32_t pid)
{
	char cmdline[CMDLINE_LEN];

	vm_uuid_of_cmdline(uuid, cmdline, read_cmdline(cmdline, pid));
}
