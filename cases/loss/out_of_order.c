/*
 * Data beyond a hole.
 *
 * RFC 5681 section 3.2: it is acknowledged at once, with the number of the hole, so that the sender
 * learns of the loss. RFC 9293 section 3.10.7.4 (MAY-13) and RFC 1122 section 4.2.2.21 allow that
 * ACK, and have such data kept (SHLD-31).
 */
#include <lastack/case.h>

FAMILY(out_of_order, "Data beyond a hole");

/* At once: well below any delayed ACK, which takes 40 ms at least. */
#define AT_ONCE ms(20)

CASE(is_acknowledged_at_once,
     .requirement = RFC(5681, 11),
     .also        = {RFC(5681, 25), RFC9293(MAY, 13), RFC(1122, 15), RFC9293(SHLD, 31)},
     .claim       = "each segment beyond a hole gets an ACK of the hole at once; the hole filled, "
		    "all is delivered")
{
	struct peer *p = handshaken(lab);

	lose(p, ACK | PSH, .data = pattern(100));
	for (unsigned i = 1; i < 8; i++) {
		inject(p, ACK | PSH, .data = pattern_at(100 * i, 100));
		expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(AT_ONCE));
	}
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .seq = is(1), .data = pattern(100));
	premise(p, RFC9293(SHLD, 31),
		either(ACK, .seq = is(1), .ack = is(801), .len = is(0), .when = within(ms(500))),
		either(ACK, .seq = is(1), .ack = from_to(101, 701), .len = is(0),
		       .when = within(ms(500))));
	dut_expect_read(p, pattern(800));
}
