/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_TESTS_FRAMES_FRAMES_H
#define EXITSTAT_TESTS_FRAMES_FRAMES_H

#include "model/run.h"

/* A moment as a document on one line, to be freed; without memory the program ends. */
char *moment_text(const struct run *run);

#endif
