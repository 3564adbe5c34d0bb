/*
 * quality COUNT INTERVAL_US FROM TO: sends so many numbered frames from one interface to another of
 * the same namespace, one each interval, and prints what became of them, a name and a number in
 * each line: the share lost, the mean number lost in a row, the share duplicated, the share that
 * arrived after a frame sent later, and least, mean and worst delay in ms.
 */
#include "base/base.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* For experiments on a link (IEEE 802). */
enum { ETHERTYPE = 0x88b5, COUNT_MAX = 1000000 };
/* Frames that have not arrived so long after the last one was sent are lost. */
#define PATIENCE sec(2)

struct body {
	uint8_t ethernet[14];
	uint32_t number;
	nanos sent;
	uint8_t padding[40];
};

static unsigned *arrived; /* how often each frame did */
static struct {
	unsigned n, late, highest;
	double sum;
	nanos least, worst;
} seen = {.least = NANOS_MAX};

static int open_on(const char *interface)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET,
				    .sll_protocol = htons(ETHERTYPE),
				    .sll_ifindex = (int)if_nametoindex(interface)};
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0), size = 16 << 20;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&where, sizeof(where))) {
		perror(interface);
		exit(1);
	}
	return fd;
}

static void count(const struct body *body, nanos now, unsigned numbers)
{
	const nanos took = now - body->sent;

	if (body->number >= numbers)
		return;
	if (arrived[body->number]++)
		return;
	seen.n++;
	seen.late += body->number < seen.highest;
	seen.highest = body->number > seen.highest ? body->number : seen.highest;
	seen.sum += (double)took;
	seen.least = took < seen.least ? took : seen.least;
	seen.worst = took > seen.worst ? took : seen.worst;
}

/* Counts what arrives until that time. */
static void receive(int fd, nanos until, unsigned numbers)
{
	struct pollfd end = {.fd = fd, .events = POLLIN};
	nanos now;

	while ((now = clock_monotonic()) < until) {
		const struct timespec wait = clock_timespec(until - now);
		struct body body;

		if (ppoll(&end, 1, &wait, NULL) <= 0)
			continue;
		while (recv(fd, &body, sizeof(body), 0) == (ssize_t)sizeof(body))
			count(&body, clock_monotonic(), numbers);
	}
}

static void print(unsigned numbers)
{
	unsigned lost = 0, bursts = 0, copies = 0;

	for (unsigned i = 0; i < numbers; i++) {
		lost += !arrived[i];
		bursts += !arrived[i] && (!i || arrived[i - 1]);
		copies += arrived[i] > 1 ? arrived[i] - 1 : 0;
	}
	printf("lost %f\nin_a_row %f\nduplicated %f\nlate %f\n", (double)lost / numbers,
	       bursts ? (double)lost / bursts : 0, (double)copies / numbers,
	       seen.n ? (double)seen.late / seen.n : 0);
	printf("least %f\nmean %f\nworst %f\n", (double)seen.least / 1e6,
	       seen.n ? seen.sum / seen.n / 1e6 : 0, (double)seen.worst / 1e6);
}

int main(int argc, char **argv)
{
	struct body body = {.ethernet = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1,
					 ETHERTYPE >> 8, ETHERTYPE & 255}};
	const unsigned numbers = argc == 5 ? (unsigned)atoi(argv[1]) : 0;
	nanos interval, began;
	int from, to;

	if (!numbers || numbers > COUNT_MAX)
		return 1;
	interval = us(atoi(argv[2]));
	from = open_on(argv[3]);
	to = open_on(argv[4]);
	arrived = calloc(numbers, sizeof(*arrived));
	if (!arrived)
		return 1;
	began = clock_monotonic();
	for (body.number = 0; body.number < numbers; body.number++) {
		body.sent = clock_monotonic();
		if (send(from, &body, sizeof(body), 0) < 0)
			perror("send");
		receive(to, began + (body.number + 1) * interval, numbers);
	}
	receive(to, clock_monotonic() + PATIENCE, numbers);
	print(numbers);
	return 0;
}
