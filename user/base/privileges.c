// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"
#include "base/number.h"
#include "base/privileges.h"

/* --- who -------------------------------------------------------------------------- */

static bool is_user(const struct passwd *entry, const char *name)
{
	uint64_t number;

	return !strcmp(entry->pw_name, name) ||
	       (!parse_u64(name, 0, UINT32_MAX - 1, &number) && number == entry->pw_uid);
}

int user_find(const char *name, struct user *user, struct error *err)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry;

	*user = (struct user){ 0 };
	if (!file)
		return fail(err, STATUS_FAILED, "cannot read /etc/passwd: %s", strerror(errno));
	while (!user->given && (entry = fgetpwent(file)))
		if (is_user(entry, name))
			*user = (struct user){ true, entry->pw_uid, entry->pw_gid };
	fclose(file);
	return user->given ? 0 : fail(err, STATUS_USAGE, "/etc/passwd has no user '%s'", name);
}

static int become(const struct user *user, struct error *err)
{
	if (!user->given || (getuid() == user->uid && geteuid() == user->uid &&
			     getgid() == user->gid && getegid() == user->gid))
		return 0;
	if (setgroups(0, NULL) || setresgid(user->gid, user->gid, user->gid) ||
	    setresuid(user->uid, user->uid, user->uid))
		return fail(err, STATUS_FAILED, "cannot become user %u: %s: run it with sudo",
			    user->uid, strerror(errno));
	return 0;
}

/* --- what it may -------------------------------------------------------------------- */

/*
 * Who has not CAP_SETPCAP cannot lower the bounding set, and needs not: nothing is gained through
 * it without a new privilege.
 */
static int lower_bounds(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EPERM)
			return -1;
	return 0;
}

/* Capabilities as a bit each. */
static int set_all(uint64_t kept)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	for (size_t i = 0; i < COUNT_OF(sets); i++, kept >>= 32)
		sets[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)kept,
			.permitted = (uint32_t)kept,
		};
	return (int)syscall(SYS_capset, &head, sets);
}

static bool has_others(uint64_t kept)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capget, &head, sets))
		return true;
	for (size_t i = 0; i < COUNT_OF(sets); i++, kept >>= 32)
		if ((sets[i].effective | sets[i].permitted | sets[i].inheritable) & ~(uint32_t)kept)
			return true;
	return false;
}

/* The bounds first: to lower them takes a capability. */
static int drop_but(const struct user *user, uint64_t kept, struct error *err)
{
	int ret = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	ret = ret ?: lower_bounds();
	ret = ret ?: prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* What is permitted stays when the user changes. */
	ret = ret ?: prctl(PR_SET_KEEPCAPS, kept != 0, 0, 0, 0);
	if (!ret && become(user, err))
		return -1;
	ret = ret ?: set_all(kept);
	if (ret || has_others(kept))
		return fail(err, STATUS_FAILED, "cannot give up all capabilities: %s",
			    ret ? strerror(errno) : "some are left");
	return 0;
}

int privileges_drop(const struct user *user, struct error *err)
{
	return drop_but(user, 0, err);
}

int privileges_keep(const struct user *user, unsigned int cap, struct error *err)
{
	return drop_but(user, 1ULL << cap, err);
}
