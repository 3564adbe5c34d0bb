/*
 * delay MS INTERFACE INTERFACE: a wire between two interfaces, along which each frame takes so
 * long. Until it is killed. Says "ready" when it hears.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>

#define FRAME_MAX 66000

struct frame {
	STAILQ_ENTRY(frame) next;
	int64_t due;
	int to;
	size_t len;
	unsigned char bytes[];
};

static STAILQ_HEAD(, frame) queue = STAILQ_HEAD_INITIALIZER(queue);

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int end_open(const char *interface)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET,
				    .sll_protocol = htons(ETH_P_ALL),
				    .sll_ifindex = (int)if_nametoindex(interface)};
	struct packet_mreq all = {.mr_ifindex = where.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));

	if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof(where)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all))) {
		perror(interface);
		exit(1);
	}
	return fd;
}

/* All that waits at one end goes to the other, when its time has come. */
static void take(int from, int to, int64_t delay)
{
	static unsigned char bytes[FRAME_MAX];
	struct sockaddr_ll where;
	socklen_t size = sizeof(where);
	ssize_t n;

	while ((n = recvfrom(from, bytes, sizeof(bytes), 0, (struct sockaddr *)&where,
			     &size)) > 0) {
		struct frame *frame;

		if (where.sll_pkttype == PACKET_OUTGOING)
			continue;
		frame = malloc(sizeof(*frame) + (size_t)n);
		if (!frame)
			exit(1);
		frame->due = now_ns() + delay;
		frame->to = to;
		frame->len = (size_t)n;
		memcpy(frame->bytes, bytes, (size_t)n);
		STAILQ_INSERT_TAIL(&queue, frame, next);
	}
}

/* What is due leaves. Returns ns until the next one, or -1. */
static int64_t leave(void)
{
	struct frame *frame;

	while ((frame = STAILQ_FIRST(&queue))) {
		int64_t left = frame->due - now_ns();

		if (left > 0)
			return left;
		STAILQ_REMOVE_HEAD(&queue, next);
		if (send(frame->to, frame->bytes, frame->len, 0) < 0)
			perror("send");
		free(frame);
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct pollfd ends[2];
	int64_t delay;

	if (argc != 4)
		return 1;
	delay = atoi(argv[1]) * INT64_C(1000000);
	for (int i = 0; i < 2; i++)
		ends[i] = (struct pollfd){.fd = end_open(argv[2 + i]), .events = POLLIN};
	puts("ready");
	fflush(stdout);
	for (;;) {
		int64_t left = leave();
		struct timespec wait = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};

		ppoll(ends, 2, left < 0 ? NULL : &wait, NULL);
		take(ends[0].fd, ends[1].fd, delay);
		take(ends[1].fd, ends[0].fd, delay);
	}
}
