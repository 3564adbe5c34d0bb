/*
 * between: a forwarder between two interfaces, for test programs. Each frame that one interface
 * receives is given to a hook, which sends whatever shall leave: the frame, another one, several,
 * at once or later, on either side. Without a hook that sends, nothing passes.
 *
 * The hook sees what a wire would carry: frames that the sender's kernel left to hardware are
 * finished first. A TCP segment that is longer than the wire's (TSO, GSO, GRO) is cut into segments
 * of the size that the kernel names, and a checksum that was left open is computed. A VLAN tag that
 * the kernel has taken out of a frame is lost.
 *
 * One thread, two packet sockets. The interfaces are best without addresses: a kernel that has one
 * answers too. The caller needs CAP_NET_RAW in the namespace of the interfaces.
 */
#ifndef BETWEEN_BETWEEN_H
#define BETWEEN_BETWEEN_H

#include "base/base.h"

/* The largest frame that the kernel hands over in one piece, and a little more. */
#define BETWEEN_FRAME_MAX 66000

struct between;

struct between_frame {
	int from;       /* the interface that received it: 0 or 1, in the order of the call */
	uint8_t *bytes; /* an Ethernet frame; the hook may change it in place */
	size_t len;
	size_t room;     /* bytes that the hook may use at bytes, len included */
	nanos now;       /* clock_monotonic() when the forwarder read it */
};

/* Called once for each frame. The frame's bytes are valid until the hook returns. */
typedef void between_hook(struct between *between, const struct between_frame *frame,
			  void *context);

/*
 * Sends a copy of an Ethernet frame from interface 0 or 1 at the time due (monotonic; a time that
 * has passed means now). Frames that are due at the same time leave in the order of the calls.
 * A TCP frame that is longer than the interface's MTU leaves as one merged segment, as a receiver
 * with GRO would see it; its checksum is then made right. Any other frame of such a length is
 * reported on stderr and dropped.
 */
void between_send(struct between *between, int to, const uint8_t *bytes, size_t len, nanos due);

/*
 * Called after each frame and at the time that it returned last: sends what became due, and returns
 * the time of its next call (monotonic), or NANOS_MAX. For a hook that keeps frames.
 */
typedef nanos between_timer(struct between *between, nanos now, void *context);
void between_set_timer(struct between *between, between_timer *timer);

/* Opens both interfaces, or prints the reason on stderr and ends the process with status 1. */
struct between *between_open(const char *first, const char *second);

/* Prints "ready" and a newline on stdout, then forwards until the process is killed. */
_Noreturn void between_run(struct between *between, between_hook *hook, void *context);

#endif
