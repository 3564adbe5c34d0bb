/*
 * A close that loses data says so: RST, not FIN.
 *
 * RFC 9293 section 3.6.1 (SHLD-3): close() with data unread, or data that comes after close(), is
 * answered by RST, because a FIN would tell the peer that everything was taken. Section 3.10.5: an
 * abort sends RST at SND.NXT; SO_LINGER with a time of zero is how sockets ask for one.
 *
 * RFC 9293 section 3.10.5 writes that RST without an ACK, and Linux sends one with it. Either is a
 * reset to the peer, by its sequence number; an ACK that is there must be right.
 */
#include <lastack/case.h>

FAMILY(abort_on_close, "A close that loses data resets");

CASE(data_in_fin_wait_1_gets_rst,
     .requirement = RFC9293(SHLD, 3),
     .also        = {RFC(1122, 11)},
     .claim       = "data that crosses the FIN of a close() gets RST, and the connection is gone")
{
	struct peer *p = handshaken(lab);

	dut_close(p);
	expect_lost(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_state(p, FIN_WAIT_1);
	inject(p, ACK | PSH, .data = pattern(100));
	/* At what the peer acknowledges, 1, or at the DUT's own next number, 2. */
	expect_any(p, NULL,
		   either(RST, .seq = from_to(1, 2), .len = is(0), .when = within(ms(500))),
		   either(RST | ACK, .seq = from_to(1, 2), .ack = from_to(1, 101), .len = is(0),
			  .when = within(ms(500))));
	dut_expect_state(p, CLOSED);
	expect_silence(p, sec(1));
}

CASE(data_in_fin_wait_2_gets_rst,
     .requirement = RFC9293(SHLD, 3),
     .also        = {RFC(1122, 11), RFC9293(MAY, 1)},
     .claim       = "data for a FIN-WAIT-2 whose application has called close() gets RST, and the "
		    "connection is gone")
{
	struct peer *p = handshaken(lab);

	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	inject(p, ACK | PSH, .data = pattern(100));
	expect_any(p, NULL,
		   either(RST, .seq = is(2), .len = is(0), .when = within(ms(500))),
		   either(RST | ACK, .seq = is(2), .ack = from_to(1, 101), .len = is(0),
			  .when = within(ms(500))));
	dut_expect_state(p, CLOSED);
	expect_silence(p, sec(1));
}

CASE(unread_data_gets_rst,
     .requirement = RFC9293(SHLD, 3),
     .also        = {RFC(1122, 11)},
     .claim       = "close() with unread data sends RST at once, no FIN, and the connection is "
		    "gone")
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(60));
	dut_close(p);
	expect_any(p, NULL,
		   either(RST | ACK, .seq = is(1), .ack = is(101), .len = is(0),
			  .when = within(ms(500))),
		   either(RST, .seq = is(1), .len = is(0), .when = within(ms(500))));
	dut_expect_state(p, CLOSED);
	expect_silence(p, sec(1));
}

/* The FIN is out already, and all the same the peer learns that its data was not read. */
CASE(unread_data_after_half_close_gets_rst,
     .requirement = RFC9293(SHLD, 3),
     .also        = {RFC(1122, 11)},
     .claim       = "close() with unread data in FIN-WAIT-2 sends RST behind the FIN, and the "
		    "connection is gone")
{
	struct peer *p = handshaken(lab);

	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(2), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, FIN_WAIT_2);
	dut_close(p);
	expect_any(p, NULL,
		   either(RST | ACK, .seq = is(2), .ack = is(101), .len = is(0),
			  .when = within(ms(500))),
		   either(RST, .seq = is(2), .len = is(0), .when = within(ms(500))));
	dut_expect_state(p, CLOSED);
	expect_silence(p, sec(1));
}

/* Everything was read: the same calls end in an orderly close. */
CASE(read_data_gets_fin,
     .requirement = RFC9293(MUST, 12),
     .claim       = "close() when everything was read sends FIN, not RST")
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(60));
	dut_expect_read(p, pattern_at(60, 40));
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, FIN_WAIT_1);
}

CASE(linger_zero_sends_rst,
     .requirement = DOC(SO_LINGER),
     .also        = {RFC9293(EV, ABORT), RFC9293(MUST, 12)},
     .claim       = "close() with SO_LINGER {1, 0} sends RST at SND.NXT, no FIN, and leaves no "
		    "state")
{
	struct peer *p = handshaken(lab);

	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .ack = is(1), .data = pattern(200), .when = within(ms(500)));
	inject(p, ACK);
	dut_abort(p);
	expect_any(p, NULL,
		   either(RST | ACK, .seq = is(201), .ack = is(1), .len = is(0),
			  .when = within(ms(500))),
		   either(RST, .seq = is(201), .len = is(0), .when = within(ms(500))));
	dut_expect_state(p, CLOSED);
	expect_silence(p, sec(1));
}

/* Queued data is thrown away: the window is closed, so none of it can have left. */
CASE(linger_zero_discards_what_is_queued,
     .requirement = RFC9293(EV, ABORT),
     .also        = {DOC(SO_LINGER)},
     .claim       = "an abort throws away what waits for the window, and its RST stands at SND.NXT")
{
	struct peer *p = handshaken(lab);

	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .ack = is(1), .data = pattern(200), .when = within(ms(500)));
	inject(p, ACK, .window = is(0));
	dut_write(p, pattern_at(200, 300));
	dut_abort(p);
	expect_any(p, NULL,
		   either(RST | ACK, .seq = is(201), .ack = is(1), .len = is(0),
			  .when = within(ms(500))),
		   either(RST, .seq = is(201), .len = is(0), .when = within(ms(500))));
	dut_expect_state(p, CLOSED);
	expect_silence(p, sec(1));
}
