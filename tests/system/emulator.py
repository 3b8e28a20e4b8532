# SPDX-License-Identifier: GPL-2.0-only
"""What QEMU's emulation needs help with.

KVM patches the kernel's code when the first VM comes and when the last one goes
(static keys: preempt_notifier_key, in every task switch, kvm_has_noapic_vcpu,
apic_sw_disabled). QEMU 7.2's TCG can miss such a patch when two CPUs run: it then
executes for ever the int3 that stood there in between, and the machine hangs. Two
VMs that never run keep the keys as they are. They make no exits.
"""
import contextlib
import fcntl
import os

KVM_CREATE_VM = 0xAE01
KVM_CREATE_VCPU = 0xAE41
KVM_CREATE_IRQCHIP = 0xAE60


@contextlib.contextmanager
def idle_vms():
    """While in here, KVM has VMs: one without and one with an interrupt controller."""
    held = []
    try:
        if os.path.exists("/dev/kvm"):
            held.append(os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC))
            for irqchip in False, True:
                vm = fcntl.ioctl(held[0], KVM_CREATE_VM, 0)
                os.set_inheritable(vm, False)
                held.append(vm)
                if irqchip:
                    fcntl.ioctl(vm, KVM_CREATE_IRQCHIP, 0)
                held.append(fcntl.ioctl(vm, KVM_CREATE_VCPU, 0))
        yield
    finally:
        for fd in reversed(held):
            os.close(fd)
