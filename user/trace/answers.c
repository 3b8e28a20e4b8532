// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "trace/answers.h"

/* --- answers ---------------------------------------------------------------- */

static int on_answer(void *ctx, void *data, size_t size)
{
	struct answer_ring *answers = ctx;

	return size < sizeof(struct exitstat_answer) ? 0 : answers->take(answers->arg, data);
}

int answers_open(struct answer_ring *answers, int map_fd)
{
	answers->ring = ring_buffer__new(map_fd, on_answer, answers, NULL);
	return answers->ring ? 0 : -errno;
}

void answers_close(struct answer_ring *answers)
{
	ring_buffer__free(answers->ring);
	answers->ring = NULL;
}

int answers_fd(const struct answer_ring *answers)
{
	return answers->ring ? ring_buffer__epoll_fd(answers->ring) : -1;
}

int answers_take(struct answer_ring *answers,
		 int (*take)(void *arg, const struct exitstat_answer *answer), void *arg)
{
	int n;

	answers->take = take;
	answers->arg = arg;
	n = answers->ring ? ring_buffer__consume(answers->ring) : 0;
	return n < 0 ? n : 0;
}

/* --- counters --------------------------------------------------------------- */

int counters_open(struct kvm_counters *counters, int map_fd, int program_fd)
{
	counters->program_fd = program_fd;
	return mapped_open(&counters->mapped, map_fd, 1, sizeof(struct exitstat_counters));
}

void counters_close(struct kvm_counters *counters)
{
	mapped_close(&counters->mapped);
}

const struct exitstat_counters *counters_read(const struct kvm_counters *counters, uint32_t slot)
{
	struct exitstat_question question = { .slot = slot };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &question, .ctx_size_in = sizeof(question));

	/* The kernel writes the answer to where it has read the question. */
	if (bpf_prog_test_run_opts(counters->program_fd, &opts))
		return NULL;
	return question.good ? counters->mapped.memory : NULL;
}
