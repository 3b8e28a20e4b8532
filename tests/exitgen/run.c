// SPDX-License-Identifier: GPL-2.0-only
/*
 * The threads of one process: one per vCPU, or one for all of them.
 *
 * A thread that fails does not meet the others again, and they may wait for it
 * forever.  run_vms() sees it and returns, and the process ends.
 */
#define _GNU_SOURCE 1 /* cpu_set_t */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "exitgen.h"

/* An alarm that comes before the HLT is put off, up to this. */
#define MAX_ALARM_US 1000000

struct group;

struct worker {
	struct group *group;
	unsigned int index; /* of its first vCPU, in the group */
	unsigned int count; /* of its vCPUs */
	pthread_t thread;
	bool done; /* under group->lock */
	timer_t timer;
	uint32_t alarm_us;
	struct kvm_run *volatile running;
};

struct group {
	const struct job *job;
	unsigned int first_vm;
	unsigned int vm_count;
	struct vm *vms;
	pthread_barrier_t *rounds; /* of each VM */
	struct worker *workers;
	unsigned int worker_count;

	pthread_mutex_t lock;
	pthread_cond_t change;
	unsigned int ready;
	unsigned int finished;
	bool go;
	bool failed;
};

static struct vcpu *worker_vcpu(const struct worker *worker, unsigned int i)
{
	unsigned int index = worker->index + i;
	unsigned int vcpus = worker->group->job->opts.vcpus;

	return &worker->group->vms[index / vcpus].vcpus[index % vcpus];
}

/*
 * What it has to do for VMs: it makes and ends those whose first vCPU it runs,
 * and meets the threads of the others.
 */
static unsigned int worker_first_vm(const struct worker *worker)
{
	return worker->index / worker->group->job->opts.vcpus;
}

static unsigned int worker_last_vm(const struct worker *worker)
{
	return (worker->index + worker->count - 1) / worker->group->job->opts.vcpus;
}

static bool worker_leads(const struct worker *worker)
{
	return worker->index % worker->group->job->opts.vcpus == 0;
}

static void worker_meet(const struct worker *worker)
{
	unsigned int vm;

	for (vm = worker_first_vm(worker); vm <= worker_last_vm(worker); vm++)
		pthread_barrier_wait(&worker->group->rounds[vm]);
}

/* To the CPU that is so many steps from its own in the list. */
static int worker_move(const struct worker *worker, pthread_t thread, unsigned int steps)
{
	const struct group *group = worker->group;
	const struct options *opts = &group->job->opts;
	unsigned int i = group->first_vm * opts->vcpus + worker->index + steps;
	int cpu = opts->cpus[i % opts->cpu_count];
	cpu_set_t set;
	int err;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	err = pthread_setaffinity_np(thread, sizeof(set), &set);
	if (err)
		return fail(group->job, -err, "cannot run on CPU %d", cpu);

	return 0;
}

/* Ready when all threads of all VMs and processes are. */
static void worker_wait_for_all(const struct worker *worker)
{
	struct group *group = worker->group;

	pthread_mutex_lock(&group->lock);
	group->ready++;
	pthread_cond_broadcast(&group->change);
	while (!group->go)
		pthread_cond_wait(&group->change, &group->lock);
	pthread_mutex_unlock(&group->lock);
}

static bool waits_for_hlt(const struct vcpu *vcpu)
{
	const struct options *opts = &vcpu->vm->job->opts;

	return opts->block_us && vcpu->seen[KIND_HLT] < opts->count[KIND_HLT];
}

/* Whole, though an alarm that was meant for a HLT may come meanwhile. */
static void sleep_for(uint32_t us)
{
	struct timespec left = { us / 1000000, us % 1000000 * 1000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* One KVM_RUN, and the end of its HLT if an alarm ended that. */
static int worker_step(struct worker *worker, struct vcpu *vcpu)
{
	uint32_t block_us = vcpu->vm->job->opts.block_us;
	int err;

	worker->running = vcpu->cpu.run;
	if (waits_for_hlt(vcpu)) {
		err = alarm_set(worker->timer, worker->alarm_us);
		if (err)
			return fail(vcpu->vm->job, err, "timer_settime");
	}

	err = vcpu_step(vcpu);
	if (!err && vcpu->vm->job->opts.sleep_us)
		sleep_for(vcpu->vm->job->opts.sleep_us);
	if (err != -EINTR)
		return err;
	vcpu->cpu.run->immediate_exit = 0;
	if (!block_us)
		return 0;

	err = vcpu_wake(vcpu);
	if (err < 0)
		return err;

	/* An alarm before the HLT: give the guest longer to get there. */
	if (err)
		worker->alarm_us = block_us;
	else if (worker->alarm_us < MAX_ALARM_US)
		worker->alarm_us *= 2;

	return 0;
}

/* All its vCPUs, in turn at each exit to user space, to their ends. */
static int worker_run(struct worker *worker)
{
	struct vcpu *vcpu;
	unsigned int i, left;
	int err;

	do {
		left = 0;
		for (i = 0; i < worker->count; i++) {
			vcpu = worker_vcpu(worker, i);
			if (vcpu->done)
				continue;
			left++;
			if (vcpu->id && !vm_mapped(vcpu->vm)) {
				sched_yield();
				continue;
			}
			err = worker_step(worker, vcpu);
			if (err)
				return err;
		}
	} while (left);
	worker->running = NULL;

	return 0;
}

static int worker_check(const struct worker *worker, unsigned int round)
{
	const struct group *group = worker->group;
	struct vcpu *vcpu;
	unsigned int i;
	int err;

	for (i = 0; i < worker->count; i++) {
		vcpu = worker_vcpu(worker, i);
		err = vcpu_check(vcpu, result_of(group->job, round, vcpu->vm->index, vcpu->id));
		if (err)
			return err;
	}

	return 0;
}

/* While no other vCPU runs. */
static int read_leaves(struct vm *vm, unsigned int round, bool after)
{
	struct vcpu *reader = &vm->vcpus[vm->job->opts.vcpus];
	int err;

	err = leaves_read(reader, reading_of(vm->job, round, vm->index, after));
	if (!err && after)
		err = vcpu_check(reader, result_of(vm->job, round, vm->index, reader->id));

	return err;
}

static int worker_create_vms(const struct worker *worker, unsigned int round)
{
	struct vm *vm;
	unsigned int i;
	int err = 0;

	for (i = worker_first_vm(worker); !err && i <= worker_last_vm(worker); i++) {
		vm = &worker->group->vms[i];
		err = vm_create(vm);
		if (!err && vm->job->opts.leaves)
			err = read_leaves(vm, round, false);
	}

	return err;
}

static int worker_read_leaves(const struct worker *worker, unsigned int round)
{
	unsigned int vm;
	int err = 0;

	for (vm = worker_first_vm(worker); !err && vm <= worker_last_vm(worker); vm++)
		err = read_leaves(&worker->group->vms[vm], round, true);

	return err;
}

static void worker_destroy_vms(const struct worker *worker)
{
	unsigned int vm;

	for (vm = worker_first_vm(worker); vm <= worker_last_vm(worker); vm++)
		vm_destroy(&worker->group->vms[vm]);
}

/* The life of one VM, or of all of them. */
static int worker_round(struct worker *worker, unsigned int round)
{
	const struct options *opts = &worker->group->job->opts;
	int err = 0;

	if (worker_leads(worker))
		err = worker_create_vms(worker, round);
	if (err)
		return err;

	worker_meet(worker);
	if (!round)
		worker_wait_for_all(worker);

	err = worker_run(worker);
	if (!err)
		err = worker_check(worker, round);
	if (err)
		return err;

	worker_meet(worker);
	if (worker_leads(worker) && opts->leaves)
		err = worker_read_leaves(worker, round);
	if (!err && worker_leads(worker) && !(opts->hold && round == opts->reuse))
		worker_destroy_vms(worker);

	return err;
}

static int worker_begin(struct worker *worker)
{
	const struct options *opts = &worker->group->job->opts;
	char name[16];
	int err;

	snprintf(name, sizeof(name), "vcpu %u", worker->index % opts->vcpus);
	prctl(PR_SET_NAME, name);

	if (opts->block_us) {
		worker->alarm_us = opts->block_us;
		err = alarm_create(&worker->timer, &worker->running);
		if (err)
			return fail(worker->group->job, err, "timer_create");
	}

	return opts->pin ? worker_move(worker, pthread_self(), 0) : 0;
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	struct group *group = worker->group;
	unsigned int round;
	int err;

	err = worker_begin(worker);
	for (round = 0; !err && round <= group->job->opts.reuse; round++)
		err = worker_round(worker, round);

	pthread_mutex_lock(&group->lock);
	worker->done = true;
	group->finished++;
	if (err)
		group->failed = true;
	pthread_cond_broadcast(&group->change);
	pthread_mutex_unlock(&group->lock);

	/* The VMs stay as they are, and so do those who ran them. */
	while (!err && group->job->opts.hold)
		pause();

	return NULL;
}

static int group_start(struct group *group)
{
	const struct options *opts = &group->job->opts;
	unsigned int per_worker = group->vm_count * opts->vcpus / group->worker_count;
	pthread_condattr_t monotonic;
	struct worker *worker;
	unsigned int i;
	int err;

	pthread_mutex_init(&group->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&group->change, &monotonic);
	for (i = 0; i < group->vm_count; i++)
		pthread_barrier_init(&group->rounds[i], NULL, opts->alternate ? 1 : opts->vcpus);

	for (i = 0; i < group->worker_count; i++) {
		worker = &group->workers[i];
		worker->group = group;
		worker->index = i * per_worker;
		worker->count = per_worker;
		err = pthread_create(&worker->thread, NULL, worker_main, worker);
		if (err)
			return fail(group->job, -err, "pthread_create");
	}

	return 0;
}

/* Holds all threads until every process has its own ready. */
static int group_let_go(struct group *group, int parent)
{
	bool failed;
	char byte;

	pthread_mutex_lock(&group->lock);
	while (group->ready < group->worker_count && !group->failed)
		pthread_cond_wait(&group->change, &group->lock);
	failed = group->failed;
	pthread_mutex_unlock(&group->lock);
	if (failed)
		return -ECANCELED;

	if (parent >= 0 && (write(parent, "", 1) != 1 || read(parent, &byte, 1) != 1))
		return fail(group->job, 0, "the first process is gone");

	pthread_mutex_lock(&group->lock);
	group->go = true;
	pthread_cond_broadcast(&group->change);
	pthread_mutex_unlock(&group->lock);

	return 0;
}

static int group_move(const struct group *group, unsigned int steps)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < group->worker_count; i++) {
		if (!group->workers[i].done)
			err = worker_move(&group->workers[i], group->workers[i].thread, steps);
	}

	return err;
}

static struct timespec us_from_now(uint32_t us)
{
	struct timespec time;
	uint64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &time);
	ns = time.tv_nsec + us * 1000ULL;
	time.tv_sec += ns / 1000000000;
	time.tv_nsec = ns % 1000000000;

	return time;
}

/* Until all threads have finished; meanwhile this one moves them about. */
static int group_wait(struct group *group)
{
	uint32_t move_us = group->job->opts.move_us;
	struct timespec next_move = us_from_now(move_us);
	unsigned int steps = 0;
	int err = 0;

	pthread_mutex_lock(&group->lock);
	while (group->finished < group->worker_count && !group->failed && !err) {
		if (!move_us) {
			pthread_cond_wait(&group->change, &group->lock);
		} else if (pthread_cond_timedwait(&group->change, &group->lock, &next_move)) {
			err = group_move(group, ++steps);
			next_move = us_from_now(move_us);
		}
	}
	if (group->failed)
		err = -ECANCELED;
	pthread_mutex_unlock(&group->lock);

	return err;
}

static void group_free(struct group *group)
{
	free(group->vms);
	free(group->rounds);
	free(group->workers);
	free(group);
}

static struct group *group_create(const struct job *job, unsigned int first, unsigned int count)
{
	const struct options *opts = &job->opts;
	struct group *group;
	unsigned int i;

	group = calloc(1, sizeof(*group));
	if (!group)
		return NULL;

	group->job = job;
	group->first_vm = first;
	group->vm_count = count;
	group->worker_count = opts->alternate ? 1 : count * opts->vcpus;
	group->vms = calloc(count, sizeof(*group->vms));
	group->rounds = calloc(count, sizeof(*group->rounds));
	group->workers = calloc(group->worker_count, sizeof(*group->workers));
	if (!group->vms || !group->rounds || !group->workers) {
		group_free(group);
		return NULL;
	}

	for (i = 0; i < count; i++) {
		group->vms[i].job = job;
		group->vms[i].index = first + i;
	}

	return group;
}

/* After a failure or with --hold, threads still need what they work on. */
int run_vms(const struct job *job, unsigned int first, unsigned int count, int parent)
{
	struct group *group;
	unsigned int i;
	int err;

	group = group_create(job, first, count);
	if (!group)
		return fail(job, -ENOMEM, "threads");

	err = group_start(group);
	if (!err)
		err = group_let_go(group, parent);
	if (!err)
		err = group_wait(group);
	if (err || job->opts.hold)
		return err;

	for (i = 0; i < group->worker_count; i++)
		pthread_join(group->workers[i].thread, NULL);
	group_free(group);

	return 0;
}
