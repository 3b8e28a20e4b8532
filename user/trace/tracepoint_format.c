// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "trace/tracepoint_format.h"

/* A line such as "\tfield:u32 isa;\toffset:24;\tsize:4;\tsigned:0;" */
static int parse_field(const char *line, const char *name, uint32_t *offset)
{
	char declaration[128];
	unsigned int at, size;
	const char *word;

	if (sscanf(line, " field:%127[^;]; offset:%u; size:%u;", declaration, &at, &size) != 3)
		return -1;
	word = strrchr(declaration, ' ');
	if (!word || strcmp(word + 1, name) || size != sizeof(uint32_t) || at > 4096)
		return -1;
	*offset = at;
	return 0;
}

int exit_format_parse(FILE *file, struct exit_format *format)
{
	const struct {
		const char *name;
		uint32_t *offset;
	} fields[] = {
		{ "exit_reason", &format->reason },
		{ "isa", &format->isa },
		{ "vcpu_id", &format->vcpu_id },
	};
	unsigned int found = 0;
	char line[1024];

	while (fgets(line, sizeof(line), file))
		for (size_t i = 0; i < 3; i++)
			if (!parse_field(line, fields[i].name, fields[i].offset))
				found |= 1u << i;
	return found == 7 ? 0 : -1;
}

int exit_format_read(struct exit_format *format, struct error *err)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/events/kvm/kvm_exit/format",
		"/sys/kernel/debug/tracing/events/kvm/kvm_exit/format",
	};
	FILE *file = NULL;
	int ret;

	for (size_t i = 0; i < 2 && !file; i++)
		file = fopen(paths[i], "re");
	if (!file)
		return fail(err, STATUS_CANNOT,
			    "no BTF for KVM's modules, and no tracefs to do without: run 'mount -t "
			    "tracefs tracefs /sys/kernel/tracing', or load modules that have BTF");
	ret = exit_format_parse(file, format);
	fclose(file);
	if (ret)
		return fail(err, STATUS_CANNOT,
			    "this kernel's kvm_exit tracepoint lacks exit_reason, isa or vcpu_id: "
			    "use Linux 5.16 or newer");
	return 0;
}
