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
#include "trace/preflight.h"
#include "trace/btf.h"
#include "trace/programs.h"
#include "trace/tracepoint_format.h"
#include "trace/tracer.h"
#include "exitstat.skel.h" /* after the types its maps use */

/*
 * A Linux guest's busiest vCPU shows about 20 reasons, the others fewer; the
 * pool is shared, so one vCPU with many does no harm.
 */
#define RECORDS_PER_VCPU 24u
#define MIN_RECORDS	 128u

/* A boot has some hundred keys, a guest that has thousands is rare. */
#define DETAILS_PER_VCPU 64u
#define MIN_DETAILS	 16384u

/* Bytes: a reader of all leaves asks for a few hundred in a row. */
#define ANSWERS_SIZE (1u << 20)

struct tracer {
	struct exitstat *skel;
	struct programs programs;
	struct ring_buffer *events;
	struct answer_ring answers;
	struct kvm_counters counters;
	struct mapped vcpus, records, audited, details, chains, slowest;
	struct maps maps; /* what lies in these */
	bool split;
	struct apicv_host inhibits;
	int stats_fd; /* while it is open the kernel accounts for BPF programs; -1: none */
	int (*started)(void *arg, uint32_t slot);
	void *arg;
	bool saw_end;
	bool typed; /* KVM's types are known */
};

static bool verbose;

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (!verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, fmt, args);
}

/* --- load ------------------------------------------------------------------ */

static unsigned int typed_need(const struct tracer_options *options)
{
	if (options->kinds & 1u << EXITSTAT_RIP)
		return options->split ? NEED_RIP_SPLIT : NEED_RIP;
	if (options->kinds)
		return options->split ? NEED_DETAIL_SPLIT : NEED_DETAIL;
	return options->split ? NEED_SPLIT : NEED_TYPED;
}

static unsigned int needs_of(struct ways ways, const struct tracer_options *options)
{
	unsigned int needs = NEED_ALWAYS;

	if (ways.typed)
		needs |= typed_need(options);
	else
		needs |= NEED_PLAIN;
	if (ways.end == END_BY_FENTRY)
		needs |= NEED_FENTRY;
	if (ways.end == END_BY_KPROBE)
		needs |= NEED_KPROBE;
	if (ways.apicv)
		needs |= NEED_APICV;
	if (ways.apicv && ways.apicv_calls && ways.end == END_BY_FENTRY)
		needs |= NEED_APICV_CALLS;
	if (options->audit || options->answers)
		needs |= NEED_ANSWERS;
	if (options->nslowest)
		needs |= NEED_SLOWEST;
	for (unsigned int kind = 0; kind < EXITSTAT_KINDS; kind++)
		if (options->kinds & 1u << kind)
			needs |= NEED_KIND(kind);
	/* On SVM it is where the program at the exit can read it. */
	if (options->kinds & 1u << EXITSTAT_RIP && options->isa != EXITSTAT_ISA_SVM)
		needs |= NEED_RIP_RECORD;
	return options->audit ? needs | NEED_COUNTERS : needs;
}

static int size_maps(struct tracer *tracer, const struct tracer_options *options)
{
	struct exitstat *skel = tracer->skel;
	uint32_t vcpus = options->max_vcpus;
	uint32_t records = vcpus * RECORDS_PER_VCPU;
	int err = 0;

	if (records < MIN_RECORDS)
		records = MIN_RECORDS;
	tracer->maps.max_vcpus = vcpus;
	tracer->maps.max_records = records;
	skel->rodata->max_vcpus = vcpus;
	skel->rodata->max_records = records;
	skel->rodata->filter_pids = (uint32_t)options->npids;
	skel->rodata->filter_vcpus = (uint32_t)options->nvcpus;
	skel->rodata->asking = options->audit || options->answers;
	skel->rodata->auditing = options->audit;
	skel->rodata->apicv = options->apicv;

	err = err ?: bpf_map__set_max_entries(skel->maps.vcpus, vcpus + 1);
	err = err ?: bpf_map__set_max_entries(skel->maps.records, records + 1);
	err = err ?: bpf_map__set_max_entries(skel->maps.free_vcpus, vcpus);
	err = err ?: bpf_map__set_max_entries(skel->maps.free_records, records);
	err = err ?: bpf_map__set_max_entries(skel->maps.slot_of_vcpu, vcpus);
	err = err ?: bpf_map__set_max_entries(skel->maps.serial_of_vm, vcpus);
	if (options->apicv)
		err = err ?: bpf_map__set_max_entries(skel->maps.apicv_of_vm, vcpus);
	if (options->audit)
		err = err ?: bpf_map__set_max_entries(skel->maps.audited, vcpus + 1);
	if (options->audit || options->answers) {
		err = err ?: bpf_map__set_max_entries(skel->maps.questions, vcpus);
		err = err ?: bpf_map__set_max_entries(skel->maps.answers, ANSWERS_SIZE);
	}
	if (options->npids)
		err = err
			      ?: bpf_map__set_max_entries(skel->maps.wanted_pids,
							  (uint32_t)options->npids);
	if (options->nvcpus)
		err = err
			      ?: bpf_map__set_max_entries(skel->maps.wanted_vcpus,
							  (uint32_t)options->nvcpus);
	return err;
}

static int size_details(struct tracer *tracer, const struct tracer_options *options)
{
	struct exitstat *skel = tracer->skel;
	uint32_t vcpus = options->max_vcpus;
	uint32_t details = vcpus * DETAILS_PER_VCPU;
	int err;

	if (!options->kinds)
		return 0;
	if (details < MIN_DETAILS)
		details = MIN_DETAILS;
	tracer->maps.max_details = details;
	skel->rodata->max_details = details;
	skel->rodata->kinds = options->kinds;
	err = bpf_map__set_max_entries(skel->maps.details, details + 1);
	err = err ?: bpf_map__set_max_entries(skel->maps.free_details, details);
	return err ?: bpf_map__set_max_entries(skel->maps.chains, vcpus + 1);
}

static int size_slowest(struct tracer *tracer, const struct tracer_options *options)
{
	struct exitstat *skel = tracer->skel;

	tracer->maps.nslowest = options->nslowest;
	skel->rodata->nslowest = options->nslowest;
	if (!options->nslowest)
		return 0;
	return bpf_map__set_max_entries(skel->maps.slowest,
					(tracer->maps.max_records + 1) * options->nslowest);
}

static int fill_filter(struct bpf_map *map, const uint32_t *keys, size_t n)
{
	const uint8_t yes = 1;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = bpf_map__update_elem(map, &keys[i], sizeof(keys[i]), &yes, sizeof(yes),
					   BPF_ANY);
	return err;
}

static int load(struct tracer *tracer, const struct tracer_options *options, struct ways ways,
		const struct exit_format *format)
{
	/*
	 * Where the kernel refuses a program, libbpf has it look again and log each step, which
	 * takes thrice the time: only for those who read it. 4: no steps, but a last line.
	 */
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_level = verbose ? 0 : 4);
	struct exitstat *skel = exitstat__open_opts(&opts);
	int ret;

	if (!skel)
		return -errno;
	tracer->skel = skel;
	ret = programs_choose(&tracer->programs, skel->obj, needs_of(ways, options));
	if (ret)
		return ret;
	skel->rodata->plain_reason_offset = format->reason;
	skel->rodata->plain_isa_offset = format->isa;
	skel->rodata->plain_vcpu_id_offset = format->vcpu_id;
	ret = size_maps(tracer, options);
	ret = ret ?: size_details(tracer, options);
	ret = ret ?: size_slowest(tracer, options);
	ret = ret ?: exitstat__load(skel);
	/* libbpf goes on without where it thinks that memory cannot be shared. */
	ret = ret ?: (skel->bss ? 0 : -ENOMEM);
	ret = ret ?: fill_filter(skel->maps.wanted_pids, options->pids, options->npids);
	return ret ?: fill_filter(skel->maps.wanted_vcpus, options->vcpus, options->nvcpus);
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

	if (size < sizeof(*event))
		return 0;
	if (event->type == EXITSTAT_VCPU_ENDED)
		tracer->saw_end = true;
	if (event->type == EXITSTAT_VCPU_STARTED)
		return tracer->started(tracer->arg, event->slot);
	return 0;
}

/* --- maps as memory --------------------------------------------------------- */

static int push_free(struct bpf_map *map, uint32_t index)
{
	return bpf_map_update_elem(bpf_map__fd(map), NULL, &index, BPF_ANY);
}

static int free_vcpu(void *owner, uint32_t index)
{
	struct tracer *tracer = owner;

	return push_free(tracer->skel->maps.free_vcpus, index);
}

static int free_record(void *owner, uint32_t index)
{
	struct tracer *tracer = owner;

	return push_free(tracer->skel->maps.free_records, index);
}

static int free_detail(void *owner, uint32_t index)
{
	struct tracer *tracer = owner;

	return push_free(tracer->skel->maps.free_details, index);
}

static int read_apicv(void *owner, uint64_t vm_serial, bool last, struct exitstat_apicv *apicv)
{
	const struct tracer *tracer = owner;
	int fd = bpf_map__fd(tracer->skel->maps.apicv_of_vm);
	int err = bpf_map_lookup_elem(fd, &vm_serial, apicv) ? -errno : 0;

	if (!err && last)
		bpf_map_delete_elem(fd, &vm_serial);
	return err;
}

static uint64_t missed(void *owner, unsigned int what)
{
	const struct tracer *tracer = owner;

	return programs_missed(&tracer->programs, what);
}

static int open_maps(struct tracer *tracer)
{
	struct maps *maps = &tracer->maps;
	struct exitstat *skel = tracer->skel;
	int ret;

	ret = mapped_open(&tracer->vcpus, bpf_map__fd(skel->maps.vcpus), maps->max_vcpus + 1,
			  sizeof(*maps->vcpus));
	ret = ret
		      ?: mapped_open(&tracer->records, bpf_map__fd(skel->maps.records),
				     maps->max_records + 1, sizeof(*maps->records));
	maps->vcpus = tracer->vcpus.memory;
	maps->records = tracer->records.memory;
	maps->ledger = &skel->bss->ledger;
	maps->free_vcpu = free_vcpu;
	maps->free_record = free_record;
	maps->free_detail = free_detail;
	maps->read_apicv = read_apicv;
	maps->missed = missed;
	maps->owner = tracer;
	return ret;
}

static int open_details(struct tracer *tracer)
{
	struct maps *maps = &tracer->maps;
	struct exitstat *skel = tracer->skel;
	int ret = mapped_open(&tracer->details, bpf_map__fd(skel->maps.details),
			      maps->max_details + 1, sizeof(*maps->details));

	ret = ret
		      ?: mapped_open(&tracer->chains, bpf_map__fd(skel->maps.chains),
				     maps->max_vcpus + 1, sizeof(*maps->chains));
	maps->details = tracer->details.memory;
	maps->chains = tracer->chains.memory;
	return ret;
}

static int open_slowest(struct tracer *tracer)
{
	struct maps *maps = &tracer->maps;
	int ret = mapped_open(&tracer->slowest, bpf_map__fd(tracer->skel->maps.slowest),
			      (maps->max_records + 1) * maps->nslowest, sizeof(*maps->slowest));

	maps->slowest = tracer->slowest.memory;
	return ret;
}

static int open_audit(struct tracer *tracer)
{
	struct exitstat *skel = tracer->skel;
	int ret = mapped_open(&tracer->audited, bpf_map__fd(skel->maps.audited),
			      tracer->maps.max_vcpus + 1, sizeof(*tracer->maps.audited));

	tracer->maps.audited = tracer->audited.memory;
	return ret
		       ?: counters_open(&tracer->counters, bpf_map__fd(skel->maps.counters),
					bpf_program__fd(skel->progs.read_counters));
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
		 const struct exit_format *format)
{
	int ret = load(tracer, options, ways, format);

	ret = ret ?: open_maps(tracer);
	if (options->kinds)
		ret = ret ?: open_details(tracer);
	if (options->nslowest)
		ret = ret ?: open_slowest(tracer);
	if (options->audit)
		ret = ret ?: open_audit(tracer);
	if (options->audit || options->answers)
		ret = ret
			      ?: answers_open(&tracer->answers,
					      bpf_map__fd(tracer->skel->maps.answers));
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
	mapped_close(&tracer->vcpus);
	mapped_close(&tracer->records);
	mapped_close(&tracer->audited);
	mapped_close(&tracer->details);
	mapped_close(&tracer->chains);
	counters_close(&tracer->counters);
	answers_close(&tracer->answers);
	ring_buffer__free(tracer->events);
	exitstat__destroy(tracer->skel);
	*tracer = (struct tracer){ .stats_fd = tracer->stats_fd };
}

static int open_stats(struct tracer *tracer, struct error *err)
{
	tracer->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (tracer->stats_fd >= 0)
		return 0;
	return fail(err, STATUS_CANNOT,
		    "the kernel does not account for BPF programs here (%s): run it without --self",
		    strerror(errno));
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
	ways.apicv &= options.apicv && !options.apicv_off;
	if (!ways.typed && exit_format_read(&format, err))
		goto fail;
	if (options.self && open_stats(tracer, err))
		goto fail;
	/* Only the ends of vCPUs can be done without, in a way. */
	while ((ret = start(tracer, &options, ways, &format)) && ways.end != END_UNSEEN) {
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
	if (tracer->stats_fd >= 0)
		close(tracer->stats_fd);
	free(tracer);
}

const struct maps *tracer_maps(const struct tracer *tracer)
{
	return &tracer->maps;
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
	n = ring_buffer__consume(tracer->events);
	*ended = tracer->saw_end;
	return n < 0 ? n : 0;
}

struct answer_ring *tracer_answers(struct tracer *tracer)
{
	return &tracer->answers;
}

uint64_t tracer_answers_dropped(const struct tracer *tracer)
{
	return tracer->skel->bss->answers_dropped +
	       programs_missed(&tracer->programs, MISSED_ANSWERS);
}

const struct kvm_counters *tracer_counters(const struct tracer *tracer)
{
	return &tracer->counters;
}
