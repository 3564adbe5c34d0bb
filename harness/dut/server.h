/*
 * The agent's serving side: its sockets, the calls that wait, and what each verb does. Private to
 * the room.
 */
#ifndef DUT_SERVER_H
#define DUT_SERVER_H

#include "dut/diag.h"
#include "dut/dut.h"

struct call {
	uint32_t id;
	struct agent_request request;
	int fd;         /* of its socket */
	nanos began;    /* real time before the first attempt */
	nanos start;    /* monotonic, as are the next two */
	nanos deadline;
	nanos next;     /* ask again then; NANOS_MAX: only when the descriptor is ready */
	nanos late;     /* how late it was tried again at worst */
	size_t done;    /* bytes written */
	bool started;   /* connect() was called */
	bool over;      /* it has its answer */
	void *held;     /* a copy of the request's data or text, once the call waits */
};

struct server {
	int fd;
	struct buffer in, out;
	bool stopped; /* messages are left in in until the other side reads its replies */
	int sockets[AGENT_SOCKETS_MAX]; /* descriptor + 1 of socket index + 1; 0: none */
	int newest;                     /* index of the last one made */
	struct call *calls;             /* those that wait, oldest first */
	size_t n, cap;
	struct pollfd *polls; /* of fd, then of each call */
	size_t polls_cap;
	size_t held;      /* bytes that calls hold */
	uint8_t *scratch; /* what a read() got */
	size_t scratch_size;
	struct diag *diag; /* opened by the first question */
	const struct leave *leave;
};

/* What an agent over TCP may do, and who sets sysctls for it. -EBUSY: not now, but soon perhaps. */
struct leave {
	size_t held_max; /* bytes that its calls may hold */
	int (*sysctl_set)(void *arg, const char *name, int64_t value, struct why *why);
	void *arg;
};
/* agent_serve(), with leave; NULL: what the process itself may do. */
int server_run(int fd, const struct leave *leave, struct why *why);

/* A new number for this descriptor, or -ENFILE; then it is closed. */
int server_add_socket(struct server *server, int fd);
/* Close it, and answer the calls that wait on it with EBADF. 0, -errno of close(). */
int server_close_socket(struct server *server, int socket);

/* Do a call, or begin to. It is answered, or kept among the calls that wait. */
void server_begin(struct server *server, uint32_t id, const struct agent_request *request);
/* The events of poll() on its socket that make another attempt worth it. */
short call_events(const struct call *call);
/* Try again the calls that polls says are ready, and those that are due. */
void server_retry(struct server *server);
/* Take out the calls that have their answer. */
void server_sweep(struct server *server);
/* Forget all calls and close all sockets. */
void server_drop(struct server *server);

/*
 * A verb's attempt: 0 when it is done, -errno when it failed, CALL_WAITS when it is to be tried
 * again. What it knows goes into reply in each case; data in a reply is the server's. why comes
 * empty, and is set where it says more than the errno.
 */
#define CALL_WAITS 1
typedef int call_attempt(struct server *server, struct call *call, struct agent_reply *reply,
                         struct why *why);

call_attempt attempt_socket, attempt_bind, attempt_listen, attempt_accept, attempt_connect;
call_attempt attempt_read, attempt_write, attempt_shutdown, attempt_close, attempt_poll;
call_attempt attempt_setsockopt, attempt_linger, attempt_getsockopt, attempt_info;
call_attempt attempt_state, attempt_state_wait, attempt_state_hold, attempt_queue_wait;
call_attempt attempt_sysctl_get, attempt_sysctl_set, attempt_counter;
call_attempt attempt_urgent, attempt_mark;

/* Have SIGURG wait until attempt_urgent() takes it, and be told of this descriptor's. */
void urgent_begin(void);
void urgent_watch(int fd);

#endif
