/*
 * An agent whose replies are mutated: lastack-agent, linked so that two functions of its server are
 * called by way of this file (ld's --wrap, which also names them). MUTATION in the environment
 * names the mutation, and COUNTER a file that holds how often it was applied; without MUTATION the
 * agent is honest.
 *
 * Each client has a process of its own, and so each case has its own memory of the mutation.
 */
#include "dut/server.h"
#include "lying_host/chosen.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_MAX 8192

static const struct tale *mutation;
static uint64_t *count;
static struct telling telling;
static struct asked calls[CALLS_MAX]; /* by id */

void __real_server_begin(struct server *server, uint32_t id, const struct agent_request *request);
void __wrap_server_begin(struct server *server, uint32_t id, const struct agent_request *request);
int __real_agent_reply_encode(struct buffer *out, const struct agent_reply *reply);
int __wrap_agent_reply_encode(struct buffer *out, const struct agent_reply *reply);

__attribute__((constructor)) static void choose(void)
{
	const char *name = getenv("MUTATION"), *path = getenv("COUNTER");

	if (!name || !path)
		return;
	mutation = mutation_find(name);
	count = counter_open(path);
	if (!count || !mutation) {
		fprintf(stderr, "lying agent: %s: %s\n", mutation ? path : name,
		        mutation ? strerror(errno) : "no such mutation");
		exit(1);
	}
}

void __wrap_server_begin(struct server *server, uint32_t id, const struct agent_request *request)
{
	if (!telling.case_began)
		telling.case_began = clock_realtime();
	if (id < CALLS_MAX)
		calls[id] = (struct asked){true, request->reuse, request->verb};
	__real_server_begin(server, id, request);
}

int __wrap_agent_reply_encode(struct buffer *out, const struct agent_reply *reply)
{
	struct agent_reply copy = *reply;

	if (!mutation || reply->id >= CALLS_MAX || !calls[reply->id].known)
		return __real_agent_reply_encode(out, reply);
	mutate_reply(mutation, &telling, &calls[reply->id], &copy);
	if (telling.lied)
		__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
	return __real_agent_reply_encode(out, telling.lied ? &copy : reply);
}
