// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the order of what is met most. Sources are at each rule; those of the manuals are
 * sections by their titles, as numbers change with the edition.
 */
#include "advice/rules.h"
#include "base/array.h"
#include "bpf/exitstat.h"

#define VMX EXITSTAT_ISA_VMX
#define SVM EXITSTAT_ISA_SVM

/* Codes: model/reasons.c has them all, with their sources. */
#define ON_IO                     \
	{                         \
		{ VMX, 30 },      \
		{                 \
			SVM, 0x7b \
		}                 \
	}
#define ON_MSR                            \
	{                                 \
		{ VMX, 31 }, { VMX, 32 }, \
		{                         \
			SVM, 0x7c         \
		}                         \
	}
#define ON_MMIO                                                     \
	{                                                           \
		{ VMX, 44 }, { VMX, 48 }, { VMX, 49 }, { VMX, 56 }, \
		{                                                   \
			SVM, 0x400                                  \
		}                                                   \
	}
#define ON_FAULT                   \
	{                          \
		{ VMX, 48 },       \
		{                  \
			SVM, 0x400 \
		}                  \
	}
#define ON_APIC                                                                    \
	{                                                                          \
		{ VMX, 32 }, { VMX, 44 }, { VMX, 48 }, { VMX, 56 }, { SVM, 0x7c }, \
		{                                                                  \
			SVM, 0x400                                                 \
		}                                                                  \
	}
#define ON_CPUID                  \
	{                         \
		{ VMX, 10 },      \
		{                 \
			SVM, 0x72 \
		}                 \
	}
#define ON_HLT                              \
	{                                   \
		{ VMX, 12 }, { SVM, 0x78 }, \
		{                           \
			SVM, 0xa6           \
		}                           \
	}

#define AC_VECTOR 17

#define R     (1u << EXITSTAT_READ)
#define W     (1u << EXITSTAT_WRITE)
#define RW    (R | W)
#define RWX   (RW | 1u << EXITSTAT_EXECUTE)
#define US(n) ((n)*1000ull)

#define TIMEKEEPING "Linux, Documentation/virt/kvm/x86/timekeeping.rst, "
#define QEMU_HYPERV "QEMU, docs/system/i386/hyperv.rst, "
#define TLFS_TIMERS "Hyper-V TLFS, \"Timers\""
#define KVM_API	    "Linux, Documentation/virt/kvm/api.rst, "

#define HYPERV_TIMERS                                                                             \
	"Windows: Hyper-V's clock and timers, which take the place of the emulated ones: QEMU's " \
	"hv-time, hv-vpindex, hv-synic and hv-stimer, libvirt's <hyperv> and <timer "             \
	"name='hypervclock' present='yes'/>. "
#define HYPERV_COSTS                                                                              \
	"The guest sees another platform, from its next start on. hv-synic turns APICv and AVIC " \
	"off unless hv-avic is on, too."

const struct rule rules[] = {
	{ "rtc-polled", "a guest that polls the emulated RTC (ports 0x70 to 0x73)",
	  .reasons = ON_IO, .keys = { { EXITSTAT_IO, 0x70, 0x73, RW } }, .rate = 200, .time = 0.5,
	  .facts = 1u << FACT_CLOCKSOURCE,
	  .means =
		  "KVM has no RTC: each access goes to the VMM and back, and a register takes two, "
		  "for its index and its data. Windows without Hyper-V's timers ticks by the RTC "
		  "where there is no HPET, and reads it at each tick; so does a program that reads "
		  "/dev/rtc or /dev/port again and again.",
	  .change = HYPERV_TIMERS "Else: the program in the guest that reads it.",
	  .cost = HYPERV_COSTS,
	  .documented = QEMU_HYPERV "hv-stimer; " TLFS_TIMERS "; " TIMEKEEPING "\"RTC\"" },
	{ "pm-timer-polled", "a guest whose clock is the emulated ACPI PM timer", .reasons = ON_IO,
	  .keys = { { EXITSTAT_IO, 0x608, 0x60b, R }, { EXITSTAT_IO, 0xb008, 0xb00b, R } },
	  .rate = 200, .time = 0.5, .facts = 1u << FACT_CLOCKSOURCE,
	  .means =
		  "Each time that the guest wants to know the time, it goes to the VMM and back. "
		  "Windows without Hyper-V's clock does so, and Linux where it neither trusts the TSC "
		  "nor has kvm-clock.",
	  .change = HYPERV_TIMERS
	  "Linux: look at the guest's /sys/devices/system/clocksource/"
	  "clocksource0/current_clocksource, which should be kvm-clock or tsc, "
	  "and at what its kernel says of the TSC.",
	  .cost = HYPERV_COSTS,
	  .documented = QEMU_HYPERV "hv-time; " TLFS_TIMERS "; " TIMEKEEPING "\"TSC Hardware\"" },
	{ "hpet-polled", "a guest that uses the emulated HPET", .reasons = ON_MMIO,
	  .keys = { { EXITSTAT_MMIO, 0xfed00000, 0xfed00fff, RW } }, .rate = 200, .time = 0.5,
	  .facts = 1u << FACT_CLOCKSOURCE,
	  .means =
		  "The HPET is the VMM's: each reading of its counter and each setting of its timers "
		  "goes there and back. Windows without Hyper-V's timers uses it, and Linux where it "
		  "neither trusts the TSC nor has kvm-clock.",
	  .change = HYPERV_TIMERS
	  "No HPET: QEMU's -machine hpet=off, libvirt's <timer name='hpet' "
	  "present='no'/>; alone, it makes Windows use the RTC instead. Linux: the "
	  "guest's clock source should be kvm-clock or tsc.",
	  .cost = HYPERV_COSTS,
	  .documented = QEMU_HYPERV "hv-stimer; " TLFS_TIMERS "; " TIMEKEEPING "\"HPET\"" },
	{ "halts-polled",
	  "a guest that sleeps often and shortly, while the host polls for its waking",
	  .reasons = ON_HLT, .rate = 500, .average = US(700), .time = 2,
	  .where = { FACT_HALT_POLL, "0", false }, .facts = 1u << FACT_HALT_POLL,
	  .means = "Sleeps as short as these mostly end while KVM still polls, for halt_poll_ns at "
		   "most: so the host's CPU is busy though the guest is idle, and the host shows "
		   "more use than the guest.",
	  .change =
		  "Fewer wake-ups in the guest: what wakes it are timers, IPIs, devices. No exits for "
		  "them: cpuidle-haltpoll, with which a Linux guest polls itself, or QEMU's "
		  "-overcommit cpu-pm=on. Less polling: kvm's halt_poll_ns, while it runs.",
	  .cost = "Without polling each waking goes through the host's scheduler. A guest that polls, or "
		  "has cpu-pm=on, keeps its CPU from all others, and from its hyperthread.",
	  .documented = "Linux, Documentation/virt/kvm/halt-polling.rst, "
			"Documentation/virt/guest-halt-polling.rst; " KVM_API
			"KVM_CAP_HALT_POLL, KVM_CAP_X86_DISABLE_EXITS" },
	{ "halts-unpolled", "a guest that sleeps often and shortly, and a host that does not poll",
	  .reasons = ON_HLT, .rate = 500, .average = US(700), .time = 2,
	  .where = { FACT_HALT_POLL, "0", true }, .facts = 1u << FACT_HALT_POLL,
	  .means =
		  "Each of these sleeps goes through the host's scheduler, and often a deeper idle state "
		  "of the CPU: what takes the guest microseconds takes several times as long.",
	  .change =
		  "Halt polling: kvm's halt_poll_ns (200000 is its default on x86), while it runs. No "
		  "exits for them: cpuidle-haltpoll, with which a Linux guest polls itself, or QEMU's "
		  "-overcommit cpu-pm=on. Fewer wake-ups in the guest: timers, IPIs, devices.",
	  .cost = "Polling is the host's CPU time, which its other guests and the hyperthread beside it "
		  "do not get.",
	  .documented = "Linux, Documentation/virt/kvm/halt-polling.rst, "
			"Documentation/virt/guest-halt-polling.rst; " KVM_API
			"KVM_CAP_HALT_POLL, KVM_CAP_X86_DISABLE_EXITS" },
	{ "small-pages", "memory that the guest gets in pages of 4 KiB", .reasons = ON_FAULT,
	  .keys = { { EXITSTAT_FAULT, 0, UINT64_MAX, RWX } }, .rate = 500, .time = 1, .crowd = 8,
	  .again = 2, .facts = 1u << FACT_THP | 1u << FACT_NX_HUGE_PAGES,
	  .means =
		  "Many pages of the same 2 MiB fault, each by itself and about once, where one fault "
		  "would do with a huge page. So it is where huge pages are off or not to be had, and "
		  "where pages come back one by one: after a resume, from a balloon, in post-copy, or to "
		  "log what is written to while the guest migrates.",
	  .change =
		  "Huge pages for the guest's memory: transparent ones on (madvise is enough for QEMU, "
		  "which asks for them), or hugetlbfs; all of it at the start (QEMU: prealloc=on).",
	  .cost = "Memory is held 2 MiB at a time, and cleared so. With prealloc=on the guest takes all "
		  "of it at once, and starts later.",
	  .documented = "Linux, Documentation/admin-guide/mm/transhuge.rst, "
			"Documentation/admin-guide/mm/hugetlbpage.rst, "
			"Documentation/virt/kvm/x86/mmu.rst" },
	{ "memory-taken", "memory that the host took from the guest, and that comes back by faults",
	  .reasons = ON_FAULT, .keys = { { EXITSTAT_FAULT, 0, UINT64_MAX, RWX } }, .rate = 500,
	  .time = 1, .pages = 64, .old = true,
	  .facts = 1u << FACT_NUMA_BALANCING | 1u << FACT_KSM | 1u << FACT_SWAPPED_IN |
		   1u << FACT_THP,
	  .means =
		  "As far as one can tell the VM was there before, so KVM should know its pages. Those "
		  "that fault again and again are taken away meanwhile, or made read-only: by a balloon, "
		  "swap, KSM, NUMA balancing, a VMM that discards memory, changes its slots, or logs "
		  "what is written to (a migration, a display). Where each comes about once, it may be "
		  "what comes back after a resume, in post-copy or from a balloon, or what the guest had "
		  "not used yet.",
	  .change =
		  "No balloon below what the guest uses, and no swap for it (QEMU's -overcommit "
		  "mem-lock=on, the cgroup's memory.swap.max=0); mem-merge=off for the VM or KSM off; "
		  "kernel.numa_balancing=0 where guests are bound to nodes. After a resume or a "
		  "migration: time.",
	  .cost = "Memory that is not taken from one guest is not there for others. Without NUMA "
		  "balancing pages stay on their node, however far the vCPUs have moved.",
	  .documented =
		  "Linux, Documentation/admin-guide/sysctl/kernel.rst (numa_balancing), "
		  "Documentation/admin-guide/mm/ksm.rst, Documentation/admin-guide/mm/userfaultfd.rst, "
		  "Documentation/admin-guide/cgroup-v2.rst (memory.swap.max); " KVM_API
		  "KVM_X86_QUIRK_SLOT_ZAP_ALL; QEMU, docs/devel/migration/postcopy.rst" },
	{ "serial-console", "a guest that writes much to an emulated serial port", .reasons = ON_IO,
	  .keys = { { EXITSTAT_IO, 0x3f8, 0x3ff, RW },
		    { EXITSTAT_IO, 0x2f8, 0x2ff, RW },
		    { EXITSTAT_IO, 0x3e8, 0x3ef, RW },
		    { EXITSTAT_IO, 0x2e8, 0x2ef, RW } },
	  .rate = 500, .time = 1,
	  .means =
		  "A UART is emulated byte by byte: each goes to the VMM and back, and so does each "
		  "look at whether the next one may be sent.",
	  .change =
		  "In the guest: quiet or loglevel= on the kernel's command line, no console=ttyS0 or "
		  "earlyprintk=, and whatever logs to the console; a virtio console (hvc0) instead.",
	  .cost = "A virtio console shows nothing of the time before its driver is there, and may not "
		  "show a crash.",
	  .documented =
		  "Linux, Documentation/admin-guide/serial-console.rst, "
		  "Documentation/admin-guide/kernel-parameters.txt (console=, loglevel=, quiet)" },
	{ "cpuid-storm", "a guest in which a program executes CPUID again and again",
	  .reasons = ON_CPUID, .tells = 1u << EXITSTAT_CPUID | 1u << EXITSTAT_RIP, .rate = 2000,
	  .time = 1,
	  .means =
		  "CPUID always exits, and no setting of KVM changes that. Programs use it to order "
		  "instructions, as in loops that read the TSC, or ask each time instead of once.",
	  .change =
		  "The program: perf in the guest finds it. To order instructions LFENCE or RDTSCP do, "
		  "which do not exit; answers can be kept.",
	  .cost = "A change of the program, or of what it was built with.",
	  .documented =
		  "Intel SDM vol. 3, \"Instructions That Cause VM Exits Unconditionally\"; AMD APM "
		  "vol. 2, \"Instruction Intercepts\"" },
	{ "eoi-exits", "a guest whose local APIC is emulated: APICv or AVIC is off",
	  .reasons = ON_APIC,
	  .keys = { { EXITSTAT_MSR, 0x808, 0x808, W },
		    { EXITSTAT_MSR, 0x80b, 0x80b, W },
		    { EXITSTAT_MMIO, 0xfee00080, 0xfee00080, RW },
		    { EXITSTAT_MMIO, 0xfee000b0, 0xfee000b0, RW } },
	  .rate = 2000, .time = 1, .apicv = RULE_NOT_INHIBITED,
	  .facts = 1u << FACT_APICV | 1u << FACT_AVIC | 1u << FACT_KERNEL,
	  .means =
		  "Each interrupt ends with a write to the APIC's EOI. With APICv or AVIC that does not "
		  "exit, but for interrupts that are level-triggered.",
	  .change =
		  "kvm_intel.enable_apicv=1, kvm_amd.avic=1. Where it is on, it may be inhibited for this "
		  "VM: a run of exitstat-bpf says so.",
	  .cost = "The modules must be loaded anew for it, so all guests stopped or moved.",
	  .documented =
		  "Intel SDM vol. 3, \"APIC Virtualization and Virtual Interrupts\"; AMD APM vol. 2, "
		  "\"Advanced Virtual Interrupt Controller\"; " QEMU_HYPERV "hv-avic" },
	{ "apicv-inhibited", "a guest whose interrupts exit as APICv or AVIC is inhibited for it",
	  .reasons = ON_APIC,
	  .keys = { { EXITSTAT_MSR, 0x808, 0x808, W },
		    { EXITSTAT_MSR, 0x80b, 0x80b, W },
		    { EXITSTAT_MMIO, 0xfee00080, 0xfee00080, RW },
		    { EXITSTAT_MMIO, 0xfee000b0, 0xfee000b0, RW } },
	  .rate = 2000, .time = 1, .apicv = RULE_INHIBITED,
	  .facts = 1u << FACT_APICV | 1u << FACT_AVIC | 1u << FACT_KERNEL,
	  .means =
		  "The host has APICv or AVIC on, and KVM does without it for this VM: so each interrupt "
		  "ends with an exit. What inhibits it is among what was checked.",
	  .change =
		  "PIT reinjection (AVIC): QEMU's -global kvm-pit.lost_tick_policy=discard, libvirt's "
		  "<timer name='pit' tickpolicy='discard'/>. Hyper-V's SynIC: hv-avic. An x2APIC where "
		  "AVIC has none: the CPU flag -x2apic. An APIC id above AVIC's: fewer vCPUs.",
	  .cost = "Without reinjection a guest that counts the PIT's ticks loses those that were late; "
		  "without x2APIC it has at most 255 vCPUs.",
	  .documented =
		  "Intel SDM vol. 3, \"APIC Virtualization and Virtual Interrupts\"; AMD APM vol. 2, "
		  "\"Advanced Virtual Interrupt Controller\"; " QEMU_HYPERV "hv-avic" },
	{ "ipi-exits", "a guest that sends many IPIs, each of which exits", .reasons = ON_APIC,
	  .keys = { { EXITSTAT_MSR, 0x830, 0x830, W },
		    { EXITSTAT_MSR, 0x83f, 0x83f, W },
		    { EXITSTAT_MMIO, 0xfee00300, 0xfee00300, RW } },
	  .rate = 2000, .time = 1,
	  .facts = 1u << FACT_APICV | 1u << FACT_IPIV | 1u << FACT_AVIC | 1u << FACT_KERNEL,
	  .means =
		  "The guest wakes its other vCPUs, or makes them flush their TLBs. APICv alone does not "
		  "keep such writes from exiting: IPI virtualization does on Intel, AVIC on AMD, where "
		  "the vCPU that is meant runs.",
	  .change =
		  "kvm_intel.enable_ipiv=1 (on kernels and CPUs that have it), kvm_amd.avic=1; "
		  "kvm-pv-ipi and kvm-pv-tlb-flush for Linux, hv-ipi and hv-tlbflush for Windows, with "
		  "which one exit does for many; fewer vCPUs, or threads that do not wake each other.",
	  .cost = "The modules must be loaded anew for it, so all guests stopped or moved; for the CPU's "
		  "flags the guest started anew.",
	  .documented =
		  "Intel SDM vol. 3, \"APIC Virtualization and Virtual Interrupts\"; AMD APM vol. 2, "
		  "\"Advanced Virtual Interrupt Controller\"; Linux, Documentation/virt/kvm/x86/cpuid.rst, "
		  "KVM_FEATURE_PV_SEND_IPI; " QEMU_HYPERV "hv-ipi" },
	{ "timer-writes", "a guest that sets its timer very often", .reasons = ON_MSR,
	  .keys = { { EXITSTAT_MSR, 0x6e0, 0x6e0, W } }, .rate = 3000, .time = 2,
	  .facts = 1u << FACT_KERNEL,
	  .means =
		  "Each setting of the TSC-deadline timer exits, with APICv and without. So often it is "
		  "set by programs that sleep for a moment again and again, and at each switch from and "
		  "to idle.",
	  .change =
		  "In the guest: who sleeps so shortly (perf trace, the tracepoint hrtimer_start), a "
		  "slower tick (HZ), cpuidle-haltpoll where it is due to idle.",
	  .cost = "Timers that are put together come later.",
	  .documented =
		  "Intel SDM vol. 3, \"TSC-Deadline Mode\"; Linux, Documentation/timers/no_hz.rst, "
		  "Documentation/virt/guest-halt-polling.rst" },
	{ "apic-timer", "a guest whose timer is the local APIC's countdown, not the TSC deadline",
	  .reasons = ON_APIC,
	  .keys = { { EXITSTAT_MSR, 0x838, 0x839, RW },
		    { EXITSTAT_MMIO, 0xfee00380, 0xfee00390, RW } },
	  .rate = 500, .time = 0.5, .facts = 1u << FACT_KERNEL,
	  .means =
		  "The guest writes the APIC's initial count. Linux does so where its CPU has no "
		  "TSC-deadline timer, or is told lapic=notscdeadline. KVM's fast path is not for it, and "
		  "with an APIC that is the VMM's, each is a way there and back.",
	  .change = "The guest's CPU model: QEMU's -cpu host, or +tsc-deadline; KVM's APIC (QEMU: "
		    "kernel_irqchip=on, its default, or split).",
	  .cost = "A guest with +tsc-deadline moves only to hosts that have it.",
	  .documented = "Intel SDM vol. 3, \"APIC Timer\"; " TIMEKEEPING "\"APIC\"; " KVM_API
			"KVM_CREATE_IRQCHIP" },
	{ "doorbells", "a guest that rings devices' doorbells, and the VMM hears each itself",
	  .reasons = { { VMX, 48 }, { VMX, 49 }, { SVM, 0x400 } },
	  .keys = { { EXITSTAT_MMIO, 0xc0000, 0xfebfffff, W },
		    { EXITSTAT_MMIO, 0xfee01000, UINT64_MAX, W } },
	  .rate = 1000, .time = 1, .spent = { EXITSTAT_USER, 10 },
	  .means =
		  "Writes to devices that have no ioeventfd: each goes to the VMM and back, in the "
		  "vCPU's time. With an ioeventfd KVM tells a thread of the device, and the vCPU goes "
		  "on. So it is with ioeventfd=off, and with emulated devices that know none.",
	  .change =
		  "virtio devices, with ioeventfd=on (QEMU's default), vhost or an iothread that hears "
		  "them; several requests at a ring, which virtio's event_idx=on allows.",
	  .cost = "A thread more, which wants a CPU when the doorbell rings.",
	  .documented = KVM_API "KVM_IOEVENTFD" },
	{ "apic-in-vmm", "a guest whose local APIC is the VMM's", .reasons = ON_MMIO,
	  .keys = { { EXITSTAT_MMIO, 0xfee00000, 0xfee00fff, RW } }, .rate = 500, .time = 0.5,
	  .spent = { EXITSTAT_USER, 10 },
	  .means =
		  "Each access to the APIC goes to the VMM and back: at the end of each interrupt, for "
		  "each IPI, for each setting of the timer.",
	  .change = "KVM's own APIC: QEMU's kernel_irqchip=on, its default, or split.",
	  .cost = "None that is known: it is in the VMM for debugging, or by mistake.",
	  .documented = KVM_API "KVM_CREATE_IRQCHIP, KVM_CAP_SPLIT_IRQCHIP" },
	{ "pause-exits", "a guest that spins for locks, with more running vCPUs than CPUs",
	  .reasons = { { VMX, 40 }, { SVM, 0x77 } }, .rate = 500, .time = 1,
	  .facts = 1u << FACT_PLE_GAP | 1u << FACT_PAUSE_FILTER,
	  .means =
		  "The CPU exits when it sees a loop of PAUSE, and KVM lets another vCPU of the VM run: "
		  "the one with the lock may be one that has no CPU. Where all have one, the guest "
		  "fights for its locks.",
	  .change =
		  "Fewer vCPUs for these CPUs, or CPUs of their own: --split says how long vCPUs wait for "
		  "one. Paravirtual locks: QEMU's kvm-pv-unhalt for Linux, hv-spinlocks for "
		  "Windows. Where each vCPU has a CPU: ple_gap=0, or cpu-pm=on.",
	  .cost = "Without these exits a vCPU that spins keeps its CPU from the one with the lock.",
	  .documented =
		  "Intel SDM vol. 3, \"Instructions That Cause VM Exits Conditionally\"; AMD APM vol. "
		  "2, \"Miscellaneous Intercepts\"; Linux, Documentation/virt/kvm/x86/cpuid.rst, "
		  "KVM_FEATURE_PV_UNHALT; " QEMU_HYPERV "hv-spinlocks" },
	{ "split-locks", "a guest with atomic accesses across two cache lines (split locks)",
	  .reasons = { { VMX, 0 } }, .keys = { { EXITSTAT_VECTOR, AC_VECTOR, AC_VECTOR, R } },
	  .whole = { { VMX, 74 }, { SVM, 0xa5 } }, .tells = 1u << EXITSTAT_RIP, .rate = 20,
	  .time = 0.01, .where = { FACT_LOCK_FLAGS, FACT_NONE, false },
	  .facts = 1u << FACT_LOCK_FLAGS | 1u << FACT_LOCK_OPTION | 1u << FACT_LOCK_MITIGATE |
		   1u << FACT_KERNEL,
	  .means =
		  "Such an access stops the memory of all CPUs, so the host has it raise #AC, or exit as a "
		  "bus lock. At #AC the kernel has the vCPU sleep for 10 ms or more, and then lets one CPU "
		  "at a time go on, without detection for two ticks: there are far more of them than "
		  "exits. #AC is also what a guest gets that has alignment checked (CR0.AM, EFLAGS.AC): "
		  "those are short, and the host's log has no \"took a split_lock trap\" with the name of "
		  "a vCPU's thread. With split_lock_detect=off or ratelimit it can be nothing else.",
	  .change =
		  "The program in the guest: what it locks so lies in packed structures, or in buffers "
		  "that are not aligned. On the host: kernel.split_lock_mitigate=0, without the sleep; "
		  "split_lock_detect=off on its command line; a larger bus-lock-ratelimit of QEMU's, or "
		  "none, where the VMM is told of bus locks.",
	  .cost = "Without these a guest slows the host's memory down for all others, as often as it "
		  "likes. The command line is of the next boot.",
	  .documented =
		  "Linux, Documentation/arch/x86/buslock.rst, Documentation/admin-guide/sysctl/kernel.rst "
		  "(split_lock_mitigate); " KVM_API "KVM_CAP_X86_BUS_LOCK_EXIT; Intel SDM vol. 3, "
		  "\"Features to Disable Bus Locks\"" },
	{ "nested-exits", "a guest that runs guests: what its hypervisor does for them exits",
	  .reasons = { { VMX, 20 },
		       { VMX, 23 },
		       { VMX, 24 },
		       { VMX, 25 },
		       { SVM, 0x80 },
		       { SVM, 0x82 },
		       { SVM, 0x83 },
		       { SVM, 0x84 },
		       { SVM, 0x85 } },
	  .rate = 1000, .time = 1,
	  .facts = 1u << FACT_SHADOW_VMCS | 1u << FACT_VLS | 1u << FACT_VGIF,
	  .means =
		  "Each exit of a nested guest that its hypervisor wants becomes several of these: it "
		  "reads and writes the state of its guest, and enters it again. VMREAD and VMWRITE do "
		  "not exit with shadow VMCSs, VMLOAD, VMSAVE, STGI and CLGI not with vls and vgif.",
	  .change =
		  "kvm_intel.enable_shadow_vmcs=1, kvm_amd.vls=1 and vgif=1, where the CPU has it; hv-evmcs "
		  "for Hyper-V on Intel; above all fewer exits of the nested guests, of which this "
		  "tells as of any other.",
	  .cost = "The modules must be loaded anew for it, so all guests stopped or moved.",
	  .documented = "Linux, Documentation/virt/kvm/x86/running-nested-guests.rst, "
			"Documentation/virt/kvm/x86/nested-vmx.rst; " QEMU_HYPERV "hv-evmcs" },
	{ "run-delay", "vCPUs that wait for a CPU which others have", .measured = MEASURE_PART,
	  .time = 10, .spent = { .part = EXITSTAT_RUNNABLE },
	  .means =
		  "The vCPU's thread could run, and did not: other tasks of the host had its CPU, other "
		  "vCPUs among them, or its cgroup had used up its time. The guest sees it as steal "
		  "time, and locks that are held meanwhile make others spin.",
	  .change =
		  "Fewer vCPUs for these CPUs, or CPUs of their own (cpusets, pinning); the tasks that "
		  "run there: perf sched timehist shows them; a larger cpu.max or cpu.weight.",
	  .cost = "Others run less, or elsewhere.",
	  .documented = "Linux, Documentation/scheduler/sched-stats.rst, "
			"Documentation/admin-guide/cgroup-v2.rst (cpu.max, cpu.weight)" },
	{ "not-exits", "a problem that is not its exits", .measured = MEASURE_LITTLE,
	  .reasons = ON_HLT, .time = 3,
	  .means =
		  "The vCPUs were in the guest, or asleep, nearly all the time: whatever is slow is so "
		  "in the guest, or in threads of the VMM that are no vCPUs (disks, network), or on "
		  "the host.",
	  .change =
		  "Nothing that makes exits fewer. Look at the guest with perf, at the VMM's threads "
		  "with top -H -p PID, at steal time in the guest.",
	  .cost = "Nothing.", .documented = "Linux, tools/perf/Documentation/perf-kvm.txt" },
};

const size_t nrules = COUNT_OF(rules);
