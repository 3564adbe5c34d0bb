/*
 * The DUT closes first.
 * RFC 9293 sections 3.6, 3.10.4 and 3.10.7.4.
 *
 * Each direction of a connection is closed by itself: a FIN says that its sender has no more to
 * say, and nothing about the other side, which may go on for as long as it likes. Two FINs, an ACK
 * for each: four segments. The first ACK and the second FIN travel together where the other side
 * is done at the same moment, and then three segments do. A FIN takes one number of the sequence
 * space, so its ACK is its sequence number plus one.
 *
 * Every case here has moved 200 bytes out and 100 in before, so that no two numbers are alike.
 */
#include <errno.h>
#include <lastack/case.h>

FAMILY(active_close, "The DUT closes first");

/* ESTABLISHED, and the DUT's next number is 201, the peer's 101. */
static struct peer *talked(struct lab *lab)
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .ack = is(101), .data = pattern(200), .when = within(ms(500)));
	inject(p, ACK);
	return p;
}

CASE(four_segments,
     .requirement = RFC9293(EV, FW1_ACK),
     .also        = {RFC9293(EV, FW2_FIN), RFC9293(EV, FIN_ACK)},
     .claim       = "FIN-WAIT-1, FIN-WAIT-2 and TIME-WAIT follow FIN, its ACK and the other FIN, "
		    "and each ACK is the FIN's number plus one")
{
	struct peer *p = talked(lab);

	dut_close(p);
	expect(p, FIN | ACK, .seq = is(201), .ack = is(101), .len = is(0),
	       .when = within(ms(500)));
	dut_expect_state(p, FIN_WAIT_1);
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	expect_silence(p, ms(500));
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(202), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	expect_silence(p, ms(500));
}

CASE(fin_and_ack_in_one_segment,
     .requirement = RFC9293(EV, FW1_FINACK),
     .also        = {RFC9293(EV, FIN_ACK)},
     .claim       = "a FIN that also acknowledges the DUT's leads from FIN-WAIT-1 to TIME-WAIT: "
		    "three segments close the connection")
{
	struct peer *p = talked(lab);

	dut_close(p);
	expect(p, FIN | ACK, .seq = is(201), .ack = is(101), .len = is(0),
	       .when = within(ms(500)));
	dut_expect_state(p, FIN_WAIT_1);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(202), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	expect_silence(p, ms(500));
}

/*
 * Half a close: shutdown() ends what the DUT says, and it goes on listening. RFC 9293 section
 * 3.6.1 allows a stack whose CLOSE ends both (MAY-1); sockets have both calls.
 */
CASE(data_is_received_in_fin_wait_2,
     .requirement = RFC9293(EV, FW2_DATA),
     .also        = {RFC9293(EV, FW2_FIN)},
     .claim       = "after shutdown() the DUT sends no more, and acknowledges and delivers what "
		    "comes until the other FIN")
{
	struct peer *p = talked(lab);
	int error;

	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(201), .ack = is(101), .len = is(0),
	       .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	error = dut_try_write(p, pattern(10));
	check(p, error == EPIPE, "write() after shutdown() gave errno %d, not EPIPE", error);

	inject(p, ACK | PSH, .data = pattern_at(100, 1000));
	expect(p, ACK, .seq = is(202), .ack = is(1101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern_at(100, 1000));
	dut_expect_nothing_to_read(p);
	dut_expect_state(p, FIN_WAIT_2);

	inject(p, FIN | ACK | PSH, .data = pattern_at(1100, 50));
	expect(p, ACK, .seq = is(202), .ack = is(1152), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	dut_expect_read(p, pattern_at(1100, 50));
	dut_expect_eof(p);
}

/* A FIN has its place in the sequence like any byte: beyond a hole it waits. */
CASE(fin_out_of_order_waits,
     .requirement = RFC9293(EV, FIN_OOO),
     .also        = {RFC9293(EV, FW2_FIN), RFC9293(SHLD, 31), RFC(5681, 11)},
     .claim       = "a FIN that overtakes data is not taken before the data is there")
{
	struct peer *p = talked(lab);

	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(201), .ack = is(101), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	inject(p, FIN | ACK, .seq = is(151));
	premise(p, RFC(5681, 11),
		either(ACK, .seq = is(202), .ack = is(101), .len = is(0), .when = within(ms(500))),
		NOTHING);
	dut_expect_state(p, FIN_WAIT_2);
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .data = pattern_at(100, 50));
	premise(p, RFC9293(SHLD, 31),
		either(ACK, .seq = is(202), .ack = is(152), .len = is(0), .when = within(ms(500))),
		either(ACK, .seq = is(202), .ack = is(151), .len = is(0), .when = within(ms(500))));
	dut_expect_state(p, TIME_WAIT);
	dut_expect_read(p, pattern_at(100, 50));
	dut_expect_eof(p);
}
