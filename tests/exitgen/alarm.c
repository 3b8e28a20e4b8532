// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals that end a blocking HLT: one timer per thread, to that thread.
 *
 * A signal just before KVM_RUN must not be lost, or nothing would end the HLT:
 * the handler also asks KVM_RUN to return at once.
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exitgen.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static void on_alarm(int signal, siginfo_t *info, void *context)
{
	struct kvm_run *volatile *running = info->si_value.sival_ptr;

	(void)signal;
	(void)context;
	if (running && *running)
		(*running)->immediate_exit = 1;
}

/* The timer of the calling thread; *running is what the thread runs then. */
int alarm_create(timer_t *timer, struct kvm_run *volatile *running)
{
	struct sigaction action = {
		.sa_sigaction = on_alarm,
		.sa_flags = SA_SIGINFO,
	};
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGALRM,
		.sigev_value.sival_ptr = (void *)running,
	};

	event.sigev_notify_thread_id = syscall(SYS_gettid);
	if (sigaction(SIGALRM, &action, NULL))
		return -errno;
	if (timer_create(CLOCK_MONOTONIC, &event, timer))
		return -errno;

	return 0;
}

/* One signal after so many microseconds, instead of one not yet sent. */
int alarm_set(timer_t timer, uint32_t us)
{
	struct itimerspec when = {
		.it_value.tv_sec = us / 1000000,
		.it_value.tv_nsec = us % 1000000 * 1000,
	};

	return timer_settime(timer, 0, &when, NULL) ? -errno : 0;
}
