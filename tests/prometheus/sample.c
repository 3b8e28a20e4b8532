// SPDX-License-Identifier: GPL-2.0-only
/*
 * sample VMS VCPUS: what serve would tell of a host that is made up, second by second. For each
 * line of its input, "text" or "openmetrics", it is a second later, and it prints the number of
 * bytes, a line break, and so many bytes in that format.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/exposure.h"
#include "synthetic.h"

static void forget(void *arg, uint64_t serial)
{
	(void)arg;
	(void)serial;
}

static int tell(struct synthetic *host, struct fleet *fleet, enum metrics_format format)
{
	const struct exposure exposure = {
		.run = &host->run, .fleet = fleet, .max_series = 1000000, .vm_histograms = true
	};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err = !out || fleet_take(fleet, &host->snap, host->run.ns, forget, NULL) ||
		  exposure_write(out, &exposure, format) < 0;

	if (out)
		fclose(out);
	if (!err) {
		printf("%zu\n", len);
		fwrite(text, 1, len, stdout);
		fflush(stdout);
	}
	free(text);
	return err;
}

int main(int argc, char **argv)
{
	struct synthetic host;
	struct fleet fleet = { 0 };
	char line[32];
	int err;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc != 3)
		return 2;
	err = synthetic_init(&host, (unsigned int)atoi(argv[1]), (unsigned int)atoi(argv[2]));
	host.host.apicv = (struct apicv_host){ APICV_ON, 1, { "DISABLE" } };
	for (size_t i = 0; !err && i < host.snap.nvms; i++)
		host.snap.vms[i].apicv = (struct apicv){ .known = true, .inhibits = i % 2 };
	while (!err && fgets(line, sizeof(line), stdin))
		err = synthetic_second(&host) ||
		      tell(&host, &fleet,
			   strcmp(line, "text\n") ? METRICS_OPENMETRICS : METRICS_PROMETHEUS);
	fleet_free(&fleet);
	synthetic_free(&host);
	return err ? 1 : 0;
}
