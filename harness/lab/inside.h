/*
 * The inside of the lab room: what its files share.
 */
#ifndef LAB_INSIDE_H
#define LAB_INSIDE_H

#include "dut/dut.h"
#include "lab/lab.h"

/* An answer of the agent, kept until somebody asks for it. */
struct answer {
	struct answer *next;
	struct agent_reply reply; /* data and why are its own */
};

/* A peer finds its lab by its exchange. */
struct lab {
	struct lab_config config;
	struct lab_net net;
	struct wire *wire;
	struct agent *agent;
	struct exchange *exchange;
	struct answer *answers;
	const struct liar *liar;
	int listener; /* the first one's socket; 0: none yet */
	uint16_t listener_port;
	struct address second; /* the DUT's second address; family 0: none yet */
	/* The listener at the second address; 0: none yet. */
	int second_listener;
	uint16_t second_port;
	int peers; /* that were given a port by chance */
	/* At a target: who hears of ICMP messages about our segments. NULL is fine. */
	void (*error)(void *arg, const struct packet *packet);
	void *error_arg;
};

/* Nobody there makes socket calls: only the wire shows what the DUT does. */
bool lab_blind(const struct lab *lab);

/* From ports.c: a port by chance. */
uint16_t port_random(struct lab *lab);
/*
 * One of the DUT's to listen on, or to connect from. On a host that others use too, and where an
 * agent can try, it is one that is free there: a connection that is over keeps its own a minute.
 */
uint16_t port_of_dut(struct lab *lab);
/* One of a host where nothing listens: the agent holds it. */
uint16_t port_closed(struct lab *lab);

/* From target.c: the wire to a target, and what its path asks of the exchange. */
int target_open(struct lab *lab, struct why *why);
struct exchange_path target_path(struct lab *lab);

struct lab *lab_of(const struct peer *p);

/* How long an answer of the agent may take to come, once it is made: 0 where it is next to us. */
nanos lab_way(const struct lab *lab);
/* The DUT's second address, which it gets if need be. Ends the case where it cannot have one. */
const struct address *second_address(struct lab *lab);
/* The listener that this peer's connections come to. */
int listener_of(const struct peer *p);
/* bind() to an address of the DUT's. */
int bind_at(struct lab *lab, int socket, const struct address *address, uint16_t port, bool reuse);

/* Everything of the agent's socket; the loop calls it. */
int lab_hear_agent(void *arg, struct why *why);

/*
 * Why nothing of a SYN is kept, if the DUT's SYN-ACKs are SYN cookies; NULL: they are not.
 * path_cookies() is the same for the exchange.
 */
const char *lab_cookies(struct lab *lab);
const char *path_cookies(void *arg);

/* How much the capture's ring holds, by the configuration. */
int lab_ring_bytes(const struct lab_config *config);

/* A rung for a call, in words; an anchor starts the next window. */
void lab_rung(struct lab *lab, struct peer *p, bool anchor, nanos time, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * Make a call. call_start() returns its id; call_finish() waits until wait ns and a while more, and
 * ends the case as an error where no answer comes. In a rehearsal every call succeeds.
 */
uint32_t call_start(struct lab *lab, const struct agent_request *request);
struct agent_reply call_finish(struct lab *lab, uint32_t id, nanos wait, const char *what);
/* Is the call answered within wait ns and a while more? A connect() may go on for longer. */
bool call_ends(struct lab *lab, uint32_t id, nanos wait, const char *what);
struct agent_reply call(struct lab *lab, const struct agent_request *request, const char *what);

/* "EADDRINUSE"; "success" for 0. */
const char *error_name(int error);

#endif
