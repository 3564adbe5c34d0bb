/*
 * bad_wire SEED INTERFACE INTERFACE [FAULT...]: a wire between two interfaces with the faults of
 * harness/fault in both directions, in the order given, e.g. 'loss 3%' 'delay 40ms'. Prints "ready"
 * when it forwards; runs until it is killed.
 */
#include "../between/between.h"
#include "fault/fault.h"
#include <stdlib.h>

enum { FAULTS_MAX = 16, ARGUMENTS = 4 };

/* One channel for each direction, by the interface that receives. */
static struct fault_channel *channels[2];

static nanos due(struct between *between, nanos now, void *context)
{
	nanos next = NANOS_MAX;

	(void)context;
	for (int from = 0; from < 2; from++) {
		struct fault_frame *frame;
		nanos at;

		while ((frame = fault_channel_take(channels[from], now))) {
			between_send(between, !from, frame->bytes, frame->len, now);
			free(frame);
		}
		at = fault_channel_due(channels[from]);
		next = at < next ? at : next;
	}
	return next;
}

static void arrive(struct between *between, const struct between_frame *frame, void *context)
{
	(void)between;
	(void)context;
	if (fault_channel_put(channels[frame->from], frame->bytes, frame->len, frame->now))
		abort();
}

int main(int argc, char **argv)
{
	struct fault faults[FAULTS_MAX];
	struct between *between;
	size_t n = 0;

	if (argc < ARGUMENTS || argc > ARGUMENTS + FAULTS_MAX) {
		fputs("usage: bad_wire SEED INTERFACE INTERFACE [FAULT...]\n", stderr);
		return 1;
	}
	for (int i = ARGUMENTS; i < argc; i++) {
		struct why why;

		if (fault_parse(argv[i], &faults[n++], &why)) {
			fprintf(stderr, "%s\n", why.text);
			return 1;
		}
	}
	for (size_t from = 0; from < 2; from++) {
		const uint64_t seed = strtoull(argv[1], NULL, 10) * 2 + from;

		channels[from] = fault_channel_new(faults, n, seed);
		if (!channels[from])
			abort();
	}
	between = between_open(argv[2], argv[3]);
	between_set_timer(between, due);
	between_run(between, arrive, NULL);
}
