// SPDX-License-Identifier: GPL-2.0-only
#include "base/version.h"

const char exitstat_version[] = EXITSTAT_VERSION;
