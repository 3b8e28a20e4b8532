// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "base/process.h"
#include "guest/cpuid.h"
#include "guest/options.h"
#include "guest/watch.h"

int main(int argc, char **argv)
{
	struct source source = { .ask = cpuid_execute };
	struct guest_options options;
	struct error err;
	int ret;

	process_prepare();
	ret = guest_options_parse(&options, argc, argv, &err);
	if (!ret) {
		ret = watch(&options, &source, &err);
		guest_options_free(&options);
	}
	if (ret < 0) {
		fprintf(stderr, "exitstat-guest: %s\n", err.text);
		ret = err.status;
	}
	return ret;
}
