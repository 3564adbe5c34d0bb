/*
 * Socket calls that answer what is not so.
 */
#include "lies.h"
#include <errno.h>
#include <string.h>

#define ON(verb) (1u << (verb))
#define ON_ANY ((1u << AGENT_VERBS) - 1)

/* An errno becomes another. */
static void error_changed(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	if (reply->error != lie->was)
		return;
	t->lied = true;
	reply->error = lie->becomes;
}

/* Not a listener's, which the lab binds with SO_REUSEADDR: without it there is no case. */
static void bind_refused(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	if (!t->reuse)
		error_changed(lie, t, reply);
}

static void accept_other(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	(void)lie;
	if (reply->error)
		return;
	t->lied = true;
	reply->remote_port ^= 1;
}

static bool is_read(const struct agent_reply *reply)
{
	return !reply->error && reply->data.len;
}

static void read_changed(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	size_t n = reply->data.len;

	(void)lie;
	if (!is_read(reply) || n > sizeof(t->data))
		return;
	memcpy(t->data, reply->data.at, n);
	t->data[n - 1] ^= 1;
	reply->data.at = t->data;
	t->lied = true;
}

/* The last byte is swallowed. */
static void read_short(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	(void)lie;
	if (!is_read(reply))
		return;
	t->lied = true;
	reply->data.len--;
	reply->number--;
}

/* What was read comes once more, where nothing more is to come. */
static void read_again(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	(void)lie;
	if (is_read(reply) && reply->data.len <= sizeof(t->data)) {
		t->len = reply->data.len;
		memcpy(t->data, reply->data.at, t->len);
		return;
	}
	if (is_read(reply) || !t->len || (reply->error && reply->error != EAGAIN))
		return;
	t->lied = true;
	reply->error = 0;
	reply->data = (struct bytes){t->data, t->len};
	reply->number = (int64_t)t->len;
}

static void read_ends(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	(void)lie;
	if (!is_read(reply))
		return;
	t->lied = true;
	reply->data.len = 0;
	reply->number = 0;
}

static void end_missing(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	if (reply->error || reply->data.len)
		return;
	t->lied = true;
	reply->error = lie->becomes;
}

/* A number, one too high. */
static void number_more(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	(void)lie;
	if (reply->error)
		return;
	t->lied = true;
	reply->number++;
}

static void info_wrong(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	(void)lie;
	if (reply->error)
		return;
	t->lied = true;
	reply->info.rto = reply->info.rto * 13 / 10;
	reply->info.retransmits++;
	reply->info.snd_mss++;
	reply->info.timestamps = !reply->info.timestamps;
	reply->info.sack = !reply->info.sack;
}

const struct tale lies_of_calls[] = {
	{.name = "accept_gives_nothing", .kind = BELIES_AGENT,
	 .breaks = "accept() does not give what is there",
	 .verbs = ON(AGENT_ACCEPT), .was = 0, .becomes = EAGAIN, .answer = error_changed},
	{.name = "accept_out_of_nothing", .kind = BELIES_AGENT,
	 .breaks = "accept() gives what is not there",
	 .verbs = ON(AGENT_ACCEPT), .was = EAGAIN, .becomes = 0, .answer = error_changed},
	{.name = "accept_of_another", .kind = BELIES_AGENT,
	 .breaks = "accept() gives another connection",
	 .verbs = ON(AGENT_ACCEPT), .answer = accept_other},
	{.name = "connect_refused", .kind = BELIES_AGENT,
	 .breaks = "a connect() that succeeds is refused",
	 .verbs = ON(AGENT_CONNECT), .was = 0, .becomes = ECONNREFUSED, .answer = error_changed},
	{.name = "refused_as_connected", .kind = BELIES_AGENT,
	 .breaks = "a connect() that is refused succeeds",
	 .verbs = ON(AGENT_CONNECT), .was = ECONNREFUSED, .becomes = 0, .answer = error_changed},
	{.name = "refused_as_timed_out", .kind = BELIES_AGENT,
	 .breaks = "ECONNREFUSED is ETIMEDOUT",
	 .verbs = ON(AGENT_CONNECT), .was = ECONNREFUSED, .becomes = ETIMEDOUT,
	 .answer = error_changed},
	{.name = "timed_out_as_refused", .kind = BELIES_AGENT,
	 .breaks = "ETIMEDOUT is ECONNREFUSED",
	 .verbs = ON(AGENT_CONNECT) | ON(AGENT_READ), .was = ETIMEDOUT, .becomes = ECONNREFUSED,
	 .answer = error_changed},
	{.name = "not_available_as_success", .kind = BELIES_AGENT,
	 .breaks = "EADDRNOTAVAIL is success",
	 .verbs = ON(AGENT_CONNECT), .was = EADDRNOTAVAIL, .becomes = 0, .answer = error_changed},
	{.name = "in_use_as_success", .kind = BELIES_AGENT,
	 .breaks = "EADDRINUSE is success",
	 .verbs = ON_ANY, .was = EADDRINUSE, .becomes = 0, .answer = error_changed},
	{.name = "bind_refused", .kind = BELIES_AGENT,
	 .breaks = "bind() to a free port is EADDRINUSE",
	 .verbs = ON(AGENT_BIND), .was = 0, .becomes = EADDRINUSE, .answer = bind_refused},
	{.name = "reset_as_broken_pipe", .kind = BELIES_AGENT,
	 .breaks = "ECONNRESET is EPIPE",
	 .verbs = ON(AGENT_READ) | ON(AGENT_WRITE) | ON(AGENT_CONNECT), .was = ECONNRESET,
	 .becomes = EPIPE, .answer = error_changed},
	{.name = "reset_as_end", .kind = BELIES_AGENT,
	 .breaks = "read() after a reset gives the end, not ECONNRESET",
	 .verbs = ON(AGENT_READ), .was = ECONNRESET, .becomes = 0, .answer = error_changed},
	{.name = "broken_pipe_as_success", .kind = BELIES_AGENT,
	 .breaks = "write() after the end succeeds, not EPIPE",
	 .verbs = ON(AGENT_WRITE), .was = EPIPE, .becomes = 0, .answer = error_changed},
	{.name = "write_fails", .kind = BELIES_AGENT,
	 .breaks = "a write() that succeeds is EPIPE",
	 .verbs = ON(AGENT_WRITE), .was = 0, .becomes = EPIPE, .answer = error_changed},

	{.name = "read_changed", .kind = BELIES_AGENT,
	 .breaks = "read() gives another last byte",
	 .verbs = ON(AGENT_READ), .answer = read_changed},
	{.name = "read_short", .kind = BELIES_AGENT,
	 .breaks = "read() swallows the last byte",
	 .verbs = ON(AGENT_READ), .answer = read_short},
	{.name = "read_again", .kind = BELIES_AGENT,
	 .breaks = "read() gives the same bytes a second time",
	 .verbs = ON(AGENT_READ), .answer = read_again},
	{.name = "read_ends", .kind = BELIES_AGENT,
	 .breaks = "read() gives the end where data is",
	 .verbs = ON(AGENT_READ), .answer = read_ends},
	{.name = "end_missing", .kind = BELIES_AGENT,
	 .breaks = "read() has nothing where the end is",
	 .verbs = ON(AGENT_READ), .becomes = EAGAIN, .answer = end_missing},
	{.name = "nothing_as_end", .kind = BELIES_AGENT,
	 .breaks = "read() gives the end where nothing is",
	 .verbs = ON(AGENT_READ), .was = EAGAIN, .becomes = 0, .answer = error_changed},

	{.name = "queue_longer", .kind = BELIES_AGENT,
	 .breaks = "the accept queue holds one more",
	 .verbs = ON(AGENT_QUEUE_WAIT), .answer = number_more},
	{.name = "info_wrong", .kind = BELIES_AGENT,
	 .breaks = "TCP_INFO tells another timeout, MSS and other options",
	 .verbs = ON(AGENT_INFO), .answer = info_wrong},
	{.name = NULL},
};
