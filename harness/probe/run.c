/*
 * The loop: probes are sent when it is their time, and replies taken in as they come.
 */
#include "probe/inside.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

enum { PORTS = 65536 };

static struct flight *flight_new(struct run *run)
{
	if (run->count == run->cap) {
		uint32_t cap = run->cap ? run->cap * 2 : 64;
		struct flight *grown = realloc(run->flights, cap * sizeof(*grown));

		if (!grown)
			return NULL;
		run->flights = grown;
		run->cap = cap;
	}
	run->flights[run->count] = (struct flight){.answered = false};
	return &run->flights[run->count++];
}

/* A port that no probe had, as long as there are such: the next one from a place by chance. */
static uint16_t port_fresh(struct run *run)
{
	const struct probe_config *config = run->config;
	const uint32_t ports = config->port_high - config->port_low + 1u;
	const uint32_t first = random_between(&run->random, 0, ports - 1);

	for (uint32_t i = 0; run->count < ports && i < ports; i++) {
		const uint32_t port = config->port_low + (first + i) % ports;

		if (!run->by_port[port])
			return (uint16_t)port;
	}
	return (uint16_t)(config->port_low + first);
}

/* The ends of this probe: those of the connection, or fresh numbers. */
static struct probe_ends ends_make(struct run *run)
{
	struct probe_ends ends = run->config->ends;

	ends.id = (uint16_t)random_next(&run->random);
	if (run->config->connected)
		return ends;
	if (!ends.source_port)
		ends.source_port = port_fresh(run);
	ends.seq = ends.iss = (uint32_t)random_next(&run->random);
	ends.ack = ends.irs = (uint32_t)random_next(&run->random);
	return ends;
}

/* What relative numbers count from: as if a handshake had been made before anything but a SYN. */
static void bases_set(const struct run *run, struct flight *flight, const struct probe_ends *ends)
{
	if (run->config->connected) {
		flight->bases[0] = ends->iss;
		flight->bases[1] = ends->irs;
		return;
	}
	flight->bases[0] = flight->sent.flags & SYN ? flight->sent.seq : flight->sent.seq - 1;
	flight->bases[1] = flight->sent.flags & ACK ? flight->sent.ack - 1 : 0;
}

/* What leaves now may have to wait no more; what comes next does. */
static void turn_take(struct run *run)
{
	nanos turn;

	if (!run->config->turn)
		return;
	turn = run->config->turn(run->config->turn_arg);
	if (turn > run->turn)
		run->turn = turn;
}

static int frame_send(void *arg, const uint8_t *frame, size_t len, struct why *why)
{
	struct run *run = arg;

	/* The first fragment's leaving is the probe's. */
	leaving_note(run, frame, len);
	run->sending = 0;
	turn_take(run);
	return wire_send_bytes(run->config->wire, frame, len, why);
}

static int packet_send(struct run *run, const struct packet *packet)
{
	const uint8_t *frame;
	size_t len;
	int r;

	r = wire_send(run->config->wire, packet, &frame, &len, run->why);
	if (!r)
		leaving_note(run, frame, len);
	return r;
}

/*
 * May the target answer this by a SYN-ACK, and maybe after we have gone? A segment that is wrong in
 * itself, or that is not to get there, opens nothing.
 */
static bool may_open(const struct probe_config *config)
{
	const struct crafted *crafted = config->crafted;
	const struct segment *t = &crafted->tcp;

	return !config->leave && !config->connected &&
	       (t->flags & (SYN | ACK | RST | FIN)) == SYN &&
	       !(t->lies & ~(unsigned)LIE_NO_OPTIONS) && !t->checksum.kind &&
	       !t->data_offset.kind && !t->ttl.kind && !crafted->bad_ip_checksum &&
	       !crafted->set_ip_length && !crafted->fragment && !crafted->ip_option_count;
}

static int probe_send(struct run *run)
{
	const struct crafted *crafted = run->config->crafted;
	const struct packet_tcp *tcp = &run->crafted.tcp;
	struct probe_ends ends = ends_make(run);
	struct flight *flight;
	int r = craft_packet(crafted, &ends, &run->crafted, run->why);

	if (r)
		return r;
	flight = flight_new(run);
	if (!flight)
		return why_set(run->why, ENOMEM, "out of memory");
	flight->sent = (struct probe_sent){
		.number = run->count,
		.port = ends.source_port,
		.flags = tcp->flags,
		.seq = tcp->seq,
		.ack = tcp->ack,
		.end = tcp->seq + (uint32_t)tcp->len + !!(tcp->flags & SYN) +
		       !!(tcp->flags & FIN),
		.connected = run->config->connected,
	};
	bases_set(run, flight, &ends);
	if (may_open(run->config))
		flight_opened(run, flight, tcp->seq + 1);
	flight->before = run->by_port[ends.source_port];
	run->by_port[ends.source_port] = run->count;
	flight->left = clock_realtime();
	flight->deadline = clock_monotonic() + run->config->timeout;
	run->open++;
	run->summary->sent++;
	run->sending = run->count;
	run->resetting = false;
	if (craft_needs_frames(crafted))
		return craft_frames(crafted, &run->crafted, frame_send, run, run->why);
	turn_take(run);
	return packet_send(run, &run->crafted);
}

int run_reset(struct run *run, struct flight *flight)
{
	const struct probe_ends *ends = &run->config->ends;
	struct packet reset = {
		.kind = PACKET_TCP,
		.source_mac = ends->source_mac,
		.dest_mac = ends->dest_mac,
		.source = ends->source,
		.dest = ends->dest,
		.ttl = 64,
		.dont_fragment = true,
		.tcp = {.source_port = flight->sent.port,
			.dest_port = ends->dest_port,
			.seq = flight->next,
			.flags = RST},
	};

	run->sending = (uint32_t)(flight - run->flights) + 1;
	run->resetting = true;
	turn_take(run);
	flight_opened(run, flight, 0);
	return packet_send(run, &reset);
}

void flight_opened(struct run *run, struct flight *flight, uint32_t next)
{
	flight->opened = next != 0;
	flight->next = next;
	if (run->config->opened)
		run->config->opened(run->config->opened_arg, flight->sent.port, next);
}

/* It is over: what is open, or may be since nothing came, is closed. */
static int opened_reset(struct run *run)
{
	int r = 0;

	for (uint32_t i = 0; !r && !run->config->leave && i < run->count; i++)
		if (run->flights[i].opened)
			r = run_reset(run, &run->flights[i]);
	return r ? r : run_hear(run);
}

/* Silence for those whose time is over; they are in the order of their deadlines. */
static void flights_settle(struct run *run, nanos now)
{
	for (; run->oldest < run->count; run->oldest++) {
		struct flight *flight = &run->flights[run->oldest];

		if (flight->settled)
			continue;
		if (flight->deadline > now)
			break;
		run_silence(run, flight);
	}
}

/* When the loop has something to do again without being told; 0: it is at its end. */
static nanos wake_time(const struct run *run, nanos now)
{
	nanos wake = NANOS_MAX;

	if (run->count < run->config->count)
		wake = run->next_send;
	if (run->oldest < run->count && run->flights[run->oldest].deadline < wake)
		wake = run->flights[run->oldest].deadline;
	if (run->listen_end > now && run->listen_end < wake)
		wake = run->listen_end;
	if (run->count == run->config->count && !run->open && run->listen_end <= now)
		return 0;
	return wake;
}

/* Wait for the wire, the end or a time. 1: interrupted. */
static int run_wait(struct run *run, nanos wake)
{
	struct pollfd fds[2] = {{.fd = wire_fd(run->config->wire), .events = POLLIN},
				{.fd = run->config->interrupted, .events = POLLIN}};
	nanos left = wake - clock_monotonic();
	struct timespec timeout;

	if (left < 0)
		left = 0;
	timeout = clock_timespec(left);
	if (ppoll(fds, 2, &timeout, NULL) < 0 && errno != EINTR)
		return why_set(run->why, errno, "waiting for the wire failed");
	return fds[1].revents & POLLIN ? 1 : 0;
}

static int run_send(struct run *run, nanos now)
{
	int r;

	if (run->count == run->config->count || now < run->next_send)
		return 0;
	r = probe_send(run);
	if (r)
		return r;
	/* A sender that is late catches up with nothing: that would be a burst. */
	run->next_send += run->config->interval;
	if (run->next_send < now)
		run->next_send = now;
	if (run->next_send < run->turn)
		run->next_send = run->turn;
	return run_hear(run);
}

static int run_loop(struct run *run)
{
	int r = 0;

	run->next_send = clock_monotonic();
	run->listen_end = run->config->listen ? run->next_send + run->config->listen : 0;
	while (!r) {
		nanos now = clock_monotonic(), wake;

		r = run_send(run, now);
		if (r)
			break;
		now = clock_monotonic();
		flights_settle(run, now);
		wake = wake_time(run, now);
		if (!wake)
			break;
		r = run_wait(run, wake);
		if (r > 0)
			return -EINTR;
		if (!r)
			r = run_hear(run);
	}
	return r;
}

int probe_run(const struct probe_config *config, struct probe_summary *summary, struct why *why)
{
	struct run run = {.config = config, .summary = summary, .why = why,
			  .random.state = config->seed};
	int r;

	*summary = (struct probe_summary){.sent = 0};
	run.by_port = calloc(PORTS, sizeof(*run.by_port));
	if (!run.by_port)
		return why_set(why, ENOMEM, "out of memory");
	r = run_loop(&run);
	if (!r || r == -EINTR) {
		int closed = opened_reset(&run);

		r = closed ? closed : r;
	}
	if (!r || r == -EINTR) {
		int lost = wire_dropped(config->wire, &summary->dropped);

		if (lost)
			r = why_set(why, -lost, "the capture does not say what it dropped");
		else if (summary->dropped)
			r = why_set(why, EIO, "the capture dropped %u frames", summary->dropped);
	}
	free(run.by_port);
	free(run.flights);
	return r;
}
