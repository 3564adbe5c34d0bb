/*
 * The verb probe: what was typed, and the two things that it does. Of the cli room only.
 */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "cli/cli.h"
#include "lab/lab.h"
#include "link/link.h"
#include "probe/probe.h"
#include "verdict/verdict.h"

struct probe_input {
	struct parsing parsing; /* must be first */
	struct crafted crafted;
	bool flags_set, segment_set; /* a flag was typed; anything of the segment was */
	struct buffer data;
	const char *play_text;	 /* as typed; NULL: none */
	struct buffer play_file; /* where it came from a file */
	struct play play;
	bool has_expect, handshake, leave, quiet, verbose, absolute, json;
	struct expectation expect;
	const char *target_text; /* NULL: none */
	struct probe_target target;
	uint16_t lab_port; /* 0: not in a lab */
	struct lab_sysctl sysctls[16];
	size_t sysctl_count;
	uint8_t family; /* 0: as the target says */
	unsigned count;
	nanos interval, timeout, listen;
	bool interval_set;
	uint16_t source_port;
	const char *source, *interface, *capture;
	uint64_t seed;
};

enum probe_key {
	KEY_FLAGS = 256 /* those without a letter */,
	KEY_SEQ,
	KEY_ACK,
	KEY_WINDOW,
	KEY_URGENT,
	KEY_OPTION,
	KEY_DATA,
	KEY_TTL,
	KEY_TOS,
	KEY_DF,
	KEY_NO_DF,
	KEY_ID,
	KEY_FLOW_LABEL,
	KEY_BAD_CHECKSUM,
	KEY_CHECKSUM,
	KEY_DATA_OFFSET,
	KEY_RESERVED,
	KEY_FRAGMENT,
	KEY_IP_OPTION,
	KEY_IP_LENGTH,
	KEY_BAD_IP_CHECKSUM,
	KEY_SOURCE,
	KEY_JSON,
	KEY_SEED,
	KEY_LISTEN,
	KEY_PLAY,
	KEY_HANDSHAKE,
	KEY_LEAVE,
	KEY_EXPECT,
	KEY_LAB,
	KEY_SYSCTL,
	KEY_ABSOLUTE,
};

/*
 * A segment's field, or ARGP_ERR_UNKNOWN for what is none. The error is told.
 */
error_t probe_field(int key, char *arg, struct argp_state *state);
/* Tell why where r is not 0. */
error_t probe_told(struct argp_state *state, int r, const struct why *why);
error_t probe_number(struct argp_state *state, const char *what, const char *arg, uint32_t max,
		     uint32_t *out);
/*
 * The whole of a file, for "@FILE"; "-" is standard input. name is how an error calls it. -errno
 * with why.
 */
int probe_file(const char *path, const char **name, struct buffer *out, struct why *why);

/* True: go on. False: the verb is done, with *status. What it owns is freed in any case. */
bool probe_options(struct probe_input *input, int argc, char **argv, int *status);
void probe_input_free(struct probe_input *input);

/* What is open while the verb works: a lab's kernel, or the way to a host. */
struct probe_world {
	const struct probe_input *input;
	struct lab *lab; /* at a host, one that holds no more than its wire */
	struct link link;
	struct lab_target way;
	struct link_keeper *keeper; /* NULL: in a lab */
	uint16_t port_low, port_high; /* where fresh source ports are from */
	struct ladder *ladder;
	char target[PROBE_HOST_MAX + 16]; /* in words */
	nanos began;			  /* of the ladder */
	bool missing;			  /* the last thing that was broken is a silence */
	bool icmp; /* an ICMP error about a segment of ours came */
	unsigned rungs;
	int interrupted; /* readable where the user has had enough; -1: none */
	uint16_t port;	 /* of the conversation; 0: there is none */
	bool left;	 /* and its connection is closed, or to be left open */
};
/* -errno with why. What it opens is left to the process's end. */
int probe_world_open(struct probe_world *world, struct why *why);
/* Finish the capture, and ask whether what was heard can be believed. -errno with why. */
int probe_world_finish(struct probe_world *world, struct why *why);

/* The peer of a conversation, with its port noted. */
struct peer *probe_peer(struct probe_world *world);
/* The status that a signal has for its end: 128 and its number. */
int probe_interrupt_status(const struct probe_world *world);
/* End a conversation when a signal comes. */
void probe_watch(struct probe_world *world);

/* Reset a conversation's connection, unless it is closed or to be left. */
void probe_leave(struct probe_world *world);
/* Ends the process: with the status at once, while a child closes what takes long to close. */
void probe_exit(struct probe_world *world, int status) __attribute__((noreturn));
/* The observer of a conversation, whose verdict ends the process. */
struct observer probe_observer(struct probe_world *world);
/* Draw what the conversation was, or with --json nothing: each rung was a line. */
void probe_ladder_print(const struct probe_world *world);
/* The last line: how it ended. */
void probe_ending_print(const struct probe_world *world, const char *how, const char *message);

#endif
