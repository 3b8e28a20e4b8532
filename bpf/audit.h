/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a patched KVM (kernel-patch/) tells its guests, beside what we counted.
 *
 * A leaf's answer is a sum over vCPUs of which others go on while it is formed. So
 * we take our own sum twice, at the exit that asks and when KVM's tracepoint has the
 * answer: it must lie between the two, but for exits of other vCPUs which
 * KVM has counted and we are about to.
 */
#ifndef EXITSTAT_AUDIT_H
#define EXITSTAT_AUDIT_H

#include <bpf/bpf_tracing.h>

#include "compat.h"
#include "vcpus.h"

/* Entries as vcpus has. */
CHUNKS(audited, struct exitstat_audited);

/* KVM's counters of the vCPU that read_counters was asked for. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct exitstat_counters);
} counters SEC(".maps");

/* By thread: a question that has not been answered yet. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct exitstat_answer);
} questions SEC(".maps");

/* Whoever notes a question at an exit may have preempted whoever notes the emulator's. */
enum {
	SCRATCH_EXIT,
	SCRATCH_EMULATED,
	SCRATCHES
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCHES);
	__type(key, __u32);
	__type(value, struct exitstat_answer);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} answers SEC(".maps");

__u64 answers_dropped; /* whose question was not seen, or for which there was no room */

/* SDM vol. 3, appendix C; APM vol. 2, appendix C */
#define VMX_EXIT_CPUID 10u
#define SVM_EXIT_CPUID 0x72u

struct cpuid_answer {
	unsigned long rax, rbx, rcx, rdx;
};

/* Places in arch.regs, as instructions number them. */
#define GUEST_RAX 0
#define GUEST_RCX 1

/* The compiler sees that it is in bounds; the verifier wants to see it checked. */
static __always_inline __u32 counter_of(__u32 isa, __u32 reason)
{
	__u32 counter = exitstat_counter(isa, reason);

	barrier_var(counter);
	return counter < EXITSTAT_COUNTERS ? counter : EXITSTAT_COUNTERS - 1;
}

static __always_inline struct exitstat_audited *audited_of(__u32 slot)
{
	return chunk_entry(&audited, slot, 0);
}

/* --- what KVM had counted before ------------------------------------------------ */

static __always_inline bool copy_counters(struct exitstat_counters *to, __u64 vcpu)
{
	__u64 from = 0;

	if (!compat_vcpu_field_exists(exitstat.counters))
		return false;
	bpf_probe_read_kernel(&from, sizeof(from),
			      (void *)vcpu + compat_vcpu_field_offset(exitstat.counters));
	return from && !bpf_probe_read_kernel(to, sizeof(*to), (void *)from);
}

static __always_inline void add_up(struct exitstat_audited *base)
{
	__u32 i;

	for (i = 0; i < EXITSTAT_COUNTERS; i++) {
		base->total[EXITSTAT_HANDLED] += base->first.sum[i][EXITSTAT_HANDLED];
		base->total[EXITSTAT_AWAY] += base->first.sum[i][EXITSTAT_AWAY];
		base->total[EXITSTAT_COUNT] += base->first.sum[i][EXITSTAT_COUNT];
	}
}

/* At the first exit of a vCPU, which KVM has counted and we have not. */
static __noinline void note_baseline(const struct kvm_vcpu *vcpu, __u32 isa, __u32 reason)
{
	__u64 addr = (__u64)vcpu;
	__u32 *slot = bpf_map_lookup_elem(&slot_of_vcpu, &addr);
	struct exitstat_audited *base;
	__u32 counter = counter_of(isa, reason);

	base = slot ? audited_of(*slot) : NULL;
	if (!base)
		return;
	base->known = copy_counters(&base->first, addr);
	if (base->known) {
		base->first.sum[counter][EXITSTAT_COUNT]--;
		add_up(base);
	}
	barrier();
	base->ready = 1;
}

/* Before KVM frees its counters. */
static __noinline int note_end(struct exitstat_vcpu *v, __u32 slot)
{
	struct exitstat_audited *kvm = audited_of(slot);

	if (v->asker)
		bpf_map_delete_elem(&questions, &v->asker);
	if (auditing && kvm && kvm->known)
		kvm->ended = copy_counters(&kvm->last, v->addr);
	return 0;
}

/* --- what we have counted -------------------------------------------------------- */

struct tally_job {
	__u64 vm_serial;
	__u32 index; /* the reason asked for */
	bool before;
	struct exitstat_answer *to;
};

static __always_inline void add_tally(struct exitstat_tally *to, const struct exitstat_record *r)
{
	to->count += *(volatile const __u64 *)&r->count;
	to->timed_ns += *(volatile const __u64 *)&r->sum_ns;
}

static __always_inline void add_baseline(struct exitstat_tally *to, const __u64 sum[EXITSTAT_SUMS])
{
	to->baseline[EXITSTAT_HANDLED] += sum[EXITSTAT_HANDLED];
	to->baseline[EXITSTAT_AWAY] += sum[EXITSTAT_AWAY];
	to->baseline[EXITSTAT_COUNT] += sum[EXITSTAT_COUNT];
}

/* Along the records of one vCPU, a step for each. */
struct tally_walk {
	__u32 isa, wanted; /* the counter of the reason asked for */
	__u32 index;
	struct exitstat_tally *of_reason, *total;
};

static long add_record_tally(__u32 i, struct tally_walk *walk)
{
	struct exitstat_record *r = record_at(walk->index);

	if (!walk->index || !r || !walk->total || !walk->of_reason)
		return 1;
	add_tally(walk->total, r);
	if (exitstat_counter(walk->isa, r->class.reason) == walk->wanted)
		add_tally(walk->of_reason, r);
	walk->index = r->next;
	return 0;
}

/* The exit that has had no entry yet, which is in no record. */
static __always_inline void add_pending(struct tally_walk *walk, const struct exitstat_line *line)
{
	if (!*(volatile const __u64 *)&line->exit_ns)
		return;
	walk->total->count++;
	if (exitstat_counter(walk->isa, line->class.reason) == walk->wanted)
		walk->of_reason->count++;
}

/*
 * An exit goes from the line to a record, and is in none of the two in between. So who looks at
 * the line last has none too many, and who looks at it first none too few.
 */
static long add_slot(__u32 i, struct tally_job *job)
{
	struct exitstat_answer *to = job->to;
	__u32 slot = i + 1, counter;
	struct exitstat_vcpu *v = bpf_map_lookup_elem(&vcpus, &slot);
	struct exitstat_audited *base = audited_of(slot);
	struct exitstat_tally *of_reason, *total;
	struct exitstat_line *line;
	struct tally_walk walk;

	if (!v || !base || !to || v->vm_serial != job->vm_serial || !v->serial || !base->ready)
		return 0;
	of_reason = job->before ? &to->reason_before : &to->reason_after;
	total = job->before ? &to->total_before : &to->total_after;
	counter = counter_of(v->isa, job->index);
	add_baseline(of_reason, base->first.sum[counter]);
	add_baseline(total, base->total);
	walk = (struct tally_walk){
		.isa = v->isa,
		.wanted = exitstat_counter(v->isa, job->index),
		.index = v->first,
		.of_reason = of_reason,
		.total = total,
	};
	line = line_of(v);
	if (!job->before) {
		to->seen++;
		to->unknown += !base->known;
		to->waiting += !!line->exit_ns;
		add_pending(&walk, line);
	}
	/* To the end of the list, however many kinds of exits the vCPU has. */
	bpf_loop(room.end[EXITSTAT_RECORDS], add_record_tally, &walk, 0);
	if (job->before)
		add_pending(&walk, line);
	return 0;
}

static __always_inline void tally(struct exitstat_answer *to, bool before)
{
	struct tally_job job = {
		.vm_serial = to->vm_serial,
		.index = to->index,
		.before = before,
		.to = to,
	};

	bpf_loop(used_slots(), add_slot, &job, 0);
}

/* --- questions and answers ----------------------------------------------------- */

/*
 * A question is noted at the exit that it makes, or where KVM's emulator begins with an
 * instruction, which it may have come to without an exit. Programs on tracepoints run there
 * with interrupts or preemption off, so that none is skipped, but the emulator's do not on
 * newer kernels (7.3): what is skipped is counted with its answer. (fentry's would not
 * wherever the kernel is preemptible.)
 */
static __always_inline bool may_ask(__u32 isa, __u32 reason)
{
	if (isa == EXITSTAT_ISA_SVM)
		return reason == SVM_EXIT_CPUID;
	return (reason & EXITSTAT_VMX_BASIC_MASK) == VMX_EXIT_CPUID;
}

static __always_inline bool is_leaf(__u32 function)
{
	return function >= EXITSTAT_LEAF_FIRST && function <= EXITSTAT_LEAF_LAST;
}

/* Of what a tracepoint hands over; if this is no question, that is all it costs. */
static __always_inline bool has_leaf(const struct kvm_vcpu *vcpu)
{
	return is_leaf((__u32)compat_vcpu_load(vcpu, arch.regs[GUEST_RAX]));
}

static __always_inline bool asks(const struct kvm_vcpu *vcpu, __u32 isa, __u32 reason)
{
	return may_ask(isa, reason) && has_leaf(vcpu);
}

static __always_inline __u32 guest_register(__u64 vcpu, int nr)
{
	return compat_read_u32((void *)vcpu,
			       compat_vcpu_field_offset(arch.regs) + nr * sizeof(unsigned long));
}

static __always_inline __u64 lost_exits(void)
{
	return *(volatile __u64 *)&ledger.map_full + *(volatile __u64 *)&ledger.missed;
}

static __always_inline __u32 created_vcpus(__u64 vm)
{
	return compat_read_u32((void *)vm, bpf_core_field_offset(struct kvm, created_vcpus));
}

static __noinline int note_question(struct exitstat_vcpu *v, __u32 own_scratch)
{
	__u32 thread = (__u32)bpf_get_current_pid_tgid();
	__u32 function = guest_register(v->addr, GUEST_RAX);
	struct exitstat_answer *question;
	__u32 *slot;

	slot = bpf_map_lookup_elem(&slot_of_vcpu, &v->addr);
	question = bpf_map_lookup_elem(&scratch, &own_scratch);
	if (!slot || !question)
		return 0;
	__builtin_memset(question, 0, sizeof(*question));
	question->vm_serial = v->vm_serial;
	question->slot = *slot;
	question->function = function;
	question->index = guest_register(v->addr, GUEST_RCX);
	question->created = created_vcpus(v->vm);
	if (auditing) {
		question->lost_before = lost_exits();
		tally(question, true);
	}
	/* Not all are answered, e.g. those of a nested guest: no thread leaves one behind. */
	if (v->asker && v->asker != thread)
		bpf_map_delete_elem(&questions, &v->asker);
	v->asker = bpf_map_update_elem(&questions, &thread, question, BPF_ANY) ? 0 : thread;
	return 0;
}

static __noinline int note_question_of(struct exitstat_line *line)
{
	struct exitstat_vcpu *v = vcpu_of(line);

	if (v)
		note_question(v, SCRATCH_EXIT);
	return 0;
}

SEC("tp_btf/kvm_emulate_insn")
int BPF_PROG(audit_emulated, struct kvm_vcpu *vcpu, __u8 failed)
{
	struct exitstat_vcpu *v;

	if (compat_is_null(vcpu) || failed || !has_leaf(vcpu))
		return 0;
	v = find_vcpu((__u64)vcpu);
	if (v)
		note_question(v, SCRATCH_EMULATED);
	return 0;
}

/*
 * The vCPU that was answered is not known here, unless it asked. Of those that are
 * filtered out by their number none does, so that what others miss cannot be told.
 */
static __always_inline void note_unasked(void)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!filter_vcpus && wanted(pid, 0))
		lost(&answers_dropped);
}

/* found is false where KVM has answered as if it did not know the leaf. */
static __always_inline bool is_answer(__u32 function, bool found)
{
	return is_leaf(function) && found;
}

static __always_inline struct exitstat_answer *asked(__u32 function, __u32 index)
{
	__u32 thread = (__u32)bpf_get_current_pid_tgid();
	struct exitstat_answer *question = bpf_map_lookup_elem(&questions, &thread);

	if (!question || question->function != function || question->index != index)
		return NULL;
	return question;
}

static __noinline int give(struct exitstat_answer *question, const struct cpuid_answer *answer)
{
	if (!question || !answer)
		return 0;
	if (auditing) {
		tally(question, false);
		question->lost_after = lost_exits();
	}
	question->ns = bpf_ktime_get_ns();
	question->answer[0] = (__u32)answer->rax;
	question->answer[1] = (__u32)answer->rbx;
	question->answer[2] = (__u32)answer->rcx;
	question->answer[3] = (__u32)answer->rdx;
	if (bpf_ringbuf_output(&answers, question, sizeof(*question), 0))
		lost(&answers_dropped);
	return 0;
}

/*
 * Two programs where one can be skipped when the other is not. Newer kernels (7.3; not
 * 6.12) let a program on a tracepoint be preempted, and then skip it for the other threads
 * of that CPU, for as long as these run. A plain tracepoint's runs with preemption off, but
 * is skipped where a system call on a map has been preempted, which older kernels do not
 * count. Whichever comes first gives the answer; the last one counts what nobody asked.
 */
SEC("tp_btf/kvm_cpuid")
int BPF_PROG(audit_answer, __u32 function, __u32 index, unsigned long rax, unsigned long rbx,
	     unsigned long rcx, unsigned long rdx, bool found)
{
	const struct cpuid_answer answer = { rax, rbx, rcx, rdx };
	struct exitstat_answer *question;

	if (!is_answer(function, found))
		return 0;
	question = asked(function, index);
	if (question && question->state == EXITSTAT_ASKED) {
		give(question, &answer);
		question->state = EXITSTAT_ANSWERED;
	} else if (!answers_twice) {
		note_unasked();
	}
	return 0;
}

SEC("tp/kvm/kvm_cpuid")
int audit_answer_plain(struct trace_event_raw_kvm_cpuid *event)
{
	const struct cpuid_answer answer = { event->rax, event->rbx, event->rcx, event->rdx };
	struct exitstat_answer *question;

	if (!is_answer(event->function, event->found))
		return 1;
	question = asked(event->function, event->index);
	if (!question || question->state == EXITSTAT_ANSWERED_LONG_AGO) {
		note_unasked();
		return 1;
	}
	if (question->state == EXITSTAT_ASKED)
		give(question, &answer);
	question->state = EXITSTAT_ANSWERED_LONG_AGO;
	return 1;
}

/* --- asked by user space ----------------------------------------------------------- */

/* The vCPU may end meanwhile: then its slot does not have the address any more. */
SEC("syscall")
int read_counters(struct exitstat_question *question)
{
	__u32 slot = question->slot, zero = 0;
	struct exitstat_vcpu *v = bpf_map_lookup_elem(&vcpus, &slot);
	struct exitstat_counters *to = bpf_map_lookup_elem(&counters, &zero);
	__u64 addr;

	if (!v || !to)
		return 0;
	addr = *(volatile __u64 *)&v->addr;
	question->good = addr && copy_counters(to, addr) && *(volatile __u64 *)&v->addr == addr;
	return 0;
}

#endif
