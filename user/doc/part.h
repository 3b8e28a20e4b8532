/* SPDX-License-Identifier: GPL-2.0-only */
/* A part of the time of a file that has frames: from one frame to a later one. */
#ifndef EXITSTAT_DOC_PART_H
#define EXITSTAT_DOC_PART_H

#include "doc/frames.h"

/* As people say it: seconds since the start, or the time of day where the run is read. */
struct part_time {
	enum {
		TIME_OPEN, /* not said: the start, or the end */
		TIME_AFTER,
		TIME_OF_DAY,
		TIME_OF_DATE,
	} kind;
	uint64_t ns; /* since the start, or since midnight */
	int year, month, day;
};

struct part_times {
	struct part_time from, to;
};

#define PART_TIME_EXPECTED                                                     \
	"seconds since the start such as 12.5, or a time such as 14:03:20 or " \
	"2026-11-28T14:03:20"

/* 0, or -1: it is none. */
int part_time_parse(struct part_time *time, const char *text);
/* FROM..TO, of which one may be left out. 0 or -1. */
int part_times_parse(struct part_times *times, const char *text);

struct part {
	struct frames *frames;
	const char *file;   /* its name */
	size_t first, last; /* frames, from 1; first 0: the start, when nothing was counted yet */
	uint64_t from_ns, to_ns; /* theirs */
	uint64_t end_ns;	 /* of the last one that there is */
	bool whole;		 /* from the start to the end */
	bool moved; /* there was no frame at a time that was asked for: the nearest within */
	bool plain; /* of snapshots without distributions, found out by part_each() */
	uint64_t asked_from_ns, asked_to_ns;
	const char *cut; /* as frames_cut(), kept in: */
	char cut_text[256];
};

/*
 * The frames nearest to the times, within them; of one that is hardly beside (by 0.1 s and a
 * quarter of an interval at most) it is taken that it is meant. Reads the file once. 0, or -1
 * with err: there are no two frames.
 */
int part_find(struct part *part, struct frames *frames, const char *file,
	      const struct part_times *times, struct error *err);

/*
 * Each of its frames by its number, with all that was counted since the start: the first, if
 * it is a frame, is what was before. take(): 0, or -1 with err. Reads the file once more.
 */
int part_frames(struct part *part,
		int (*take)(void *arg, size_t number, const struct run *run, struct error *err),
		void *arg, struct error *err);

#define PART_AT_ONCE UINT64_MAX

/*
 * What was new in each piece of it, one after the other: of every_ns, as far as there are
 * frames, 0: of each frame, or of all of it at once. The whole of a file is the run itself,
 * with all that it has. each(): 0, or -1 with err. Reads the file once more.
 */
int part_each(struct part *part, uint64_t every_ns,
	      int (*each)(void *arg, const struct run *run, struct error *err), void *arg,
	      struct error *err);

#endif
