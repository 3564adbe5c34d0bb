/*
 * Socket calls on the DUT, at a case's word.
 */
#include "lab/inside.h"
#include "match/match.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* How long a call may take that has what it needs. */
#define CALL_WAIT sec(1)
/* A connect() goes on as long as the case does. */
#define CONNECT_WAIT sec(100000)
#define READ_MAX (1u << 19)

static void call_must(struct lab *lab, const struct agent_reply *reply, const char *what)
{
	if (!reply->error)
		return;
	exchange_rung(lab->exchange, NULL, RUNG_CALL, reply->ended, false, true, what, "success");
	exchange_break(lab->exchange, "%s on the DUT: want success, got %s", what,
		       error_name(reply->error));
}

int (dut_socket)(struct lab *lab)
{
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_SOCKET,
		.family = lab->net.family}, "socket()");

	if (reply.error)
		exchange_end(lab->exchange, VERDICT_ERROR, "socket(): %s", error_name(reply.error));
	return reply.socket;
}

/* How a call ended that may fail; in a rehearsal nobody knows. */
#define TRIED_MAX 40
static const char *tried(const struct lab *lab, int error, char out[TRIED_MAX])
{
	out[0] = '\0';
	if (!exchange_rehearsal(lab->exchange))
		snprintf(out, TRIED_MAX, " = %s", error_name(error));
	return out;
}

int bind_at(struct lab *lab, int socket, const struct address *address, uint16_t port, bool reuse)
{
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_BIND,
		.socket = socket, .local = *address, .local_port = port, .reuse = reuse}, "bind()");
	char words[TRIED_MAX];

	lab_rung(lab, NULL, false, reply.began, "bind(port %u%s)%s", port,
		 reuse ? ", SO_REUSEADDR" : "", tried(lab, reply.error, words));
	return reply.error;
}

int (dut_try_bind)(struct lab *lab, int socket, uint16_t port, bool reuse)
{
	return bind_at(lab, socket, &lab->net.dut_address, port, reuse);
}

int (dut_try_listen)(struct lab *lab, int socket, int backlog)
{
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_LISTEN,
		.socket = socket, .value = backlog}, "listen()");

	lab_rung(lab, NULL, false, reply.began, "listen(backlog %d) = %s", backlog,
		 error_name(reply.error));
	return reply.error;
}

void (dut_accept)(struct peer *p)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply;

	if (lab_blind(lab))
		return;
	reply = call(lab, &(struct agent_request){.verb = AGENT_ACCEPT, .socket = listener_of(p),
		.wait = CALL_WAIT}, "accept()");
	call_must(lab, &reply, "accept()");
	if (!exchange_rehearsal(lab->exchange) && reply.remote_port != peer_port(p))
		exchange_break(lab->exchange, "accept() gave the connection of port %u, not of %u",
			       reply.remote_port, peer_port(p));
	peer_set_socket(p, reply.socket);
	lab_rung(lab, p, false, reply.ended, "accept() = success");
}

void (dut_expect_no_accept)(struct peer *p)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply;
	char words[64];

	if (lab_blind(lab))
		return;
	reply = call(lab, &(struct agent_request){.verb = AGENT_ACCEPT, .socket = listener_of(p)},
		     "accept()");
	if (exchange_rehearsal(lab->exchange))
		reply.error = EAGAIN;
	snprintf(words, sizeof(words), "accept() = %s", error_name(reply.error));
	exchange_rung(lab->exchange, p, RUNG_CALL, reply.ended, false, reply.error != EAGAIN,
		      words, "accept() = EAGAIN");
	if (reply.error != EAGAIN)
		exchange_break(lab->exchange, "accept(): want EAGAIN, got %s",
			       error_name(reply.error));
}

static void connect_start(struct peer *p, const struct address *local, bool reuse)
{
	struct lab *lab = lab_of(p);
	int socket = (dut_socket)(lab);
	int error = bind_at(lab, socket, local, peer_dut_port(p), reuse);
	nanos now = exchange_now(lab->exchange);

	if (error)
		exchange_break(lab->exchange, "bind() to port %u: want success, got %s",
			       peer_dut_port(p), error_name(error));
	peer_set_socket(p, socket);
	peer_set_pending(p, call_start(lab, &(struct agent_request){.verb = AGENT_CONNECT,
		.socket = socket, .remote = lab->net.peer_address, .remote_port = peer_port(p),
		.wait = CONNECT_WAIT}));
	peer_set_connected(p, now);
	lab_rung(lab, p, true, now, "connect() starts");
}

/* The end of the started connect(): one that goes on for longer than wait breaks the claim. */
static struct agent_reply connect_end(struct peer *p, nanos wait, const char *want)
{
	struct lab *lab = lab_of(p);

	if (!call_ends(lab, peer_pending(p), wait, want)) {
		exchange_rung(lab->exchange, p, RUNG_CALL, exchange_now(lab->exchange), false, true,
			      "connect() goes on", want);
		exchange_break(lab->exchange, "want %s, and connect() goes on", want);
	}
	return call_finish(lab, peer_pending(p), 0, want);
}

void (dut_connect)(struct peer *p)
{
	connect_start(p, peer_dut_address(p), false);
}

void (dut_connect_unbound)(struct peer *p)
{
	connect_start(p, &(struct address){.family = peer_dut_address(p)->family}, false);
}

void (dut_connect_reuse)(struct peer *p)
{
	connect_start(p, peer_dut_address(p), true);
}

void (dut_expect_connected)(struct peer *p)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = connect_end(p, CALL_WAIT, "connect() = success");

	call_must(lab, &reply, "connect()");
	lab_rung(lab, p, false, reply.ended, "connect() = success");
}

void (dut_expect_connect_error)(struct peer *p, int error, struct window when)
{
	struct lab *lab = lab_of(p);
	struct window window = exchange_window(lab->exchange, when);
	struct match_report report = {.text = ""};
	char words[64], want[128], text_[WINDOW_TEXT_MAX];
	struct agent_reply reply;
	bool good;

	snprintf(want, sizeof(want), "connect() = %s %s", error_name(error),
		 window_text(window, text_));
	reply = connect_end(p, window.to, want);
	if (exchange_rehearsal(lab->exchange)) {
		reply.error = error;
		reply.began = peer_connected(p);
		reply.ended = reply.began + window.nominal;
		(peer_wait_until)(p, 0, reply.ended - peer_anchor(p, 0));
	}
	good = reply.error == error && match_time(window, reply.ended - reply.began, &report);
	snprintf(words, sizeof(words), "connect() = %s", error_name(reply.error));
	exchange_rung(lab->exchange, p, RUNG_CALL, reply.ended, false, !good, words, want);
	if (!good)
		exchange_break(lab->exchange, "want %s, got %s after %.3f s; %s", want, words,
			       (double)(reply.ended - reply.began) / 1e9, report.text);
}

int (dut_try_connect)(struct peer *p, int socket)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_CONNECT,
		.socket = socket, .remote = lab->net.peer_address, .remote_port = peer_port(p),
		.wait = CALL_WAIT}, "connect()");
	int error = reply.error == ETIMEDOUT ? EINPROGRESS : reply.error;
	char words[TRIED_MAX];

	peer_set_socket(p, socket);
	lab_rung(lab, p, true, reply.began, "connect()%s", tried(lab, error, words));
	return error;
}

int (dut_try_connect_to)(struct lab *lab, int socket, const char *address, uint16_t port)
{
	struct address remote;
	struct agent_reply reply;
	char words[TRIED_MAX];
	int error;

	if (address_parse(address, &remote) < 0)
		exchange_end(lab->exchange, VERDICT_ERROR, "'%s' is no address", address);
	reply = call(lab, &(struct agent_request){.verb = AGENT_CONNECT, .socket = socket,
		.remote = remote, .remote_port = port, .wait = CALL_WAIT}, "connect()");
	error = reply.error == ETIMEDOUT ? EINPROGRESS : reply.error;
	lab_rung(lab, NULL, false, reply.began, "connect(%s)%s", address,
		 tried(lab, error, words));
	return error;
}

int dut_socket_of(const struct peer *p)
{
	return peer_socket(p);
}

static struct agent_reply write_call(struct peer *p, struct bytes data)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_WRITE,
		.socket = peer_socket(p), .data = data, .wait = CALL_WAIT}, "write()");

	lab_rung(lab, p, true, reply.began, "write(%zu) = %s", data.len, error_name(reply.error));
	return reply;
}

void (dut_write)(struct peer *p, struct bytes data)
{
	struct agent_reply reply = write_call(p, data);

	call_must(lab_of(p), &reply, "write()");
}

int (dut_try_write)(struct peer *p, struct bytes data)
{
	return write_call(p, data).error;
}

static struct agent_reply read_call(struct peer *p, size_t size, nanos wait)
{
	return call(lab_of(p), &(struct agent_request){.verb = AGENT_READ,
		.socket = peer_socket(p), .size = size, .wait = wait}, "read()");
}

static void read_broken(struct peer *p, const struct agent_reply *reply, const char *want)
{
	struct lab *lab = lab_of(p);
	char words[64];

	if (reply->error)
		snprintf(words, sizeof(words), "read() = %s", error_name(reply->error));
	else
		snprintf(words, sizeof(words), "read() = %zu bytes", reply->data.len);
	exchange_rung(lab->exchange, p, RUNG_CALL, reply->ended, false, true, words, want);
	exchange_break(lab->exchange, "want %s, got %s", want, words);
}

void (dut_expect_read)(struct peer *p, struct bytes data)
{
	struct lab *lab = lab_of(p);
	size_t got = 0;
	struct agent_reply reply = {.ended = exchange_now(lab->exchange)};
	char want[64];

	if (lab_blind(lab))
		return;
	snprintf(want, sizeof(want), "read() of just %zu bytes", data.len);
	while (got < data.len && !exchange_rehearsal(lab->exchange)) {
		size_t left = data.len - got;

		reply = read_call(p, left < READ_MAX ? left : READ_MAX, CALL_WAIT);
		if (reply.error || !reply.data.len || reply.data.len > left)
			read_broken(p, &reply, want);
		if (memcmp(reply.data.at, (const char *)data.at + got, reply.data.len))
			exchange_break(lab->exchange,
				       "read() gave other bytes than were sent, among %zu from %zu",
				       reply.data.len, got);
		got += reply.data.len;
	}
	lab_rung(lab, p, false, reply.ended, "read() = %zu bytes, as sent", data.len);
}

void (dut_expect_eof)(struct peer *p)
{
	struct agent_reply reply;

	if (lab_blind(lab_of(p)))
		return;
	reply = read_call(p, 1, CALL_WAIT);
	if (reply.error || reply.data.len)
		read_broken(p, &reply, "read() = 0, the end");
	lab_rung(lab_of(p), p, false, reply.ended, "read() = 0, the end");
}

void (dut_expect_nothing_to_read)(struct peer *p)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply;

	if (lab_blind(lab))
		return;
	reply = read_call(p, 1, 0);
	if (!exchange_rehearsal(lab->exchange) && reply.error != EAGAIN)
		read_broken(p, &reply, "read() = EAGAIN");
	lab_rung(lab, p, false, reply.ended, "read() = EAGAIN");
}

void (dut_expect_read_error)(struct peer *p, int error)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply;
	char want[64];

	if (lab_blind(lab))
		return;
	reply = read_call(p, 1, CALL_WAIT);
	snprintf(want, sizeof(want), "read() = %s", error_name(error));
	if (!exchange_rehearsal(lab->exchange) && reply.error != error)
		read_broken(p, &reply, want);
	lab_rung(lab, p, false, reply.ended, "%s", want);
}

static void end_call(struct peer *p, enum agent_verb verb, const char *what)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = verb,
		.socket = peer_socket(p), .value = SHUT_WR}, what);

	call_must(lab, &reply, what);
	lab_rung(lab, p, true, reply.began, "%s", what);
}

void (dut_shutdown)(struct peer *p)
{
	end_call(p, AGENT_SHUTDOWN, "shutdown(SHUT_WR)");
}

void (dut_close)(struct peer *p)
{
	end_call(p, AGENT_CLOSE, "close()");
}

void (dut_abort)(struct peer *p)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_LINGER,
		.socket = peer_socket(p), .value = 1, .size = 0}, "setsockopt(SO_LINGER)");

	call_must(lab, &reply, "setsockopt(SO_LINGER)");
	lab_rung(lab, p, false, reply.began, "setsockopt(SO_LINGER, {1, 0})");
	end_call(p, AGENT_CLOSE, "close()");
}

void (dut_close_socket)(struct lab *lab, int socket)
{
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_CLOSE,
		.socket = socket}, "close()");

	call_must(lab, &reply, "close()");
	lab_rung(lab, NULL, false, reply.began, "close() of socket %d", socket);
}
