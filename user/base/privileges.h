/* SPDX-License-Identifier: GPL-2.0-only */
/* A process that gives up what it may do, for good. */
#ifndef EXITSTAT_BASE_PRIVILEGES_H
#define EXITSTAT_BASE_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct user {
	bool given;
	uid_t uid;
	gid_t gid;
};

/*
 * By name or number, as /etc/passwd has it, without asking anyone else: a program that is linked
 * statically can ask nobody. 0, or -1 with err.
 */
int user_find(const char *name, struct user *user, struct error *err);

/*
 * Become that user, if one is given, and keep no capability, in none of the kernel's five sets; nor
 * can a program that is started from here on gain any. 0, or -1 with err where something is left.
 */
int privileges_drop(const struct user *user, struct error *err);

/* The same, but for one capability (CAP_* of linux/capability.h). */
int privileges_keep(const struct user *user, unsigned int cap, struct error *err);

#endif
