/*
 * A wire in memory, for tests: the same door, the same builders, and a queue in place of the cable.
 */
#include "wire/inside.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queued {
	struct queued *next;
	nanos time;
	bool outgoing;
	size_t len;
	uint8_t bytes[];
};

struct memory {
	wire_double_fn on_send;
	void *arg;
	struct queued *first, *last;
	struct queued *taken; /* what the last wire_next() gave out */
	unsigned dropped;
	int fd; /* an eventfd, readable while the queue holds a frame */
};

int wire_double(struct wire **out, wire_double_fn on_send, void *arg)
{
	char text[LIBNET_ERRBUF_SIZE];
	struct memory *memory;
	struct wire *wire;
	int r = -ENOMEM;

	wire = calloc(1, sizeof(*wire));
	memory = calloc(1, sizeof(*memory));
	if (memory)
		memory->fd = -1;
	if (!wire || !memory)
		goto out;
	memory->on_send = on_send;
	memory->arg = arg;
	memory->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (memory->fd < 0) {
		r = -errno;
		goto out;
	}
	/* A context without a socket, which takes no privilege, made to build as on Ethernet. */
	wire->libnet = libnet_init(LIBNET_NONE, NULL, text);
	if (!wire->libnet)
		goto out;
	wire->libnet->fd = -1; /* it is 0 there, and libnet_destroy() closes it */
	wire->libnet->injection_type = LIBNET_LINK_ADV;
	wire->libnet->link_type = DLT_EN10MB;
	wire->libnet->link_offset = LIBNET_ETH_H;
	wire->memory = memory;
	wire->fd = memory->fd;
	*out = wire;
	return 0;
out:
	memory_free(memory);
	free(wire);
	return r;
}

void memory_free(struct memory *memory)
{
	struct queued *queued, *next;

	if (!memory)
		return;
	for (queued = memory->first; queued; queued = next) {
		next = queued->next;
		free(queued);
	}
	free(memory->taken);
	if (memory->fd >= 0)
		close(memory->fd);
	free(memory);
}

static int memory_put(struct memory *memory, nanos time, bool outgoing, const uint8_t *frame,
		      size_t len)
{
	struct queued *queued;

	queued = malloc(sizeof(*queued) + len);
	if (!queued)
		return -ENOMEM;
	*queued = (struct queued){.time = time, .outgoing = outgoing, .len = len};
	memcpy(queued->bytes, frame, len);
	if (memory->last)
		memory->last->next = queued;
	else
		memory->first = queued;
	memory->last = queued;
	return eventfd_write(memory->fd, 1) < 0 ? -errno : 0;
}

int wire_double_hear(struct wire *wire, nanos time, const uint8_t *frame, size_t len)
{
	return memory_put(wire->memory, time, false, frame, len);
}

void wire_double_drop(struct wire *wire, unsigned n)
{
	wire->memory->dropped += n;
}

unsigned memory_dropped(const struct wire *wire)
{
	return wire->memory->dropped;
}

/* Heard back first: an answer that on_send gives comes after it. */
int memory_send(struct wire *wire, const uint8_t *frame, size_t len, struct why *why)
{
	int r;

	r = memory_put(wire->memory, clock_realtime(), true, frame, len);
	if (r < 0)
		return why_set(why, -r, "no memory for a frame");
	if (wire->memory->on_send)
		wire->memory->on_send(wire->memory->arg, wire, frame, len);
	return 0;
}

int memory_next(struct wire *wire, struct frame *frame, struct why *why)
{
	struct memory *memory = wire->memory;
	struct queued *queued = memory->first;
	eventfd_t ignored;

	if (!queued)
		return 0;
	memory->first = queued->next;
	if (!memory->first) {
		memory->last = NULL;
		if (eventfd_read(memory->fd, &ignored) < 0)
			return why_set(why, errno, "the double's queue: %s", strerror(errno));
	}
	free(memory->taken);
	memory->taken = queued;
	*frame = (struct frame){
		.time = queued->time,
		.outgoing = queued->outgoing,
		.bytes = queued->bytes,
		.captured = queued->len,
		.len = queued->len,
	};
	return 1;
}
