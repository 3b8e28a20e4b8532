/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests share: one group of tests a file, and made-up numbers. */
#ifndef EXITSTAT_UNIT_H
#define EXITSTAT_UNIT_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>
/* user/base/error.h has a fail() of its own. */
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

/* A test includes what it tests: one that knows nothing of these is not compiled for them. */
struct host;
struct reason_stat;
struct run;
struct snapshot;
struct vcpu_stat;
struct vm_stat;

struct tally {
	int passed;
	int failed;
};

/* A group of tests, one a file: main() runs each that is linked. */
struct unit_group {
	const char *name;
	void (*run)(struct tally *tally);
	struct unit_group *next;
};

void unit_register(struct unit_group *group);

#define UNIT_TESTS(name_)                                                              \
	static void run_group(struct tally *tally);                                    \
	__attribute__((constructor)) static void register_group(void)                  \
	{                                                                              \
		static struct unit_group group = { .name = #name_, .run = run_group }; \
		unit_register(&group);                                                 \
	}                                                                              \
	static void run_group(struct tally *tally)

void tally_add(struct tally *tally, size_t ntests, int failed);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Run the group "tests", an array of struct CMUnitTest. */
#define RUN_GROUP(tally, name, tests) \
	tally_add(tally, COUNT(tests), cmocka_run_group_tests_name(name, tests, NULL, NULL))

/* --- made-up numbers: sample.c ------------------------------------------- */

#define NS_OF(sec) ((uint64_t)(sec)*1000000000u)

/* The same numbers on every run: start from any state but 0. */
uint64_t next_random(uint64_t *state);

struct vm_stat *sample_vm(struct snapshot *snap, uint64_t serial, uint32_t pid, const char *name);
struct vcpu_stat *sample_vcpu(struct vm_stat *vm, uint32_t id);
struct reason_stat *sample_reason(struct vcpu_stat *vcpu, uint32_t isa, uint32_t reason);

/* So many exits that each took ns; and one that has had no entry yet. */
void sample_exits(struct reason_stat *reason, uint64_t ns, uint64_t times);
void sample_in_flight(struct reason_stat *reason);

/*
 * Two VMs of a VMX host: "web1" (pid 100) with vCPUs 0 and 1, "db" (pid 200),
 * ended, with vCPU 0; the losses are 1, 2 and 3.
 */
void sample_snapshot(struct snapshot *snap);
/* What its exits were about: keys of each kind, some exits of which have none. */
#define SAMPLE_KINDS ((1u << EXITSTAT_KINDS) - 1)
void sample_details(struct snapshot *snap);
extern const struct host sample_host;
void sample_run(struct run *run, const struct snapshot *snap);

/* End a child of the tests: at once, but what it has reached is kept (tests/coverage). */
_Noreturn void leave(int status);

/* A process that waits, and was started as "qemu-system-x86_64 ... -name NAME". */
pid_t start_fake_qemu(const char *name);
void end_fake_qemu(pid_t pid);

#endif
