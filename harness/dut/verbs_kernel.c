/* The verbs that ask the kernel itself: states, queues, sysctls, counters. */
#include "dut/kernel.h"
#include "dut/server.h"
#include <errno.h>

/*
 * A state is asked for often while it is likely to come, and then less so: in the end at steps of a
 * 512th of what it has taken, which is 0.2 % of a timer.
 */
#define OFTEN ms(1)
#define OFTEN_UNTIL ms(100)
#define SELDOM ms(10)
#define HOLD_EVERY ms(20)
#define PART 512
#define BUSY_WAIT sec(2)

static int kernel_ask(struct server *server, struct call *call, struct agent_reply *reply,
                      struct diag_answer *answer, struct why *why)
{
	int error = server->diag ? 0 : diag_open(&server->diag, why);

	if (!error)
		error = diag_ask(server->diag, &call->request, answer, why);
	reply->ended = clock_realtime();
	return error;
}

static int ask_again(struct call *call, nanos often, nanos seldom)
{
	nanos now = clock_monotonic(), taken = now - call->start;

	if (taken < OFTEN_UNTIL)
		call->next = now + often;
	else
		call->next = now + (taken / PART > seldom ? taken / PART : seldom);
	return CALL_WAITS;
}

int attempt_state(struct server *server, struct call *call, struct agent_reply *reply,
                  struct why *why)
{
	struct diag_answer answer;
	int error = kernel_ask(server, call, reply, &answer, why);

	if (error)
		return error;
	reply->state = answer.state;
	reply->info = answer.info;
	return 0;
}

int attempt_state_wait(struct server *server, struct call *call, struct agent_reply *reply,
                       struct why *why)
{
	struct diag_answer answer;
	int error = kernel_ask(server, call, reply, &answer, why);

	if (error)
		return error;
	reply->state = answer.state;
	return answer.state == call->request.state ? 0 : ask_again(call, OFTEN, SELDOM);
}

int attempt_state_hold(struct server *server, struct call *call, struct agent_reply *reply,
                       struct why *why)
{
	struct diag_answer answer;
	int error = kernel_ask(server, call, reply, &answer, why);

	if (error)
		return error;
	reply->state = answer.state;
	return answer.state == call->request.state ? ask_again(call, HOLD_EVERY, HOLD_EVERY) : 0;
}

int attempt_queue_wait(struct server *server, struct call *call, struct agent_reply *reply,
                       struct why *why)
{
	struct diag_answer answer;
	int error = kernel_ask(server, call, reply, &answer, why);

	if (error)
		return error;
	if (answer.state != LISTEN)
		return why_set(why, ENOENT, "nothing listens there");
	reply->number = answer.queue;
	return answer.queue == call->request.size ? 0 : ask_again(call, OFTEN, SELDOM);
}

int attempt_sysctl_get(struct server *server, struct call *call, struct agent_reply *reply,
                       struct why *why)
{
	(void)server;
	return sysctl_get(call->request.text, &reply->number, why);
}

int attempt_sysctl_set(struct server *server, struct call *call, struct agent_reply *reply,
                       struct why *why)
{
	const struct leave *leave = server->leave;
	int error;

	(void)reply;
	if (!leave)
		return sysctl_set(call->request.text, call->request.number, why);
	error = leave->sysctl_set(leave->arg, call->request.text, call->request.number, why);
	if (error != -EBUSY)
		return error;
	/* Another case has it; one that has just ended gives it back at once. */
	call->deadline = call->start + BUSY_WAIT;
	call->next = clock_monotonic() + SELDOM;
	return CALL_WAITS;
}

int attempt_counter(struct server *server, struct call *call, struct agent_reply *reply,
                    struct why *why)
{
	(void)server;
	return counter_get(call->request.text, &reply->number, why);
}
