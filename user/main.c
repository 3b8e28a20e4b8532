// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>
#include <stdio.h>

#include "options.h"
#include "trace.h"

int main(int argc, char **argv)
{
	struct options options;
	struct error err;
	int ret;

	/* Only for what is a character: numbers stay as in the C locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	ret = options_parse(&options, argc, argv, &err);
	if (!ret) {
		ret = trace(&options, &err);
		options_free(&options);
	}
	if (ret < 0) {
		fprintf(stderr, "exitstat-bpf: %s\n", err.text);
		ret = err.status;
	}
	return ret;
}
