/*
 * A port is listened on that has connections already.
 *
 * RFC 9293 section 3.9.1.1: a passive OPEN neither disturbs the records of the connections that
 * there are (MUST-41), nor is it refused because some of the port's are in SYN-SENT or SYN-RECEIVED
 * (MUST-42). Linux wants SO_REUSEADDR on both sockets where one has the port by bind().
 */
#include <lastack/case.h>

FAMILY(listen_beside, "Listening beside connections of the same port");

/* Listen on the port that this peer's connection has. */
static void listen_there(struct lab *lab, struct peer *p)
{
	int socket = dut_socket(lab);
	int error = dut_try_bind(lab, socket, peer_dut_port(p), true);

	check(p, !error, "bind() to the connection's port failed: errno %d", error);
	error = dut_try_listen(lab, socket, 5);
	check(p, !error, "listen() on the connection's port failed: errno %d", error);
}

/* Data both ways, from the first number after the handshake. */
static void talk(struct peer *p)
{
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .ack = is(101), .data = pattern(200), .when = within(ms(500)));
	inject(p, ACK);
}

/* A connection that the new listener takes. */
static void another(struct lab *lab, struct peer *p)
{
	struct peer *other = dial_as(lab, .to = peer_dut_port(p));

	inject(other, SYN);
	expect(other, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(other, ACK);
	dut_expect_state(other, ESTABLISHED);
}

CASE(established_goes_on,
     .requirement = RFC9293(MUST, 41),
     .claim       = "listen() on the port of an established connection leaves it as it is")
{
	struct peer *p = answer(lab);

	dut_connect_reuse(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	listen_there(lab, p);
	dut_expect_state(p, ESTABLISHED);
	another(lab, p);
	talk(p);
	expect_silence(p, ms(300));
}

CASE(syn_sent_goes_on,
     .requirement = RFC9293(MUST, 42),
     .also        = {RFC9293(MUST, 41)},
     .claim       = "a port can be listened on while a connection from it is in SYN-SENT, which "
		    "is established all the same")
{
	struct peer *p = answer(lab);

	dut_connect_reuse(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_SENT);
	listen_there(lab, p);
	dut_expect_state(p, SYN_SENT);
	another(lab, p);
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	talk(p);
}

CASE(syn_received_goes_on,
     .requirement = RFC9293(MUST, 42),
     .also        = {RFC9293(MUST, 41)},
     .claim       = "a port can be listened on while a connection from it is in SYN-RECEIVED, "
		    "which is established all the same")
{
	struct peer *p = answer(lab);

	dut_connect_reuse(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	listen_there(lab, p);
	dut_expect_state(p, SYN_RECEIVED);
	another(lab, p);
	inject(p, ACK);
	dut_expect_connected(p);
	dut_expect_state(p, ESTABLISHED);
	talk(p);
}
