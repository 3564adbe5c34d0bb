/*
 * The DUT's ports: by chance in a lab, and tried by the agent on a host that others use too.
 */
#include "lab/inside.h"
#include <errno.h>

#define PORT_LOW 1024
#define PORT_HIGH 60999
#define TRIES 32

uint16_t port_random(struct lab *lab)
{
	return (uint16_t)random_between(exchange_random(lab->exchange), PORT_LOW, PORT_HIGH);
}

/* A socket bound to a free port. The ladder shows nothing of it. */
static int socket_bound(struct lab *lab, uint16_t *port)
{
	struct agent_reply reply = {.error = EADDRINUSE};
	int socket = (dut_socket)(lab);

	for (int i = 0; i < TRIES && reply.error == EADDRINUSE; i++) {
		*port = port_random(lab);
		reply = call(lab, &(struct agent_request){.verb = AGENT_BIND, .socket = socket,
			.local = lab->net.dut_address, .local_port = *port}, "bind()");
	}
	if (reply.error)
		exchange_end(lab->exchange, VERDICT_ERROR, "bind(): %s", error_name(reply.error));
	return socket;
}

uint16_t port_of_dut(struct lab *lab)
{
	uint16_t port;
	int socket;

	if (!lab->config.target || !lab->agent)
		return port_random(lab);
	socket = socket_bound(lab, &port);
	call(lab, &(struct agent_request){.verb = AGENT_CLOSE, .socket = socket}, "close()");
	return port;
}

uint16_t port_closed(struct lab *lab)
{
	uint16_t port;

	socket_bound(lab, &port);
	return port;
}
