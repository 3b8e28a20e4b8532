/* SPDX-License-Identifier: GPL-2.0-only */
/* In which format metrics are wanted. */
#ifndef EXITSTAT_METRICS_FORMAT_H
#define EXITSTAT_METRICS_FORMAT_H

enum metrics_format {
	METRICS_PROMETHEUS, /* whoever says nothing gets this */
	METRICS_OPENMETRICS,
	METRICS_FORMATS,
};

/* Content-Type has it. */
const char *format_type(enum metrics_format format);

/*
 * By what a request says under Accept (RFC 9110, 12.5.1); NULL: nothing. Who takes both gets what
 * he likes better, and OpenMetrics if that is said of neither. Who takes neither gets
 * Prometheus' own, as every exporter does it.
 */
enum metrics_format format_choose(const char *accept);

#endif
