/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_CMD_REPORT_FILE_H
#define EXITSTAT_CMD_REPORT_FILE_H

#include "cmd/report.h"
#include "model/run.h"

/* The run as the options want it; selected is to be freed. 0, or -1 with err. */
int report_narrow(const struct report_options *options, const struct run *whole, struct run *run,
		  struct snapshot *selected, struct error *err);

/* Show what was asked for. An exit status, or -1 with err. */
int report_file(const struct report_options *options, struct error *err);

#endif
