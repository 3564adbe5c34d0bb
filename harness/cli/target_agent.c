/*
 * The agent of a run against a host: one connection of the run's own, and one for each case.
 */
#include "cli/target.h"
#include <errno.h>
#include <string.h>

#define REACH_WITHIN sec(5)
#define BACKLOG 128 /* of the port that the path is checked by */

int target_token_read(struct target_way *way, const struct target_options *options,
		      struct why *why)
{
	if (!options->agent && options->token)
		return why_set(why, EINVAL, "--token is for an agent: want --agent, too");
	if (!options->agent)
		return 0;
	if (!options->token)
		return why_set(why, EINVAL, "--agent wants the token that the agent was started "
			       "with, by --token FILE");
	/* Whatever is wrong with the file, it is not the command line. */
	return agent_token_read(&way->token, options->token, why) ? -EIO : 0;
}

/* In a case's process. */
static int case_reach(struct agent **out, void *arg, struct why *why)
{
	const struct target_way *way = arg;

	return agent_reach(out, &way->agent_at, &way->token, clock_monotonic() + REACH_WITHIN,
			   NULL, why);
}

static int agent_do(struct target_way *way, const struct agent_request *request,
		    const char *what, struct agent_reply *reply, struct why *why)
{
	int r = agent_ask(way->agent, request, clock_monotonic() + REACH_WITHIN, reply, why);
	char at[AGENT_ADDRESS_TEXT_MAX], target[ADDRESS_TEXT_MAX];

	if (r)
		return r;
	agent_address_text(&way->agent_at, at);
	address_text(&way->link.target, target);
	if (reply->error == EADDRNOTAVAIL)
		return why_set(why, EIO, "the agent at %s is not on the target: its host has no "
			       "address %s", at, target);
	if (reply->error)
		return why_set(why, EIO, "the agent at %s: %s: %s", at, what,
			       reply->why ? reply->why : strerror(reply->error));
	return 0;
}

/* A listener of the run's own: an open port to check the path by. */
static int agent_open_port(struct target_way *way, uint16_t *port, struct why *why)
{
	struct agent_request request = {.verb = AGENT_SOCKET, .family = way->link.target.family};
	struct agent_reply reply;
	int r = agent_do(way, &request, "socket()", &reply, why);

	if (r)
		return r;
	request = (struct agent_request){.verb = AGENT_BIND, .socket = reply.socket,
					 .local = way->link.target};
	r = agent_do(way, &request, "bind()", &reply, why);
	if (r)
		return r;
	*port = (uint16_t)reply.number;
	request.verb = AGENT_LISTEN;
	request.value = BACKLOG;
	return agent_do(way, &request, "listen()", &reply, why);
}

/*
 * Does the agent's host know the connection to the agent by the same addresses? A translator of
 * addresses makes it another one, and then no state of a connection can be asked for. An agent that
 * is reached at another address than the target's is behind a forwarder (ssh -L), whose connection
 * says nothing of the path.
 */
static int agent_sees_us(struct target_way *way, struct why *why)
{
	struct agent_request request = {.verb = AGENT_STATE, .family = way->agent_at.at.family,
					.local = way->agent_at.at,
					.local_port = way->agent_at.port};
	char at[AGENT_ADDRESS_TEXT_MAX], own_text[AGENT_ADDRESS_TEXT_MAX];
	struct agent_address own;
	struct agent_reply reply;
	int r;

	if (!address_equal(&way->agent_at.at, &way->link.target) ||
	    !agent_own_address(way->agent, &own))
		return 0;
	request.remote = own.at;
	request.remote_port = own.port;
	r = agent_do(way, &request, "the state of its connection", &reply, why);
	/* Any other state is the host's own, and for the cases to judge. */
	if (r || reply.state != CLOSED)
		return r;
	return why_set(why, EIO, "the host of the agent at %s does not know the connection to the "
		       "agent from %s: a translator of addresses is on the path. No state can be "
		       "asked for; test without --agent, by --port",
		       agent_address_text(&way->agent_at, at), agent_address_text(&own, own_text));
}

int target_agent_reach(struct target_way *way, const struct target_options *options,
		       struct why *why)
{
	uint16_t port = 0;
	int r;

	if (address_link_local(&way->link.target))
		return why_set(why, EINVAL, "--agent: a link-local address means another interface "
			       "there; want another address of the host as --target");
	way->agent_at = options->agent_at;
	r = agent_reach(&way->agent, &way->agent_at, &way->token,
			clock_monotonic() + REACH_WITHIN, &way->run.sysctls, why);
	if (!r)
		r = agent_open_port(way, &port, why);
	if (!r)
		r = agent_sees_us(way, why);
	if (r)
		return -EIO;
	if (!way->run.lab.port) {
		way->run.lab.port = port;
		way->run.lab.service = LAB_SILENT;
		way->run.lab.of_agent = true;
	}
	way->run.reach = case_reach;
	way->run.reach_arg = way;
	return 0;
}
