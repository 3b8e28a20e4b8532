/* SPDX-License-Identifier: GPL-2.0-only */
/* A kind of file that frames.c can read: what each of its functions does for such a file. */
#ifndef EXITSTAT_DOC_FRAMES_KIND_H
#define EXITSTAT_DOC_FRAMES_KIND_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "model/run.h"

/* What was opened, and is closed by frames.c. */
struct frames_file {
	const char *name; /* for errors */
	FILE *file;	  /* its first byte has been looked at, and not taken */
};

struct frames_kind {
	bool at_once; /* all of it is read when it is opened, and never again */
	/* Whether such a file begins with this byte. */
	bool (*begins)(int byte);
	/* 0 with *source, or -1 with err. */
	int (*open)(void **source, const struct frames_file *from, struct error *err);
	void (*close)(void *source);
	/* As frames.h has them; rewind: the file is at its begin again. */
	const struct run *(*head)(const void *source);
	int (*next)(void *source, const struct run **run, struct error *err);
	int (*rewind)(void *source, struct error *err);
	const char *(*cut)(const void *source);
};

#endif
