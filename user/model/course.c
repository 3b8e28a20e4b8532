// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/course.h"

/* All VMs together: until the moment before, and until the one that is being added. */
struct course_total {
	struct {
		uint64_t count, sum_ns;
		uint64_t bands[COURSE_BANDS];
	} before, now;
};

/* A moment that counted less than the one before is no run's: nothing comes of it. */
static uint64_t growth(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* --- what there is to be counted --------------------------------------------------------- */

/* With zeroed room behind the pointer, which stays where it is. NULL: no memory. */
static void *add_pointer(void *array, size_t *n, size_t size)
{
	void *made = calloc(1, size), **place = made ? array_append(array, n, sizeof(made)) : NULL;

	if (!place)
		free(made);
	else
		*place = made;
	return place ? made : NULL;
}

static struct course_reason *find_reason(struct course *course, const struct reason_stat *like)
{
	struct course_reason *reason;

	for_each_element(at, course->reasons, course->nreasons)
		if ((*at)->isa == like->isa && (*at)->reason == like->reason &&
		    (*at)->level == like->level)
			return *at;
	if (course->nreasons == COURSE_REASONS) {
		reason = course->reasons[COURSE_REASONS - 1];
		reason->others = true;
		return reason;
	}
	reason = add_pointer(&course->reasons, &course->nreasons, sizeof(*reason));
	if (!reason)
		return NULL;
	reason->isa = like->isa;
	reason->reason = like->reason;
	reason->level = like->level;
	reason->total = calloc(1, sizeof(*reason->total));
	return reason->total ? reason : NULL;
}

/* They mostly come in the same order each time: next is where this one is then. */
static struct course_vm *find_vm(struct course *course, uint64_t serial, size_t next)
{
	struct course_vm *vm;

	if (next < course->nvms && course->vms[next]->serial == serial)
		return course->vms[next];
	for_each_element(at, course->vms, course->nvms)
		if ((*at)->serial == serial)
			return *at;
	if (course->nvms == COURSE_VMS) {
		course->vms[COURSE_VMS - 1]->others = true;
		return course->vms[COURSE_VMS - 1];
	}
	vm = add_pointer(&course->vms, &course->nvms, sizeof(*vm));
	if (vm)
		vm->serial = serial;
	return vm;
}

/* --- cells -------------------------------------------------------------------------------------
 */

/* Two cells become one, which may be one of these; what else they were is empty then. */
static int join_cells(struct course_cell *to, struct course_cell *a, struct course_cell *b)
{
	struct course_cell sum = { .count = a->count + b->count, .sum_ns = a->sum_ns + b->sum_ns };
	struct bucket *band = NULL;
	size_t i = 0, j = 0;

	while (i < a->nbands || j < b->nbands) {
		bool first = j == b->nbands ||
			     (i < a->nbands && a->bands[i].index <= b->bands[j].index);
		const struct bucket *next = first ? &a->bands[i++] : &b->bands[j++];

		if (!band || band->index != next->index) {
			band = array_append(&sum.bands, &sum.nbands, sizeof(*band));
			if (!band) {
				free(sum.bands);
				return -ENOMEM;
			}
			band->index = next->index;
		}
		band->count += next->count;
	}
	free(a->bands);
	free(b->bands);
	*a = *b = (struct course_cell){ 0 };
	*to = sum;
	return 0;
}

/* --- a moment ---------------------------------------------------------------------------- */

static int add_reason(struct course *course, const struct reason_stat *r)
{
	struct course_reason *reason = find_reason(course, r);
	uint64_t timed = 0;

	if (!reason)
		return -ENOMEM;
	reason->total->now.count += r->count;
	reason->total->now.sum_ns += r->sum_ns;
	for_each_bucket(b, r) {
		if (b->index < EXITSTAT_HIST_BUCKETS)
			reason->total->now.bands[b->index / COURSE_BAND] += b->count;
		timed += b->count;
	}
	course->no_bands |= !timed && r->sum_ns;
	return 0;
}

static int add_vm(struct course *course, const struct run *run, const struct vm_stat *vm,
		  struct course_vm *of)
{
	for_each_vcpu(vcpu, vm) {
		for_each_reason(r, vcpu) {
			if (!filters_match(run->filters, run->nfilters, r->isa, r->reason))
				continue;
			if (add_reason(course, r))
				return -ENOMEM;
			of->now.count += r->count;
			of->now.ns += r->sum_ns;
		}
	}
	return 0;
}

static void end_vm(const struct course *course, struct course_vm *vm, bool shown)
{
	if (shown) {
		vm->count[course->nbins - 1] += growth(vm->now.count, vm->before.count);
		vm->ns[course->nbins - 1] += growth(vm->now.ns, vm->before.ns);
	}
	vm->before.count = vm->now.count;
	vm->before.ns = vm->now.ns;
	vm->now.count = vm->now.ns = 0;
}

/* What has grown since the moment before. */
static int take_growth(struct course_cell *cell, const struct course_total *total)
{
	*cell = (struct course_cell){ .count = growth(total->now.count, total->before.count),
				      .sum_ns = growth(total->now.sum_ns, total->before.sum_ns) };
	for (uint32_t i = 0; cell->count && i < COURSE_BANDS; i++) {
		uint64_t n = growth(total->now.bands[i], total->before.bands[i]);
		struct bucket *band;

		if (!n)
			continue;
		band = array_append(&cell->bands, &cell->nbands, sizeof(*band));
		if (!band) {
			free(cell->bands);
			return -ENOMEM;
		}
		*band = (struct bucket){ i, n };
	}
	return 0;
}

/* It goes into the last bin. */
static int end_reason(const struct course *course, struct course_reason *reason, bool shown)
{
	struct course_total *total = reason->total;
	struct course_cell grown;

	if (shown) {
		struct course_cell *cell = &reason->cells[course->nbins - 1];

		if (take_growth(&grown, total))
			return -ENOMEM;
		if (join_cells(cell, cell, &grown)) {
			free(grown.bands);
			return -ENOMEM;
		}
	}
	total->before = total->now;
	memset(&total->now, 0, sizeof(total->now));
	return 0;
}

static int count(struct course *course, const struct run *run, bool shown)
{
	const struct losses *losses = &run->snap->losses;
	uint64_t lost = losses->map_full + losses->unpaired + losses->missed;
	size_t next = 0;

	for_each_vm(vm, run->snap) {
		struct course_vm *of = find_vm(course, vm->serial, next++);

		if (!of || add_vm(course, run, vm, of))
			return -ENOMEM;
	}
	for_each_element(vm, course->vms, course->nvms)
		end_vm(course, *vm, shown);
	for_each_element(reason, course->reasons, course->nreasons)
		if (end_reason(course, *reason, shown))
			return -ENOMEM;
	if (shown)
		course->lost[course->nbins - 1] += growth(lost, course->total_lost);
	course->total_lost = lost;
	return 0;
}

int course_begin(struct course *course, const struct run *run)
{
	course->start_ns = run->ns;
	return count(course, run, false);
}

int course_add(struct course *course, const struct run *run)
{
	if (course->nbins == COURSE_BINS && course->last == course->each && course_join(course))
		return -ENOMEM;
	if (!course->each)
		course->each = 1;
	if (!course->nbins || course->last == course->each) {
		course->nbins++;
		course->last = 0;
	}
	if (count(course, run, true))
		return -ENOMEM;
	course->end_ns[course->nbins - 1] = run->ns;
	course->last++;
	course->nmoments++;
	return 0;
}

/* --- joining ------------------------------------------------------------------------------ */

static int join_reason(struct course_reason *reason, size_t nbins)
{
	struct course_cell none = { 0 };

	for (size_t i = 0; i < nbins; i += 2)
		if (join_cells(&reason->cells[i / 2], &reason->cells[i],
			       i + 1 < nbins ? &reason->cells[i + 1] : &none))
			return -ENOMEM;
	return 0;
}

static void join_numbers(uint64_t numbers[COURSE_BINS], size_t nbins)
{
	for (size_t i = 0; i < nbins; i += 2) {
		numbers[i / 2] = numbers[i] + (i + 1 < nbins ? numbers[i + 1] : 0);
		if (i)
			numbers[i] = 0;
		if (i + 1 < nbins)
			numbers[i + 1] = 0;
	}
}

int course_join(struct course *course)
{
	size_t n = course->nbins;

	for_each_element(reason, course->reasons, course->nreasons)
		if (join_reason(*reason, n))
			return -ENOMEM;
	for_each_element(vm, course->vms, course->nvms) {
		join_numbers((*vm)->count, n);
		join_numbers((*vm)->ns, n);
	}
	join_numbers(course->lost, n);
	for (size_t i = 0; i < n; i += 2)
		course->end_ns[i / 2] = course->end_ns[i + 1 < n ? i + 1 : i];
	/* The last bin has the last two, or the last alone. */
	course->last += n && n % 2 == 0 ? course->each : 0;
	course->each *= 2;
	course->nbins = (n + 1) / 2;
	return 0;
}

void course_free(struct course *course)
{
	for_each_element(reason, course->reasons, course->nreasons) {
		for (size_t i = 0; i < COURSE_BINS; i++)
			free((*reason)->cells[i].bands);
		free((*reason)->total);
		free(*reason);
	}
	for_each_element(vm, course->vms, course->nvms)
		free(*vm);
	free(course->reasons);
	free(course->vms);
	*course = (struct course){ 0 };
}
