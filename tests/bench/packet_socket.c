/*
 * packet_socket INTERFACE: can a packet socket without a ring, opened for no protocol and bound
 * when all is ready, take libpcap's place? What each costs to open, and whether the times of the
 * plain one are those of the frames: a frame is sent as soon as it listens, and read 2 ms later,
 * while a libpcap capture that was there before hears it too.
 */
#include "wire/wire.h"
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMES 20
enum { PROTOCOL = 0x88b5, FRAME_BYTES = 60 }; /* IEEE 802's for experiments */

static int compare(const void *a, const void *b)
{
	const nanos x = *(const nanos *)a, y = *(const nanos *)b;

	return (x > y) - (x < y);
}

static void print(const char *what, nanos *all)
{
	qsort(all, TIMES, sizeof(*all), compare);
	printf("%-52s median %10.1f  max %10.1f us\n", what, (double)all[TIMES / 2] / 1e3,
	       (double)all[TIMES - 1] / 1e3);
}

static int plain_open(const char *interface)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET,
				    /* Only a tap for all protocols hears what leaves. */
				    .sll_protocol = htons(ETH_P_ALL),
				    .sll_ifindex = (int)if_nametoindex(interface)};
	const int on = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&where, sizeof(where)))
		return -1;
	return fd;
}

static nanos plain_read(int fd)
{
	uint8_t bytes[256], control[256];
	struct iovec part = {bytes, sizeof(bytes)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct timespec time = {0};

	do {
		message.msg_controllen = sizeof(control);
		if (recvmsg(fd, &message, MSG_DONTWAIT) < 0)
			return 0;
	} while (bytes[12] != PROTOCOL >> 8 || bytes[13] != (PROTOCOL & 0xff));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&time, CMSG_DATA(c), sizeof(time));
	return sec(time.tv_sec) + time.tv_nsec;
}

/* The times of one frame by the plain socket, less libpcap's. */
static nanos difference(struct wire *wire, int fd, const uint8_t *frame)
{
	struct frame heard = {.time = 0};
	struct why why;
	const nanos begun = clock_monotonic();
	nanos plain;

	if (wire_send_bytes(wire, frame, FRAME_BYTES, &why))
		return NANOS_MAX;
	while (clock_monotonic() - begun < ms(2))
		;
	plain = plain_read(fd);
	while (wire_next(wire, &heard, &why) == 0 && clock_monotonic() - begun < ms(100))
		;
	return plain && heard.time ? plain - heard.time : NANOS_MAX;
}

/* Each in a process of its own: closing takes long, and is not what is measured. */
static int child(const char *interface, nanos *out)
{
	const struct mac mac = {{2, 0, 0, 0, 0, 7}};
	const struct wire_config config = {.interface = interface, .mac = mac,
					   .filter = "ether proto 0x88b5"};
	uint8_t frame[FRAME_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 7,
				      PROTOCOL >> 8, PROTOCOL & 0xff};
	struct wire *wire;
	struct why why;
	nanos begun = clock_monotonic();
	int fd;

	if (wire_open(&wire, &config, &why)) {
		fprintf(stderr, "packet_socket: %s\n", why.text);
		return 4;
	}
	out[0] = clock_monotonic() - begun;
	begun = clock_monotonic();
	fd = plain_open(interface);
	if (fd < 0) {
		fprintf(stderr, "packet_socket: %s\n", strerror(errno));
		return 4;
	}
	out[1] = clock_monotonic() - begun;
	out[2] = difference(wire, fd, frame);
	poll(NULL, 0, 100);
	out[3] = difference(wire, fd, frame);
	return 0;
}

int main(int argc, char **argv)
{
	static nanos all[4][TIMES];

	if (argc != 2) {
		fprintf(stderr, "usage: packet_socket INTERFACE\n");
		return 3;
	}
	for (unsigned i = 0; i < TIMES; i++) {
		nanos one[4];
		int ends[2], status = -1;
		pid_t pid;

		if (pipe(ends))
			return 4;
		pid = fork();
		if (pid == 0) {
			status = child(argv[1], one);
			if (!status && write(ends[1], one, sizeof(one)) != sizeof(one))
				status = 4;
			_exit(status);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status ||
		    read(ends[0], one, sizeof(one)) != sizeof(one))
			return 4;
		close(ends[0]);
		close(ends[1]);
		for (int j = 0; j < 4; j++)
			all[j][i] = one[j];
	}
	print("opening libpcap and libnet", all[0]);
	print("opening a packet socket without a ring", all[1]);
	print("its time less libpcap's, of a frame at once", all[2]);
	print("the same 100 ms later", all[3]);
	return 0;
}
