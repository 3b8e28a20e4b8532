# SPDX-License-Identifier: GPL-2.0-only
"""Have another process make a system call, as a debugger does."""
import ctypes
import os

PTRACE_SINGLESTEP, PTRACE_GETREGS, PTRACE_SETREGS, PTRACE_ATTACH, PTRACE_DETACH = 9, 12, 13, 16, 17
REGISTERS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags"
             " rsp ss fs_base gs_base ds es fs gs").split()
SYS_CLOSE = 3

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulong) for name in REGISTERS]


def _ptrace(request, pid, data=None):
    if _libc.ptrace(request, pid, None, data):
        raise OSError(ctypes.get_errno(), f"ptrace {request}")


def close(pid, descriptor):
    """It waits in a system call, behind whose instruction it will go on: use that one."""
    before, now = Registers(), Registers()
    _ptrace(PTRACE_ATTACH, pid)
    os.waitpid(pid, 0)
    _ptrace(PTRACE_GETREGS, pid, ctypes.byref(before))
    ctypes.memmove(ctypes.byref(now), ctypes.byref(before), ctypes.sizeof(now))
    now.rax, now.rdi, now.rip, now.orig_rax = SYS_CLOSE, descriptor, before.rip - 2, ~0 & 2**64 - 1
    _ptrace(PTRACE_SETREGS, pid, ctypes.byref(now))
    _ptrace(PTRACE_SINGLESTEP, pid)
    os.waitpid(pid, 0)
    _ptrace(PTRACE_GETREGS, pid, ctypes.byref(now))
    _ptrace(PTRACE_SETREGS, pid, ctypes.byref(before))
    _ptrace(PTRACE_DETACH, pid)
    if now.rax:
        raise OSError(-(now.rax - 2**64), f"close {descriptor}")
