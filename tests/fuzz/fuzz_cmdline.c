// SPDX-License-Identifier: GPL-2.0-only
/* A VMM's command line, a line for each argument; what is before the first is its comm. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "model/vmname.h"

/* As the kernel has it. */
#define COMM_LEN 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *cmdline = NULL, name[VM_NAME_LEN];
	char comm[COMM_LEN] = "", uuid[VM_UUID_LEN];
	size_t first, len;

	for (size_t i = 0; i < size; i++)
		text[i] = text[i] == '\n' ? '\0' : text[i];
	first = strlen(text);
	strncpy(comm, text, COMM_LEN - 1);
	len = first < size ? size - first - 1 : 0;
	/* Of its own size, so that what is read behind it is seen. */
	cmdline = malloc(len);
	EXPECT(cmdline || !len);
	if (len)
		memcpy(cmdline, text + first + 1, len);
	memset(name, 'x', sizeof(name));
	vm_name_of_cmdline(name, cmdline, len, comm);
	EXPECT(memchr(name, '\0', sizeof(name)));
	EXPECT(name[0] || !comm[0]);
	expect_printable(name);
	memset(uuid, 'x', sizeof(uuid));
	vm_uuid_of_cmdline(uuid, cmdline, len);
	EXPECT(memchr(uuid, '\0', sizeof(uuid)));
	EXPECT(!uuid[0] || strlen(uuid) == VM_UUID_LEN - 1);
	free(cmdline);
	free(text);
	return 0;
}
