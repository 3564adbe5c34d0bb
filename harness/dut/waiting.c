/*
 * The kernel counts for us: a socket with SO_RCVLOWAT is readable when that many bytes are
 * there, so that a client which sends its hello byte by byte wakes nobody.
 */
#include "dut/waiting.h"
#include "dut/handshake.h"
#include "packet/packet.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LENGTHS 8 /* bytes before a message, which tell its length */
#define HELLO_WITHIN sec(5)

static void one_remove(struct waiting *waiting, size_t i)
{
	waiting->n--;
	memmove(&waiting->all[i], &waiting->all[i + 1],
	        (waiting->n - i) * sizeof(waiting->all[0]));
}

static void one_refuse(struct waiting *waiting, size_t i, const char *why)
{
	refusals_add(waiting->refusals, &waiting->all[i].from, why);
	close(waiting->all[i].conn);
	one_remove(waiting, i);
}

/* How many come from where number i comes from. */
static size_t of_source(const struct waiting *waiting, size_t i)
{
	size_t n = 0;

	for (size_t j = 0; j < waiting->n; j++)
		n += address_equal(&waiting->all[i].from.at, &waiting->all[j].from.at);
	return n;
}

/* The oldest of the source that has most. */
static size_t one_too_many(const struct waiting *waiting)
{
	size_t worst = 0, most = 0;

	for (size_t i = 0; i < waiting->n; i++) {
		size_t n = of_source(waiting, i);

		if (n > most) {
			most = n;
			worst = i;
		}
	}
	return worst;
}

static void bytes_await(int conn, size_t n)
{
	const int low = (int)n;

	setsockopt(conn, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low));
}

void waiting_add(struct waiting *waiting, int conn, const struct agent_address *from)
{
	if (waiting->n == WAITING_MAX)
		one_refuse(waiting, one_too_many(waiting), "too many connections wait");
	waiting->all[waiting->n++] = (struct waiting_one){
		.conn = conn, .until = clock_monotonic() + HELLO_WITHIN, .from = *from};
	bytes_await(conn, LENGTHS);
}

void waiting_poll(const struct waiting *waiting, struct pollfd *polls)
{
	for (size_t i = 0; i < waiting->n; i++)
		polls[i] = (struct pollfd){
			.fd = waiting->all[i].whole ? -1 : waiting->all[i].conn,
			.events = POLLIN | POLLRDHUP};
}

/* The whole message is there, or can never be. */
static bool hello_whole(int conn, short events)
{
	uint8_t bytes[LENGTHS + HANDSHAKE_JSON_MAX];
	ssize_t n = recv(conn, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
	size_t len;

	if (n < LENGTHS || events & (POLLRDHUP | POLLHUP | POLLERR))
		return n >= 0 || (errno != EAGAIN && errno != EINTR);
	for (size_t i = 0; i < LENGTHS; i++)
		if (i != 2 && i != 3 && bytes[i])
			return true;
	len = LENGTHS + ((size_t)bytes[2] << 8 | bytes[3]);
	if (len > sizeof(bytes) || (size_t)n >= len)
		return true;
	bytes_await(conn, len);
	return false;
}

void waiting_hear(struct waiting *waiting, const struct pollfd *polls, size_t n)
{
	nanos now = clock_monotonic();

	/* Backwards: those behind one that is sent away move up. */
	for (size_t i = n; i-- > 0;) {
		struct waiting_one *one = &waiting->all[i];

		if (polls[i].revents && !one->whole) {
			one->whole = hello_whole(one->conn, polls[i].revents);
			if (one->whole)
				bytes_await(one->conn, 1);
		}
		if (!one->whole && one->until <= now)
			one_refuse(waiting, i, "no handshake: nothing whole came within 5 s");
	}
}

nanos waiting_due(const struct waiting *waiting)
{
	nanos due = NANOS_MAX;

	for (size_t i = 0; i < waiting->n; i++)
		if (!waiting->all[i].whole && waiting->all[i].until < due)
			due = waiting->all[i].until;
	return due;
}

bool waiting_ready(const struct waiting *waiting)
{
	for (size_t i = 0; i < waiting->n; i++)
		if (waiting->all[i].whole)
			return true;
	return false;
}

bool waiting_take(struct waiting *waiting, struct waiting_one *out)
{
	for (size_t i = 0; i < waiting->n; i++) {
		if (!waiting->all[i].whole)
			continue;
		*out = waiting->all[i];
		one_remove(waiting, i);
		return true;
	}
	return false;
}

void waiting_close(struct waiting *waiting)
{
	while (waiting->n)
		close(waiting->all[--waiting->n].conn);
}
