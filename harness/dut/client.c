#include "dut/child.h"
#include "dut/client.h"
#include "dut/connect.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEND_LIMIT sec(1) /* how long the agent may leave a call unread */
#define CHUNK 16384

int agent_spawn(struct agent **out, int (*prepare)(void *arg, struct why *why), void *arg,
                struct why *why)
{
	struct agent *agent = calloc(1, sizeof(*agent));
	pid_t parent = getpid();
	int pair[2], error;

	if (!agent)
		return why_set(why, ENOMEM, "no memory");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		error = errno;
		free(agent);
		return why_set(why, error, "cannot make a socket pair: %s", strerror(error));
	}
	agent->fd = pair[0];
	agent->pid = fork();
	if (agent->pid == 0) {
		close(pair[0]);
		child_run(pair[1], parent, prepare, arg);
	}
	error = errno;
	close(pair[1]);
	if (agent->pid < 0) {
		agent->pid = 0;
		agent_free(agent);
		return why_set(why, error, "cannot fork the agent: %s", strerror(error));
	}
	*out = agent;
	return 0;
}

static void agent_reap(struct agent *agent)
{
	pid_t pid;

	if (agent->pid == 0)
		return;
	do
		pid = waitpid(agent->pid, &agent->status, 0);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		agent->status = -1;
	agent->pid = 0;
}

void agent_free(struct agent *agent)
{
	if (!agent)
		return;
	if (agent->pid)
		kill(agent->pid, SIGKILL);
	agent_reap(agent);
	if (agent->where)
		agent_leave(agent);
	else
		close(agent->fd);
	free(agent->where);
	agent_storage_free(&agent->storage);
	buffer_free(&agent->in);
	buffer_free(&agent->out);
	free(agent);
}

pid_t agent_pid(const struct agent *agent)
{
	return agent->pid;
}

int agent_fd(const struct agent *agent)
{
	return agent->fd;
}

/*
 * The agent closed its socket, which it does only by ending: so there is no waiting here. -EPIPE,
 * with how it ended.
 */
static int agent_end(struct agent *agent, struct why *why)
{
	if (agent->where)
		return why_set(why, EPIPE, "the agent at %s is gone: it closed the connection",
		               agent->where);
	agent_reap(agent);
	if (agent->status == -1)
		return why_set(why, EPIPE, "the agent died");
	if (WIFSIGNALED(agent->status))
		return why_set(why, EPIPE, "the agent died (signal %d)", WTERMSIG(agent->status));
	return why_set(why, EPIPE, "the agent died (exit status %d)", WEXITSTATUS(agent->status));
}

/* Send all of agent->out. -EPIPE, -ETIMEDOUT when the agent does not read, -errno. */
static int agent_send(struct agent *agent)
{
	nanos deadline = clock_monotonic() + SEND_LIMIT;
	size_t sent = 0;

	while (sent < agent->out.len) {
		ssize_t n = send(agent->fd, agent->out.at + sent, agent->out.len - sent,
		                 MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd room = {.fd = agent->fd, .events = POLLOUT};
		nanos left = deadline - clock_monotonic();

		if (n >= 0) {
			sent += (size_t)n;
			continue;
		}
		if (errno == EPIPE || errno == ECONNRESET)
			return -EPIPE;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (left <= 0)
			return -ETIMEDOUT;
		/* Only a long write() comes here: its bytes are more than the socket holds. */
		poll(&room, 1, (int)(left / ms(1)) + 1);
	}
	return 0;
}

int agent_call(struct agent *agent, const struct agent_request *request, uint32_t *id,
               struct why *why)
{
	uint32_t next = agent->newest == UINT32_MAX ? 1 : agent->newest + 1;
	nanos asked = clock_realtime();
	int error;

	if (agent->ended)
		return agent_end(agent, why);
	if (agent->broken)
		return why_set(why, EPIPE, "the agent is no longer understood");
	agent->out.len = 0;
	agent->out.failed = false;
	error = agent_request_encode(&agent->out, next, request);
	if (error)
		return why_set(why, -error, "the agent cannot be asked this: %s", strerror(-error));
	error = agent_send(agent);
	if (error == -EPIPE)
		return agent_end(agent, why);
	if (error) {
		agent->broken = true;
		return why_set(why, -error, "cannot send to the agent: %s", strerror(-error));
	}
	agent->newest = next;
	agent->open++;
	agent->asked = asked;
	*id = next;
	return 0;
}

/* Receive what is there: 1 when that is something, or 0. */
static int agent_receive(struct agent *agent)
{
	char chunk[CHUNK];
	ssize_t n = recv(agent->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

	if (n > 0) {
		buffer_put(&agent->in, chunk, (size_t)n);
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	agent->ended = true;
	return 0;
}

/* A remote clock's times become this machine's. */
static void agent_tell_time(struct agent *agent, struct agent_reply *reply)
{
	remote_clock_learn(&agent->clock, reply->id == agent->newest ? agent->asked : 0,
	                   reply->began, reply->ended, clock_realtime());
	reply->began = remote_clock_ours(&agent->clock, reply->began);
	reply->ended = remote_clock_ours(&agent->clock, reply->ended);
}

/* Next to us, a call is begun at once, or the machine has not let the agent run. */
static void agent_tell_delay(const struct agent *agent, struct agent_reply *reply)
{
	nanos delay = reply->began - agent->asked;

	if (reply->id && reply->id == agent->newest && delay > reply->late)
		reply->late = delay;
}

nanos agent_clock_error(const struct agent *agent)
{
	return remote_clock_error(&agent->clock);
}

bool agent_more(const struct agent *agent)
{
	return agent->in.len > agent->used;
}

/* A hello first, then an answer a call; only a complaint of the protocol comes besides. */
static void agent_count(struct agent *agent, const struct agent_reply *reply)
{
	bool first = !agent->greeted;

	agent->greeted = true;
	if (!reply->id) {
		agent->unasked = !first && !reply->error;
		return;
	}
	agent->unasked = reply->id > agent->newest || !agent->open;
	if (!agent->unasked)
		agent->open--;
}

bool agent_unasked(const struct agent *agent)
{
	return agent->unasked;
}

int agent_next(struct agent *agent, struct agent_reply *reply, struct why *why)
{
	agent_storage_free(&agent->storage);
	buffer_drop(&agent->in, agent->used);
	agent->used = 0;
	if (agent->broken)
		return why_set(why, EPROTO, "the agent is no longer understood");
	for (;;) {
		ssize_t n = 0;

		if (agent->in.failed)
			return why_set(why, ENOMEM, "no memory");
		if (agent->in.len)
			n = agent_reply_decode((const uint8_t *)agent->in.at, agent->in.len, reply,
			                       &agent->storage, why);
		if (n > 0) {
			agent->used = (size_t)n;
			agent_count(agent, reply);
			if (agent->where)
				agent_tell_time(agent, reply);
			else
				agent_tell_delay(agent, reply);
			return 1;
		}
		if (n < 0) {
			agent->broken = true;
			return (int)n;
		}
		if (agent->ended)
			return agent_end(agent, why);
		if (!agent_receive(agent) && !agent->ended)
			return 0;
	}
}
