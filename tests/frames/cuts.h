/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording that is cut: what is before the cut is read, and nothing else. */
#ifndef EXITSTAT_TESTS_FRAMES_CUTS_H
#define EXITSTAT_TESTS_FRAMES_CUTS_H

/* At so many places. 0, or 1 with a line to stderr. */
int check_cuts(const char *path, unsigned int cuts);

#endif
