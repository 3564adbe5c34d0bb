/*
 * The peer closes first, and the DUT answers.
 * RFC 9293 sections 3.6, 3.10.2, 3.10.4 and 3.10.7.4.
 *
 * The DUT's ACK and its FIN are two segments as long as its application has not closed: only the
 * application knows when it has said everything, and CLOSE-WAIT lasts until then. TCP has no timer
 * for it.
 */
#include <lastack/case.h>

FAMILY(passive_close, "The peer closes first");

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
     .requirement = RFC9293(EV, LASTACK),
     .also        = {RFC9293(EV, FIN_ACK), RFC9293(EV, CW_CLOSE), RFC9293(EV, LISTEN_ACK),
		      RFC(1122, 14)},
     .claim       = "CLOSE-WAIT, LAST-ACK and CLOSED follow the peer's FIN, the DUT's own and its "
		    "ACK, and no TIME-WAIT is left")
{
	struct peer *p = talked(lab);

	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(201), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
	dut_expect_eof(p);
	expect_silence(p, ms(500));
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(201), .ack = is(102), .len = is(0),
	       .when = within(ms(500)));
	dut_expect_state(p, LAST_ACK);
	inject(p, ACK);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(500));
	inject(p, ACK);
	premise_listener_resets(p, .seq = is(202), .len = is(0), .when = within(ms(500)));
}

CASE(data_is_sent_in_close_wait,
     .requirement = RFC9293(EV, CW_SEND),
     .also        = {RFC9293(EV, CW_CLOSE), RFC9293(EV, LASTACK)},
     .claim       = "after the peer's FIN the DUT still sends, has its data acknowledged, and "
		    "closes with a FIN behind the last byte")
{
	struct peer *p = talked(lab);

	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(201), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_eof(p);
	dut_write(p, pattern_at(200, 1000));
	expect(p, ACK, .seq = is(201), .ack = is(102), .data = pattern_at(200, 1000),
	       .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, CLOSE_WAIT);
	dut_write(p, pattern_at(1200, 300));
	expect(p, ACK, .seq = is(1201), .ack = is(102), .data = pattern_at(1200, 300),
	       .when = within(ms(500)));
	inject(p, ACK);
	expect_silence(p, ms(500));
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1501), .ack = is(102), .len = is(0),
	       .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, CLOSED);
}

/* The peer's FIN and its data in one segment: bytes first, then the end. */
CASE(fin_behind_data,
     .requirement = RFC9293(EV, FIN_ACK),
     .claim       = "a FIN on a data segment counts after its data: both are acknowledged, the "
		    "application reads the bytes and then the end")
{
	struct peer *p = talked(lab);

	inject(p, FIN | ACK | PSH, .data = pattern_at(100, 500));
	expect(p, ACK, .seq = is(201), .ack = is(602), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
	dut_expect_read(p, pattern_at(100, 500));
	dut_expect_eof(p);
}

CASE(repeated_fin_is_acknowledged,
     .requirement = RFC9293(EV, FIN_DUP),
     .also        = {RFC9293(EV, SEQ_UNACC)},
     .claim       = "a repeated FIN in CLOSE-WAIT is acknowledged again, and changes nothing")
{
	struct peer *p = talked(lab);

	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(201), .ack = is(102), .len = is(0), .when = within(ms(500)));
	for (int i = 0; i < 3; i++) {
		inject(p, FIN | ACK, .seq = is(101));
		dut_expect_state(p, CLOSE_WAIT);
		premise(p, RFC9293(EV, SEQ_UNACC),
			either(ACK, .seq = is(201), .ack = is(102), .len = is(0),
			       .when = within(ms(500))),
			NOTHING);
	}
	dut_expect_eof(p);
}
