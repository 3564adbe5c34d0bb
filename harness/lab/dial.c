/*
 * Peers of a lab: where the connection goes, and who opens it.
 */
#include "lab/inside.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define PORT_LOW 1024
#define PORT_HIGH 60999

static uint16_t port_random(struct lab *lab)
{
	return (uint16_t)random_between(exchange_random(lab->exchange), PORT_LOW, PORT_HIGH);
}

/* The peer's own port: at a target, which has others to talk to, of this case's. */
static uint16_t peer_port_random(struct lab *lab)
{
	const struct lab_target *target = lab->config.target;

	if (!target)
		return port_random(lab);
	return (uint16_t)random_between(exchange_random(lab->exchange), target->port_low,
					target->port_high);
}

/* A port that the case chose is not ours at a target, unless it was given to an earlier peer. */
static uint16_t port_chosen(struct lab *lab, uint16_t port)
{
	const struct lab_target *target = lab->config.target;

	if (target && (port < target->port_low || port > target->port_high))
		exchange_end(lab->exchange, VERDICT_SKIP,
			     "needs port %u for itself, which others may have here", port);
	return port;
}

/* More peers than ports: the case is none for a target. */
static void ports_left(struct lab *lab)
{
	const struct lab_target *target = lab->config.target;

	if (target && lab->peers++ > target->port_high - target->port_low)
		exchange_end(lab->exchange, VERDICT_SKIP,
			     "needs more than the %d ports that it has here",
			     target->port_high - target->port_low + 1);
}

static struct peer *lab_peer(struct lab *lab, const struct dialing *how, uint16_t dut_port)
{
	struct random *random = exchange_random(lab->exchange);
	uint32_t isn = (uint32_t)random_next(random);
	uint16_t port = how->port ? port_chosen(lab, how->port) : peer_port_random(lab);
	struct peer *p;

	if (!how->port)
		ports_left(lab);
	/* Two peers of one pair of ports would hear each other's segments: only if asked for. */
	while (!how->port && exchange_has_peer(lab->exchange, port, dut_port))
		port = peer_port_random(lab);
	if (how->use_isn)
		isn = how->isn;
	p = peer_new(lab->exchange, port, dut_port, isn);
	if (how->second)
		peer_set_dut_address(p, second_address(lab));
	if (how->open)
		peer_leave_dut_address_open(p);
	return p;
}

struct peer *lab_dial(struct lab *lab, const struct dialing *how)
{
	uint16_t port = how->to;

	if (!port && how->second) {
		if (!lab->second_listener)
			lab_listen(lab, &(struct listening){.second = true});
		port = lab->second_port;
	} else if (!port && lab_blind(lab)) {
		port = lab->config.target->port;
	} else if (!port) {
		(dut_listener)(lab);
		port = lab->listener_port;
	}
	return lab_peer(lab, how, port);
}

struct peer *lab_answer(struct lab *lab, const struct dialing *how)
{
	return lab_peer(lab, how, how->to ? how->to : port_random(lab));
}

struct peer *(dial_closed)(struct lab *lab)
{
	struct dialing how = {.port = 0};
	const struct lab_target *target = lab->config.target;
	uint16_t port = port_random(lab);

	while (port == lab->listener_port)
		port = port_random(lab);
	if (target && target->closed_port)
		port = target->closed_port;
	else if (target)
		exchange_end(lab->exchange, VERDICT_SKIP,
			     "needs a closed port of the target, by --closed-port");
	return lab_peer(lab, &how, port);
}

struct peer *lab_handshaken(struct lab *lab, const struct dialing *how)
{
	struct peer *p = lab_dial(lab, how);

	peer_inject(p, &(struct segment){.flags = SYN});
	peer_expect(p, &(struct segment){.flags = SYN | ACK, .ack = is(1)});
	peer_inject(p, &(struct segment){.flags = ACK});
	(dut_accept)(p);
	return p;
}

struct peer *(called)(struct lab *lab)
{
	struct peer *p = lab_answer(lab, &(struct dialing){.port = 0});

	(dut_connect)(p);
	peer_expect(p, &(struct segment){.flags = SYN, .seq = is(0)});
	peer_inject(p, &(struct segment){.flags = SYN | ACK});
	peer_expect(p, &(struct segment){.flags = ACK, .seq = is(1), .ack = is(1)});
	(dut_expect_connected)(p);
	return p;
}

int lab_listen(struct lab *lab, const struct listening *how)
{
	int backlog = how->backlog || how->use_backlog_zero ? how->backlog : 128;
	uint16_t port = how->port ? how->port : port_random(lab);
	int socket = (dut_socket)(lab);
	int error = bind_at(lab, socket, how->second ? second_address(lab) : &lab->net.dut_address,
			    port, true);

	if (error)
		exchange_end(lab->exchange, VERDICT_ERROR, "bind() to port %u: %s", port,
			     error_name(error));
	if (how->syncnt)
		(dut_set_socket_option)(lab, socket, IPPROTO_TCP, TCP_SYNCNT, how->syncnt);
	if (how->defer_accept)
		(dut_set_socket_option)(lab, socket, IPPROTO_TCP, TCP_DEFER_ACCEPT,
					how->defer_accept);
	error = (dut_try_listen)(lab, socket, backlog);
	if (error)
		exchange_end(lab->exchange, VERDICT_ERROR, "listen(): %s", error_name(error));
	if (how->second && !lab->second_listener) {
		lab->second_listener = socket;
		lab->second_port = port;
	} else if (!how->second && !lab->listener) {
		lab->listener = socket;
		lab->listener_port = port;
	}
	return socket;
}

int listener_of(const struct peer *p)
{
	const struct lab *lab = lab_of(p);

	return lab->second_listener && address_equal(peer_dut_address(p), &lab->second)
		       ? lab->second_listener : lab->listener;
}

int (dut_listener)(struct lab *lab)
{
	if (!lab->listener)
		lab_listen(lab, &(struct listening){.port = 0});
	return lab->listener;
}
