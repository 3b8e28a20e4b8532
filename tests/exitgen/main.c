// SPDX-License-Identifier: GPL-2.0-only
/* What is asked, end to end. */
#define _GNU_SOURCE 1 /* cpu_set_t */
#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exitgen.h"

static enum status cannot(const char *what, int err, const char *advice)
{
	fprintf(stderr, "exitgen: %s%s%s: %s\n", what, err ? ": " : "", err ? strerror(-err) : "",
		advice);

	return STATUS_CANNOT;
}

static enum status open_kvm(const struct options *opts, struct kvm *kvm)
{
	int err;

	err = kvm_open(kvm);
	if (err == -EACCES || err == -EPERM)
		return cannot("/dev/kvm", err, "be root, or join its group");
	if (err)
		return cannot("/dev/kvm", err,
			      "load kvm_intel or kvm_amd (the firmware may have to enable it)");
	if (opts->count[KIND_HYPERCALL] && !kvm->hypercall)
		return cannot("hypercall: /proc/cpuinfo has neither vmx nor svm", 0,
			      "ask for other kinds");

	return STATUS_OK;
}

/* Without --pin, threads move among the CPUs this process may use. */
static enum status find_cpus(struct options *opts)
{
	cpu_set_t set;
	int cpu;

	if (!opts->move_us || opts->pin)
		return STATUS_OK;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set))
		return cannot("sched_getaffinity", -errno, "do without --move");
	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (CPU_ISSET(cpu, &set))
			opts->cpus[opts->cpu_count++] = cpu;
	}
	if (opts->cpu_count < 2)
		return cannot("--move", 0, "needs two CPUs, but this process may use only one");

	return STATUS_OK;
}

static enum status run(const struct options *opts, const struct kvm *kvm)
{
	enum status status = STATUS_OK;
	struct shared *shared;
	int err;

	shared = mmap(NULL, results_size(opts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED) {
		fprintf(stderr, "exitgen: mmap of the results: %s\n", strerror(errno));
		return STATUS_FAILED;
	}

	if (opts->one_process || opts->vms == 1)
		err = run_vms(opts, kvm, shared, 0, opts->vms, -1);
	else
		err = procs_run(opts, kvm, shared);
	if (!err) {
		err = report(opts, shared);
		if (err)
			fail(&shared->failure, err, "standard output");
	}
	if (err) {
		fprintf(stderr, "exitgen: %s\n", shared->failure.text);
		status = STATUS_FAILED;
	}

	while (!err && opts->hold)
		pause();

	return status;
}

int main(int argc, char **argv)
{
	struct options opts;
	enum status status;
	struct kvm kvm;
	bool help;

	status = options_parse(&opts, argc, argv, &help);
	if (status != STATUS_OK)
		return status;
	if (help) {
		usage(stdout);
		return STATUS_OK;
	}

	prctl(PR_SET_NAME, opts.name);

	/* NUMA balancing unmaps pages to see who uses them; not under a policy. */
	syscall(SYS_set_mempolicy, MPOL_LOCAL, NULL, 0);

	status = open_kvm(&opts, &kvm);
	if (status == STATUS_OK)
		status = find_cpus(&opts);
	if (status == STATUS_OK)
		status = run(&opts, &kvm);

	return status;
}
