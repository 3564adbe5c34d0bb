/*
 * What the files of the link room share. Not a door: nobody else includes it.
 */
#ifndef LINK_INSIDE_H
#define LINK_INSIDE_H

#include "link/link.h"

/* Frames of ARP or neighbour discovery on an interface, in both directions, but our own. */
struct ether {
	int fd;
	const struct link *link;
	uint8_t bytes[2048]; /* of the last frame heard */
	bool local;	     /* another process of this machine has sent it */
};

/* Open on link's interface, for its target's family. -EPERM with the three ways out. */
int ether_open(struct ether *ether, const struct link *link, struct why *why);
/* Listen to link's source and own_mac, now that they are known. */
int ether_settle(struct ether *ether, struct why *why);
/* Takes many milliseconds: packet sockets wait for an RCU grace period. */
void ether_close(struct ether *ether);
int ether_send(struct ether *ether, const struct packet *packet, struct why *why);
/*
 * Wait for the next frame until deadline (monotonic): 1, or 0 when none came, or -errno. A frame
 * that waits is given out after the deadline, too: who calls it again and again must look at the
 * time himself.
 */
int ether_next(struct ether *ether, struct packet *packet, nanos deadline, struct why *why);
/* Join what reaches an IPv6 address before its MAC is known. */
int ether_join(struct ether *ether, const struct address *address, struct why *why);

/* The MAC that a multicast address is sent to; of an IPv6 address, where it is asked for. */
struct address solicited_node(const struct address *address);
struct mac multicast_mac(const struct address *group);

/*
 * Who has this address? Asked as sender, or with sender NULL as a probe that teaches nobody
 * anything. tries questions, patience each. 1 and *mac, 0 where nobody answers, -errno. Whether a
 * candidate of ours is free is asked again for up to half a second where another process of this
 * machine has answered: a responder that is about to end does so.
 */
int ether_ask(struct ether *ether, const struct address *who, const struct address *sender,
	      int tries, nanos patience, struct mac *mac, struct why *why);
/* Does this frame say that another one has source? */
bool ether_contested(const struct ether *ether, const struct packet *packet);
/* Answer a frame that asks for source. 0, -errno. */
int ether_answer(struct ether *ether, const struct packet *question, struct why *why);

/* The name or number, and the interface that its scope names ("" for none). */
int name_resolve(const struct link_wish *wish, struct address *out, char scope[IF_NAMESIZE],
		 struct why *why);

/* The times that a source address is asked for, as a candidate. */
#define SOURCE_PROBES 3

/*
 * By the kernel's route: interface, own address, next hop. prefix is own's. source is as wished:
 * where it is an address, the interface needs none, and no route if it is named.
 */
int route_find(struct link *link, const char *interface, const char *source, unsigned *prefix,
	       struct why *why);
/* Does this machine forward packets that come in at the interface? */
bool route_forwards(const struct link *link);

/* Does the interface merge what it receives? Nothing is known: no. */
bool merges(const struct link *link);

/* The source address, as wished. In a hurry nobody is asked whether he has it. */
int source_find(struct link *link, struct ether *ether, const struct link_wish *wish,
		unsigned prefix, struct why *why);

/*
 * A descriptor; while it is open, no other process of this machine takes link's source. If another
 * one has it, its end is waited for, for two seconds: -EADDRINUSE then.
 */
int source_lock(const struct link *link, struct why *why);

/* The borrowed address's ports and the table. Left to the end of the process. */
int guard_hold(const struct link *link, struct why *why);

#endif
