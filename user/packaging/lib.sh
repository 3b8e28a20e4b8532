# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For build-deb and build-rpm, in the tree's top folder: what is packed.

# Of what no commit has, and of a tarball: the newest file's.
last_change()
{
	local stamp
	stamp=$(git log -1 --format=%ct 2>/dev/null) || stamp=$(stat -c %Y -- * | sort -n | tail -n 1)
	echo "$stamp"
}

# The files that git knows, as they are, or all where there is no git.
copy_tree()
{
	mkdir "$1"
	if [[ -e .git ]]; then
		git ls-files -z | tar --null -T - -cf -
	else
		tar --exclude=./build -cf - .
	fi | tar -C "$1" -xf -
}
