// SPDX-License-Identifier: GPL-2.0-only
/* AMD's exit codes. The parameters are kvm_amd's where no other module is named. */
#include "base/array.h"
#include "model/explain.h"

#define APM	      "AMD APM vol. 2, "
#define INSTRUCTIONS  APM "\"Instruction Intercepts\""
#define EXCEPTIONS    APM "\"Exception Intercepts\""
#define INTERRUPTS    APM "\"Interrupt Intercepts\""
#define MISCELLANEOUS APM "\"Miscellaneous Intercepts\""
#define AVIC	      APM "\"Advanced Virtual Interrupt Controller\""
#define SEV_ES	      APM "\"Encrypted State (SEV-ES)\""
#define VMRUN_FAILS   APM "\"VMRUN Instruction\""
#define GHCB_STANDARD "AMD, \"SEV-ES Guest-Hypervisor Communication Block Standardization\""
#define EXIT_CODES    APM "appendix \"SVM Intercept Exit Codes\""

/* What several say in the same way. */
#define FOR_NESTED                                                                             \
	"KVM does not ask for it. While a guest of the guest runs it comes where the guest's " \
	"hypervisor asked for it, and is handed to that one."
#define ASK_NESTED "All of them are a nested guest's: its hypervisor says why it wants them."
#define NOT_EXPECTED                                                               \
	"None is expected: KVM stops the vCPU with KVM_EXIT_INTERNAL_ERROR. With " \
	"dump_invalid_vmcb=1 the kernel's log has its state."
#define NOT_SEEN "None is seen as a reason: the trace of exits (kvm_exit) has VMGEXIT."
#define IN_GHCB                                                                                \
	"No exit of the CPU: a request in the GHCB of an SEV-ES or SEV-SNP guest, that comes " \
	"with VMGEXIT."
#define SVM_OF_NESTED                                                                           \
	"A guest that is a hypervisor makes them (nested=1); where it has no SVM, KVM answers " \
	"with #UD."
#define DEBUGGER                                                                           \
	"A debugger with hardware breakpoints is at work in the guest, or something that " \
	"takes them for tracing."
#define DR_WHEN                                                                              \
	"At the guest's first access after KVM took the registers back. KVM then loads the " \
	"guest's, and stops asking until they were saved again. Each access, while the VMM " \
	"debugs the guest. None of DR8 and above, and of SEV-ES guests."

const struct explanation svm_explanations[] = {
	{ 0x00, 0x0f, AWAY_IN_KVM, "a control register is read",
	  "The guest read control register CRn; n is in the reason's name.",
	  "CR4 always. CR0 only while the guest sees another value than the CPU has: with npt=0, or "
	  "while the guest has its caches off, as a vCPU that starts. CR3 with npt=0. No other, and "
	  "none of SEV-ES guests.",
	  "Systems make some when they start. Many later: the guest's RIP tells.", INSTRUCTIONS },
	{ 0x10, 0x1f, AWAY_IN_KVM, "a control register is written",
	  "The guest wrote control register CRn; n is in the reason's name.",
	  "CR4 always. CR0 and CR3 as with reading. CR8 only while an interrupt waits that the "
	  "guest's task priority holds back. No other, and none of SEV-ES guests.",
	  "Many of CR4: on CPUs or guests without INVPCID Linux flushes global pages from the TLB "
	  "by CR4.PGE, when it unmaps memory of the kernel. Many of CR3: there is no NPT. Many of CR8: "
	  "Windows without AVIC.",
	  INSTRUCTIONS },
	{ 0x20, 0x2f, AWAY_IN_KVM, "a debug register is read",
	  "The guest read debug register DRn; n is in the reason's name.", DR_WHEN, DEBUGGER,
	  INSTRUCTIONS },
	{ 0x30, 0x3f, AWAY_IN_KVM, "a debug register is written",
	  "The guest wrote debug register DRn; n is in the reason's name.", DR_WHEN, DEBUGGER,
	  INSTRUCTIONS },
	{ 0x41, 0x41, AWAY_IN_KVM, "#DB: a debug exception",
	  "The guest came to a breakpoint of a debug register, or executes step by step.",
	  "Always, but of SEV-ES guests that have their debug registers to themselves: one that "
	  "raises another without end would hang the host's CPU. KVM steps through a guest itself "
	  "to learn when it can take an NMI.",
	  "Somebody debugs in the guest, or the VMM debugs the guest.", EXCEPTIONS },
	{ 0x43, 0x43, AWAY_IN_VMM, "#BP: a breakpoint (INT3)", "The guest executed INT3.",
	  "Only while the VMM debugs the guest with such breakpoints (KVM_GUESTDBG_USE_SW_BP).",
	  "The VMM's debugger (gdbstub) set them.", EXCEPTIONS },
	{ 0x46, 0x46, AWAY_IN_KVM, "#UD: an instruction that is not there",
	  "The guest executed something that its CPU does not have.",
	  "Always, but of SEV guests. KVM emulates some, such as the other vendor's instruction "
	  "for hypercalls, and gives #UD back to the guest for the rest.",
	  "A program uses an instruction without a look at CPUID, or the guest was moved from a "
	  "better CPU. The guest's RIP tells.",
	  EXCEPTIONS },
	{ 0x4d, 0x4d, AWAY_IN_KVM, "#GP: a general-protection fault",
	  "The guest did something that is not allowed.",
	  "With kvm's enable_vmware_backdoor=1, for I/O ports; and on some CPUs of guests that are "
	  "hypervisors, as these CPUs fault where they should exit. Not of SEV guests.",
	  "Many: programs in the guest talk to \"VMware\" by its ports, or a nested hypervisor on "
	  "such a CPU. The guest's RIP tells.",
	  EXCEPTIONS },
	{ 0x4e, 0x4e, AWAY_MEMORY, "#PF: a page fault of the guest",
	  "The guest used memory that its page tables, or KVM's copy of them, do not allow.",
	  "With npt=0, or on a CPU without nested paging: KVM then keeps page tables of its own.",
	  "Each change of the guest's page tables costs some. With NPT there are none, but of a guest "
	  "hypervisor's guests.",
	  EXCEPTIONS },
	{ 0x51, 0x51, AWAY_IN_KVM, "#AC: an alignment check",
	  "The guest used an address that is not aligned, and wants to know of that.",
	  "Always: one that raises another without end would hang the host's CPU.",
	  "A program in the guest has set EFLAGS.AC. KVM gives each back to the guest.",
	  EXCEPTIONS },
	{ 0x52, 0x52, AWAY_IN_KVM, "#MC: a machine check",
	  "The hardware reported an error while the guest ran.", "Always: it is the host's.",
	  "None is expected: the host's log (mce, rasdaemon) has the error.", EXCEPTIONS },
	{ 0x40, 0x5f, AWAY_IN_KVM, "another exception",
	  "The guest raised an exception; its vector is the code minus 0x40.",
	  FOR_NESTED " Of its own KVM asks for #DB, #UD, #AC, #MC and, in cases, #BP, #GP and #PF.",
	  ASK_NESTED, EXCEPTIONS },
	{ 0x60, 0x60, AWAY_INTERRUPT, "an interrupt of the host",
	  "An interrupt for the host's CPU arrived while the guest ran on it. It has nothing to do "
	  "with what the guest did.",
	  "Always. Interrupts for the guest itself need none of these with AVIC (avic=1), as the CPU "
	  "delivers them.",
	  "The host's timer tick, a device whose interrupts go to this CPU, or an IPI, which without "
	  "AVIC tells a running vCPU that an interrupt waits. The CPU does not say which: "
	  "/proc/interrupts has them by CPU. Fewer: IRQ affinity and nohz_full.",
	  INTERRUPTS },
	{ 0x61, 0x61, AWAY_INTERRUPT, "an NMI of the host",
	  "An NMI for the host's CPU arrived while the guest ran on it.", "Always.",
	  "Many: somebody profiles the host (perf), whose counters interrupt by NMI.", INTERRUPTS },
	{ 0x62, 0x62, AWAY_INTERRUPT, "a system-management interrupt of the host",
	  "An SMI for the host's CPU arrived while the guest ran on it; the firmware takes it.",
	  "Always (intercept_smi=1), but where the firmware has locked SMM.",
	  "Many: the host's firmware is at work, for memory errors or power; a turn of it can take "
	  "long. Look at turbostat's column SMI.",
	  INTERRUPTS },
	{ 0x63, 0x63, AWAY_IN_KVM, "an INIT signal for the host's CPU",
	  "The host's CPU got an INIT while a guest ran.",
	  FOR_NESTED " INITs of guests are KVM's own work and no exits.",
	  "A running host sends no INITs to its CPUs.", INTERRUPTS },
	{ 0x64, 0x64, AWAY_IN_KVM, "the guest can take an interrupt now",
	  "An interrupt waited for the guest, and now the guest is ready for it.",
	  "While an interrupt waits that KVM has to inject, and the guest has interrupts off. With "
	  "AVIC (avic=1) the CPU delivers most interrupts without it.",
	  "Many: interrupts come often to a guest that has them off often, and AVIC is off, not "
	  "there, or inhibited; or the VMM has the interrupt controllers (no kernel irqchip).",
	  INTERRUPTS },
	{ 0x65, 0x65, AWAY_IN_KVM, "a write to CR0 beyond TS and MP",
	  "The guest wrote CR0, and changed other bits than those that switching tasks changes.",
	  "Always, but of SEV-ES guests.",
	  "Systems make some when they start. Many later: a kernel that turns write protection "
	  "(CR0.WP) off and on; the guest's RIP tells.",
	  INSTRUCTIONS },
	{ 0x66, 0x6d, AWAY_IN_KVM, "the IDT, GDT, LDT or task register",
	  "The guest stored (READ) or loaded (WRITE) one of these registers.", FOR_NESTED,
	  ASK_NESTED, INSTRUCTIONS },
	{ 0x6e, 0x6e, AWAY_IN_KVM, "the RDTSC instruction",
	  "The guest read the time stamp counter.",
	  FOR_NESTED " The CPU itself adds a guest's offset, so that reading needs no exit.",
	  ASK_NESTED, INSTRUCTIONS },
	{ 0x6f, 0x6f, AWAY_IN_KVM, "the RDPMC instruction",
	  "The guest read one of its performance counters.",
	  "Always, but where the guest has the counters for itself (enable_mediated_pmu=1, in 7.3 "
	  "and not in 6.12).",
	  "Somebody profiles or measures in the guest (perf, PAPI); the guest's RIP tells who.",
	  INSTRUCTIONS },
	{ 0x70, 0x71, AWAY_IN_KVM, "PUSHF or POPF",
	  "The guest stored (PUSHF) or loaded (POPF) its flags.", FOR_NESTED, ASK_NESTED,
	  INSTRUCTIONS },
	{ 0x72, 0x72, AWAY_IN_KVM, "the CPUID instruction",
	  "The guest asked what its CPU can do. KVM answers from the table that the VMM gave it.",
	  "Always.",
	  "Every program that starts asks some dozen times. Many more: a program asks in a loop, "
	  "e.g. to make the CPU wait for earlier instructions. The leaf and the guest's RIP tell.",
	  INSTRUCTIONS },
	{ 0x73, 0x73, AWAY_IN_KVM, "the RSM instruction",
	  "The guest returned from system-management mode, which KVM emulates.", "Always.",
	  "The guest's firmware uses SMM, as for UEFI variables with secure boot. Each stands for a "
	  "whole turn in SMM.",
	  INSTRUCTIONS },
	{ 0x74, 0x74, AWAY_IN_KVM, "the IRET instruction, after an NMI",
	  "The guest returns from an NMI: from now on it can take the next one.",
	  "From when KVM has injected an NMI to the next IRET. Not where the CPU keeps count of NMIs "
	  "itself (vnmi=1; in 6.12, not in 6.1), nor of SEV-ES guests.",
	  "As many as the guest's NMIs: its profiler (perf) or watchdog.", INSTRUCTIONS },
	{ 0x75, 0x75, AWAY_IN_KVM, "a software interrupt (INT n)", "The guest executed INT n.",
	  FOR_NESTED, ASK_NESTED, INSTRUCTIONS },
	{ 0x76, 0x76, AWAY_IN_KVM, "the INVD instruction",
	  "The guest threw away its caches without writing them back. KVM does nothing for it.",
	  "Always.", "Firmware uses it at most, once at its start.", INSTRUCTIONS },
	{ 0x77, 0x77, AWAY_YIELDING, "the guest spins in a loop of PAUSE",
	  "The guest waits for a lock or an answer of another CPU, in a loop. KVM lets another of its "
	  "vCPUs run instead.",
	  "After so many PAUSEs (pause_filter_count), counted anew when more than "
	  "pause_filter_thresh cycles lie between two. KVM raises the count of a vCPU that spins. "
	  "Not with QEMU's cpu-pm=on.",
	  "Many: there are more running vCPUs than CPUs, and the one with the lock does not run; "
	  "look at the host's load. Else the guest fights for a lock: the guest's RIP says which.",
	  MISCELLANEOUS },
	{ 0x78, 0x78, AWAY_ASLEEP, "the HLT instruction: the vCPU is idle",
	  "The guest has nothing to do on this vCPU, and waits for an interrupt.",
	  "Always, unless the VMM gave the CPU to the guest (KVM_CAP_X86_DISABLE_EXITS, QEMU's "
	  "-overcommit cpu-pm=on). New CPUs have IDLE_HLT instead (7.3).",
	  "The time is no cost, each wake-up is: many short sleeps make a guest slow. kvm's "
	  "halt_poll_ns (how long KVM polls before it sleeps) trades the host's CPU for that. Look "
	  "at what wakes the vCPU: timers, IPIs, devices.",
	  INSTRUCTIONS },
	{ 0x79, 0x79, AWAY_IN_KVM, "the INVLPG instruction",
	  "The guest took one address out of its TLB.",
	  "With npt=0, or on a CPU without nested paging: KVM then keeps page tables of its own in "
	  "step with the guest's.",
	  "Each page that the guest unmaps makes one. With NPT there are none, but of nested guests "
	  "without it.",
	  INSTRUCTIONS },
	{ 0x7a, 0x7a, AWAY_IN_KVM, "INVLPGA: a nested hypervisor",
	  "The guest's hypervisor took an address of its guest out of the TLB.",
	  "Always. " SVM_OF_NESTED,
	  "Many: it takes its guests' addresses out of the TLB one by one.", INSTRUCTIONS },
	{ 0x7b, 0x7b, AWAY_IN_VMM, "an I/O port", "The guest used IN, OUT, INS or OUTS.",
	  "Always (IOIO map): no port belongs to a guest.",
	  "The port and direction tell: the serial console, RTC (0x70, 0x71), ACPI's PM timer, PCI's "
	  "configuration (0xcf8, 0xcfc), old virtio devices. The kernel answers for its PIC and PIT "
	  "and where there is an ioeventfd, the VMM for all others.",
	  APM "\"IOIO Intercepts\"" },
	{ 0x7c, 0x7c, AWAY_IN_KVM, "an MSR that is not the guest's own",
	  "The guest read or wrote a model-specific register.",
	  "For all MSRs but those that KVM lets through (MSR permission map): those of SYSCALL and "
	  "SYSENTER, FS and GS bases, SPEC_CTRL once used, with AVIC in x2APIC mode (x2AVIC) most of "
	  "x2APIC's, and some more.",
	  "The MSR's index and direction tell: 0x6e0 sets the next timer (TSC deadline), 0x830 sends "
	  "an IPI and 0x80b ends an interrupt (x2APIC without x2AVIC), 0x400000xx are Hyper-V's. Writes of 0x6e0 "
	  "and 0x830 have a fast path. Timers: look at the guest's tick and at who sleeps briefly.",
	  APM "\"MSR Intercepts\"" },
	{ 0x7d, 0x7d, AWAY_IN_KVM, "a task switch by hardware",
	  "The guest switched tasks by a task gate or TSS, the x86 way that 64-bit systems do not "
	  "have.",
	  "Always.",
	  "Old 32-bit systems, or a fault of one (double faults go through a task gate there). KVM "
	  "emulates each.",
	  MISCELLANEOUS },
	{ 0x7e, 0x7e, AWAY_IN_KVM, "the wait for an x87 error's interrupt",
	  "The guest's x87 unit has an error and waits for an interrupt, in the old way (FERR#).",
	  FOR_NESTED, ASK_NESTED, MISCELLANEOUS },
	{ 0x7f, 0x7f, AWAY_FOR_GOOD, "the guest could not handle a double fault",
	  "The guest could not even call its handler for double faults (triple fault). A real "
	  "machine would reset.",
	  "Always.",
	  "One is a guest that resets itself in this way, as some do on purpose, or has crashed; its "
	  "console says which. Many are a guest that does so again and again.",
	  MISCELLANEOUS },
	{ 0x80, 0x80, AWAY_IN_KVM, "VMRUN: a nested hypervisor",
	  "The guest's hypervisor enters its guest. What follows is an entry into the nested guest.",
	  "Always. " SVM_OF_NESTED,
	  "As many as exits were handed to the guest's hypervisor: look at the nested guest's other "
	  "reasons, and at what that hypervisor counts itself.",
	  INSTRUCTIONS },
	{ 0x81, 0x81, AWAY_IN_VMM, "a hypercall",
	  "The guest called its hypervisor by VMMCALL: KVM's, Hyper-V's or Xen's calls.", "Always.",
	  "The call's number tells. KVM's: wake a vCPU that waits for a lock, send IPIs to many, "
	  "yield. Hyper-V's, of Windows: flush TLBs, send IPIs. Many IPIs or flushes are the guest's "
	  "threads that change memory together.",
	  INSTRUCTIONS },
	{ 0x82, 0x83, AWAY_IN_KVM, "VMLOAD or VMSAVE: a nested hypervisor",
	  "The guest's hypervisor loaded or saved registers of its guest or of its own.",
	  "Unless the CPU does it for the guest (vls=1), as new ones do. " SVM_OF_NESTED,
	  "Some for each exit that is handed to the guest's hypervisor, where vls is not there.",
	  INSTRUCTIONS },
	{ 0x84, 0x84, AWAY_IN_KVM, "STGI: a nested hypervisor",
	  "The guest's hypervisor lets interrupts through again, all kinds of them (GIF).",
	  "Unless the CPU keeps a GIF for the guest (vgif=1), as new ones do, and no event waits for "
	  "it. " SVM_OF_NESTED,
	  "One for each exit that is handed to the guest's hypervisor, where vgif is not there.",
	  APM "\"Global Interrupt Flag, STGI and CLGI Instructions\"" },
	{ 0x85, 0x85, AWAY_IN_KVM, "CLGI: a nested hypervisor",
	  "The guest's hypervisor holds interrupts back, all kinds of them (GIF).",
	  "Unless the CPU keeps a GIF for the guest (vgif=1), as new ones do. " SVM_OF_NESTED,
	  "One for each exit that is handed to the guest's hypervisor, where vgif is not there.",
	  APM "\"Global Interrupt Flag, STGI and CLGI Instructions\"" },
	{ 0x86, 0x86, AWAY_IN_KVM, "the SKINIT instruction",
	  "The guest wanted to start trusted software. KVM answers with #UD.", "Always.",
	  "Something in the guest believes that it has SKINIT; the guest's RIP tells.",
	  INSTRUCTIONS },
	{ 0x87, 0x87, AWAY_IN_KVM, "the RDTSCP instruction",
	  "The guest read the time stamp counter and the number of its CPU. KVM answers with #UD.",
	  "Only where the VMM hides RDTSCP from the guest and the CPU has it.",
	  "A program does not look at CPUID before it uses it; the guest's RIP tells.",
	  INSTRUCTIONS },
	{ 0x88, 0x88, AWAY_IN_KVM, "the ICEBP instruction (INT1)",
	  "The guest executed INT1, which raises #DB.",
	  "Always in 7.3; in 6.1 and 6.12 only where a guest's hypervisor asked for it of its guest.",
	  "A debugger's trick, and one of programs that look for debuggers; the guest's RIP tells.",
	  INSTRUCTIONS },
	{ 0x89, 0x89, AWAY_IN_KVM, "WBINVD or WBNOINVD",
	  "The guest wrote its caches back. KVM does so for VMs with a device whose DMA is not "
	  "coherent, and nothing for all others.",
	  "Always.",
	  "Firmware and systems that start use it. Many: a driver in the guest, e.g. of graphics. "
	  "Where KVM does it, it is slow for all of the host's CPUs that the vCPU has used.",
	  INSTRUCTIONS },
	{ 0x8a, 0x8a, AWAY_IN_KVM, "the MONITOR instruction",
	  "The guest named an address to wait for by MWAIT. KVM does nothing for it.",
	  "Always, unless the VMM gave MWAIT to the guest (KVM_CAP_X86_DISABLE_EXITS, QEMU's "
	  "-overcommit cpu-pm=on).",
	  "See MWAIT.", INSTRUCTIONS },
	{ 0x8b, 0x8b, AWAY_IN_KVM, "the MWAIT instruction",
	  "The guest wanted to wait for a write to memory. KVM does nothing for it, and the guest "
	  "goes on at once.",
	  "Always, unless the VMM gave MWAIT to the guest (KVM_CAP_X86_DISABLE_EXITS, QEMU's "
	  "-overcommit cpu-pm=on).",
	  "Else KVM does not offer MWAIT: the guest uses it nevertheless, and many are a loop that "
	  "burns the CPU. Choose another idle driver in the guest, or give it MWAIT.",
	  INSTRUCTIONS },
	{ 0x8c, 0x8c, AWAY_IN_KVM, "the MWAIT instruction, if it would wait",
	  "The guest waits for a write to memory that has not yet come.", FOR_NESTED, ASK_NESTED,
	  INSTRUCTIONS },
	{ 0x8d, 0x8d, AWAY_IN_KVM, "the XSETBV instruction",
	  "The guest chose which parts of its registers XSAVE keeps.",
	  "Always, but of SEV-ES guests.",
	  "Each vCPU does it once when it starts. Many: a nested hypervisor whose guest chose other "
	  "parts than it did itself.",
	  INSTRUCTIONS },
	{ 0x8e, 0x8e, AWAY_IN_KVM, "the RDPRU instruction",
	  "The guest read a register of the CPU's speed. KVM answers with #UD.", "Always.",
	  "A program does not look at CPUID before it uses it; the guest's RIP tells.",
	  INSTRUCTIONS },
	{ 0x8f, 0x8f, AWAY_IN_KVM, "EFER was written, by an SEV-ES guest",
	  "The guest has written EFER. The exit comes after the write, as KVM can see no "
	  "encrypted registers and must learn of it.",
	  "Always of SEV-ES and SEV-SNP guests.", "Systems write it when a vCPU starts.", SEV_ES },
	{ 0x90, 0x9f, AWAY_IN_KVM, "CRn was written, by an SEV-ES guest",
	  "The guest has written control register CRn; n is in the reason's name. The exit comes "
	  "after the write, as KVM can see no encrypted registers and must learn of it.",
	  "CR0, CR4 and CR8 always of SEV-ES and SEV-SNP guests. No other.", "See WRITE_CR4.",
	  SEV_ES },
	{ 0xa0, 0xa1, AWAY_IN_KVM, "the INVLPGB instruction",
	  "The guest took addresses out of all CPUs' TLBs; ILLEGAL: in a way that is not allowed.",
	  "KVM asks for neither, and does not enable INVLPGB for guests.", "None is expected.",
	  INSTRUCTIONS },
	{ 0xa2, 0xa2, AWAY_IN_KVM, "the INVPCID instruction",
	  "The guest took addresses out of its TLB by process context.",
	  "With npt=0, or where the VMM hides INVPCID from the guest and the CPU has it; then KVM "
	  "answers with #UD.",
	  "See INVLPG. With NPT: a program does not look at CPUID, and the guest's RIP tells which.",
	  INSTRUCTIONS },
	{ 0xa3, 0xa3, AWAY_IN_KVM, "the MCOMMIT instruction",
	  "The guest asked whether its stores to memory are complete.",
	  "KVM does not ask for it, and does not offer it to guests.", "None is expected.",
	  INSTRUCTIONS },
	{ 0xa4, 0xa4, AWAY_IN_KVM, "the TLBSYNC instruction",
	  "The guest waits until its INVLPGBs are done.",
	  "KVM does not ask for it, and does not enable INVLPGB for guests.", "None is expected.",
	  INSTRUCTIONS },
	{ 0xa5, 0xa5, AWAY_IN_VMM, "a bus lock",
	  "The guest locked the whole memory bus: an atomic access across two cache lines (split "
	  "lock), or to memory that is not cached. All CPUs of the host wait for that.",
	  "Where the VMM asked (KVM_CAP_X86_BUS_LOCK_EXIT, QEMU's bus-lock-ratelimit) and the CPU "
	  "can; in 7.3, not in 6.12.",
	  "Each goes to the VMM, which may slow the guest down. The guest's RIP says which program "
	  "has unaligned atomics.",
	  MISCELLANEOUS },
	{ 0xa6, 0xa6, AWAY_ASLEEP, "HLT, while no interrupt waits: idle",
	  "The guest has nothing to do on this vCPU. As HLT, but there is no exit where an interrupt "
	  "waits for the guest already.",
	  "In 7.3, not in 6.12, on CPUs that have it: instead of HLT, and like it not with QEMU's "
	  "cpu-pm=on.",
	  "See HLT: the time is no cost, each wake-up is.", INSTRUCTIONS },
	{ 0x400, 0x400, AWAY_MEMORY, "memory that is not mapped, or a device's",
	  "The guest used memory that KVM has not mapped for it, or not for this kind of access; or "
	  "an address at which there is a device and no memory.",
	  "Always with nested paging (npt=1). KVM maps memory when it is used first, and again after "
	  "the host has taken it away: swap, balloon, NUMA balancing, compaction, KSM; it protects "
	  "pages to learn of writes (migration).",
	  "The page and the access tell. Of devices: doorbells of virtio, HPET, I/O APIC, without "
	  "AVIC the local APIC (xAPIC); a doorbell with an ioeventfd is answered in the kernel at "
	  "once, others by the VMM. Of memory: normal of a guest that starts; if it goes on, the "
	  "host takes memory away or has 4 KiB pages for it. See /proc/vmstat.",
	  APM "\"Nested Paging\"" },
	{ 0x401, 0x401, AWAY_IN_KVM, "an IPI that AVIC cannot deliver alone",
	  "The guest sent an IPI, and the CPU could not do all of it.",
	  "With AVIC (avic=1): the vCPU it goes to does not run and must be woken, or the IPI is of a "
	  "kind that AVIC does not do, as INIT, SIPI and NMI.",
	  "Many: the guest wakes idle vCPUs often, which is the same without AVIC. The ICR's value "
	  "(tracepoint kvm_avic_incomplete_ipi) tells to whom.",
	  AVIC },
	{ 0x402, 0x402, AWAY_IN_KVM, "a use of the local APIC AVIC cannot do",
	  "The guest used a register of its local APIC that the CPU does not handle on its own.",
	  "With AVIC (avic=1): writes to the timer, LVT and ID registers and others, reads of the "
	  "timer's count, and EOI of a level-triggered interrupt.",
	  "The register (tracepoint kvm_avic_unaccelerated_access) tells. EOI: let the device use "
	  "MSI. The timer: the guest's ticks and short sleeps.",
	  AVIC },
	{ 0x403, 0x403, AWAY_IN_VMM, "a request of an SEV-ES or SEV-SNP guest",
	  "The guest's memory and registers are encrypted: it asks for what it wants KVM to do, by a "
	  "page of its own that is shared (GHCB).",
	  "Always of SEV-ES and SEV-SNP guests, instead of CPUID, MSR, IO, MMIO, hypercalls and more.",
	  "The code in the GHCB (tracepoint kvm_vmgexit_enter) says what it is; look at that "
	  "reason.",
	  SEV_ES },
	{ 0x80000001, 0x80000001, AWAY_NONE, "GHCB: read of memory-mapped I/O",
	  "An encrypted guest reads a device's memory.", IN_GHCB, NOT_SEEN, GHCB_STANDARD },
	{ 0x80000002, 0x80000002, AWAY_NONE, "GHCB: write of memory-mapped I/O",
	  "An encrypted guest writes a device's memory.", IN_GHCB, NOT_SEEN, GHCB_STANDARD },
	{ 0x80000003, 0x80000003, AWAY_NONE, "GHCB: an NMI was handled",
	  "An encrypted guest can take the next NMI.", IN_GHCB, NOT_SEEN, GHCB_STANDARD },
	{ 0x80000004, 0x80000004, AWAY_NONE, "GHCB: a CPU waits to be started",
	  "A vCPU of an encrypted guest is stopped, and sleeps until it is started again.", IN_GHCB,
	  NOT_SEEN, GHCB_STANDARD },
	{ 0x80000005, 0x80000005, AWAY_NONE, "GHCB: where CPUs start",
	  "An encrypted guest sets or asks for the address of its table for starting CPUs.",
	  IN_GHCB, NOT_SEEN, GHCB_STANDARD },
	{ 0x80000010, 0x80000010, AWAY_NONE, "GHCB: private or shared memory",
	  "An SEV-SNP guest makes pages private or shared (page state change).", IN_GHCB, NOT_SEEN,
	  GHCB_STANDARD },
	{ 0x80000011, 0x80000012, AWAY_NONE, "GHCB: a message to the secure processor",
	  "An SEV-SNP guest sends a message to AMD's secure processor, as for an attestation "
	  "report; EXT: and wants the host's certificates.",
	  IN_GHCB, NOT_SEEN, GHCB_STANDARD },
	{ 0x80000013, 0x80000013, AWAY_NONE, "GHCB: a vCPU is made or removed",
	  "An SEV-SNP guest makes, starts or removes a vCPU.", IN_GHCB, NOT_SEEN, GHCB_STANDARD },
	{ 0x8000fffd, 0x8000fffd, AWAY_NONE, "GHCB: what the hypervisor can do",
	  "An encrypted guest asks which of these requests the hypervisor knows.", IN_GHCB,
	  NOT_SEEN, GHCB_STANDARD },
	{ -4u, -4u, AWAY_FOR_GOOD, "VMRUN refused: the performance counters",
	  "The CPU refused to run the guest, as the state of its performance counters is not one "
	  "that can be.",
	  "Always.", NOT_EXPECTED, EXIT_CODES },
	{ -3u, -3u, AWAY_FOR_GOOD, "VMRUN refused: sibling thread not idle",
	  "The CPU refused to run the guest, which wants the core's other thread to be idle.",
	  "Of SEV-SNP guests with SMT protection only, which KVM does not offer.", NOT_EXPECTED,
	  EXIT_CODES },
	{ -2u, -2u, AWAY_FOR_GOOD, "VMRUN refused: the state is in use",
	  "The CPU refused to run the guest, as its encrypted state (VMSA) is in use (BUSY).",
	  "Of encrypted guests.", NOT_EXPECTED, EXIT_CODES },
	{ -1u, -1u, AWAY_FOR_GOOD, "VMRUN refused: the guest's state",
	  "The CPU refused to run the guest, as something in its control block (VMCB) has a value "
	  "that it cannot have.",
	  "Always.",
	  "The VMM set such a state, or KVM has a bug: the VMM gets KVM_EXIT_FAIL_ENTRY. With "
	  "dump_invalid_vmcb=1 the kernel's log has the state.",
	  VMRUN_FAILS },
};

const size_t svm_nexplanations = COUNT_OF(svm_explanations);
