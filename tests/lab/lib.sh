# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What every script of the lab shares: where it keeps things, how it speaks.

# depmod and modprobe, and what the lab's commands need as root, live there; an
# ordinary user does not look there.
PATH+=:/usr/sbin:/sbin

cache=${EXITSTAT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/exitstat}

# die STATUS MESSAGE: the one line that says why, then out.
die()
{
	local status=$1
	shift
	printf 'lab: %s\n' "$*" >&2
	exit "$status"
}

# note MESSAGE: progress of a step slow enough to make one wonder.
note()
{
	printf 'lab: %s\n' "$*" >&2
}

# number VARIABLE OPTION VALUE: takes whole numbers above 0, nothing else.
number()
{
	[[ $3 =~ ^[1-9][0-9]*$ ]] || die 2 "$2 wants a number above 0, not '$3'"
	printf -v "$1" %s "$3"
}

# need COMMAND PACKAGE: missing tools are named by what installs them.
need()
{
	command -v "$1" >/dev/null || die 125 "no $1 here: apt-get install $2"
}

# once LOCK COMMAND...: one process at a time fills the cache.
once()
{
	local lock=$1
	shift
	mkdir -p "$cache"
	(
		flock 9
		"$@"
	) 9>"$cache/$lock.lock"
}
