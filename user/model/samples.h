/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is what was measured on one side another than on the other side, by more than it differs from
 * interval to interval within each?
 *
 * Each side is a row of samples, one an interval: a sum, and what it is of (seconds, exits), so
 * that the side's value is a ratio of two sums: exits a second, ns an exit, the share of exits
 * that took longer than t. What differs from interval to interval tells how far a value may be
 * off by chance:
 *
 *  - Intervals that follow each other are alike (a guest's phases, a host's other work), so
 *    they are joined to batches, of which each tells as much as it looks: the method of batch
 *    means (Conway, Management Science 10, 1963; 10 to 30 batches: Schmeiser, Operations
 *    Research 30, 1982). It is done with several lengths of batches, each corrected for how much
 *    neighbours are alike still (a first-order autoregression: the variance of a mean times
 *    (1 + r) / (1 - r); Bartlett, Journal of the Royal Statistical Society 98, 1935), and what
 *    says that the value may be off furthest counts: noise that is slower than the short ones
 *    shows in the long ones.
 *  - The variance of a ratio is that of the residuals, sum - value * of (Cochran, Sampling
 *    Techniques, 1977, 6.4).
 *  - The two sides are held against each other by Welch's t-test (Biometrika 34, 1947): they
 *    need not be as long, nor as noisy.
 *  - Of many values that do not differ some would look as if they did. The probabilities are
 *    adjusted for their number by Benjamini and Hochberg (Journal of the Royal Statistical
 *    Society B 57, 1995).
 *
 * Noise that does not show within a side, as it is the same all the time (where in memory a
 * guest lies, which CPUs it has), no test on a single run of each can know.
 */
#ifndef EXITSTAT_MODEL_SAMPLES_H
#define EXITSTAT_MODEL_SAMPLES_H

#include <stddef.h>

struct sample {
	double sum, of;
};

/* With fewer than these nothing is judged. */
#define SAMPLES_LEAST 10

struct estimate {
	double value;	 /* 0: there is nothing that it is of */
	double variance; /* of value */
	double freedom;	 /* degrees of it; 0: too few samples to know the variance */
};

/* In the order of time, each of something. */
struct estimate samples_estimate(const struct sample *samples, size_t n);

/*
 * How probable a difference like this is where there is none, from 0 to 1; of an estimate that
 * is not known, or of two that never vary and are the same: 1.
 */
double estimates_compare(const struct estimate *a, const struct estimate *b);

/* Adjust n probabilities for that there are so many: in place. 0 or -ENOMEM. */
int probabilities_adjust(double *probabilities, size_t n);

#endif
