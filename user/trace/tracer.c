// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "model/host.h"
#include "trace/tracepoint_format.h"
#include "trace/tracer.h"
#include "trace/btf.h"
#include "exitstat.skel.h" /* after the types its maps use */

/*
 * A Linux guest's busiest vCPU shows about 20 reasons, the others fewer; the
 * pool is shared, so one vCPU with many does no harm.
 */
#define RECORDS_PER_VCPU 24u
#define MIN_RECORDS	 128u

/* Bytes: a reader of all leaves asks for a few hundred in a row. */
#define ANSWERS_SIZE (1u << 20)

struct tracer {
	struct exitstat *skel;
	struct ring_buffer *ring;
	struct ring_buffer *answers; /* NULL: KVM's answers are not asked for, or there are none */
	const struct exitstat_counters *counters;
	struct maps maps;
	int stats_fd; /* while it is open the kernel accounts for BPF programs; -1: none */
	bool typed;
	uint64_t missed_when_stopped;
	bool stopped;
	int (*started)(void *arg, uint32_t slot);
	int (*take)(void *arg, const struct exitstat_answer *answer);
	void *arg;
	bool saw_end;
};

static bool verbose;

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (!verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, fmt, args);
}

/* --- load ------------------------------------------------------------------ */

static void choose_programs(struct exitstat *skel, struct ways ways,
			    const struct tracer_options *options)
{
	bool answers = options->audit || options->answers;

	bpf_program__set_autoload(skel->progs.typed_exit, ways.typed);
	bpf_program__set_autoload(skel->progs.typed_entry, ways.typed);
	bpf_program__set_autoload(skel->progs.plain_hand_over, !ways.typed);
	bpf_program__set_autoload(skel->progs.plain_exit, !ways.typed);
	bpf_program__set_autoload(skel->progs.plain_entry, !ways.typed);
	bpf_program__set_autoload(skel->progs.destroy_fentry, ways.end == END_BY_FENTRY);
	bpf_program__set_autoload(skel->progs.destroy_kprobe, ways.end == END_BY_KPROBE);
	bpf_program__set_autoload(skel->progs.audit_question, answers);
	bpf_program__set_autoload(skel->progs.audit_answer, answers);
	bpf_program__set_autoload(skel->progs.read_counters, options->audit);
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
	skel->rodata->auditing = options->audit;

	err = err ?: bpf_map__set_max_entries(skel->maps.vcpus, vcpus + 1);
	err = err ?: bpf_map__set_max_entries(skel->maps.records, records + 1);
	err = err ?: bpf_map__set_max_entries(skel->maps.free_vcpus, vcpus);
	err = err ?: bpf_map__set_max_entries(skel->maps.free_records, records);
	err = err ?: bpf_map__set_max_entries(skel->maps.slot_of_vcpu, vcpus);
	err = err ?: bpf_map__set_max_entries(skel->maps.serial_of_vm, vcpus);
	if (options->audit)
		err = err ?: bpf_map__set_max_entries(skel->maps.baselines, vcpus + 1);
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
	struct exitstat *skel = exitstat__open();
	int ret;

	if (!skel)
		return -errno;
	tracer->skel = skel;
	choose_programs(skel, ways, options);
	skel->rodata->plain_reason_offset = format->reason;
	skel->rodata->plain_isa_offset = format->isa;
	skel->rodata->plain_vcpu_id_offset = format->vcpu_id;
	ret = size_maps(tracer, options);
	ret = ret ?: exitstat__load(skel);
	ret = ret ?: fill_filter(skel->maps.wanted_pids, options->pids, options->npids);
	return ret ?: fill_filter(skel->maps.wanted_vcpus, options->vcpus, options->nvcpus);
}

static uint32_t ask_tsc_khz(struct exitstat *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.read_tsc_khz), &opts))
		return 0;
	return skel->bss->host_tsc_khz;
}

/* --- ring buffers ---------------------------------------------------------- */

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

static int on_answer(void *ctx, void *data, size_t size)
{
	struct tracer *tracer = ctx;

	return size < sizeof(struct exitstat_answer) ? 0 : tracer->take(tracer->arg, data);
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

static bool read_info(const struct bpf_program *program, struct bpf_prog_info *info)
{
	__u32 len = sizeof(*info);
	int fd = bpf_program__fd(program);

	memset(info, 0, sizeof(*info));
	return fd >= 0 && !bpf_obj_get_info_by_fd(fd, info, &len);
}

/*
 * A program is skipped when its tracepoint is hit while it runs on that CPU; the
 * kernel counts that per program (plain_exit's own are counted by the ledger).
 */
static uint64_t program_misses(const struct bpf_program *program)
{
	struct bpf_prog_info info;

	return read_info(program, &info) ? info.recursion_misses : 0;
}

static uint64_t missed(void *owner)
{
	struct tracer *tracer = owner;
	struct exitstat *skel = tracer->skel;

	if (tracer->stopped)
		return tracer->missed_when_stopped;
	if (tracer->typed)
		return program_misses(skel->progs.typed_exit) +
		       program_misses(skel->progs.typed_entry);
	return program_misses(skel->progs.plain_hand_over) +
	       program_misses(skel->progs.plain_entry);
}

static size_t round_to_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

static size_t vcpus_size(const struct maps *maps)
{
	return round_to_pages((maps->max_vcpus + 1) * sizeof(struct exitstat_vcpu));
}

static size_t records_size(const struct maps *maps)
{
	return round_to_pages((maps->max_records + 1) * sizeof(struct exitstat_record));
}

#define COUNTERS_SIZE round_to_pages(sizeof(struct exitstat_counters))

static void *map_memory(const struct bpf_map *map, size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
}

static size_t baselines_size(const struct maps *maps)
{
	return round_to_pages((maps->max_vcpus + 1) * sizeof(struct exitstat_baseline));
}

static int open_audit_maps(struct tracer *tracer)
{
	struct exitstat *skel = tracer->skel;
	void *baselines = map_memory(skel->maps.baselines, baselines_size(&tracer->maps));
	void *counters = map_memory(skel->maps.counters, COUNTERS_SIZE);

	tracer->maps.baselines = baselines == MAP_FAILED ? NULL : baselines;
	tracer->counters = counters == MAP_FAILED ? NULL : counters;
	return tracer->maps.baselines && tracer->counters ? 0 : -ENOMEM;
}

static int open_answers(struct tracer *tracer)
{
	tracer->answers =
		ring_buffer__new(bpf_map__fd(tracer->skel->maps.answers), on_answer, tracer, NULL);
	return tracer->answers ? 0 : -errno;
}

static int open_maps(struct tracer *tracer)
{
	struct maps *maps = &tracer->maps;
	struct exitstat *skel = tracer->skel;
	void *vcpus = map_memory(skel->maps.vcpus, vcpus_size(maps));
	void *records = map_memory(skel->maps.records, records_size(maps));

	maps->vcpus = vcpus == MAP_FAILED ? NULL : vcpus;
	maps->records = records == MAP_FAILED ? NULL : records;
	maps->ledger = &skel->bss->ledger;
	maps->free_vcpu = free_vcpu;
	maps->free_record = free_record;
	maps->missed = missed;
	maps->owner = tracer;
	if (!maps->vcpus || !maps->records)
		return -ENOMEM;
	return 0;
}

/* --- attach ----------------------------------------------------------------- */

/*
 * Entries before exits, so that no exit is counted whose entry goes unseen; and
 * the ends of vCPUs before both.
 */
static int attach(struct tracer *tracer)
{
	struct exitstat *skel = tracer->skel;
	const struct {
		const struct bpf_program *program;
		struct bpf_link **link;
	} order[] = {
		{ skel->progs.destroy_fentry, &skel->links.destroy_fentry },
		{ skel->progs.destroy_kprobe, &skel->links.destroy_kprobe },
		{ skel->progs.typed_entry, &skel->links.typed_entry },
		{ skel->progs.typed_exit, &skel->links.typed_exit },
		{ skel->progs.plain_entry, &skel->links.plain_entry },
		{ skel->progs.plain_hand_over, &skel->links.plain_hand_over },
		{ skel->progs.plain_exit, &skel->links.plain_exit },
		{ skel->progs.audit_answer, &skel->links.audit_answer },
		{ skel->progs.audit_question, &skel->links.audit_question },
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (bpf_program__fd(order[i].program) < 0)
			continue;
		*order[i].link = bpf_program__attach(order[i].program);
		if (!*order[i].link)
			return -errno;
	}
	skel->bss->plain_on = true;
	return 0;
}

static int fail_start(int errnum, struct error *err)
{
	if (host_is_locked_down())
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

	if (ret)
		return ret;
	ret = open_maps(tracer);
	if (ret)
		return ret;
	if (options->audit)
		ret = open_audit_maps(tracer);
	if (!ret && (options->audit || options->answers))
		ret = open_answers(tracer);
	if (ret)
		return ret;
	tracer->typed = ways.typed;
	ask_tsc_khz(tracer->skel);
	tracer->ring =
		ring_buffer__new(bpf_map__fd(tracer->skel->maps.events), on_event, tracer, NULL);
	if (!tracer->ring)
		return -errno;
	return attach(tracer);
}

static void tracer_close(struct tracer *tracer)
{
	if (tracer->maps.vcpus)
		munmap(tracer->maps.vcpus, vcpus_size(&tracer->maps));
	if (tracer->maps.records)
		munmap(tracer->maps.records, records_size(&tracer->maps));
	if (tracer->maps.baselines)
		munmap(tracer->maps.baselines, baselines_size(&tracer->maps));
	if (tracer->counters)
		munmap((void *)tracer->counters, COUNTERS_SIZE);
	ring_buffer__free(tracer->answers);
	ring_buffer__free(tracer->ring);
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
	verbose = options.verbose;
	libbpf_set_print(print_libbpf);
	ways = ways_find();
	if (options.audit && !(ways.typed && ways.counters)) {
		fail(err, STATUS_CANNOT,
		     "this KVM counts no exits itself: load it with the patches of kernel-patch/ and "
		     "exitstat=1");
		goto fail;
	}
	options.answers &= ways.typed && ways.counters;
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
	if (ways.end == END_UNSEEN)
		fprintf(stderr,
			"exitstat-bpf: this kernel shows no ends of VMs (neither fentry nor "
			"kprobes): a new VM may be counted as one that ended\n");
	*out = tracer;
	return 0;
fail:
	tracer_free(tracer);
	return -1;
}

void tracer_stop(struct tracer *tracer)
{
	struct exitstat *skel = tracer->skel;
	struct bpf_link **order[] = {
		&skel->links.audit_question,  &skel->links.audit_answer,
		&skel->links.typed_exit,      &skel->links.plain_exit,
		&skel->links.plain_hand_over, &skel->links.typed_entry,
		&skel->links.plain_entry,     &skel->links.destroy_fentry,
		&skel->links.destroy_kprobe,
	};

	skel->bss->plain_on = false;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		bpf_link__destroy(*order[i]);
		*order[i] = NULL;
	}
	/* Detaching does not wait for a program that is running: this does. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	tracer->missed_when_stopped = missed(tracer);
	tracer->stopped = true;
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

void tracer_read_self(const struct tracer *tracer, struct self *self)
{
	const struct exitstat *skel = tracer->skel;
	const struct bpf_program *programs[] = {
		skel->progs.typed_exit, skel->progs.typed_entry, skel->progs.plain_hand_over,
		skel->progs.plain_exit, skel->progs.plain_entry,
	};

	self->nprograms = 0;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct self_program *program = &self->programs[self->nprograms];
		struct bpf_prog_info info;

		if (self->nprograms == SELF_PROGRAMS || !read_info(programs[i], &info))
			continue;
		self->nprograms++;
		snprintf(program->name, sizeof(program->name), "%s", info.name);
		program->runs = info.run_cnt;
		program->ns = info.run_time_ns;
	}
}

int tracer_event_fd(const struct tracer *tracer)
{
	return ring_buffer__epoll_fd(tracer->ring);
}

int tracer_poll(struct tracer *tracer, int (*started)(void *arg, uint32_t slot), void *arg,
		bool *ended)
{
	int n;

	tracer->started = started;
	tracer->arg = arg;
	tracer->saw_end = false;
	n = ring_buffer__consume(tracer->ring);
	*ended = tracer->saw_end;
	return n < 0 ? n : 0;
}

/* --- answers ---------------------------------------------------------------- */

int tracer_answers_fd(const struct tracer *tracer)
{
	return tracer->answers ? ring_buffer__epoll_fd(tracer->answers) : -1;
}

int tracer_take_answers(struct tracer *tracer,
			int (*take)(void *arg, const struct exitstat_answer *answer), void *arg)
{
	int n;

	tracer->take = take;
	tracer->arg = arg;
	n = tracer->answers ? ring_buffer__consume(tracer->answers) : 0;
	return n < 0 ? n : 0;
}

uint64_t tracer_answers_dropped(const struct tracer *tracer)
{
	return tracer->skel->bss->answers_dropped;
}

const struct exitstat_counters *tracer_read_counters(struct tracer *tracer, uint32_t slot)
{
	struct exitstat_question question = { .slot = slot };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &question, .ctx_size_in = sizeof(question));

	/* The kernel writes the answer to where it has read the question. */
	if (bpf_prog_test_run_opts(bpf_program__fd(tracer->skel->progs.read_counters), &opts))
		return NULL;
	return question.good ? tracer->counters : NULL;
}
