/*
 * link: the way to a host that lastack did not make, over an interface of this machine.
 *
 * The peer's address belongs to no kernel: a keeper answers ARP and neighbour solicitations for it
 * while the process lives that started it. No address, route or rule of this machine is changed,
 * but where its own address is borrowed: see link_keep().
 */
#ifndef LINK_LINK_H
#define LINK_LINK_H

#include "base/base.h"
#include "packet/packet.h"
#include <net/if.h>

/* All of it is filled by link_find(). */
struct link {
	struct address target; /* the DUT */
	struct address source; /* the peer's address: one that no kernel owns, or own */
	struct address own;    /* this machine's address on the interface */
	struct address next;   /* the target on-link, or the gateway */
	char interface[IF_NAMESIZE];
	int ifindex, mtu;
	/*
	 * The source of our frames. The interface's own MAC, or where this machine forwards packets
	 * one of its own, so that the kernel does not forward what is for the peer.
	 */
	struct mac own_mac;
	struct mac next_mac;
	bool routed;      /* behind a gateway */
	bool borrowed;    /* source is own: the local kernel is kept silent on our ports */
	bool shares;      /* as wished */
	bool foreign_mac; /* own_mac is not the interface's */
	bool merges;      /* the interface may hand over several segments as one */
	uint16_t port_low, port_high; /* as wished */
	int fd; /* hears who is asked for; the keeper's once that is started */
	nanos patience; /* of the keeper's questions for source; 0: somebody has asked already */
};

struct link_wish {
	const char *target;    /* address or name, resolved once; or fe80::1%eth0 */
	uint8_t family;        /* 4, 6, 0: as the name says */
	const char *interface; /* NULL: by route */
	const char *source;    /* NULL: a free address of the subnet; "own"; or an address */
	uint16_t port_low, port_high; /* the ports that a borrowed address is used on */
	/*
	 * The one port of a borrowed address may be in use by a socket of this machine: then it is
	 * not reserved, and the local kernel goes on as if nothing was sent.
	 */
	bool shares;
	bool hurry; /* leave it to the keeper to ask whether somebody has the source address */
};

/*
 * Find the way: name, route, a source address that nobody answers for, the next hop's MAC. Takes
 * half a second, or in a hurry what the next hop takes to answer; where it does not, 3 s. -EINVAL:
 * what was wished is no single host that another machine can be, or no address that can be used;
 * -ENETUNREACH: no route; -EHOSTUNREACH: no answer; -EADDRINUSE: somebody has the source address,
 * or none is free; -EPERM: no CAP_NET_RAW; -ENODEV; or the errno of a socket. why is one line with
 * the way out. Where no link_keep() follows, out->fd is left to the process's end: closing it takes
 * long.
 */
int link_find(struct link *out, const struct link_wish *wish, struct why *why);

/* The same for a link that is the caller's own, which has filled it, but for fd. */
int link_open(struct link *link, struct why *why);

/*
 * The keeper: a process that answers ARP and neighbour solicitations for source, and ends when the
 * caller's process does, by whatever signal. Where source is borrowed it also holds the ports, so
 * that the local kernel uses none of them, and an nftables table inet lastack_PID of its own, which
 * drops the RSTs that the kernel would send from them to the target; the table belongs to a socket
 * of the keeper (flags owner) and goes with it. What is noted as open is reset when it ends.
 *
 * In a hurry it is the keeper that asks three times for the source address before it is ready, each
 * time for as long as 8 times what the next hop took to answer, 2 to 150 ms.
 *
 * -EADDRINUSE: one of the ports is in use, or somebody has the source address; -EPERM with the way
 * out; -errno. Owned by the caller.
 */
struct link_keeper;
int link_keep(struct link_keeper **out, const struct link *link, struct why *why);
/*
 * The same in two steps, for what can be done meanwhile: nothing may be sent before the second, and
 * where that fails the keeper is to be freed, and another one may be started for the same link.
 */
int link_keep_start(struct link_keeper **out, const struct link *link, struct why *why);
int link_keep_await(struct link_keeper *keeper, struct why *why);
/*
 * Ends the keeper, and returns when it answers for the address no more and has given back what was
 * borrowed. What is noted as open is reset meanwhile or soon after.
 */
void link_keeper_stop(struct link_keeper *keeper);
/* Ends the keeper and waits until it has reset what was open. NULL is fine. */
void link_keeper_free(struct link_keeper *keeper);

/*
 * Notes, from the process that started the keeper or any child of it. A connection between these
 * ports may be open: a reset must stand at next, which is the peer's SND.NXT, or where the DUT did
 * not hear all, at acked, its last acknowledgement. One a port; a later one replaces it.
 */
void link_note(struct link_keeper *keeper, uint16_t port, uint16_t to, uint32_t next,
	       uint32_t acked);
void link_note_closed(struct link_keeper *keeper, uint16_t port);

/* Has anybody else claimed the source address since? */
bool link_contested(const struct link_keeper *keeper);

/*
 * All processes together send rate segments a second at most (0: as they like). link_turn() takes
 * the next turn and returns its time, monotonic ns.
 */
void link_set_rate(struct link_keeper *keeper, unsigned rate);
nanos link_turn(struct link_keeper *keeper);
/* The rate that was set; 0: none. */
unsigned link_rate(const struct link_keeper *keeper);

/*
 * The steps of link_find() that are pure, for tests.
 *
 * Is the address one that can be a single other host? -EINVAL with why.
 */
int link_judge(const struct address *address, struct why *why);
/* Is it the subnet's own or broadcast address, in own's subnet of prefix bits? -EINVAL with why. */
int link_judge_subnet(const struct address *address, const struct address *own, unsigned prefix,
		      struct why *why);
/* Are the first bits of both the same? */
bool link_same_subnet(const struct address *a, const struct address *b, unsigned prefix);
/* A host of own's subnet by chance. -EADDRINUSE where the subnet has no room for another one. */
int link_pick(struct address *out, const struct address *own, unsigned prefix, uint64_t chance,
	      struct why *why);

#endif
