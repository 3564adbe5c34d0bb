/*
 * The keeper's process, and what it shares with those whose peer's address it keeps.
 */
#include "link/inside.h"
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORTS 65536
/* The keeper's two descriptors, and where there is room meanwhile. */
#define KEPT 3
#define KEPT_HIGH 16
/* How long a keeper that does not run is waited for when it is to stop. */
#define STOP_MS 2000

/* A connection that may be open; each port is one process's, and is read when that has ended. */
struct noted {
	bool open;
	uint16_t to;
	uint32_t next, acked;
};

/* In memory that all processes see; the pages of ports that nobody uses are never there. */
struct shared {
	_Atomic nanos turn; /* the next one, monotonic */
	nanos every;	    /* between two turns; 0: no limit */
	atomic_bool contested;
	struct noted noted[PORTS];
};

struct link_keeper {
	pid_t pid;
	int fd; /* the keeper ends when the last copy of this is closed */
	int ether; /* the link's, until the keeper has taken it over; -1 then */
	struct shared *shared;
};

static void reset_send(struct ether *ether, uint16_t port, uint16_t to, uint32_t seq)
{
	const struct link *link = ether->link;
	struct packet packet = {.kind = PACKET_TCP,
				.source_mac = link->own_mac,
				.dest_mac = link->next_mac,
				.source = link->source,
				.dest = link->target,
				.ttl = 64,
				.dont_fragment = true};

	packet.tcp = (struct packet_tcp){
		.source_port = port, .dest_port = to, .seq = seq, .flags = RST};
	/* Nobody is left who could do more about one that does not go out. */
	ether_send(ether, &packet, NULL);
}

/* At the rate of the run, but for what stands in a queue of processes that are gone. */
static void resets_send(struct ether *ether, const struct shared *shared)
{
	const struct timespec pace = clock_timespec(shared->every);

	for (unsigned port = 0; port < PORTS; port++) {
		const struct noted *noted = &shared->noted[port];

		if (!noted->open)
			continue;
		nanosleep(&pace, NULL);
		reset_send(ether, (uint16_t)port, noted->to, noted->next);
		if (noted->acked != noted->next)
			reset_send(ether, (uint16_t)port, noted->to, noted->acked);
	}
}

/* Does somebody have the address already? */
static int source_ask(struct ether *ether, struct why *why)
{
	const struct link *link = ether->link;
	char words[ADDRESS_TEXT_MAX];
	struct mac mac;
	int r;

	if (!link->patience)
		return 0;
	r = ether_ask(ether, &link->source, NULL, SOURCE_PROBES, link->patience, &mac, why);
	if (r <= 0)
		return r;
	return why_set(why, EADDRINUSE, "somebody on '%s' has the address %s already",
		       link->interface, address_text(&link->source, words));
}

static void keep(struct ether *ether, struct shared *shared, int fd)
{
	for (;;) {
		struct pollfd ready[2] = {{.fd = fd, .events = POLLIN},
					  {.fd = ether->fd, .events = POLLIN}};
		struct packet packet;
		struct why why;

		if (poll(ready, 2, -1) < 0 && errno != EINTR)
			return;
		/* The end is looked for before each frame: a flood must not keep us from it. */
		if (ready[0].revents)
			return;
		if (ether_next(ether, &packet, 0, &why) <= 0)
			continue;
		/* Of a borrowed address this machine's kernel says so. */
		if (!ether->link->borrowed && ether_contested(ether, &packet))
			atomic_store(&shared->contested, true);
		ether_answer(ether, &packet, &why);
	}
}

/* Nothing of what comes with a terminal ends the keeper; its parent's end does. */
static void signals_leave(void)
{
	static const int left[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};
	sigset_t none;

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		signal(left[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Nothing is answered any more. Whoever waits in link_keeper_stop() is told so: at once, or where
 * the address is borrowed when its ports and the table are given back, which is after the resets.
 */
static void keeper_end(const struct link *link, struct ether *ether, const struct shared *shared,
		       int fd)
{
	const char done = 1;

	if (link->borrowed) {
		resets_send(ether, shared);
		close_range(KEPT + 2, ~0u, 0);
	}
	send(fd, &done, sizeof(done), MSG_NOSIGNAL);
	if (!link->borrowed)
		resets_send(ether, shared);
}

static _Noreturn void keeper_run(const struct link *link, struct shared *shared, int fd)
{
	struct ether ether = {.link = link};
	struct why why = {.text = ""};
	struct {
		int error;
		struct why why;
	} ready = {.error = 0};
	int r = 0;

	signals_leave();
	/* Of the descriptors of its parent it keeps two, or a pipe's reader would wait for it. */
	ether.fd = fcntl(link->fd, F_DUPFD_CLOEXEC, KEPT_HIGH);
	if (ether.fd < 0 || dup2(fd, KEPT) < 0 || dup2(ether.fd, KEPT + 1) < 0 ||
	    close_range(KEPT + 2, ~0u, 0) || close_range(0, KEPT - 1, 0))
		r = -errno;
	/* What a library prints must go to no descriptor of ours. */
	process_prepare();
	fd = KEPT;
	ether.fd = KEPT + 1;
	if (!r && link->borrowed)
		r = guard_hold(link, &why);
	if (!r)
		r = source_ask(&ether, &why);
	ready.error = r;
	ready.why = why;
	capng_clear(CAPNG_SELECT_BOTH);
	capng_apply(CAPNG_SELECT_BOTH);
	if (send(fd, &ready, sizeof(ready), MSG_NOSIGNAL) != (ssize_t)sizeof(ready) || r)
		_exit(1);
	keep(&ether, shared, fd);
	keeper_end(link, &ether, shared, fd);
	_exit(0);
}

int link_keep_await(struct link_keeper *keeper, struct why *why)
{
	struct {
		int error;
		struct why why;
	} ready;
	ssize_t n;

	do
		n = recv(keeper->fd, &ready, sizeof(ready), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(ready))
		return why_set(why, EIO, "the keeper of the peer's address did not start");
	if (ready.error)
		return why_set(why, -ready.error, "%s", ready.why.text);
	/* The keeper's own copy is there by now: this close waits for nothing. */
	close(keeper->ether);
	keeper->ether = -1;
	return 0;
}

int link_keep_start(struct link_keeper **out, const struct link *link, struct why *why)
{
	struct link_keeper *keeper = calloc(1, sizeof(*keeper));
	int pair[2] = {-1, -1}, r = 0;
	void *shared;

	if (!keeper)
		return why_set(why, ENOMEM, "out of memory");
	keeper->fd = -1;
	keeper->ether = link->fd;
	shared = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		r = why_set(why, errno, "out of memory");
		goto out;
	}
	keeper->shared = shared;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		r = why_set(why, errno, "socketpair: %s", strerror(errno));
		goto out;
	}
	keeper->pid = fork();
	if (!keeper->pid)
		keeper_run(link, keeper->shared, pair[1]);
	keeper->fd = pair[0];
	close(pair[1]);
	if (keeper->pid < 0)
		r = why_set(why, errno, "fork: %s", strerror(errno));
	if (!r)
		*out = keeper;
out:
	if (r)
		link_keeper_free(keeper);
	return r;
}

int link_keep(struct link_keeper **out, const struct link *link, struct why *why)
{
	struct link_keeper *keeper = NULL;
	int r = link_keep_start(&keeper, link, why);

	if (!r)
		r = link_keep_await(keeper, why);
	if (!r)
		*out = keeper;
	else
		link_keeper_free(keeper);
	return r;
}

void link_keeper_stop(struct link_keeper *keeper)
{
	struct pollfd ready = {.fd = keeper->fd, .events = POLLIN};

	/* Other processes may have the descriptor, too: this ends it for all of them. */
	if (!shutdown(keeper->fd, SHUT_WR))
		poll(&ready, 1, STOP_MS);
}

void link_keeper_free(struct link_keeper *keeper)
{
	if (!keeper)
		return;
	if (keeper->fd >= 0)
		close(keeper->fd);
	while (keeper->pid > 0 && waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (keeper->shared)
		munmap(keeper->shared, sizeof(*keeper->shared));
	free(keeper);
}

void link_note(struct link_keeper *keeper, uint16_t port, uint16_t to, uint32_t next,
	       uint32_t acked)
{
	keeper->shared->noted[port] =
		(struct noted){.open = true, .to = to, .next = next, .acked = acked};
}

void link_note_closed(struct link_keeper *keeper, uint16_t port)
{
	keeper->shared->noted[port].open = false;
}

bool link_contested(const struct link_keeper *keeper)
{
	return atomic_load(&keeper->shared->contested);
}

void link_set_rate(struct link_keeper *keeper, unsigned rate)
{
	keeper->shared->every = rate ? sec(1) / (nanos)rate : 0;
}

unsigned link_rate(const struct link_keeper *keeper)
{
	const nanos every = keeper->shared->every;

	return every ? (unsigned)(sec(1) / every) : 0;
}

nanos link_turn(struct link_keeper *keeper)
{
	struct shared *shared = keeper->shared;
	nanos now = clock_monotonic(), turn = atomic_load(&shared->turn), mine;

	if (!shared->every)
		return now;
	do
		mine = turn > now ? turn : now;
	while (!atomic_compare_exchange_weak(&shared->turn, &turn, mine + shared->every));
	return mine;
}
