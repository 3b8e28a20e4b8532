// SPDX-License-Identifier: GPL-2.0-only
/* What is printed: the report, the usage, and what went wrong. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "exitgen.h"

const char *const kind_names[KIND_COUNT] = {
	[KIND_CPUID] = "cpuid",
	[KIND_OUT] = "out",
	[KIND_IN] = "in",
	[KIND_HLT] = "hlt",
	[KIND_RDMSR] = "rdmsr",
	[KIND_WRMSR] = "wrmsr",
	[KIND_MMIO_READ] = "mmio_read",
	[KIND_MMIO_WRITE] = "mmio_write",
	[KIND_HYPERCALL] = "hypercall",
	[KIND_CR_WRITE] = "cr_write",
	[KIND_IPI] = "ipi",
	[KIND_ALIGN] = "align",
};

size_t results_size(const struct options *opts)
{
	return sizeof(struct result) * (opts->reuse + 1) * opts->vms * (opts->vcpus + opts->leaves);
}

size_t readings_size(const struct options *opts)
{
	return sizeof(struct reading) * (opts->reuse + 1) * opts->vms * 2;
}

/* VMs are in the order of their making: all of a round before the next. */
struct result *result_of(const struct job *job, unsigned int round, unsigned int vm,
			 unsigned int vcpu)
{
	const struct options *opts = &job->opts;

	return &job->results[((size_t)round * opts->vms + vm) * (opts->vcpus + opts->leaves) +
			     vcpu];
}

struct reading *reading_of(const struct job *job, unsigned int round, unsigned int vm, bool after)
{
	return &job->readings[((size_t)round * job->opts.vms + vm) * 2 + after];
}

static void report_vcpu(const struct options *opts, unsigned int id, const struct result *result)
{
	const char *comma = "";
	int kind;

	printf("%s{\"id\": %u, \"exits\": {", id ? ", " : "", id);
	for (kind = 0; kind < KIND_COUNT; kind++) {
		if (!opts->asked[kind] || id == opts->vcpus)
			continue;
		printf("%s\"%s\": %" PRIu32, comma, kind_names[kind], opts->count[kind]);
		comma = ", ";
	}
	printf("}, \"also\": {\"memory\": %" PRIu64 ", \"shutdown\": %" PRIu64, result->memory,
	       result->shutdown);
	if (result->end_out)
		printf(", \"end_out\": %" PRIu64, result->end_out);
	if (result->asked)
		printf(", \"asked\": %" PRIu64, result->asked);
	if (result->counted)
		printf(", \"interrupt\": %" PRIu64 ", \"other\": %" PRIu64, result->interrupt,
		       result->other);
	printf("}}");
}

static const char *const sum_names[SUM_COUNT] = { "count", "handled", "away" };

/* "NAME": [BEFORE, AFTER] */
static void report_sums(const uint64_t before[SUM_COUNT], const uint64_t after[SUM_COUNT])
{
	int sum;

	for (sum = 0; sum < SUM_COUNT; sum++)
		printf("%s\"%s\": [%" PRIu64 ", %" PRIu64 "]", sum ? ", " : "", sum_names[sum],
		       before[sum], after[sum]);
}

static void report_code(const struct reading *before, const struct reading *after, unsigned int i)
{
	uint64_t sums[2][SUM_COUNT];
	int sum;

	for (sum = 0; sum < SUM_COUNT; sum++) {
		sums[0][sum] = before->of_code[sum][i];
		sums[1][sum] = after->of_code[sum][i];
	}
	report_sums(sums[0], sums[1]);
}

static void report_leaves(const struct reading *before, const struct reading *after)
{
	const char *comma = "";
	unsigned int i;

	printf(", \"leaves\": {\"layout\": %u, \"questions\": %u, \"codes\": %u, \"reasons\": [",
	       after->layout, after->questions, LEAVES_CODES);
	for (i = 0; i < LEAVES_CODES; i++) {
		if (after->of_code[SUM_EXITS][i] == UNDEFINED || !after->of_code[SUM_EXITS][i])
			continue;
		printf("%s{\"code\": %u, \"position\": %u, ", comma, leaves_code(i), i);
		report_code(before, after, i);
		printf("}");
		comma = ",\n  ";
	}
	printf("], \"total\": {");
	report_sums(before->total, after->total);
	printf("}}");
}

static void report_vm(const struct job *job, unsigned int round, unsigned int vm)
{
	const struct options *opts = &job->opts;
	unsigned int vcpu;

	printf("{\"pid\": %d, \"vcpus\": [", (int)result_of(job, round, vm, 0)->pid);
	for (vcpu = 0; vcpu < opts->vcpus + opts->leaves; vcpu++)
		report_vcpu(opts, vcpu, result_of(job, round, vm, vcpu));
	printf("]");
	if (opts->leaves)
		report_leaves(reading_of(job, round, vm, false), reading_of(job, round, vm, true));
	printf("}");
}

int report(const struct job *job)
{
	const struct options *opts = &job->opts;
	unsigned int round, vm;

	printf("{\"vms\": [");
	for (round = 0; round <= opts->reuse; round++) {
		for (vm = 0; vm < opts->vms; vm++) {
			printf("%s", round || vm ? ",\n " : "");
			report_vm(job, round, vm);
		}
	}
	printf("]}\n");

	if (fflush(stdout))
		return -errno;

	return ferror(stdout) ? -EIO : 0;
}

void usage(FILE *out)
{
	fputs("usage: exitgen KIND=COUNT... [OPTION]...\n"
	      "\n"
	      "Makes exactly COUNT VM exits of each KIND on each vCPU, checks that it did, and\n"
	      "prints as JSON what each vCPU of each VM did.\n"
	      "\n"
	      "kinds:\n"
	      "  cpuid out in hlt rdmsr wrmsr mmio_read mmio_write hypercall cr_write ipi\n"
	      "  align\n"
	      "\n"
	      "options:\n"
	      "  --vcpus N        vCPUs of each VM (1)\n"
	      "  --vms N          VMs, each in its own process (1)\n"
	      "  --one-process    all VMs in one process\n"
	      "  --alternate      one thread runs all vCPUs of its process in turn, switching at\n"
	      "                   each exit to user space\n"
	      "  --pin CPU[,...]  pin the vCPUs' threads to these CPUs, round robin\n"
	      "  --move US        move each vCPU's thread to another CPU every US microseconds\n"
	      "                   (among those of --pin, if given)\n"
	      "  --sleep US       sleep so long in user space after each exit that gets there\n"
	      "  --block US       HLT blocks in the kernel until a signal US microseconds later\n"
	      "  --reuse N        when a VM has ended, the same threads run a new one, N times\n"
	      "  --hold           after the report keep the VMs and their threads until killed\n"
	      "  --name NAME      name of the processes (exitgen)\n"
	      "  --leaf N         CPUID leaf to ask for (0)\n"
	      "  --port N         port of in and out (0xe9)\n"
	      "  --msr N          MSR of rdmsr and wrmsr, which writes 0 (0x8b); x2APIC's are there\n"
	      "  --mmio ADDRESS   where mmio_read and mmio_write go, of 4 bytes\n"
	      "  --spin N         in each turn count to N, without an exit\n"
	      "  --pause          with PAUSE, whose exits are among \"other\"\n"
	      "  --spread N       so many ports, leaves, MSRs, pages and hypercalls in turn: a\n"
	      "                   power of two; MSRs want a KVM with ignore_msrs=1\n"
	      "  --discard        memory is where mmio_write goes, of which each out has the VMM\n"
	      "                   take all away (MADV_DONTNEED): each write faults;\n"
	      "                   needs --spread and one vCPU\n"
	      "  --inhibit N      at the first exit to user space, have two reasons to inhibit\n"
	      "                   APICv (PIT reinjection, a debugger) change N times each\n"
	      "  --auto-eoi       each vCPU has an interrupt of Hyper-V's that needs no EOI, and\n"
	      "  --alias          another vCPU, which never runs, the first one's APIC ID: two\n"
	      "                   more reasons, for good\n"
	      "  --end-out        end with an OUT, not with a shutdown, which not every emulated\n"
	      "                   CPU lets KVM see\n"
	      "  --exitstat       have KVM count the exits of these VMs (kernel-patch/), whatever\n"
	      "                   it does for others\n"
	      "  --leaves         another vCPU asks for KVM's exit statistics (kernel-patch/)\n"
	      "                   before the others begin and after they have ended\n"
	      "  --help           print this\n"
	      "\n"
	      "A COUNT is 0 to 4294967295; numbers may be hexadecimal (0x...).\n"
	      "\n"
	      "\"exits\" is what was asked.  \"also\" is what else the vCPU needs: \"memory\", the\n"
	      "fault that maps its page; \"shutdown\" or \"end_out\", its end; and, where KVM's statistics tell,\n"
	      "\"interrupt\", exits made by interrupts of the host, and \"other\", any beyond all\n"
	      "these; \"asked\", the questions of --leaves, a CPUID and an OUT each.  MMIO is\n"
	      "SVM's NPF; on VMX the first access is an EPT violation, the later ones are EPT\n"
	      "misconfigurations.  An IPI is an x2APIC's, to nobody: a WRMSR that KVM's fast path\n"
	      "takes; it needs KVM's interrupt chips, so HLT needs --block beside it.  ALIGN is an\n"
	      "alignment check (#AC) at CPL 3; QEMU's CPUs have none, and the guest ends early.\n"
	      "\n"
	      "Exit status: 0 done, 1 failed, 2 usage, 3 this host cannot.\n",
	      out);
}

/*
 * Tells main() what went wrong.  With an err, a negative errno, says so and
 * returns it.  A short write to a pipe is whole or not at all, whoever else
 * writes or dies; when the pipe is full, there is enough to print.
 */
int fail(const struct job *job, int err, const char *fmt, ...)
{
	char what[160], line[256];
	va_list args;
	int length;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);

	length = snprintf(line, sizeof(line), "%s%s%s\n", what, err ? ": " : "",
			  err ? strerror(-err) : "");
	if (write(job->failure_in, line, length) < 0 && errno != EAGAIN)
		perror("exitgen: pipe");

	return err ? err : -EPROTO;
}
