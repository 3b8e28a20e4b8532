# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What bash offers behind exitstat-bpf and exitstat-guest, for the package bash-completion.
# Commands, options and reasons are those that the program itself tells, so that they are
# those of the version that is installed.

# exitstat_options PROGRAM [COMMAND]: a line each: -c, --vcpu=VCPU, --detail[=KIND,...]
_exitstat_options()
{
	"$@" --help 2>/dev/null | sed -nE \
		-e 's/^  (-[^ ,]), (--[^ ]+).*/\1\n\2/p' -e 's/^      (--[^ ]+).*/\1/p'
}

_exitstat_commands()
{
	"$1" help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p'
}

# exitstat_placeholder OPTION PROGRAM [COMMAND]: what its --help calls the value, if it takes
# one: in the line of the long option, or in the one behind that of the short.
_exitstat_placeholder()
{
	local option=$1
	shift
	_exitstat_options "$@" | sed -nE \
		-e "/^${option//[?]/.}\$/{n;s/^--[a-z-]+\[?=([^]]*)\]?\$/\1/p}" \
		-e "s/^$option\[?=([^]]*)\]?\$/\1/p"
}

_exitstat_reasons()
{
	exitstat-bpf explain 2>/dev/null | sed -nE 's/^ *(0x)?[0-9a-f]+  ([A-Z][A-Z0-9_]*) .*/\2/p' | sort -u
}

# Processes with VMs, as far as one may look.
_exitstat_pids()
{
	local folder
	for folder in /sys/kernel/debug/kvm/*-*; do
		folder=${folder##*/}
		[[ $folder == \** ]] || echo "${folder%%-*}"
	done
}

# exitstat_list WORDS: one more of them behind the last comma.
_exitstat_list()
{
	local before=''
	[[ $cur != *,* ]] || before=${cur%,*},
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${cur##*,}")
	compopt -o nospace
}

# exitstat_value OPTION PLACEHOLDER COMMAND
_exitstat_value()
{
	local columns='level count exits/s share time time% busy busy% min avg p50 p99 max kvm vmm polled blocked runnable' words
	case $1=$2 in
	*=VM=FILE)
		[[ $cur == *=* ]] || return 0
		cur=${cur#*=}
		_filedir
		;;
	*=FILE) _filedir ;;
	--detail=*) _exitstat_list 'io msr mmio fault cpuid hypercall vector rip' ;;
	--columns=*) _exitstat_list "$columns" ;;
	*=COLUMN) mapfile -t COMPREPLY < <(compgen -W "$columns" -- "$cur") ;;
	--by=*)
		words='vm reason vcpu level'
		[[ $3 != diff ]] || words='vm reason'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		;;
	*=REASON) mapfile -t COMPREPLY < <(compgen -W "$(_exitstat_reasons)" -- "${cur^^}") ;;
	*=PID*) mapfile -t COMPREPLY < <(compgen -W "$(_exitstat_pids)" -- "$cur") ;;
	*=[a-z]*\|*) mapfile -t COMPREPLY < <(compgen -W "${2//|/ }" -- "$cur") ;;
	esac
}

# exitstat_option PROGRAM [COMMAND]: names of options; = behind those that want a value.
_exitstat_option()
{
	local words
	words=$(_exitstat_options "$@" | sed -E 's/^(--[a-z-]+)\[=.*/\1\n\1=/; s/^(--[a-z-]+=).*/\1/')
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	[[ ${COMPREPLY[0]:-} != *= || ${#COMPREPLY[@]} != 1 ]] || compopt -o nospace
}

# exitstat_operand COMMAND: what stands there without an option.
_exitstat_operand()
{
	case $1 in
	report | diff | compare) _filedir ;;
	explain)
		mapfile -t COMPREPLY < <(compgen -W "$(_exitstat_reasons)" -- "${cur^^}")
		_filedir
		;;
	help) mapfile -t COMPREPLY < <(compgen -W "$(_exitstat_commands exitstat-bpf)" -- "$cur") ;;
	esac
}

_exitstat()
{
	local cur prev words cword split placeholder i program=${1##*/} call
	_init_completion -s || return
	call=("$1")
	if [[ $program == exitstat-bpf && $cword -gt 1 && ${words[1]} != -* ]]; then
		call+=("${words[1]}")
	fi
	for ((i = 1; i < cword; i++)); do
		[[ ${words[i]} != -- ]] || { _command_offset $((i + 1)); return; }
	done
	placeholder=$(_exitstat_placeholder "$prev" "${call[@]}")
	if [[ $prev == -* && $placeholder && ($split == true || $prev != --detail) ]]; then
		_exitstat_value "$prev" "$placeholder" "${call[1]:-}"
	elif [[ $split == true ]]; then
		:
	elif [[ $cur == -* ]]; then
		_exitstat_option "${call[@]}"
	elif [[ $program == exitstat-bpf && $cword == 1 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_exitstat_commands "$1")" -- "$cur")
	else
		_exitstat_operand "${call[1]:-}"
	fi
} && complete -F _exitstat exitstat-bpf exitstat-guest
