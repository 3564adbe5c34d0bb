/*
 * Which of its addresses a connection of the DUT's has.
 *
 * RFC 9293 section 3.9.1.1: an OPEN may name the local address (MUST-43); where an active one names
 * none, IP is asked for it before the first SYN is sent (MUST-44); and a connection has the address
 * that it began with in all its later segments (MUST-45). An OPEN to an address that no connection
 * can have is refused (MUST-46): a broadcast or multicast address is none of one host.
 *
 * The DUT has two addresses here, on one interface. Which of them IP gives a connection is its own
 * matter; Linux 6.18 takes the first over IPv4, and the last over IPv6.
 */
#include <lastack/case.h>
#include <errno.h>

FAMILY(local_address, "Which of the DUT's addresses a connection has");

/* The DUT has written, and no ACK comes: what it sends again has the same address. */
static void goes_on(struct peer *p)
{
	const struct heard *first;

	dut_write(p, pattern(100));
	first = expect(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
	/* After a handshake with segments lost the timeout begins with 3 s (RFC 6298, 5.7). */
	expect(p, ACK, .seq = is(1), .data = pattern(100), .when = within(sec(4)),
	       .since = first->rung);
	inject(p, ACK, .ack = is(101));
	inject(p, PSH | ACK, .data = pattern(50));
	expect(p, ACK, .ack = is(51), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(50));
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(101), .when = within(ms(500)));
}

CASE(of_an_active_open_is_the_bound_one,
     .requirement = RFC9293(MUST, 43),
     .also        = {RFC9293(MUST, 45)},
     .claim       = "a socket that is bound to the second of two addresses opens its connection "
		    "from there, and all its segments come from there")
{
	struct peer *p = answer_as(lab, .second = true);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	goes_on(p);
}

CASE(of_an_active_open_is_chosen_before_its_syn,
     .requirement = RFC9293(MUST, 44),
     .also        = {RFC9293(MUST, 45)},
     .claim       = "a socket that is bound to none of two addresses has one of them from its "
		    "SYN on, also when that is sent again")
{
	struct peer *p = answer_as(lab, .open = true);
	const struct heard *first;

	dut_second_address(lab);
	dut_connect_unbound(p);
	first = expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	expect(p, SYN, .seq = is(0), .when = about(sec(1)), .since = first->rung);
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	goes_on(p);
}

CASE(of_a_passive_open_is_the_syns_destination,
     .requirement = RFC9293(MUST, 45),
     .claim       = "what answers a SYN to the second of two addresses comes from there, and so "
		    "do all the connection's segments")
{
	struct peer *p = dial_as(lab, .second = true);
	const struct heard *first;

	inject(p, SYN);
	first = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	expect(p, SYN | ACK, .ack = is(1), .when = about(sec(1)), .since = first->rung);
	inject(p, ACK);
	dut_accept(p);
	goes_on(p);
}

struct nobody {
	const char *name;
	const char *address;
};

static const struct nobody nobody_v4[] = {
	{"limited_broadcast", "255.255.255.255"},
	{"subnet_broadcast", "192.0.2.255"},
	{"multicast", "224.0.0.1"},
};

static const struct nobody nobody_v6[] = {
	{"multicast", "ff02::1"},
	{"multicast_of_the_site", "ff05::2"},
};

static void refused(struct lab *lab, const char *address)
{
	struct peer *p = dial(lab);
	int error = dut_try_connect_to(lab, dut_socket(lab), address, 80);

	check(p, error != 0, "connect() to %s succeeds", address);
	check(p, error != EINPROGRESS, "connect() to %s goes on", address);
}

CASE_EACH(of_a_group_is_not_opened_to, struct nobody, nobody_v4,
	  .requirement = RFC9293(MUST, 46),
	  .claim       = "connect() to a broadcast or multicast address is refused at once",
	  .over        = IPV4)
{
	refused(lab, row->address);
}

CASE_EACH(of_a_group_of_nodes_is_not_opened_to, struct nobody, nobody_v6,
	  .requirement = RFC9293(MUST, 46),
	  .claim       = "connect() to a multicast address is refused at once",
	  .over        = IPV6)
{
	refused(lab, row->address);
}
