/*
 * TIME-WAIT outlives whatever comes that is neither an acceptable SYN nor a right RST.
 *
 * RFC 9293 section 3.10.7.4 ends it by its timer and by a RST at RCV.NXT only; a SYN may begin a
 * new connection, and is answered then. RFC 1337 is about what happens where it ends too soon.
 */
#include <lastack/case.h>

FAMILY(time_wait_strays, "Stray segments in TIME-WAIT");

/* 100 bytes in, and both FINs: the DUT's next number is 2, the peer's 102. */
static struct peer *in_time_wait(struct lab *lab)
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(101), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(2), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	return p;
}

struct stray {
	const char *name;
	unsigned flags;
	uint32_t seq, ack;
	size_t len;
};

static const struct stray strays[] = {
	{"syn_ack_beyond", SYN | ACK, 1102, 2, 0},
	{"syn_rst_beyond", SYN | RST, 1102, 0, 0},
	{"ack_of_more", ACK, 102, 1002, 0},
	{"ack_beyond", ACK, 1102, 2, 0},
	{"data_beyond", ACK | PSH, 1102, 2, 100},
	{"fin_beyond", FIN | ACK, 1102, 2, 0},
	{"rst_with_ack_beyond", RST | ACK, 1102, 2, 0},
	{"rst_with_ack_of_more_left", RST | ACK, 101, 1002, 0},
};

CASE_EACH(state_goes_on, struct stray, strays,
	  .requirement = RFC9293(MUST, 13),
	  .also        = {RFC(1337, SYNFIN)},
	  .claim       = "a stray segment does not end TIME-WAIT: it gets silence or the old "
			 "connection's ACK, and the peer's FIN is acknowledged again")
{
	struct peer *p = in_time_wait(lab);
	const struct heard *got;

	inject(p, row->flags, .seq = is(row->seq), .ack = is(row->ack),
	       .data = row->len ? pattern(row->len) : (struct bytes){NULL, 0});
	peer_listen(p, ms(200));
	while ((got = peer_next(p)))
		check(p, got->flags == ACK && got->seq == 2 && got->ack == 102,
		      "the answer has flags 0x%x seq %u ack %u: want an ACK with 2 and 102",
		      got->flags, got->seq, got->ack);
	dut_expect_state(p, TIME_WAIT);
	dut_expect_no_accept(p);
	inject(p, FIN | ACK, .seq = is(101));
	expect(p, ACK, .seq = is(2), .ack = is(102), .len = is(0), .when = within(ms(500)));
}
