/*
 * lab: a private world for one case: DUT namespace, peer namespace, the veth pair between, agent.
 *
 * lab_open() is called in a process of its own, once. Everything dies with that process.
 */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "base/base.h"
#include "link/link.h"
#include "peer/peer.h"
#include <lastack/dut.h>
#include <lastack/peer.h>

/* NAME=VALUE in the DUT's namespace; name dotted, "net.ipv4.tcp_syncookies". */
struct lab_sysctl {
	const char *name;
	const char *value;
	const char *reason; /* of a pin: why it must not be left to the machine */
};
/* What every lab pins, ended by a NULL name. */
extern const struct lab_sysctl lab_pins[];

/*
 * Which of the pins, by place, a new namespace of this machine holds already: where that is known,
 * labs leave them as they are. Asked in a process of its own; the namespaces must be allowed.
 * -errno with why, and then nothing is known, which does no harm.
 */
#define LAB_PINS_MAX 64
struct lab_survey {
	bool held[LAB_PINS_MAX];
};
int lab_survey(struct lab_survey *out, struct why *why);

/* What listens on the target's port, and so what it does by itself. */
enum lab_service {
	LAB_SILENT,  /* accepts, and says nothing */
	LAB_ECHO,    /* sends what it gets */
	LAB_DISCARD, /* reads */
	LAB_GREET,   /* speaks first */
	LAB_HTTP,    /* answers a request, and closes first where it asks for that */
	LAB_OTHER,   /* waits for what it does not know, and then does as it likes */
	LAB_UNKNOWN, /* path_measure() finds out */
	LAB_SERVICES
};

/* Requests that rest on no rule of TCP under test: the qualities of a path are measured by them. */
enum path_request {
	PATH_REQUEST_NONE, /* none is answered, or none was sent */
	PATH_ECHO,         /* ICMP echo requests */
	PATH_NEIGHBOUR,    /* ARP requests or neighbour solicitations, on the link */
	PATH_SYN,          /* SYNs, each from a port and with numbers of its own */
};

#define LAB_PORTS_MIN 16
#define LAB_PORTS_CHECK 160
/* A DUT that is a host somewhere. Pointers are the caller's, and outlive the lab. */
struct lab_target {
	const struct link *link;
	struct link_keeper *keeper;
	uint16_t port;        /* an open one; 0: none is known, the agent must open one */
	uint16_t closed_port; /* 0: none is known */
	enum lab_service service;
	nanos rtt, rtt_least;         /* the round trip's time at the worst, and at the best */
	uint16_t port_low, port_high; /* this case's own ports, LAB_PORTS_MIN at least */
	uint16_t check_low, check_high; /* and path_measure()'s, LAB_PORTS_CHECK at least */
	bool again;    /* a further attempt, which runs alone: its capture ring may be larger */
	bool cookies;  /* the open port's SYN-ACKs are SYN cookies */
	bool of_agent; /* the agent listens on the open port, and accepts nothing there */
	bool direct;   /* declared: no box is between, whatever the route says */
	bool behind;   /* found: an address of the link that a router translates */
	bool sure;     /* the path is on this machine: it loses, merges and delays nothing */
	bool started;  /* the DUT is a process that the case's process has started */
	struct agent *agent;          /* NULL: there is none, and only the wire shows anything */
	bool everything;              /* hear all that comes to the peer, what cannot be read too */
};

struct lab_config {
	uint8_t family; /* 4 or 6 */
	uint64_t seed;  /* of this case */
	const struct lab_sysctl *sysctls; /* over the pins, in order; ended by a NULL name */
	const struct lab_survey *survey;  /* NULL: nothing is known */
	const char *capture_path;         /* NULL: no capture is kept */
	double time_scale;                /* >= 1 */
	bool flood;                       /* a larger capture ring */
	bool brief;                       /* few segments: see wire_config */
	bool idle_skipped;                /* the kernel's idle time is: see lab.c on the ring */
	const struct lab_target *target;  /* NULL: a private world, made here */
	bool rehearsal;                   /* no namespaces, wire, agent: each expectation is met */
	nanos timers[TIMER_END];          /* the profile's */
	struct observer observer;
};

/*
 * Build the world: two namespaces, veth, addresses, neighbours, sysctls, offloads off, wire, agent.
 * -EPERM without the capabilities, -ENOENT for a sysctl of the configuration that the kernel has
 * not (pins that it has not are left out), or the errno of what failed. Owned by the caller, and
 * left to the process's end.
 */
int lab_open(struct lab **out, const struct lab_config *config, struct why *why);

/*
 * Where the process may not make namespaces, make it root of a user namespace of its own. 0 also
 * when nothing had to be done; -EPERM when the machine does not allow it, with the way out. Must be
 * called before any thread exists.
 */
int lab_become_root(struct why *why);

const char *lab_service_name(enum lab_service service);

/*
 * After the case's body: see exchange_audit(); and finish the capture. -errno with why if its file
 * cannot be written. At a target, what may still be open is reset.
 */
int lab_audit(struct lab *lab, struct why *why);
struct exchange *lab_exchange(struct lab *lab);
/* For a conversation that is no case: the wire, and the ends' addresses. The lab's. */
struct wire *lab_wire(struct lab *lab);
const struct lab_net *lab_network(const struct lab *lab);
/* At a target: call error with each ICMP error about the peer's segments. NULL ends that. */
void lab_hear_errors(struct lab *lab, void (*error)(void *arg, const struct packet *packet),
		     void *arg);

/*
 * Tests only: a liar between the DUT and the case, for a proof that the case can fail. begin hears
 * in the case's own process which case it is, before its body runs. frame sees each frame before
 * the peer does (see exchange_set_liar()). asked sees each call to the agent; answer each reply,
 * and may change it: data that it puts there must live as long as the case. Any may be NULL. Set
 * before the body runs.
 */
struct agent_request;
struct agent_reply;
struct liar {
	void *arg;
	void (*begin)(void *arg, const char *name);
	liar_fn frame;
	void (*asked)(void *arg, uint32_t id, const struct agent_request *request);
	void (*answer)(void *arg, struct agent_reply *reply);
};
void lab_set_liar(struct lab *lab, const struct liar *liar);

/*
 * The namespace part by itself, for doctor and tests: enter_dut and connect in one process, which
 * is in the peer's namespace then, and prepare_dut in the agent's. sysctls and survey are the
 * caller's to set before prepare_dut; sysctls are written over the pins; the rest is set by
 * enter_dut.
 */
struct lab_net {
	uint8_t family;
	struct address peer_address, dut_address;
	struct mac peer_mac, dut_mac;
	const char *peer_interface;
	int dut_netns;       /* descriptor of the DUT's namespace, close-on-exec */
	const struct lab_sysctl *sysctls;
	const struct lab_survey *survey; /* NULL: every pin is written */
};
#define LAB_PEER_INTERFACE "peer0"
#define LAB_DUT_INTERFACE "dut0"

/* A new network namespace for the DUT, and the process in it; addresses chosen. */
int lab_net_enter_dut(struct lab_net *net, uint8_t family, struct why *why);
/* A new namespace for the peer, the process in it, and veth between, up at both ends. */
int lab_net_connect(struct lab_net *net, struct why *why);
/*
 * In a process of either namespace, after lab_net_connect(): the process enters the DUT's
 * namespace; sysctls, offloads off, address, route and neighbour there. When it returns 0, what the
 * peer sends arrives, and so do the answers; -ETIMEDOUT when that takes longer than 10 s.
 */
int lab_net_prepare_dut(const struct lab_net *net, struct why *why);

/*
 * A sysctl of the calling process's network namespace; name dotted, value as text, without the line
 * end. -EINVAL for a name outside of net.*, which would be the machine's, and for a value that the
 * kernel does not take; -ENOENT for one that it has not; -ENOSPC for an out that is too small.
 */
int lab_sysctl_write(const char *name, const char *value, struct why *why);
int lab_sysctl_read(const char *name, char *out, size_t size, struct why *why);
/* What a kernel goes by that has no such sysctl. False: nothing is known. */
bool lab_sysctl_without(const char *name, long *value);

#endif
