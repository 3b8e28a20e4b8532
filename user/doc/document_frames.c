// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "doc/document_frames.h"
#include "doc/import.h"

struct document {
	struct host_document doc;
	struct findings findings;
	struct run head, at;
	size_t next;
	char cut[256];
};

static bool begins(int byte)
{
	/* Blanks, or a mark of UTF-8 or UTF-16, may stand before it. */
	return byte && strchr("{ \t\r\n\xef\xfe\xff", byte);
}

/* The first is taken at the start, where there is nothing, and the last is the end's. */
static size_t count_points(const struct document *document)
{
	size_t n = document->doc.series.npoints;

	return n > 2 ? n - 2 : 0;
}

/* By the clock of the points, as the time of day may be set meanwhile. */
static uint64_t point_ns(const struct document *document, const struct point *point)
{
	const struct point *first = document->doc.series.points;
	const struct timespec *start = &document->doc.start;
	int64_t late = (first->time.tv_sec - start->tv_sec) * (int64_t)NS_PER_SEC +
		       first->time.tv_nsec - start->tv_nsec;
	uint64_t ns = point->start_ns - first->start_ns + (late > 0 ? (uint64_t)late : 0);

	return ns < document->doc.ns ? ns : document->doc.ns;
}

/* What was found out of a VM after its snapshots. */
static void complete_points(struct host_document *doc)
{
	for_each_element(point, doc->series.points, doc->series.npoints) {
		for_each_vm(vm, &point->snap) {
			const struct vm_stat *known = snapshot_find_vm(&doc->snap, vm->serial);

			vm->whole = known && known->whole;
		}
	}
}

/* Whoever compares files is told exactly what was changed. */
static void tell_change(struct document *document)
{
	const struct finding *f = document->findings.list;

	if (!findings_wrong(&document->findings) || !f)
		return;
	while (f->verdict != VERDICT_DISAGREE)
		f++;
	snprintf(document->cut, sizeof(document->cut), "changed after it was written: %s",
		 f->field);
}

static int open_document(void **source, const struct frames_file *from, struct error *err)
{
	struct document *document = calloc(1, sizeof(*document));

	if (!document)
		return fail(err, STATUS_FAILED, "out of memory for %s", from->name);
	if (import_open_host(&document->doc, from->file, from->name, &document->findings, err)) {
		findings_free(&document->findings);
		free(document);
		return -1;
	}
	complete_points(&document->doc);
	tell_change(document);
	document->head = host_document_run(&document->doc);
	document->head.end = document->head.start;
	document->head.ns = 0;
	document->head.snap = NULL;
	document->head.series = NULL;
	document->head.answers = NULL;
	document->head.self = NULL;
	*source = document;
	return 0;
}

static void close_document(void *source)
{
	struct document *document = source;

	host_document_free(&document->doc);
	findings_free(&document->findings);
	free(document);
}

static const struct run *head(const void *source)
{
	return &((const struct document *)source)->head;
}

static int next(void *source, const struct run **run, struct error *err)
{
	struct document *document = source;
	const struct point *point;

	(void)err;
	if (document->next > count_points(document))
		return 0;
	if (document->next < count_points(document)) {
		point = &document->doc.series.points[1 + document->next];
		document->at = document->head;
		document->at.ns = point_ns(document, point);
		document->at.end = clock_later(&document->at.start, document->at.ns);
		document->at.snap = &point->snap;
		document->at.kinds = document->at.parts = document->at.nslowest = 0;
	} else {
		document->at = host_document_run(&document->doc);
	}
	document->next++;
	*run = &document->at;
	return 1;
}

static int rewind_document(void *source, struct error *err)
{
	(void)err;
	((struct document *)source)->next = 0;
	return 0;
}

static const char *cut(const void *source)
{
	const struct document *document = source;

	return *document->cut ? document->cut : NULL;
}

const struct frames_kind document_kind = {
	.at_once = true,
	.begins = begins,
	.open = open_document,
	.close = close_document,
	.head = head,
	.next = next,
	.rewind = rewind_document,
	.cut = cut,
};
