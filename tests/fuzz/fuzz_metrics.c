// SPDX-License-Identifier: GPL-2.0-only
/*
 * What strangers send to serve, and what VMs are called: a line of what a request accepts, one
 * of an address, and a VM's name on each other line. Whatever it is, what is told has a line for
 * each series, and each is what a reader takes for one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/listen.h"
#include "fuzz.h"
#include "metrics/exposure.h"

static void forget(void *arg, uint64_t serial)
{
	(void)arg;
	(void)serial;
}

/* name{label="value",...} number; what is between the quotes ends at the first that is bare. */
static bool is_sample(const char *line)
{
	const char *at = line + strspn(line, "abcdefghijklmnopqrstuvwxyz_");

	if (at == line || (*at != '{' && *at != ' '))
		return false;
	while (*at == '{' || *at == ',') {
		at += 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");
		if (*at++ != '=' || *at++ != '"')
			return false;
		for (; *at && *at != '"'; at++)
			if (*at == '\\' && !strchr("\\\"n", *++at))
				return false;
		if (*at++ != '"')
			return false;
	}
	at += *at == '}';
	return *at == ' ' && at[1] && !at[1 + strspn(at + 1, "0123456789.")];
}

static void expect_lines(char *text, int64_t series, enum metrics_format format)
{
	char *rest = text, *line, *last = NULL;

	while ((line = strsep(&rest, "\n")) && rest) {
		last = line;
		if (*line == '#')
			continue;
		EXPECT(is_sample(line));
		series--;
	}
	EXPECT(!series);
	EXPECT(last && (format != METRICS_OPENMETRICS || !strcmp(last, "# EOF")));
}

static void expect_exposed(struct fleet *fleet, const struct snapshot *snap,
			   enum metrics_format format)
{
	static const struct host host = { .kernel = "k", .cpu = "c" };
	const struct run run = { .host = &host, .snap = snap };
	const struct exposure exposure = { .run = &run, .fleet = fleet, .max_series = 1000 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int64_t series = exposure_write(out, &exposure, format);

	fclose(out);
	EXPECT(series > 0 && series <= 1000);
	EXPECT(strlen(text) == len);
	expect_lines(text, series, format);
	free(text);
}

/* Half of them of one process, every third has ended. */
static void add_vm(struct snapshot *snap, const char *name)
{
	uint64_t serial = snap->nvms + 1;
	char cut[VM_NAME_LEN];
	struct vm_stat *vm;

	snprintf(cut, sizeof(cut), "%s", name);
	vm = snapshot_add_vm(snap, serial, serial % 2 ? 100 : (uint32_t)serial, cut);
	EXPECT(vm && vcpu_add_reason(vm_add_vcpu(vm, 0), (uint32_t)serial % 3, (uint32_t)serial));
	vm->vcpus[0].reasons[0].count = serial;
	vm->ended = serial % 3 == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *line;
	struct listen_address address;
	struct fleet fleet = { .keep_ns = 10 };
	struct snapshot snap = { 0 };
	enum metrics_format format = format_choose(strsep(&rest, "\n"));

	EXPECT(format < METRICS_FORMATS);
	line = strsep(&rest, "\n");
	if (line && !listen_parse(line, &address))
		EXPECT(address.len && strchr(line, ':'));
	while ((line = strsep(&rest, "\n")) && snap.nvms < 40)
		add_vm(&snap, line);
	for (uint64_t i = 1; i < 4; i++) {
		EXPECT(!fleet_take(&fleet, &snap, 8 * i, forget, NULL));
		expect_exposed(&fleet, &snap, format);
	}
	snapshot_free(&snap);
	fleet_free(&fleet);
	free(text);
	return 0;
}
