/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What went wrong, in one line for the person at the keyboard. Functions that
 * can fail fill it in and return a negative number; only main() prints it.
 */
#ifndef EXITSTAT_BASE_ERROR_H
#define EXITSTAT_BASE_ERROR_H

enum exit_status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_CANNOT = 3, /* this host cannot: no root, no KVM, no BTF ... */
};

struct error {
	int status; /* enum exit_status */
	char text[512];
};

/* Fill in and return -1, so that callers can write "return fail(...)". */
int fail(struct error *err, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
