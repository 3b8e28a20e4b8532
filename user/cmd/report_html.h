/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf report --html: a part of a file as a page. */
#ifndef EXITSTAT_CMD_REPORT_HTML_H
#define EXITSTAT_CMD_REPORT_HTML_H

#include "cmd/report_file.h"
#include "doc/part.h"

/* Reads the file twice. 0, or -1 with err. */
int report_html(const struct report_options *options, struct part *part, struct error *err);

#endif
