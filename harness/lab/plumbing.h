/*
 * What the namespace files of the lab room share. Not a door: nobody else includes it.
 */
#ifndef LAB_PLUMBING_H
#define LAB_PLUMBING_H

#include "lab/lab.h"
#include <netlink/netlink.h>

/*
 * The ends have different indices. With equal ones, as in two fresh namespaces, the kernel takes the
 * link for one stacked on itself and keeps it down for a second.
 */
enum { PEER_IFINDEX = 101, DUT_IFINDEX = 102 };

/* A libnl error as an errno. */
int netlink_errno(int error);
/* A rtnetlink socket in the calling process's namespace. Freed with nl_socket_free(). */
int netlink_open(struct nl_sock **out, struct why *why);

/* The pair, in one message: the peer's end here and up, the DUT's end in its namespace and down. */
int veth_create(struct nl_sock *socket, const struct lab_net *net, struct why *why);
int link_up(struct nl_sock *socket, int ifindex, struct why *why);
/* The DUT's address, its route to everywhere through the peer, and the peer's MAC for good. */
int address_add(struct nl_sock *socket, const struct lab_net *net, struct why *why);
int route_add(struct nl_sock *socket, const struct lab_net *net, struct why *why);
int local_route_add(struct nl_sock *socket, const struct lab_net *net, struct why *why); /* IPv6 */
int neighbour_add(struct nl_sock *socket, const struct lab_net *net, struct why *why);

/* Checksums and segmentation by the kernel's TCP itself, as they are to be on the wire. */
int offloads_off(const char *interface, struct why *why);

/*
 * Write a list, ended by a NULL name. What the kernel does not have is left out of pins, and is
 * -ENOENT otherwise.
 */
int sysctls_write(const struct lab_sysctl *list, bool pins, struct why *why);

#endif
