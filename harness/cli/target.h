/*
 * The options of a run against a host, and the way there. Of the cli room only.
 */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "cli/cli.h"
#include "dut/dut.h"

enum {
	KEY_TARGET = 512,
	KEY_PORT,
	KEY_CLOSED_PORT,
	KEY_SERVICE,
	KEY_INTERFACE,
	KEY_SOURCE,
	KEY_RATE,
	KEY_INTRUSIVE,
	KEY_AGENT,
	KEY_TOKEN,
	KEY_PATH,
	KEY_NO_FILTER,
};

/* For a verb's table. */
#define OPTIONS_OF_TARGET                                                                          \
	{"target", KEY_TARGET, "ADDR", 0, "test this host, not this machine's kernel in labs", 0},\
	{"agent", KEY_AGENT, "ADDR:PORT", 0,                                                       \
	 "lastack agent listens there, on the host: socket calls become possible", 0},             \
	{"token", KEY_TOKEN, "FILE", 0, "the secret that the agent was started with", 0},          \
	{"port", KEY_PORT, "N", 0, "an open port there; with an agent none is needed", 0},         \
	{"closed-port", KEY_CLOSED_PORT, "N", 0, "a port there where nothing listens", 0},         \
	{"service", KEY_SERVICE, "KIND", 0,                                                        \
	 "what listens there: echo, discard, greet, http, silent (else found out)", 0},           \
	{"interface", KEY_INTERFACE, "IF", 0, "the wire (default: by route)", 0},                  \
	{"source", KEY_SOURCE, "ADDR|own", 0,                                                      \
	 "the peer's address (default: a free one of the subnet); own borrows this machine's", 0}, \
	{"path", KEY_PATH, "direct", 0,                                                            \
	 "no box is between: whatever is wrong is the host's, behind routers too", 0},             \
	{"no-filter", KEY_NO_FILTER, NULL, 0,                                                      \
	 "judge what a stateful filter on the host drops, too", 0},                                \
	{"rate", KEY_RATE, "N", 0, "segments a second at most (default: 1000)", 0},                \
	{"intrusive", KEY_INTRUSIVE, NULL, 0, "allow cases that fill the host's queues", 0}

struct target_options {
	const char *target, *interface, *source, *service, *agent, *token;
	struct agent_address agent_at;
	uint16_t port, closed_port;
	unsigned rate;
	bool intrusive, direct, no_filter;
	const char *first; /* the first of these options but --target, for a complaint */
};

/* Take the option of this key; ARGP_ERR_UNKNOWN for another's. */
error_t target_take(struct target_options *options, int key, char *arg, struct argp_state *state);
/* Append them as typed, for the command that runs a case again. */
void target_command(const struct target_options *options, struct buffer *command);

/* The way to the host, kept while the run goes on. */
struct target_way {
	struct link link;
	struct link_keeper *keeper;
	struct run_target run;
	char label[96];
	struct agent *agent; /* of the run itself; each case has a connection of its own */
	struct agent_address agent_at;
	struct agent_token token;
};

/*
 * Find the way, start the keeper, check the path, and say on stderr what was found. cases: how many
 * may run. over: the families wanted. 0, with run->target and run->over set; -errno with why.
 */
int target_reach(struct target_way *way, const struct target_options *options,
		 struct run_options *run, size_t cases, struct why *why);
/*
 * From target_agent.c. Read the token, where --agent is given: -EINVAL, -EIO. Then, with the link
 * found, reach the agent: run.reach and run.sysctls are set, and run.lab.port where it was 0, to
 * one that the agent listens on. -EIO with why.
 */
int target_token_read(struct target_way *way, const struct target_options *options,
		      struct why *why);
int target_agent_reach(struct target_way *way, const struct target_options *options,
		       struct why *why);
/* What may be open there is reset. */
void target_leave(struct target_way *way);

#endif
