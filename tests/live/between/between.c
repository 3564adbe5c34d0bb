/*
 * The forwarder's sockets, its queue of frames that wait for their time, and its loop. Packet
 * sockets carry a virtio_net_hdr before each frame (PACKET_VNET_HDR): without it, frames with an
 * open checksum would pass as damaged ones, and merged segments could not be sent.
 */
#include "between.h"
#include "wire_form.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/socket.h>

#define RECEIVE_BUFFER (32 << 20)

struct waiting {
	TAILQ_ENTRY(waiting) next;
	nanos due;
	int to;
	size_t len;
	uint8_t bytes[];
};

struct side {
	const char *interface;
	int fd;
	size_t mtu;
};

struct between {
	struct side sides[2];
	TAILQ_HEAD(waiting_list, waiting) queue; /* ordered by due */
	between_hook *hook;
	between_timer *timer; /* or NULL */
	void *context;
	int from; /* the side whose frame is being taken in */
	nanos now;
};

static _Noreturn void give_up(const char *interface, const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", interface, what, strerror(errno));
	exit(1);
}

static void set(const struct side *side, int level, int option, const void *value, socklen_t size,
		const char *what)
{
	if (setsockopt(side->fd, level, option, value, size))
		give_up(side->interface, what);
}

/* The protocol is bound last, so that no frame of another interface is received. */
static void side_open(struct side *side, const char *interface)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET,
				    .sll_protocol = htons(ETH_P_ALL),
				    .sll_ifindex = (int)if_nametoindex(interface)};
	struct packet_mreq all = {.mr_ifindex = where.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
	const int on = 1, size = RECEIVE_BUFFER;
	struct ifreq request = {0};

	side->interface = interface;
	side->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (side->fd < 0 || ioctl(side->fd, SIOCGIFMTU, &request))
		give_up(interface, "packet socket");
	side->mtu = (size_t)request.ifr_mtu;
	/* Without CAP_NET_ADMIN in the first user namespace, the kernel allows less. */
	if (setsockopt(side->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		set(side, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size), "SO_RCVBUF");
	set(side, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on), "PACKET_VNET_HDR");
	set(side, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on), "PACKET_IGNORE_OUTGOING");
	if (bind(side->fd, (struct sockaddr *)&where, sizeof(where)))
		give_up(interface, "bind");
	set(side, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all), "promiscuous mode");
}

struct between *between_open(const char *first, const char *second)
{
	struct between *between = calloc(1, sizeof(*between));

	if (!between)
		give_up(first, "memory");
	TAILQ_INIT(&between->queue);
	side_open(&between->sides[0], first);
	side_open(&between->sides[1], second);
	return between;
}

void between_send(struct between *between, int to, const uint8_t *bytes, size_t len, nanos due)
{
	struct waiting *waiting = malloc(sizeof(*waiting) + len), *before;

	if (!waiting)
		give_up(between->sides[to].interface, "memory");
	waiting->due = due;
	waiting->to = to;
	waiting->len = len;
	memcpy(waiting->bytes, bytes, len);
	before = TAILQ_LAST(&between->queue, waiting_list);
	while (before && before->due > due)
		before = TAILQ_PREV(before, waiting_list, next);
	if (before)
		TAILQ_INSERT_AFTER(&between->queue, before, waiting, next);
	else
		TAILQ_INSERT_HEAD(&between->queue, waiting, next);
}

static void transmit(const struct side *side, struct waiting *waiting)
{
	struct virtio_net_hdr header = {0};
	struct iovec parts[] = {{&header, sizeof(header)}, {waiting->bytes, waiting->len}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	if (waiting->len > side->mtu + ETH_HLEN &&
	    !wire_form_merge(&header, waiting->bytes, waiting->len, side->mtu))
		fprintf(stderr, "%s: a frame of %zu bytes is too long and is no TCP segment\n",
			side->interface, waiting->len);
	else if (sendmsg(side->fd, &message, 0) < 0)
		fprintf(stderr, "%s: send: %s\n", side->interface, strerror(errno));
}

void between_set_timer(struct between *between, between_timer *timer)
{
	between->timer = timer;
}

/* Sends what is due. Returns the time until something else is, or -1. */
static nanos send_due(struct between *between)
{
	struct waiting *waiting;
	nanos next = NANOS_MAX;

	if (between->timer)
		next = between->timer(between, clock_monotonic(), between->context);

	while ((waiting = TAILQ_FIRST(&between->queue))) {
		if (waiting->due > clock_monotonic()) {
			next = waiting->due < next ? waiting->due : next;
			break;
		}
		TAILQ_REMOVE(&between->queue, waiting, next);
		transmit(&between->sides[waiting->to], waiting);
		free(waiting);
	}
	if (next == NANOS_MAX)
		return -1;
	next -= clock_monotonic();
	return next > 0 ? next : 0;
}

static void take(uint8_t *bytes, size_t len, size_t room, void *context)
{
	struct between *between = context;
	const struct between_frame frame = {.from = between->from,
					    .bytes = bytes,
					    .len = len,
					    .room = room,
					    .now = between->now};

	between->hook(between, &frame, between->context);
}

/* Takes in all frames that wait at one side. */
static void receive(struct between *between, int from)
{
	static uint8_t bytes[BETWEEN_FRAME_MAX];
	struct virtio_net_hdr header;
	struct iovec parts[] = {{&header, sizeof(header)}, {bytes, sizeof(bytes)}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	const struct side *side = &between->sides[from];
	ssize_t n;

	while ((n = recvmsg(side->fd, &message, 0)) > (ssize_t)sizeof(header)) {
		between->from = from;
		between->now = clock_monotonic();
		if (!wire_form(&header, bytes, (size_t)n - sizeof(header), sizeof(bytes), take,
			       between))
			fprintf(stderr, "%s: a merged frame that is no TCP segment is lost\n",
				side->interface);
	}
}

void between_run(struct between *between, between_hook *hook, void *context)
{
	struct pollfd ends[] = {{.fd = between->sides[0].fd, .events = POLLIN},
				{.fd = between->sides[1].fd, .events = POLLIN}};
	const struct sched_param first = {.sched_priority = 1};

	between->hook = hook;
	between->context = context;
	/* The kernel may end a sleep 50 us late by default. */
	prctl(PR_SET_TIMERSLACK, 1UL);
	/* A wire does not wait for a processor. Not all users may ask for that. */
	sched_setscheduler(0, SCHED_RR, &first);
	puts("ready");
	fflush(stdout);
	for (;;) {
		const nanos left = send_due(between);
		const struct timespec wait = clock_timespec(left);

		ppoll(ends, 2, left < 0 ? NULL : &wait, NULL);
		receive(between, 0);
		receive(between, 1);
	}
}
