/*
 * A DUT whose SYN-ACKs are SYN cookies keeps nothing of a SYN (RFC 4987 section 3.6): there is no
 * SYN-RECEIVED, no SYN-ACK is retransmitted, no round trip of the handshake is measured, and an ACK
 * with the right numbers opens a connection even if a RST came in between. Claims about these are
 * skipped. A host is asked before its cases run, by such an ACK; the kernel of a lab counts them.
 */
#include "lab/inside.h"

#define COOKIES "the DUT's SYN-ACKs are SYN cookies, which keep nothing of a SYN (RFC 4987 3.6)"

const char *lab_cookies(struct lab *lab)
{
	struct agent_reply reply;

	if (exchange_rehearsal(lab->exchange))
		return NULL;
	if (lab->config.target)
		return lab->config.target->cookies ? COOKIES : NULL;
	reply = call(lab, &(struct agent_request){.verb = AGENT_COUNTER,
		.text = "TcpExtSyncookiesSent"}, "counter");
	return !reply.error && reply.number ? COOKIES : NULL;
}

const char *path_cookies(void *arg)
{
	return lab_cookies(arg);
}

void (dut_keeps_syns)(struct peer *p)
{
	const char *cookies = lab_cookies(lab_of(p));

	if (cookies)
		exchange_end(lab_of(p)->exchange, VERDICT_SKIP, "%s", cookies);
}
