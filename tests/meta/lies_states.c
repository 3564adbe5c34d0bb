/*
 * States that are not so, and states at the wrong time.
 */
#include "lies.h"

#define ON(verb) (1u << (verb))
#define ON_STATES (ON(AGENT_STATE) | ON(AGENT_STATE_WAIT) | ON(AGENT_STATE_HOLD))

static void state_changed(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	if (reply->state != (enum state)lie->was)
		return;
	t->lied = true;
	reply->state = (enum state)lie->becomes;
}

/* The way of a connection, each state a step too far. */
static void state_ahead(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	static const enum state next[] = {
		[SYN_SENT] = ESTABLISHED, [SYN_RECEIVED] = ESTABLISHED, [ESTABLISHED] = CLOSE_WAIT,
		[FIN_WAIT_1] = FIN_WAIT_2, [FIN_WAIT_2] = TIME_WAIT, [CLOSE_WAIT] = LAST_ACK,
		[CLOSING] = TIME_WAIT, [LAST_ACK] = CLOSED, [TIME_WAIT] = CLOSED,
		[CLOSED] = STATE_NONE,
	};

	(void)lie;
	if (!next[reply->state])
		return;
	t->lied = true;
	reply->state = next[reply->state];
}

/* What has lasted so long since the case began has lasted by percent more. */
static void ended_by(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	nanos since = reply->ended - t->case_began;

	t->lied = since > 0;
	reply->ended += since / 100 * lie->becomes;
}

#define STATE(name_, breaks_, was_, becomes_)                                                      \
	{.name = (name_), .kind = BELIES_AGENT, .breaks = (breaks_), .verbs = ON_STATES,           \
	 .was = (was_), .becomes = (becomes_), .answer = state_changed}

const struct tale lies_of_states[] = {
	{.name = "state_ahead", .kind = BELIES_AGENT,
	 .breaks = "every state is one step further",
	 .verbs = ON_STATES, .answer = state_ahead},
	STATE("listen_as_closed", "a listener is CLOSED", LISTEN, CLOSED),
	STATE("syn_sent_as_closed", "SYN-SENT is CLOSED", SYN_SENT, CLOSED),
	STATE("syn_received_as_established", "SYN-RECEIVED is ESTABLISHED", SYN_RECEIVED,
	      ESTABLISHED),
	STATE("syn_received_as_closed", "SYN-RECEIVED is CLOSED: nothing is kept", SYN_RECEIVED,
	      CLOSED),
	STATE("established_as_syn_received", "ESTABLISHED is SYN-RECEIVED", ESTABLISHED,
	      SYN_RECEIVED),
	STATE("established_as_closed", "ESTABLISHED is CLOSED", ESTABLISHED, CLOSED),
	STATE("fin_wait_1_as_fin_wait_2", "FIN-WAIT-1 is FIN-WAIT-2", FIN_WAIT_1, FIN_WAIT_2),
	STATE("fin_wait_2_as_fin_wait_1", "FIN-WAIT-2 is FIN-WAIT-1", FIN_WAIT_2, FIN_WAIT_1),
	STATE("fin_wait_2_as_closed", "FIN-WAIT-2 is CLOSED", FIN_WAIT_2, CLOSED),
	STATE("close_wait_as_established", "CLOSE-WAIT is ESTABLISHED", CLOSE_WAIT, ESTABLISHED),
	STATE("closing_as_time_wait", "CLOSING is TIME-WAIT", CLOSING, TIME_WAIT),
	STATE("last_ack_as_closed", "LAST-ACK is CLOSED", LAST_ACK, CLOSED),
	STATE("time_wait_as_closed", "TIME-WAIT is CLOSED: it is left out", TIME_WAIT, CLOSED),
	STATE("closed_as_time_wait", "CLOSED is TIME-WAIT: it never ends", CLOSED, TIME_WAIT),
	STATE("closed_as_established", "CLOSED is ESTABLISHED: nothing ends it", CLOSED,
	      ESTABLISHED),
	{.name = "states_late", .kind = BELIES_AGENT,
	 .breaks = "states come 30 % later than they should",
	 .verbs = ON_STATES, .becomes = 30, .answer = ended_by},
	{.name = "states_early", .kind = BELIES_AGENT,
	 .breaks = "states come 30 % earlier than they should",
	 .verbs = ON_STATES, .becomes = -30, .answer = ended_by},
	{.name = "connect_late", .kind = BELIES_AGENT,
	 .breaks = "connect() ends 30 % later than it should",
	 .verbs = ON(AGENT_CONNECT), .becomes = 30, .answer = ended_by},
	{.name = "connect_early", .kind = BELIES_AGENT,
	 .breaks = "connect() ends 30 % earlier than it should",
	 .verbs = ON(AGENT_CONNECT), .becomes = -30, .answer = ended_by},
	{.name = NULL},
};
