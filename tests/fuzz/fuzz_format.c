// SPDX-License-Identifier: GPL-2.0-only
/* A tracepoint's format file. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "trace/tracepoint_format.h"

#define LARGEST_RECORD 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exit_format format = { UINT32_MAX, UINT32_MAX, UINT32_MAX };
	char *text = fuzz_text(data, size);
	FILE *file = fmemopen(text, size, "r");
	int ret;

	EXPECT(file);
	ret = exit_format_parse(file, &format);
	fclose(file);
	EXPECT(ret == 0 || ret == -1);
	if (!ret) {
		EXPECT(format.reason <= LARGEST_RECORD);
		EXPECT(format.isa <= LARGEST_RECORD);
		EXPECT(format.vcpu_id <= LARGEST_RECORD);
	}
	free(text);
	return 0;
}
