// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/split.h"
#include "trace/btf.h"
#include "trace/expected.h"
#include "trace/loader.h"
#include "trace/memory.h"
#include "trace/preflight.h"
#include "trace/programs.h"
#include "trace/tracepoint_format.h"
#include "trace/tracer.h"
#include "exitstat.skel.h" /* after the types its maps use */

struct tracer {
	struct exitstat *skel;
	struct programs programs;
	struct ring_buffer *events;
	struct memory memory;
	bool split;
	struct apicv_host inhibits;
	int stats_fd; /* while it is open the kernel accounts for BPF programs; -1: none */
	int (*started)(void *arg, uint32_t slot);
	void *arg;
	bool saw_end;
	bool has_no_memory; /* for more vCPUs, this time */
	bool typed;	    /* KVM's types are known */
};

static bool verbose;

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (!verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, fmt, args);
}

/* What the program finds is in host_*; 0: the kernel does not tell. */
static void ask_host(struct exitstat *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	bpf_prog_test_run_opts(bpf_program__fd(skel->progs.read_host), &opts);
}

/* --- events ---------------------------------------------------------------- */

static int on_event(void *ctx, void *data, size_t size)
{
	const struct exitstat_event *event = data;
	struct tracer *tracer = ctx;

	/*
	 * Before what takes longer, as vCPUs go on meanwhile. Where there is no memory for more,
	 * what is not counted will be said to be lost.
	 */
	if (!tracer->has_no_memory && memory_grow(&tracer->memory))
		tracer->has_no_memory = true;
	if (size < sizeof(*event))
		return 0;
	if (event->type == EXITSTAT_VCPU_ENDED)
		tracer->saw_end = true;
	if (event->type == EXITSTAT_VCPU_STARTED)
		return tracer->started(tracer->arg, event->slot);
	return 0;
}

static int open_events(struct tracer *tracer)
{
	tracer->events =
		ring_buffer__new(bpf_map__fd(tracer->skel->maps.events), on_event, tracer, NULL);
	return tracer->events ? 0 : -errno;
}

/* --- start and stop ----------------------------------------------------------- */

static int fail_start(int errnum, struct error *err)
{
	if (kernel_is_locked_down())
		return fail(
			err, STATUS_CANNOT,
			"the kernel is locked down and lets no BPF program read its memory: boot "
			"with lockdown=integrity or none");
	if (errnum == -EPERM || errnum == -ENOSYS)
		return fail(
			err, STATUS_CANNOT,
			"the kernel refuses BPF (%s): run it outside the container, or allow bpf() "
			"in its seccomp profile",
			strerror(-errnum));
	if (errnum == -ENOMEM || errnum == -E2BIG)
		return fail(err, STATUS_FAILED,
			    "not enough kernel memory for the maps: use a smaller --max-vcpus");
	return fail(err, STATUS_CANNOT,
		    "this kernel does not take the BPF programs (%s): run it with --verbose, and "
		    "report what it prints",
		    strerror(-errnum));
}

/* Load, make the maps readable, attach; undone by tracer_close(). */
static int start(struct tracer *tracer, const struct tracer_options *options, struct ways ways,
		 const struct exit_format *format, struct chunk_plan plan)
{
	int ret;

	tracer->memory.growth.plan = plan;
	ret = load_programs(&tracer->skel, &tracer->programs, options, ways, format,
			    &tracer->memory);
	ret = ret ?: memory_open(&tracer->memory, tracer->skel, &tracer->programs, options);
	ret = ret ?: open_events(tracer);
	if (ret)
		return ret;
	ask_host(tracer->skel);
	ret = programs_attach(&tracer->programs);
	tracer->skel->bss->plain_on = !ret;
	return ret;
}

static void tracer_close(struct tracer *tracer)
{
	programs_detach(&tracer->programs);
	memory_close(&tracer->memory);
	ring_buffer__free(tracer->events);
	exitstat__destroy(tracer->skel);
	*tracer = (struct tracer){ .stats_fd = tracer->stats_fd };
}

/* What is asked for of a kernel that has not the means. 0, or -1 with err. */
static int check_ways(const struct tracer_options *options, struct ways ways, struct error *err)
{
	if (options->audit && !(ways.typed && ways.counters))
		return fail(
			err, STATUS_CANNOT,
			"this KVM counts no exits itself: load it with the patches of kernel-patch/ and "
			"exitstat=1");
	if (options->split && !(ways.typed && ways.end == END_BY_FENTRY))
		return fail(err, STATUS_CANNOT,
			    "where time went is told by programs that need fentry and the BTF of "
			    "kvm's modules, which this kernel has not: run it without %s",
			    options->nslowest ? "--slowest" : "--split");
	if (options->kinds && !ways.typed)
		return fail(
			err, STATUS_CANNOT,
			"what exits are about is told by programs that need the BTF of kvm's modules, "
			"which this kernel has not: run it without --detail");
	return 0;
}

int tracer_start(struct tracer **out, const struct tracer_options *wanted, struct error *err)
{
	struct tracer_options options = *wanted;
	struct tracer *tracer = calloc(1, sizeof(*tracer));
	struct exit_format format = { 0 };
	struct chunk_plan plan;
	struct ways ways;
	int ret;

	*out = NULL;
	if (!tracer)
		return fail(err, STATUS_FAILED, "out of memory");
	tracer->stats_fd = -1;
	tracer->split = options.split;
	verbose = options.verbose;
	libbpf_set_print(print_libbpf);
	ways = ways_find();
	if (check_ways(&options, ways, err))
		goto fail;
	options.answers &= ways.typed && ways.counters;
	options.apicv &= ways.typed;
	plan = chunks_plan(options.at_once ? options.max_vcpus : vcpus_expected(&options),
			   options.max_vcpus);
	ways.apicv &= options.apicv && !options.apicv_off;
	if (!ways.typed && exit_format_read(&format, err))
		goto fail;
	if (options.self && tracer_account(tracer, true)) {
		fail(err, STATUS_CANNOT,
		     "the kernel does not account for BPF programs here (%s): run it without --self",
		     strerror(errno));
		goto fail;
	}
	/* Only the ends of vCPUs can be done without, in a way. */
	while ((ret = start(tracer, &options, ways, &format, plan)) && ways.end != END_UNSEEN) {
		tracer_close(tracer);
		ways.end++;
	}
	if (ret) {
		fail_start(ret, err);
		goto fail;
	}
	if (ways.end == END_UNSEEN && !ways.typed)
		fprintf(stderr,
			"exitstat-bpf: this kernel shows no ends of VMs (neither fentry nor "
			"kprobes): a new VM may be counted as one of the same process that ended\n");
	tracer->inhibits = ways.inhibits;
	tracer->typed = ways.typed;
	*out = tracer;
	return 0;
fail:
	tracer_free(tracer);
	return -1;
}

void tracer_stop(struct tracer *tracer)
{
	int err;

	tracer->skel->bss->plain_on = false;
	programs_detach(&tracer->programs);
	/* Detaching does not wait for a program that is running. */
	err = programs_wait();
	if (err)
		fprintf(stderr,
			"exitstat-bpf: cannot wait for the programs' end (%s): an exit of the last "
			"moment may be counted and not timed\n",
			strerror(-err));
}

void tracer_free(struct tracer *tracer)
{
	if (!tracer)
		return;
	tracer_close(tracer);
	tracer_account(tracer, false);
	free(tracer);
}

int tracer_keep_growing(struct tracer *tracer, const struct user *user)
{
	return growth_keep(&tracer->memory.growth, user);
}

const struct maps *tracer_maps(const struct tracer *tracer)
{
	return &tracer->memory.maps;
}

uint32_t tracer_tsc_khz(const struct tracer *tracer)
{
	return tracer->skel->bss->host_tsc_khz;
}

uint32_t tracer_parts(const struct tracer *tracer)
{
	if (!tracer->split)
		return 0;
	return tracer->skel->bss->host_counts_waiting ? PARTS_ALL
						      : PARTS_ALL & ~(1u << EXITSTAT_RUNNABLE);
}

void tracer_name_inhibits(const struct tracer *tracer, struct apicv_host *host)
{
	enum apicv_use use = host->use;

	*host = tracer->inhibits;
	host->use = use;
}

bool tracer_tells_levels(const struct tracer *tracer)
{
	return tracer->typed;
}

int tracer_account(struct tracer *tracer, bool on)
{
	if (on == (tracer->stats_fd >= 0))
		return 0;
	if (!on)
		close(tracer->stats_fd);
	tracer->stats_fd = on ? bpf_enable_stats(BPF_STATS_RUN_TIME) : -1;
	return on && tracer->stats_fd < 0 ? -errno : 0;
}

int tracer_read_self(const struct tracer *tracer, struct self *self)
{
	return programs_read_self(&tracer->programs, self);
}

int tracer_event_fd(const struct tracer *tracer)
{
	return ring_buffer__epoll_fd(tracer->events);
}

int tracer_poll(struct tracer *tracer, int (*started)(void *arg, uint32_t slot), void *arg,
		bool *ended)
{
	int n;

	tracer->started = started;
	tracer->arg = arg;
	tracer->saw_end = false;
	tracer->has_no_memory = false;
	n = ring_buffer__consume(tracer->events);
	*ended = tracer->saw_end;
	return n < 0 ? n : 0;
}

struct answer_ring *tracer_answers(struct tracer *tracer)
{
	return &tracer->memory.answers;
}

uint64_t tracer_answers_dropped(const struct tracer *tracer)
{
	return tracer->skel->bss->answers_dropped +
	       programs_missed(&tracer->programs, MISSED_ANSWERS);
}

const struct kvm_counters *tracer_counters(const struct tracer *tracer)
{
	return &tracer->memory.counters;
}
