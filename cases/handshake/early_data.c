/*
 * Data on the first or the second segment.
 *
 * A common account says that neither may carry data. RFC 9293 allows it on both (sections 3.4.1,
 * 3.10.7.2, 3.10.7.3): it must not reach the application before the handshake ends, and the
 * receiver should keep it. What it acknowledges tells: the SYN alone, and the sender has to send
 * the data again, or the data too. Linux discards it, TCP Fast Open apart. Whatever the receiver
 * does, the bytes come to the application once.
 */
#include <lastack/case.h>

FAMILY(early_data, "Data on SYN and SYN-ACK");

#define SIZE 100

/* A SYN with data was answered, and nothing has reached the application for a while. */
static struct peer *syn_with_data(struct lab *lab)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .data = pattern(SIZE));
	expect(p, SYN | ACK, .seq = is(0), .ack = from_to(1, 1 + SIZE), .when = within(ms(500)));
	dut_expect_state_until(p, SYN_RECEIVED, 0, ms(300));
	dut_expect_no_accept(p);
	return p;
}

static void delivered_once(struct peer *p)
{
	dut_expect_read(p, pattern(SIZE));
	dut_expect_nothing_to_read(p);
}

CASE(on_the_syn,
     .requirement = RFC9293(EV, DATA_BEFORE_ESTAB),
     .also        = {RFC9293(EV, LISTEN_SYNDATA)},
     .claim       = "data on the SYN does not reach the application before the handshake ends, "
		    "and is delivered once when the third segment carries it again",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = syn_with_data(lab);

	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(SIZE));
	expect(p, ACK, .seq = is(1), .ack = is(1 + SIZE), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	delivered_once(p);
}

CASE(on_the_syn_and_again_after_the_handshake,
     .requirement = RFC9293(EV, DATA_BEFORE_ESTAB),
     .also        = {RFC9293(EV, LISTEN_SYNDATA)},
     .claim       = "data on the SYN is delivered once when it is sent again on the open "
		    "connection",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = syn_with_data(lab);

	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(SIZE));
	expect(p, ACK, .seq = is(1), .ack = is(1 + SIZE), .len = is(0), .when = within(ms(500)));
	delivered_once(p);
}

CASE(on_the_syn_is_kept,
     .requirement = RFC9293(EV, LISTEN_SYNDATA),
     .claim       = "data on the SYN is kept, and delivered when a bare ACK ends the handshake")
{
	struct peer *p = syn_with_data(lab);

	inject(p, ACK, .seq = is(1 + SIZE), .ack = is(1));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	delivered_once(p);
}

/* connect() was answered by a SYN-ACK with data. */
static struct peer *syn_ack_with_data(struct lab *lab)
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_SENT);
	inject(p, SYN | ACK, .data = pattern(SIZE));
	return p;
}

CASE(on_the_syn_ack,
     .requirement = RFC9293(EV, SYNSENT_SYNACK),
     .also        = {RFC9293(EV, SYNSENT_SYNACK_DATA)},
     .claim       = "a SYN-ACK with data opens the connection, and its data is delivered once "
		    "when it is sent again")
{
	struct peer *p = syn_ack_with_data(lab);

	expect(p, ACK, .seq = is(1), .ack = from_to(1, 1 + SIZE), .len = is(0),
	       .when = within(ms(500)));
	dut_expect_connected(p);
	dut_expect_state(p, ESTABLISHED);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(SIZE));
	expect(p, ACK, .seq = is(1), .ack = is(1 + SIZE), .len = is(0), .when = within(ms(500)));
	delivered_once(p);
}

CASE(on_the_syn_ack_is_kept,
     .requirement = RFC9293(EV, SYNSENT_SYNACK_DATA),
     .claim       = "data on the SYN-ACK is acknowledged with it, and delivered")
{
	struct peer *p = syn_ack_with_data(lab);

	expect(p, ACK, .seq = is(1), .ack = is(1 + SIZE), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	delivered_once(p);
}
