// SPDX-License-Identifier: GPL-2.0-only
/* Intel's exit reasons. The parameters are kvm_intel's where no other module is named. */
#include "base/array.h"
#include "model/explain.h"

#define SDM	      "Intel SDM vol. 3, "
#define UNCONDITIONAL SDM "\"Instructions That Cause VM Exits Unconditionally\""
#define CONDITIONAL   SDM "\"Instructions That Cause VM Exits Conditionally\""
#define OTHER_CAUSES  SDM "\"Other Causes of VM Exits\""
#define BASIC_REASONS SDM "appendix \"VMX Basic Exit Reasons\""
#define IN_LINUX      "Linux, arch/x86/include/uapi/asm/vmx.h, has the number"
#define EPT_EXITS     SDM "\"EPT-Induced VM Exits\""
#define XAPIC	      SDM "\"Virtualizing Memory-Mapped APIC Accesses\""
#define ENTRY_FAILED  SDM "\"VM-Entry Failures During or After Loading Guest State\""
#define ENTRY_CHECKS  SDM "\"Checking and Loading Guest State\""

/* What several say in the same way. */
#define FOR_NESTED                                                                             \
	"KVM does not ask for it. While a guest of the guest runs it comes where the guest's " \
	"hypervisor asked for it, and is handed to that one."
#define ASK_NESTED "All of them are a nested guest's: its hypervisor says why it wants them."
#define NOT_ENABLED                                                                           \
	"KVM never enables it, from Linux 6.1 to 7.3, and does not let a guest's hypervisor " \
	"enable it."
#define NOT_EXPECTED                                                               \
	"None is expected: KVM stops the vCPU with KVM_EXIT_INTERNAL_ERROR. With " \
	"dump_invalid_vmcs=1 the kernel's log has its state."
#define OF_HYPERVISORS                                                                          \
	"Always. A guest that is a hypervisor makes them (nested=1); where it has no VMX, KVM " \
	"answers with #UD."
#define BUT_SHADOWED                                                                             \
	"Unless a shadow VMCS has the field (enable_shadow_vmcs=1, where the CPU can). A guest " \
	"that is a hypervisor makes them (nested=1); where it has no VMX, KVM answers with #UD."
#define FEW_NESTED                                                                           \
	"It belongs to the set-up of a nested guest, and few are made while that one runs. " \
	"Many: the guest's hypervisor starts, stops or switches between vCPUs all the time."

const struct explanation vmx_explanations[] = {
	{ 0, 0, AWAY_IN_KVM, "an exception of the guest, or an NMI of the host",
	  "The guest raised an exception that KVM wants to see, or an NMI arrived for the host.",
	  "NMIs always, and the exceptions #UD, #DB, #AC and #MC. #PF with ept=0 or "
	  "allow_smaller_maxphyaddr=1, #BP and single steps for a debugger of the VMM, #GP with "
	  "kvm's enable_vmware_backdoor=1, #NM for guests that use AMX; all in real mode without "
	  "unrestricted guest.",
	  "The vector tells. Many NMIs: somebody profiles the host. Many #PF: there is no EPT. "
	  "Many #UD: the guest uses what it has not, and its RIP says where. #AC: split locks, "
	  "where the host detects them.",
	  OTHER_CAUSES },
	{ 1, 1, AWAY_INTERRUPT, "an interrupt of the host",
	  "An interrupt for the host's CPU arrived while the guest ran on it. It has nothing to "
	  "do with what the guest did.",
	  "Always (\"external-interrupt exiting\"). Interrupts for the guest itself need none of "
	  "these with APICv (enable_apicv), as the CPU delivers posted interrupts.",
	  "The vector tells: the host's timer tick, a device whose interrupts go to this CPU, or "
	  "an IPI, which without APICv tells a running vCPU that an interrupt waits. "
	  "/proc/interrupts has them by CPU. Fewer: IRQ affinity and nohz_full.",
	  OTHER_CAUSES },
	{ 2, 2, AWAY_FOR_GOOD, "the guest could not handle a double fault",
	  "The guest could not even call its handler for double faults. A real machine would "
	  "reset.",
	  "Always.",
	  "One is a guest that resets itself in this way, as some do on purpose, or has crashed; "
	  "its console says which. Many are a guest that does so again and again.",
	  OTHER_CAUSES },
	{ 3, 3, AWAY_FOR_GOOD, "an INIT signal for the host's CPU",
	  "The host's CPU got an INIT while a guest ran.",
	  "Always, but a running host does not send one. INITs of guests are KVM's own work and "
	  "no exits.",
	  NOT_EXPECTED, OTHER_CAUSES },
	{ 4, 4, AWAY_FOR_GOOD, "a start-up IPI while waiting for one",
	  "A SIPI arrived at a CPU whose guest was in the state \"wait for SIPI\".",
	  "Never: KVM does not put the CPU into this state, a vCPU that waits for a SIPI sleeps "
	  "in the kernel.",
	  NOT_EXPECTED, OTHER_CAUSES },
	{ 5, 5, AWAY_FOR_GOOD, "a system-management interrupt after I/O",
	  "An SMI arrived directly after an I/O instruction.",
	  "Never: this needs firmware that hands SMIs to a monitor (\"dual-monitor treatment\"), "
	  "which Linux does not use.",
	  NOT_EXPECTED, SDM "\"Dual-Monitor Treatment of SMIs and SMM\"" },
	{ 6, 6, AWAY_INTERRUPT, "another system-management interrupt",
	  "An SMI arrived, not directly after I/O.",
	  "Never for common guests, as \"dual-monitor treatment\" is not used: the firmware takes "
	  "SMIs without KVM. For TDX guests (7.3, not 6.12) always.",
	  "Of a TDX guest: the host's firmware is at work; look at turbostat's column SMI. Of "
	  "another none is expected.",
	  SDM "\"Dual-Monitor Treatment of SMIs and SMM\"" },
	{ 7, 7, AWAY_IN_KVM, "the guest can take an interrupt now",
	  "An interrupt waited for the guest, and now the guest is ready for it.",
	  "While an interrupt waits that KVM has to inject, and the guest has interrupts off "
	  "(\"interrupt-window exiting\"). With APICv the CPU delivers most interrupts without it.",
	  "Many: interrupts come often to a guest that has them off often, and APICv is off, not "
	  "there, or inhibited; or the VMM has the interrupt controllers (no kernel irqchip).",
	  OTHER_CAUSES },
	{ 8, 8, AWAY_IN_KVM, "the guest can take an NMI now",
	  "An NMI waited for the guest, which had not yet returned from the one before.",
	  "While an NMI waits that KVM has to inject and the CPU blocks NMIs (\"NMI-window "
	  "exiting\", with vnmi=1).",
	  "Many: the guest gets NMIs close together, as from its own profiler (perf) or watchdog.",
	  OTHER_CAUSES },
	{ 9, 9, AWAY_IN_KVM, "a task switch by hardware",
	  "The guest switched tasks by a task gate or TSS, the x86 way that 64-bit systems do not "
	  "have.",
	  "Always.",
	  "Old 32-bit systems, or a fault of one (double faults go through a task gate there). "
	  "KVM emulates each.",
	  OTHER_CAUSES },
	{ 10, 10, AWAY_IN_KVM, "the CPUID instruction",
	  "The guest asked what its CPU can do. KVM answers from the table that the VMM gave it.",
	  "Always: there is no control for it.",
	  "Every program that starts asks some dozen times. Many more: a program asks in a loop, "
	  "e.g. to make the CPU wait for earlier instructions. The leaf and the guest's RIP tell.",
	  UNCONDITIONAL },
	{ 11, 11, AWAY_FOR_GOOD, "the GETSEC instruction (SMX)",
	  "The guest called a function of Safer Mode Extensions (TXT).",
	  "Always where CR4.SMXE is set, which KVM does not let a guest do: it gets #UD before.",
	  NOT_EXPECTED, UNCONDITIONAL },
	{ 12, 12, AWAY_ASLEEP, "the HLT instruction: the vCPU is idle",
	  "The guest has nothing to do on this vCPU, and waits for an interrupt.",
	  "Always, unless the VMM gave the CPU to the guest (KVM_CAP_X86_DISABLE_EXITS, QEMU's "
	  "-overcommit cpu-pm=on).",
	  "The time is no cost, each wake-up is: many short sleeps make a guest slow. kvm's "
	  "halt_poll_ns (how long KVM polls before it sleeps) trades the host's CPU for that. Look "
	  "at what wakes the vCPU: timers, IPIs, devices.",
	  CONDITIONAL },
	{ 13, 13, AWAY_IN_KVM, "the INVD instruction",
	  "The guest threw away its caches without writing them back. KVM does nothing for it.",
	  "Always: there is no control for it.", "Firmware uses it at most, once at its start.",
	  UNCONDITIONAL },
	{ 14, 14, AWAY_IN_KVM, "the INVLPG instruction",
	  "The guest took one address out of its TLB.",
	  "With ept=0, or on a CPU without EPT: KVM then keeps page tables of its own in step "
	  "with the guest's.",
	  "Each page that the guest unmaps makes one. With EPT there are none, but of a guest "
	  "hypervisor's guests: nested ones without EPT.",
	  CONDITIONAL },
	{ 15, 15, AWAY_IN_KVM, "the RDPMC instruction",
	  "The guest read one of its performance counters.",
	  "Always, but where the guest has the counters for itself (enable_mediated_pmu=1, in 7.3 "
	  "and not in 6.12).",
	  "Somebody profiles or measures in the guest (perf, PAPI); the guest's RIP tells who.",
	  CONDITIONAL },
	{ 16, 16, AWAY_IN_KVM, "the RDTSC instruction", "The guest read the time stamp counter.",
	  FOR_NESTED " The CPU itself adds a guest's offset, so that reading needs no exit.",
	  ASK_NESTED, CONDITIONAL },
	{ 17, 17, AWAY_FOR_GOOD, "the RSM instruction",
	  "The guest returned from system-management mode.",
	  "Never: it exits in real SMM only. KVM emulates a guest's SMM in an ordinary mode, where "
	  "RSM raises #UD (EXCEPTION_NMI), which KVM handles.",
	  NOT_EXPECTED, CONDITIONAL },
	{ 18, 18, AWAY_IN_VMM, "a hypercall",
	  "The guest called its hypervisor by VMCALL: KVM's, Hyper-V's or Xen's calls.",
	  "Always: there is no control for it.",
	  "The call's number tells. KVM's: wake a vCPU that waits for a lock, send IPIs to many, "
	  "yield. Hyper-V's, of Windows: flush TLBs, send IPIs. Many IPIs or flushes are the guest's "
	  "threads that change memory together.",
	  UNCONDITIONAL },
	{ 19, 19, AWAY_IN_KVM, "VMCLEAR: a nested hypervisor",
	  "The guest's hypervisor took one of its VMCSs out of use.", OF_HYPERVISORS, FEW_NESTED,
	  UNCONDITIONAL },
	{ 20, 20, AWAY_IN_KVM, "VMLAUNCH: a nested hypervisor",
	  "The guest's hypervisor enters its guest for the first time with this VMCS. What "
	  "follows is an entry into the nested guest.",
	  OF_HYPERVISORS, FEW_NESTED, UNCONDITIONAL },
	{ 21, 21, AWAY_IN_KVM, "VMPTRLD: a nested hypervisor",
	  "The guest's hypervisor chose one of its VMCSs.", OF_HYPERVISORS, FEW_NESTED,
	  UNCONDITIONAL },
	{ 22, 22, AWAY_IN_KVM, "VMPTRST: a nested hypervisor",
	  "The guest's hypervisor asked which VMCS it has chosen.", OF_HYPERVISORS, FEW_NESTED,
	  UNCONDITIONAL },
	{ 23, 23, AWAY_IN_KVM, "VMREAD: a nested hypervisor",
	  "The guest's hypervisor read a field of its VMCS.", BUT_SHADOWED,
	  "Some for each exit that is handed to the guest's hypervisor. Many more: no shadow VMCS, "
	  "or fields that it does not have.",
	  CONDITIONAL },
	{ 24, 24, AWAY_IN_KVM, "VMRESUME: a nested hypervisor",
	  "The guest's hypervisor enters its guest again. What follows is an entry into the nested "
	  "guest.",
	  OF_HYPERVISORS,
	  "As many as exits were handed to the guest's hypervisor: look at the nested guest's other "
	  "reasons, and at what that hypervisor counts itself.",
	  UNCONDITIONAL },
	{ 25, 25, AWAY_IN_KVM, "VMWRITE: a nested hypervisor",
	  "The guest's hypervisor wrote a field of its VMCS.", BUT_SHADOWED,
	  "Some for each exit that is handed to the guest's hypervisor. Many more: no shadow VMCS, "
	  "or fields that it does not have.",
	  CONDITIONAL },
	{ 26, 26, AWAY_IN_KVM, "VMXOFF: a nested hypervisor",
	  "The guest's hypervisor left VMX operation on this vCPU.", OF_HYPERVISORS, FEW_NESTED,
	  UNCONDITIONAL },
	{ 27, 27, AWAY_IN_KVM, "VMXON: a nested hypervisor",
	  "The guest's hypervisor entered VMX operation on this vCPU.", OF_HYPERVISORS, FEW_NESTED,
	  UNCONDITIONAL },
	{ 28, 28, AWAY_IN_KVM, "a control register: CR0, CR3, CR4 or CR8",
	  "The guest moved to or from a control register, or used LMSW.",
	  "For writes that change bits of CR0 and CR4 that KVM keeps; CR0.TS and, of CR4, PGE, TSD "
	  "and some more are the guest's own with EPT. CR3 with ept=0, or before paging without "
	  "unrestricted guest. CR8 where the local APIC is the VMM's.",
	  "Systems make some when they start. Many later: there is no EPT (each switch of "
	  "processes is a write of CR3), or the guest changes CR0 or CR4 often. The register and the "
	  "guest's RIP tell.",
	  CONDITIONAL },
	{ 29, 29, AWAY_IN_KVM, "a debug register", "The guest moved to or from a debug register.",
	  "At the guest's first access after KVM took the registers back. KVM then loads the "
	  "guest's, and stops asking until they were saved again. Each access, while the VMM "
	  "debugs the guest.",
	  "A debugger with hardware breakpoints is at work in the guest, or something that takes "
	  "them for tracing.",
	  CONDITIONAL },
	{ 30, 30, AWAY_IN_VMM, "an I/O port", "The guest used IN, OUT, INS or OUTS.",
	  "Always (\"unconditional I/O exiting\"): no port belongs to a guest.",
	  "The port and direction tell: the serial console, RTC (0x70, 0x71), ACPI's PM timer, PCI's "
	  "configuration (0xcf8, 0xcfc), old virtio devices. The kernel answers for its PIC and PIT "
	  "and where there is an ioeventfd, the VMM for all others.",
	  CONDITIONAL },
	{ 31, 31, AWAY_IN_KVM, "RDMSR of an MSR that is not the guest's own",
	  "The guest read a model-specific register.",
	  "For all MSRs but those that KVM lets through (MSR bitmap): TSC, FS, GS and SYSENTER bases, "
	  "SPEC_CTRL once used, with APICv most of x2APIC's, and some more.",
	  "The MSR's index tells. Clocks and power meters read in a loop, performance counters, "
	  "Hyper-V's (0x400000xx). Unknown ones end in #GP, are 0 with kvm's ignore_msrs=1, or go to "
	  "the VMM where it asked for them.",
	  CONDITIONAL },
	{ 32, 32, AWAY_IN_KVM, "WRMSR of an MSR that is not the guest's own",
	  "The guest wrote a model-specific register.",
	  "For all MSRs but those that KVM lets through (MSR bitmap): FS, GS and SYSENTER bases, "
	  "SPEC_CTRL once used, with APICv TPR, EOI and self IPI of x2APIC's, and some more.",
	  "The MSR's index tells: 0x6e0 sets the next timer (TSC deadline); 0x830 sends an IPI "
	  "(x2APIC; not with enable_ipiv where the CPU has that); 0x80b ends an interrupt (x2APIC "
	  "without APICv); 0x400000xx are Hyper-V's. KVM has a fast path for 0x6e0 and 0x830. "
	  "Timers: look at the guest's tick and at who sleeps briefly.",
	  CONDITIONAL },
	{ 33, 33, AWAY_FOR_GOOD, "VM entry refused: the guest's state",
	  "The CPU refused to enter the guest, as a register of it has a value that it cannot have.",
	  "Always, with the flag FAILED_ENTRY.",
	  "The VMM set such a state, or KVM has a bug: the VMM gets KVM_EXIT_FAIL_ENTRY. With "
	  "dump_invalid_vmcs=1 the kernel's log has the state.",
	  ENTRY_CHECKS },
	{ 34, 34, AWAY_FOR_GOOD, "VM entry refused: an MSR",
	  "The CPU refused to enter the guest, as it could not load one of its MSRs.",
	  "Always, with the flag FAILED_ENTRY.",
	  "The VMM set such a value, or KVM has a bug: the VMM gets KVM_EXIT_FAIL_ENTRY. With "
	  "dump_invalid_vmcs=1 the kernel's log has the state.",
	  ENTRY_FAILED },
	{ 36, 36, AWAY_IN_KVM, "the MWAIT instruction",
	  "The guest wanted to wait for a write to memory. KVM does nothing for it, and the guest "
	  "goes on at once.",
	  "Always, unless the VMM gave MWAIT to the guest (KVM_CAP_X86_DISABLE_EXITS, QEMU's "
	  "-overcommit cpu-pm=on).",
	  "Else KVM does not offer MWAIT: the guest uses it nevertheless, and many are a loop that burns "
	  "the CPU. Choose another idle driver in the guest, or give it MWAIT.",
	  CONDITIONAL },
	{ 37, 37, AWAY_IN_KVM, "the monitor trap flag: one instruction",
	  "The guest has executed one instruction, and its hypervisor wanted to know.", FOR_NESTED,
	  "All of them are a nested guest's: its hypervisor goes through it step by step.",
	  SDM "\"Monitor Trap Flag\"" },
	{ 39, 39, AWAY_IN_KVM, "the MONITOR instruction",
	  "The guest named an address to wait for by MWAIT. KVM does nothing for it.",
	  "Always, unless the VMM gave MWAIT to the guest (KVM_CAP_X86_DISABLE_EXITS, QEMU's "
	  "-overcommit cpu-pm=on).",
	  "See MWAIT_INSTRUCTION.", CONDITIONAL },
	{ 40, 40, AWAY_YIELDING, "the guest's kernel spins in a loop of PAUSE",
	  "The guest's kernel waits for a lock or an answer of another CPU, in a loop. KVM lets "
	  "another of its vCPUs run instead.",
	  "When PAUSEs follow each other within ple_gap cycles for longer than ple_window (\"PAUSE-"
	  "loop exiting\"; outside of ring 0 it does not count). KVM widens the window of a vCPU "
	  "that spins. Not with ple_gap=0 or QEMU's cpu-pm=on.",
	  "Many: there are more running vCPUs than CPUs, and the one with the lock does not run; "
	  "look at the host's load. Else the guest fights for a lock: the guest's RIP says which.",
	  CONDITIONAL },
	{ 41, 41, AWAY_IN_KVM, "a machine check on the way into the guest",
	  "The hardware reported an error during a VM entry.", "Always.",
	  "None is expected: the host's log (mce, rasdaemon) has the error.",
	  SDM "\"Machine-Check Events During VM Entry\"" },
	{ 43, 43, AWAY_IN_KVM, "the guest lowered its task priority",
	  "The guest's task priority (TPR) fell below the priority of an interrupt that waits.",
	  "While such an interrupt waits (\"use TPR shadow\"), but not with APICv, where the CPU "
	  "delivers it.",
	  "Windows changes its priority often. Many: APICv is off, not there, or inhibited.",
	  SDM "\"TPR Virtualization\"" },
	{ 44, 44, AWAY_IN_KVM, "the page of the local APIC (xAPIC)",
	  "The guest used its local APIC by memory accesses, in a way that the CPU does not handle.",
	  "For guests in xAPIC mode (flexpriority=1): without APICv all but TPR, with APICv what the "
	  "CPU cannot do on its own.",
	  "The register and direction tell: EOI at each interrupt, ICR to send an IPI, the timer. "
	  "Fewer: APICv, or the guest in x2APIC mode.",
	  XAPIC },
	{ 45, 45, AWAY_IN_KVM, "the guest ended an interrupt that KVM watches",
	  "The guest's EOI was done by the CPU, and KVM has to know of it for this vector.",
	  "With APICv, for vectors in the EOI-exit bitmap: level-triggered ones of the I/O APIC, and "
	  "those whose end the PIT, RTC or a passed-through device waits for.",
	  "Many: a device uses a level-triggered (INTx) interrupt. Let it use MSI; the vector tells "
	  "which it is.",
	  SDM "\"EOI Virtualization\"" },
	{ 46, 46, AWAY_IN_KVM, "LGDT, SGDT, LIDT or SIDT",
	  "The guest loaded or stored the register of its GDT or IDT.",
	  "Only while the guest has set CR4.UMIP on a CPU without UMIP, as KVM then emulates that "
	  "(\"descriptor-table exiting\").",
	  "Something in the guest uses these often, e.g. an old DOS or Windows program; the guest's "
	  "RIP tells.",
	  CONDITIONAL },
	{ 47, 47, AWAY_IN_KVM, "LLDT, SLDT, LTR or STR",
	  "The guest loaded or stored the register of its LDT or task.",
	  "Only while the guest has set CR4.UMIP on a CPU without UMIP, as KVM then emulates that "
	  "(\"descriptor-table exiting\").",
	  "Something in the guest uses these often; the guest's RIP tells.", CONDITIONAL },
	{ 48, 48, AWAY_MEMORY, "guest memory that is not mapped, or not so",
	  "The guest used memory that KVM has not mapped for it, or not for this kind of access.",
	  "Always with EPT. KVM maps memory when it is used first, and again after the host has "
	  "taken it away: swap, balloon, NUMA balancing, compaction, KSM. It protects pages to learn "
	  "of writes (migration; less with PML) and of code in huge pages (kvm's nx_huge_pages).",
	  "A guest that starts or was restored makes many, then few. If they go on, the host takes "
	  "memory away, or maps 4 KiB where it could map 2 MiB (THP, hugetlbfs). The page and the "
	  "access tell. See /proc/vmstat.",
	  EPT_EXITS },
	{ 49, 49, AWAY_IN_VMM, "memory-mapped I/O",
	  "The guest used an address at which there is a device and no memory. KVM marks such pages "
	  "by an entry that the CPU must refuse.",
	  "With EPT and kvm's mmio_caching=1, from the second access of a page on; the first is an "
	  "EPT_VIOLATION.",
	  "The page and direction tell: doorbells of virtio devices, HPET, I/O APIC, a VGA screen. A "
	  "doorbell with an ioeventfd is answered in the kernel at once; what goes to the VMM costs "
	  "much more.",
	  EPT_EXITS },
	{ 50, 50, AWAY_IN_KVM, "INVEPT: a nested hypervisor",
	  "The guest's hypervisor flushed what the CPU keeps of its EPT.", OF_HYPERVISORS,
	  "Many: it changes its guest's memory often.", UNCONDITIONAL },
	{ 51, 51, AWAY_IN_KVM, "the RDTSCP instruction",
	  "The guest read the time stamp counter and the number of its CPU.", FOR_NESTED,
	  ASK_NESTED, CONDITIONAL },
	{ 52, 52, AWAY_IN_KVM, "the guest's timer is due",
	  "The VMX-preemption timer ran out: the timer of the guest's local APIC is due while the "
	  "guest runs.",
	  "With preemption_timer=1, for guests whose APIC is in the kernel; not where they have MWAIT "
	  "(cpu-pm=on), or get timers as posted interrupts. KVM also uses it to leave the guest at "
	  "once.",
	  "As many as the guest's timers: its tick, and what sleeps for short. The cost is the "
	  "guest's wish for timers; see MSR_WRITE 0x6e0, which sets them.",
	  SDM "\"VMX-Preemption Timer\"" },
	{ 53, 53, AWAY_IN_KVM, "INVVPID: a nested hypervisor",
	  "The guest's hypervisor flushed a VPID's TLB entries.", OF_HYPERVISORS,
	  "Many: its guests' TLBs are flushed often.", UNCONDITIONAL },
	{ 54, 54, AWAY_IN_KVM, "WBINVD or WBNOINVD",
	  "The guest wrote its caches back. KVM does so for VMs with a device whose DMA is not "
	  "coherent, and nothing for all others.",
	  "Always (\"WBINVD exiting\").",
	  "Firmware and systems that start use it. Many: a driver in the guest, e.g. of graphics. "
	  "Where KVM does it, it is slow for all of the host's CPUs that the vCPU has used.",
	  CONDITIONAL },
	{ 55, 55, AWAY_IN_KVM, "the XSETBV instruction",
	  "The guest chose which parts of its registers XSAVE keeps.",
	  "Always: there is no control for it.",
	  "Each vCPU does it once when it starts. Many: a nested hypervisor whose guest "
	  "chose other parts than it did itself.",
	  UNCONDITIONAL },
	{ 56, 56, AWAY_IN_KVM, "a write to the local APIC that KVM completes",
	  "The CPU has done the guest's write to its APIC, and KVM has to do what follows of it.",
	  "With APICv: ICR (without IPI virtualization, enable_ipiv), the timer's registers, LVT and "
	  "others in xAPIC mode; in x2APIC mode IPIs that the CPU cannot send itself.",
	  "The register tells. ICR: IPIs, so look at the guest's wake-ups and TLB flushes.",
	  XAPIC },
	{ 57, 57, AWAY_IN_KVM, "the RDRAND instruction",
	  "The guest asked for a random number. KVM answers with #UD.",
	  "Only where the VMM hides RDRAND from the guest and the CPU has it (\"RDRAND exiting\").",
	  "A program does not look at CPUID before it uses it; the guest's RIP tells.",
	  CONDITIONAL },
	{ 58, 58, AWAY_IN_KVM, "the INVPCID instruction",
	  "The guest took addresses out of its TLB by process context.",
	  "With ept=0, or on a CPU without EPT.",
	  "See INVLPG. With EPT there are none, but of nested guests without EPT.", CONDITIONAL },
	{ 59, 59, AWAY_IN_KVM, "the VMFUNC instruction",
	  "The guest called a VM function, such as a change of its EPT.",
	  "KVM has none for guests and answers with #UD. For nested guests KVM emulates the change "
	  "of EPT.",
	  "A guest of the guest changes between memory views, as isolation software does.",
	  CONDITIONAL },
	{ 60, 60, AWAY_IN_KVM, "ENCLS: SGX, by the guest's kernel",
	  "The guest's kernel called a supervisor function of SGX.",
	  "On CPUs with SGX: all of them where the guest has no SGX (KVM answers with #UD or #GP); "
	  "else EINIT, and ECREATE where KVM has to check what is created.",
	  "SGX enclaves are loaded or unloaded in the guest.", CONDITIONAL },
	{ 61, 61, AWAY_IN_KVM, "the RDSEED instruction",
	  "The guest asked for a random seed. KVM answers with #UD.",
	  "Only where the VMM hides RDSEED from the guest and the CPU has it (\"RDSEED exiting\").",
	  "A program does not look at CPUID before it uses it; the guest's RIP tells.",
	  CONDITIONAL },
	{ 62, 62, AWAY_IN_KVM, "the log of written pages is full",
	  "The CPU has noted 512 pages that the guest wrote, and KVM takes the list over.",
	  "While the VMM has KVM log writes, as for a migration or a snapshot (pml=1).",
	  "KVM takes the list over at each exit, so these are the times when 512 pages (2 MiB of 4 KiB "
	  "pages) were written without another exit between: the guest makes memory dirty fast. "
	  "There are none while nothing is logged.",
	  SDM "\"Page-Modification Logging\"" },
	{ 63, 63, AWAY_IN_KVM, "the XSAVES instruction",
	  "The guest saved its registers with XSAVES.",
	  "KVM's XSS-exiting bitmap is empty, so it never comes of a guest's own. While a guest of "
	  "the guest runs its hypervisor's bitmap counts.",
	  ASK_NESTED, CONDITIONAL },
	{ 64, 64, AWAY_IN_KVM, "the XRSTORS instruction",
	  "The guest restored its registers with XRSTORS.",
	  "KVM's XSS-exiting bitmap is empty, so it never comes of a guest's own. While a guest of "
	  "the guest runs its hypervisor's bitmap counts.",
	  ASK_NESTED, CONDITIONAL },
	{ 65, 65, AWAY_FOR_GOOD, "the PCONFIG instruction",
	  "The guest configured keys of memory encryption.", NOT_ENABLED, NOT_EXPECTED,
	  CONDITIONAL },
	{ 66, 66, AWAY_FOR_GOOD, "sub-page write permissions",
	  "The CPU could not use its table of write permissions for parts of a page.", NOT_ENABLED,
	  NOT_EXPECTED, BASIC_REASONS },
	{ 67, 67, AWAY_IN_KVM, "the UMWAIT instruction",
	  "The guest wanted to wait for a write to memory, or a time.",
	  FOR_NESTED " A guest that has WAITPKG waits without an exit.", ASK_NESTED, CONDITIONAL },
	{ 68, 68, AWAY_IN_KVM, "the TPAUSE instruction", "The guest wanted to wait for a time.",
	  FOR_NESTED " A guest that has WAITPKG waits without an exit.", ASK_NESTED, CONDITIONAL },
	{ 69, 69, AWAY_FOR_GOOD, "the LOADIWKEY instruction",
	  "The guest loaded an internal key of Key Locker.", NOT_ENABLED, NOT_EXPECTED,
	  CONDITIONAL },
	{ 70, 70, AWAY_FOR_GOOD, "the ENCLV instruction",
	  "The guest called a function of SGX for hypervisors.", NOT_ENABLED, NOT_EXPECTED,
	  CONDITIONAL },
	{ 72, 72, AWAY_FOR_GOOD, "ENCQMD: a PASID without translation",
	  "The guest sent a command to a device by ENQCMD, and its PASID has no translation.",
	  NOT_ENABLED, NOT_EXPECTED, BASIC_REASONS },
	{ 73, 73, AWAY_FOR_GOOD, "ENQCMDS: a PASID without translation",
	  "The guest sent a command to a device by ENQCMDS, and its PASID has no translation.",
	  NOT_ENABLED, NOT_EXPECTED, BASIC_REASONS },
	{ 74, 74, AWAY_IN_VMM, "a bus lock",
	  "The guest locked the whole memory bus: an atomic access across two cache lines (split "
	  "lock), or to memory that is not cached. All CPUs of the host wait for that.",
	  "Where the VMM asked (KVM_CAP_X86_BUS_LOCK_EXIT, QEMU's bus-lock-ratelimit) and the CPU "
	  "can.",
	  "Each goes to the VMM, which may slow the guest down. The guest's RIP says which program "
	  "has unaligned atomics.",
	  BASIC_REASONS },
	{ 75, 75, AWAY_IN_VMM, "the guest let no event through for too long",
	  "For a whole window of time there was no point at which an interrupt could come in: a "
	  "guest's way to block a CPU.",
	  "Where the VMM asked (KVM_CAP_X86_NOTIFY_VMEXIT, QEMU's notify-vmexit=run) and the CPU can.",
	  "None is expected of a sane guest. KVM goes on, or tells the VMM where it asked for that "
	  "or the state is broken.",
	  BASIC_REASONS },
	{ 76, 76, AWAY_IN_KVM, "the SEAMCALL instruction (TDX)",
	  "The guest called the TDX module, as a host's kernel does.",
	  "Always on CPUs with TDX. KVM answers with #UD (7.3); one that does not know the code "
	  "(6.12) stops the vCPU.",
	  "Something in the guest believes that it is a TDX host; the guest's RIP tells.",
	  BASIC_REASONS },
	{ 77, 77, AWAY_IN_VMM, "the TDCALL instruction (TDX)",
	  "Of a TDX guest: it asked KVM for something, such as to share memory. Of another guest: "
	  "a wrong instruction, which KVM answers with #UD.",
	  "Always on CPUs with TDX, in 7.3; 6.12 has no TDX guests, and stops the vCPU. Requests that "
	  "stand for another exit (CPUID, HLT, I/O, MSR, MMIO) are counted as that one.",
	  "Many: the guest turns memory from private to shared and back, as for DMA buffers.",
	  BASIC_REASONS },
	{ 78, 78, AWAY_FOR_GOOD, "the RDMSRLIST instruction",
	  "The guest read a list of MSRs at once.", NOT_ENABLED, NOT_EXPECTED, CONDITIONAL },
	{ 79, 79, AWAY_FOR_GOOD, "the WRMSRLIST instruction",
	  "The guest wrote a list of MSRs at once.", NOT_ENABLED, NOT_EXPECTED, CONDITIONAL },
	{ 84, 84, AWAY_IN_KVM, "RDMSR with the MSR in the instruction",
	  "The guest read an MSR whose number is part of the instruction, which new CPUs have.",
	  "As MSR_READ, in 7.3; 6.12 does not know it and does not offer it to guests.",
	  "See MSR_READ.", IN_LINUX },
	{ 85, 85, AWAY_IN_KVM, "WRMSRNS with the MSR in the instruction",
	  "The guest wrote an MSR whose number is part of the instruction, which new CPUs have.",
	  "As MSR_WRITE, in 7.3; 6.12 does not know it and does not offer it to guests.",
	  "See MSR_WRITE.", IN_LINUX },
};

const size_t vmx_nexplanations = COUNT_OF(vmx_explanations);
