/*
 * Calls to the agent: sent at once, answered while the wire goes on being heard.
 */
#include "lab/inside.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An agent answers a call that does not wait well within this. */
#define ANSWER_AFTER sec(3)
/* It may be as late as that, as our own side may be, and what cases judge leaves room for it. */
#define AGENT_LATE ms(50)

const char *error_name(int error)
{
	const char *name = error ? strerrorname_np(error) : "success";

	return name ? name : "an unknown error";
}

static int answer_keep(struct lab *lab, const struct agent_reply *reply, struct why *why)
{
	size_t n = reply->data.len;
	struct answer *kept = calloc(1, sizeof(*kept) + n + 1);

	if (!kept)
		return why_set(why, ENOMEM, "out of memory");
	if (reply->late > AGENT_LATE)
		exchange_stall(lab->exchange, reply->late, "the agent");
	kept->reply = *reply;
	kept->reply.why = NULL;
	kept->reply.data.at = kept + 1;
	if (n)
		memcpy(kept + 1, reply->data.at, n);
	if (lab->liar && lab->liar->answer)
		(lab->liar->answer)(lab->liar->arg, &kept->reply);
	kept->next = lab->answers;
	lab->answers = kept;
	/* The agent says why it refuses; a socket's own EPROTO has no words with it. */
	if (reply->error == EPROTO && reply->why)
		return why_set(why, EPROTO, "the agent refused a call: %s", reply->why);
	return 0;
}

int lab_hear_agent(void *arg, struct why *why)
{
	struct lab *lab = arg;
	struct agent_reply reply;
	int got, r = 0;

	do {
		got = agent_next(lab->agent, &reply, why);
		if (got > 0 && agent_unasked(lab->agent))
			r = why_set(why, EPROTO, "the agent answered a call that was not made");
		else if (got > 0)
			r = answer_keep(lab, &reply, why);
	} while (got > 0 && !r && agent_more(lab->agent));
	return r ? r : got;
}

void lab_rung(struct lab *lab, struct peer *p, bool anchor, nanos time, const char *format, ...)
{
	char words[256];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	exchange_rung(lab->exchange, p, RUNG_CALL, time, anchor, false, words, NULL);
}

uint32_t call_start(struct lab *lab, const struct agent_request *request)
{
	struct why why;
	uint32_t id = 0;

	if (exchange_rehearsal(lab->exchange))
		return 1;
	if (lab_blind(lab))
		exchange_end(lab->exchange, VERDICT_SKIP,
			     "needs socket calls on the DUT, and there is no agent");
	if (agent_call(lab->agent, request, &id, &why))
		exchange_end(lab->exchange, VERDICT_ERROR, "%s", why.text);
	if (lab->liar && lab->liar->asked)
		(lab->liar->asked)(lab->liar->arg, id, request);
	return id;
}

struct awaited {
	struct lab *lab;
	uint32_t id;
};

static bool call_answered(void *arg)
{
	const struct awaited *awaited = arg;

	for (struct answer *a = awaited->lab->answers; a; a = a->next)
		if (a->reply.id == awaited->id)
			return true;
	return false;
}

bool call_ends(struct lab *lab, uint32_t id, nanos wait, const char *what)
{
	struct awaited awaited = {lab, id};
	nanos now = clock_monotonic();
	nanos deadline = wait > NANOS_MAX - now - ANSWER_AFTER ? NANOS_MAX
							       : now + wait + ANSWER_AFTER;

	return exchange_wait(lab->exchange, call_answered, &awaited, deadline, what);
}

struct agent_reply call_finish(struct lab *lab, uint32_t id, nanos wait, const char *what)
{
	if (exchange_rehearsal(lab->exchange))
		return (struct agent_reply){.id = id, .socket = 1,
			.began = exchange_now(lab->exchange), .ended = exchange_now(lab->exchange)};
	if (!call_ends(lab, id, wait, what))
		exchange_end_unreached(lab->exchange, what);
	for (struct answer **at = &lab->answers; *at; at = &(*at)->next) {
		struct answer *answer = *at;

		if (answer->reply.id != id)
			continue;
		*at = answer->next;
		/* The answer's data goes on living: a case is short. */
		exchange_could(lab->exchange, answer->reply.ended + lab_way(lab));
		return answer->reply;
	}
	exchange_end(lab->exchange, VERDICT_ERROR, "an answer of the agent was lost: %s", what);
}

struct agent_reply call(struct lab *lab, const struct agent_request *request, const char *what)
{
	return call_finish(lab, call_start(lab, request), request->wait, what);
}
