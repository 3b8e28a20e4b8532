// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "model/samples.h"

#define MOST_BATCHES 30
#define MOST_ALIKE   0.95

/* --- one side ------------------------------------------------------------------------- */

/* How many batches the samples are joined to, if there are as many. */
static const size_t batches[] = { 30, 15, 10, 6 };

static double residual_of(const struct sample *samples, size_t from, size_t to, double value)
{
	double residual = 0;

	for (size_t i = from; i < to; i++)
		residual += samples[i].sum - value * samples[i].of;
	return residual;
}

/* How alike neighbours are, from -1 to 1; what is estimated of few is too low by 1 / n each. */
static double likeness(const double *residuals, size_t n)
{
	double squares = 0, products = 0, alike;

	for (size_t i = 0; i < n; i++) {
		squares += residuals[i] * residuals[i];
		products += i ? residuals[i] * residuals[i - 1] : 0;
	}
	alike = squares > 0 ? products / squares + 1 / (double)n : 0;
	return alike < MOST_ALIKE ? alike : MOST_ALIKE;
}

/* Of a value that so many batches tell, all of which are of "all". */
static double batch_variance(const struct sample *samples, size_t n, size_t nbatches, double value,
			     double all)
{
	double residuals[MOST_BATCHES], squares = 0, alike;

	for (size_t i = 0; i < nbatches; i++) {
		residuals[i] =
			residual_of(samples, i * n / nbatches, (i + 1) * n / nbatches, value);
		squares += residuals[i] * residuals[i];
	}
	squares *= (double)nbatches / (double)(nbatches - 1) / (all * all);
	alike = likeness(residuals, nbatches);
	return alike > 0 ? squares * (1 + alike) / (1 - alike) : squares;
}

/* Where nearly all is of a few samples, the others do not tell how far these may be off. */
struct estimate samples_estimate(const struct sample *samples, size_t n)
{
	struct estimate estimate = { 0 };
	double sum = 0, of = 0, squares = 0;

	for (size_t i = 0; i < n; i++) {
		sum += samples[i].sum;
		of += samples[i].of;
		squares += samples[i].of * samples[i].of;
	}
	if (of <= 0)
		return estimate;
	estimate.value = sum / of;
	if (of * of / squares < SAMPLES_LEAST / 2.0)
		return estimate;
	for (size_t i = 0; i < COUNT_OF(batches); i++) {
		double variance;

		if (n < SAMPLES_LEAST || n < batches[i])
			continue;
		variance = batch_variance(samples, n, batches[i], estimate.value, of);
		if (variance > estimate.variance)
			estimate.variance = variance;
		if (!estimate.freedom)
			estimate.freedom = (double)(batches[i] - 1);
	}
	return estimate;
}

/* --- Student's t ------------------------------------------------------------------------- */

/* The continued fraction of the incomplete beta function, by Lentz's method. */
static double beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1), h;

	d = 1 / (fabs(d) < tiny ? tiny : d);
	h = d;
	for (int m = 1; m < 1000; m++) {
		double step;

		for (int odd = 0; odd < 2; odd++) {
			double term =
				odd ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
				    : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));

			d = 1 + term * d;
			d = 1 / (fabs(d) < tiny ? tiny : d);
			c = 1 + term / c;
			c = fabs(c) < tiny ? tiny : c;
			step = c * d;
			h *= step;
		}
		if (fabs(step - 1) < 1e-14)
			break;
	}
	return h;
}

/* The regularized incomplete beta function (DLMF 8.17). */
static double beta(double a, double b, double x)
{
	double front;

	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* How probable it is that |t| is so large, or larger. */
static double student(double t, double freedom)
{
	return beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

/* --- two sides ----------------------------------------------------------------------------- */

double estimates_compare(const struct estimate *a, const struct estimate *b)
{
	double difference = fabs(a->value - b->value), variance = a->variance + b->variance;
	double freedom;

	if (a->freedom <= 0 || b->freedom <= 0)
		return 1;
	if (variance <= 0)
		return difference > 0 ? 0 : 1;
	freedom = variance * variance /
		  (a->variance * a->variance / a->freedom + b->variance * b->variance / b->freedom);
	return student(difference / sqrt(variance), freedom);
}

/* --- many of them ---------------------------------------------------------------------------- */

static int least_first(const void *a, const void *b)
{
	double x = **(double *const *)a, y = **(double *const *)b;

	return (x > y) - (x < y);
}

/* From the largest on, none is adjusted to more than the one after it. */
int probabilities_adjust(double *probabilities, size_t n)
{
	double **sorted = calloc(n ?: 1, sizeof(*sorted)), least = 1;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		sorted[i] = &probabilities[i];
	array_sort(sorted, n, sizeof(*sorted), least_first);
	for (size_t i = n; i-- > 0;) {
		double adjusted = *sorted[i] * (double)n / (double)(i + 1);

		least = adjusted < least ? adjusted : least;
		*sorted[i] = least;
	}
	free(sorted);
	return 0;
}
