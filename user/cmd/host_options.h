/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of every command that watches a host. */
#ifndef EXITSTAT_CMD_HOST_OPTIONS_H
#define EXITSTAT_CMD_HOST_OPTIONS_H

#include <argp.h>
#include <stdint.h>

#include "base/error.h"
#include "trace/session.h"

#define MAX_MAX_VCPUS 65536u

/* Of keys: all but the RIP. */
#define KINDS_ALL ((1u << EXITSTAT_RIP) - 1)

/* Keys above these are free for the command's own. */
enum {
	KEY_JSON = 256,
	KEY_MAX_VCPUS,
	KEY_COMMANDS_OWN,
};

struct host_options {
	struct session_options session;
	const char *json; /* NULL: none, "-": stdout */
};

/* What the child parser host_argp gets as state->input, from its parent's ARGP_KEY_INIT. */
struct host_parse {
	struct host_options *options;
	struct error *err;
};

/* For so many vCPUs there is room where nobody says how much, made as they come. */
#define DEFAULT_MAX_VCPUS 4096u

extern const struct argp host_argp;

/* The same of a service: without the options of a run that ends, and without a command. */
extern const struct argp host_service_argp;

#define HOST_ARGS_DOC "[-- CMD [ARG...]]"

void host_options_init(struct host_options *options);
void host_options_free(struct host_options *options);

/* A command-line number of processes or vCPUs, for an argp parser to return. */
int host_options_add(uint32_t **array, size_t *n, const char *option, const char *arg, uint64_t min,
		     struct error *err);

#endif
