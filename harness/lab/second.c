/*
 * A second address for the DUT, for cases about which one a connection has.
 */
#include "lab/inside.h"
#include "lab/plumbing.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* In the DUT's namespace: the address, and what tells when it is in use. */
static int second_add_there(const struct lab_net *net, const struct address *second,
			    struct why *why)
{
	struct lab_net other = *net;
	struct nl_sock *socket = NULL;
	int r = netlink_open(&socket, why);

	other.dut_address = *second;
	if (!r)
		r = address_add(socket, &other, why);
	if (!r)
		r = address_settle(socket, &other, why);
	if (socket)
		nl_socket_free(socket);
	return r;
}

static int second_add(const struct lab_net *net, const struct address *second, struct why *why)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), r;

	if (here < 0)
		return why_set(why, errno, "/proc/self/ns/net: %s", strerror(errno));
	if (setns(net->dut_netns, CLONE_NEWNET) < 0) {
		r = why_set(why, errno, "cannot enter the DUT's namespace: %s", strerror(errno));
		goto out;
	}
	r = second_add_there(net, second, why);
	if (setns(here, CLONE_NEWNET) < 0)
		r = why_set(why, errno, "cannot come back from it: %s", strerror(errno));
out:
	close(here);
	return r;
}

const struct address *second_address(struct lab *lab)
{
	char words[ADDRESS_TEXT_MAX];
	struct why why;

	if (lab->second.family)
		return &lab->second;
	if (lab->config.target)
		exchange_end(lab->exchange, VERDICT_SKIP,
			     "needs a second address of the DUT's, which a lab gives it");
	address_parse(lab->net.family == 4 ? "192.0.2.3" : "2001:db8::3", &lab->second);
	if (!exchange_rehearsal(lab->exchange) && second_add(&lab->net, &lab->second, &why) < 0)
		exchange_end(lab->exchange, VERDICT_ERROR, "a second address: %s", why.text);
	lab_rung(lab, NULL, false, exchange_now(lab->exchange), "a second address, %s",
		 address_text(&lab->second, words));
	return &lab->second;
}

void (dut_second_address)(struct lab *lab)
{
	second_address(lab);
}
