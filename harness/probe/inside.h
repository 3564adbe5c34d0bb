/*
 * A run of probes: what its two files share. Of the probe room only.
 */
#ifndef PROBE_INSIDE_H
#define PROBE_INSIDE_H

#include "probe/probe.h"

/* A probe on its way. */
struct flight {
	struct probe_sent sent;
	/* When the capture saw it leave, ns since the epoch; until then by our own clock. */
	nanos left;
	nanos deadline; /* monotonic */
	nanos last;	/* time of the last segment of it or to it */
	uint32_t bases[2]; /* ours, theirs */
	bool answered, settled;
	bool opened; /* by a SYN-ACK, or nothing came that says it is not, and not reset yet */
	uint32_t next; /* where a RST closes that */
	struct reply_marks first;
	uint32_t before; /* the one before on this source port: its place + 1 */
};

/* A frame of ours that the capture has yet to show leaving. */
struct leaving {
	uint64_t mark;
	size_t len;
	uint32_t flight; /* its place + 1; 0: free */
	bool reset;
};
#define LEAVING_MAX 256

struct run {
	const struct probe_config *config;
	struct probe_summary *summary;
	struct why *why;
	struct random random;
	struct flight *flights;
	uint32_t count, cap, oldest, open;
	uint32_t *by_port; /* the latest flight of a source port: its place + 1 */
	struct leaving leaving[LEAVING_MAX];
	unsigned leaving_next;
	struct packet crafted; /* of the latest flight */
	nanos next_send, listen_end, turn; /* monotonic */
	uint32_t sending;	     /* the flight whose frames leave now: its place + 1 */
	bool resetting;
};

uint64_t frame_mark(const uint8_t *frame, size_t len);
/* Note a frame that was sent for this flight. */
void leaving_note(struct run *run, const uint8_t *frame, size_t len);
/* Take in everything that the wire has heard. -errno. */
int run_hear(struct run *run);
/* Nothing came to this flight in time. */
void run_silence(struct run *run, struct flight *flight);
/* A connection may be open at the target, which a RST at next closes; 0: none is. */
void flight_opened(struct run *run, struct flight *flight, uint32_t next);
/* Close what a SYN-ACK opened, where that is to be. -errno. */
int run_reset(struct run *run, struct flight *flight);

#endif
