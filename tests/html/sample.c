// SPDX-License-Identifier: GPL-2.0-only
/* sample SECONDS VMS VCPUS OUT: a recording of a made-up host, with a moment a second. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "doc/recording_write.h"
#include "hour.h"

static int record(struct hour *hour, struct recording *recording, int seconds, struct error *err)
{
	for (int i = 1; i <= seconds; i++) {
		hour_second(hour);
		if (recording_add(recording, &hour->run, i == seconds, err))
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct recording *recording;
	struct error err = { 0 };
	struct hour hour;
	int ret;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc != 5)
		return 2;
	hour_begin(&hour, (unsigned int)atoi(argv[2]), (unsigned int)atoi(argv[3]));
	ret = recording_create(&recording, argv[4], &err);
	if (!ret) {
		ret = record(&hour, recording, atoi(argv[1]), &err);
		ret = recording_close(recording, &err) ?: ret;
	}
	if (ret)
		fprintf(stderr, "sample: %s\n", err.text);
	hour_end(&hour);
	return ret ? 1 : 0;
}
