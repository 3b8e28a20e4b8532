// SPDX-License-Identifier: GPL-2.0-only
/* What is asked, end to end. */
#define _GNU_SOURCE 1 /* cpu_set_t, pipe2() */
#include <errno.h>
#include <fcntl.h>
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

static enum status open_kvm(const struct options *opts, uint32_t *hypercall)
{
	int err;

	err = kvm_open(hypercall);
	if (err == -EACCES || err == -EPERM)
		return cannot("/dev/kvm", err, "be root, or join its group");
	if (err)
		return cannot("/dev/kvm", err,
			      "load kvm_intel or kvm_amd (the firmware may have to enable it)");
	if (opts->exitstat && !vmm_exitstat_flags())
		return cannot("--exitstat", 0, "needs a KVM with kernel-patch/");
	if (opts->count[KIND_HYPERCALL] && !*hypercall)
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

/* Zeros, which all processes share. */
static void *shared(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static int prepare(struct job *job)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	job->failure_out = ends[0];
	job->failure_in = ends[1];

	job->results = shared(results_size(&job->opts));
	if (job->results == MAP_FAILED)
		return -errno;
	if (!job->opts.leaves)
		return 0;
	job->readings = shared(readings_size(&job->opts));

	return job->readings == MAP_FAILED ? -errno : 0;
}

/* The first line says why; any others follow from it. */
static void print_failure(const struct job *job)
{
	char text[256];
	ssize_t length;

	length = read(job->failure_out, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	fprintf(stderr, "exitgen: %s\n", text);
}

static enum status run(const struct job *job)
{
	int err;

	if (job->opts.one_process || job->opts.vms == 1)
		err = run_vms(job, 0, job->opts.vms, -1);
	else
		err = procs_run(job);
	if (!err) {
		err = report(job);
		if (err)
			fail(job, err, "standard output");
	}
	if (err) {
		print_failure(job);
		return STATUS_FAILED;
	}

	while (job->opts.hold)
		pause();

	return STATUS_OK;
}

int main(int argc, char **argv)
{
	enum status status;
	struct job job;
	bool help;
	int err;

	status = options_parse(&job.opts, argc, argv, &help);
	if (status != STATUS_OK)
		return status;
	if (help) {
		usage(stdout);
		return STATUS_OK;
	}

	prctl(PR_SET_NAME, job.opts.name);

	/* NUMA balancing unmaps pages to see who uses them; not under a policy. */
	syscall(SYS_set_mempolicy, MPOL_LOCAL, NULL, 0);

	status = open_kvm(&job.opts, &job.hypercall);
	if (status == STATUS_OK)
		status = find_cpus(&job.opts);
	if (status != STATUS_OK)
		return status;

	err = prepare(&job);
	if (err) {
		fprintf(stderr, "exitgen: %s\n", strerror(-err));
		return STATUS_FAILED;
	}

	return run(&job);
}
