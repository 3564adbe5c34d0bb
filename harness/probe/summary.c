/*
 * What a run's replies add up to.
 */
#include "probe/probe.h"
#include <errno.h>
#include <stdlib.h>

int summary_add_rtt(struct probe_summary *summary, nanos rtt)
{
	if (summary->rtt_count == summary->rtt_cap) {
		size_t cap = summary->rtt_cap ? summary->rtt_cap * 2 : 64;
		nanos *grown = realloc(summary->rtts, cap * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		summary->rtts = grown;
		summary->rtt_cap = cap;
	}
	summary->rtts[summary->rtt_count++] = rtt;
	return 0;
}

static int nanos_compare(const void *a, const void *b)
{
	const nanos x = *(const nanos *)a, y = *(const nanos *)b;

	return (x > y) - (x < y);
}

/* The least one that p percent of all are not above. */
static nanos percentile(const nanos *sorted, size_t n, size_t p)
{
	return sorted[(n * p + 99) / 100 - 1];
}

bool summary_figures(struct probe_summary *summary, struct rtt_figures *out)
{
	const size_t n = summary->rtt_count;
	nanos sum = 0;

	if (!n)
		return false;
	qsort(summary->rtts, n, sizeof(nanos), nanos_compare);
	for (size_t i = 0; i < n; i++)
		sum += summary->rtts[i];
	*out = (struct rtt_figures){
		.min = summary->rtts[0],
		.mean = sum / (nanos)n,
		.median = percentile(summary->rtts, n, 50),
		.p99 = percentile(summary->rtts, n, 99),
		.max = summary->rtts[n - 1],
	};
	return true;
}

void summary_free(struct probe_summary *summary)
{
	free(summary->rtts);
	*summary = (struct probe_summary){.sent = 0};
}
