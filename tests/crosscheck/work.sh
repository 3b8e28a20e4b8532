# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What guests do meanwhile. Carried by who uses it: dd.

# The disk, the timers, memory, other processes: each CPU has something to do.
work()
{
	while :; do
		dd if=/dev/zero of=/tmp/work bs=64k count=64 conv=fsync
		cat /proc/interrupts /proc/stat
		sleep 0.05
	done >/dev/null 2>&1
}

begin_work()
{
	workers=''
	for _ in $(seq "$(nproc)"); do
		work &
		workers="$workers $!"
	done
}

end_work()
{
	# shellcheck disable=SC2086 # numbers
	kill $workers
	wait 2>/dev/null || :
}
