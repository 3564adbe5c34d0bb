/*
 * What the namespace files of the lab room share. Not a door: nobody else includes it.
 */
#ifndef LAB_PLUMBING_H
#define LAB_PLUMBING_H

#include "lab/lab.h"
#include <netlink/netlink.h>

/*
 * The ends have different indices. With equal ones, as in two fresh namespaces, the kernel takes
 * the link for one stacked on itself and keeps it down for a second.
 */
enum { PEER_IFINDEX = 101, DUT_IFINDEX = 102 };

/* A libnl error as the reason and -errno. */
int netlink_failed(int error, const char *what, struct why *why);
/* An address with its prefix length, for nl_addr_put(); NULL without memory. */
struct nl_addr *netlink_address(const struct address *address, int prefix);
/* A rtnetlink socket in the calling process's namespace. Freed with nl_socket_free(). */
int netlink_open(struct nl_sock **out, struct why *why);

/* The pair, in one message: the DUT's end in its namespace, the peer's end here, both down. */
int veth_create(struct nl_sock *socket, const struct lab_net *net, struct why *why);
/* No link-local address is made up when it comes up, and nothing is said for the sake of one. */
int link_quiet(struct nl_sock *socket, int ifindex, struct why *why);
int link_up(struct nl_sock *socket, int ifindex, struct why *why);
/*
 * Wait until frames can leave the DUT: the link watch has been there. At most 10 s, then
 * -ETIMEDOUT. On a recent kernel link_ask() makes it come at once.
 */
int link_settle(struct nl_sock *socket, const struct lab_net *net, struct why *why);
void link_ask(const char *interface);
/* The DUT's address, its route to everywhere through the peer, and the peer's MAC for good. */
int address_add(struct nl_sock *socket, const struct lab_net *net, struct why *why);
int route_add(struct nl_sock *socket, const struct lab_net *net, struct why *why);
int neighbour_add(struct nl_sock *socket, const struct lab_net *net, struct why *why);
/* IPv6 takes an address into use some time after it was added, even without DAD. Waits as above. */
int address_settle(struct nl_sock *socket, const struct lab_net *net, struct why *why);

/* Checksums and segmentation by the kernel's TCP itself, as they are to be on the wire. */
int offloads_off(const char *interface, struct why *why);

/* Write a list, ended by a NULL name; -ENOENT for what the kernel has not. */
int sysctls_write(const struct lab_sysctl *list, struct why *why);
/*
 * Write the pins; what the kernel has not, or does not take, is left out, and what a survey (or
 * NULL) found to be held already. IPv6's for family 6.
 */
int pins_write(uint8_t family, const struct lab_survey *survey, struct why *why);

#endif
