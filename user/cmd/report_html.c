// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/report_html.h"
#include "html/page.h"

struct html {
	const struct report_options *options;
	struct part *part;
	struct course course;
};

/* --- how it went --------------------------------------------------------------------------- */

/* A moment of the file, as the options want it. */
static int take_moment(void *arg, size_t number, const struct run *whole, struct error *err)
{
	struct html *html = arg;
	struct snapshot selected;
	struct run run;
	int ret;

	if (report_narrow(html->options, whole, &run, &selected, err))
		return -1;
	ret = number == html->part->first ? course_begin(&html->course, &run)
					  : course_add(&html->course, &run);
	snapshot_free(&selected);
	return ret ? fail(err, STATUS_FAILED, "out of memory for %s", html->part->file) : 0;
}

/* --- the page -------------------------------------------------------------------------------- */

/* Who is sent a page need not know where its file was. */
static const char *name_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash && slash[1] ? slash + 1 : file;
}

static double seconds(uint64_t ns)
{
	return (double)ns / (double)NS_PER_SEC;
}

/* What is to be kept in mind of what was asked for. */
struct remarks {
	const char *list[4];
	char part[128], slowest[128];
};

static void make_remarks(struct remarks *remarks, const struct html *html, const struct run *run)
{
	const struct selection *selection = &html->options->selection;
	const struct part *part = html->part;
	size_t n = 0;

	*remarks = (struct remarks){ 0 };
	if (!part->whole) {
		snprintf(remarks->part, sizeof(remarks->part),
			 "This is a part of the file: from %.3f s to %.3f s, of %.3f s.",
			 seconds(part->from_ns), seconds(part->to_ns), seconds(part->end_ns));
		remarks->list[n++] = remarks->part;
	}
	if (part->from_ns && run->nslowest) {
		snprintf(remarks->slowest, sizeof(remarks->slowest),
			 "The slowest exits of it are those that were among the %u slowest of the "
			 "run until then.",
			 run->nslowest);
		remarks->list[n++] = remarks->slowest;
	}
	if (selection->npids || selection->nvcpus)
		remarks->list[n++] =
			"Only some VMs or vCPUs are shown, as they were asked for (-p, "
			"-c); losses are of all.";
}

static int write_page(void *arg, const struct run *whole, struct error *err)
{
	struct html *html = arg;
	struct snapshot selected;
	struct remarks remarks;
	struct facts facts;
	struct run run;
	int ret;

	if (report_narrow(html->options, whole, &run, &selected, err))
		return -1;
	/* These are of the tables of a terminal. */
	run.ncolumns = 0;
	facts_read_of(&facts, run.host);
	make_remarks(&remarks, html, &run);
	ret = page_write(html->options->html,
			 &(struct page){ .file = name_of(html->part->file),
					 .run = &run,
					 .course = &html->course,
					 .facts = &facts,
					 .cut = html->part->cut,
					 .remarks = remarks.list },
			 err);
	snapshot_free(&selected);
	return ret;
}

int report_html(const struct report_options *options, struct part *part, struct error *err)
{
	struct html html = { .options = options, .part = part };
	int ret = part_frames(html.part, take_moment, &html, err);

	if (!ret)
		ret = part_each(part, PART_AT_ONCE, write_page, &html, err);
	course_free(&html.course);
	return ret;
}
