/*
 * Urgent data, as the DUT receives and sends it.
 *
 * RFC 9293 section 3.8.5, 3.1 and RFC 6093: with URG the urgent pointer, counted from the segment's
 * number, names the octet behind the urgent data (MUST-62); the application is told at once when it
 * comes or moves on (MUST-32), can learn whether more is to come (MUST-33), and sequences of any
 * length are supported (MUST-31). Without URG the field means nothing.
 *
 * The application here has SO_OOBINLINE, as RFC 6093 section 6 has it: the urgent byte stays in
 * the stream, and sockatmark() says where. What it can learn is where the urgent data ends: a read
 * never goes past the last urgent byte, before which the mark stands.
 *
 * A sequence that was urgent up to one place and then up to another is urgent up to the later one:
 * Linux keeps a single mark, and moves it on.
 */
#include <lastack/case.h>
#include <sys/socket.h>

FAMILY(urgent, "Urgent data");

/* An open connection whose urgent bytes stay in the stream. */
static struct peer *opened(struct lab *lab)
{
	struct peer *p = handshaken(lab);

	dut_set_option(p, SOL_SOCKET, SO_OOBINLINE, 1);
	return p;
}

CASE(is_told_and_marked,
     .requirement = RFC9293(MUST, 30),
     .also        = {RFC9293(MUST, 32), RFC9293(MUST, 33), RFC9293(MUST, 62), RFC(6093, 2),
		     RFC(6093, 3)},
     .claim       = "the application is told of urgent data, reads up to its last byte, finds the "
		    "mark there, and reads on")
{
	struct peer *p = opened(lab);

	dut_expect_no_urgent(p);
	inject(p, ACK | URG | PSH, .urgent = is(50), .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_urgent(p);
	dut_expect_no_urgent(p);
	dut_expect_mark(p, false);
	dut_expect_read(p, pattern(49));
	dut_expect_mark(p, true);
	dut_expect_read(p, pattern_at(49, 51));
	dut_expect_mark(p, false);
	dut_expect_nothing_to_read(p);
}

struct pointer {
	const char *name;
	uint32_t urgent;
	size_t before; /* bytes before the last urgent one */
};

static const struct pointer pointers[] = {
	{"at_the_first_byte", 1, 0}, {"at_the_second_byte", 2, 1},
	{"at_the_last_but_one", 99, 98}, {"at_the_last_byte", 100, 99},
};

CASE_EACH(pointer_names_the_byte_behind, struct pointer, pointers,
	  .requirement = RFC9293(MUST, 62),
	  .also        = {RFC(6093, 3), RFC9293(MUST, 30)},
	  .claim       = "the mark stands before the byte that the urgent pointer is behind")
{
	struct peer *p = opened(lab);

	inject(p, ACK | URG | PSH, .urgent = is(row->urgent), .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_urgent(p);
	if (row->before) {
		dut_expect_mark(p, false);
		dut_expect_read(p, pattern(row->before));
	}
	dut_expect_mark(p, true);
	dut_expect_read(p, pattern_at(row->before, 100 - row->before));
	dut_expect_mark(p, false);
}

CASE(is_told_before_it_comes,
     .requirement = RFC9293(MUST, 32),
     .also        = {RFC9293(MUST, 33), RFC(6093, 2)},
     .claim       = "the application is told of urgent data that has not come yet, and again when "
		    "the pointer moves on")
{
	struct peer *p = opened(lab);

	inject(p, ACK | URG, .urgent = is(150), .data = pattern(10));
	expect(p, ACK, .ack = is(11), .len = is(0), .when = within(ms(500)));
	dut_expect_urgent(p);
	dut_expect_read(p, pattern(10));
	dut_expect_mark(p, false);
	inject(p, ACK | URG, .urgent = is(290), .data = pattern_at(10, 90));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_urgent(p);
	inject(p, ACK | URG | PSH, .urgent = is(200), .data = pattern_at(100, 300));
	expect(p, ACK, .ack = is(401), .len = is(0), .when = within(ms(500)));
	dut_expect_no_urgent(p);
	dut_expect_read(p, pattern_at(10, 289));
	dut_expect_mark(p, true);
	dut_expect_read(p, pattern_at(299, 101));
}

CASE(is_told_without_data,
     .requirement = RFC9293(MUST, 32),
     .claim       = "an ACK with URG and without data tells the application of urgent data")
{
	struct peer *p = opened(lab);

	inject(p, ACK | URG, .urgent = is(10));
	dut_expect_urgent(p);
	inject(p, ACK | PSH, .data = pattern(20));
	expect(p, ACK, .ack = is(21), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(9));
	dut_expect_mark(p, true);
	dut_expect_read(p, pattern_at(9, 11));
}

CASE(long_sequence,
     .requirement = RFC9293(MUST, 31),
     .claim       = "urgent data of 10000 bytes, all of whose segments say so, is delivered whole, "
		    "with the mark at its end")
{
	struct peer *p = opened(lab);
	const uint32_t end = 10000;

	need_window(p, end + 100);
	for (uint32_t at = 0; at < end; at += 1000) {
		inject(p, ACK | URG, .urgent = is(end - at), .data = pattern_at(at, 1000));
		if (!at)
			dut_expect_urgent(p);
	}
	inject(p, ACK | PSH, .data = pattern_at(end, 100));
	while (expect(p, ACK, .ack = from_to(2, end + 101), .len = is(0),
		      .when = between(-ms(500), ms(500)))->ack != end + 101)
		;
	dut_expect_no_urgent(p);
	dut_expect_read(p, pattern(end - 1));
	dut_expect_mark(p, true);
	dut_expect_read(p, pattern_at(end - 1, 101));
	dut_expect_mark(p, false);
}

CASE(without_urg_the_pointer_means_nothing,
     .requirement = RFC9293(EV, URG_NOFLAG),
     .claim       = "data whose urgent field is set and whose URG is not is delivered like any "
		    "other, and nobody is told")
{
	struct peer *p = opened(lab);

	inject(p, ACK | PSH, .urgent = is(50), .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	inject(p, ACK, .urgent = is(50));
	dut_expect_no_urgent(p);
	dut_expect_mark(p, false);
	dut_expect_no_urgent_byte(p);
	dut_expect_read(p, pattern(100));
	dut_expect_nothing_to_read(p);
}

CASE(counts_where_the_window_is_closed,
     .requirement = RFC9293(MUST, 66),
     .also        = {RFC9293(MUST, 32), RFC9293(EV, SEQ_Z0)},
     .claim       = "an ACK with URG tells the application of urgent data while the receive window "
		    "is closed")
{
	const struct heard *heard;
	struct peer *p;
	uint32_t edge;

	dut_set_socket_option(lab, dut_listener(lab), SOL_SOCKET, SO_RCVBUF, 5000);
	p = opened(lab);
	inject(p, ACK | PSH, .data = pattern(1000));
	heard = expect(p, ACK, .ack = is(1001), .len = is(0), .when = within(ms(500)));
	edge = heard->ack + heard->window;
	while (peer_snd_nxt(p) < edge) {
		uint32_t at = peer_snd_nxt(p) - 1, left = edge - peer_snd_nxt(p);

		inject(p, ACK | PSH, .data = pattern_at(at, left < 1000 ? left : 1000));
	}
	do
		heard = expect(p, ACK, .len = is(0), .when = between(-ms(500), ms(500)));
	while (heard->ack < edge);
	check(p, !heard->window, "the window is %u", heard->window);
	dut_expect_no_urgent(p);
	inject(p, ACK | URG, .urgent = is(1));
	dut_expect_urgent(p);
	dut_expect_read(p, pattern(edge - 1));
	dut_expect_mark(p, true);
}

CASE(out_of_the_stream,
     .requirement = RFC9293(MUST, 30),
     .also        = {RFC9293(MUST, 62)},
     .claim       = "without SO_OOBINLINE the urgent byte is read apart, and the rest without it")
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | URG | PSH, .urgent = is(3), .data = text("abcde"));
	expect(p, ACK, .ack = is(6), .len = is(0), .when = within(ms(500)));
	dut_expect_urgent(p);
	dut_expect_urgent_byte(p, 'c');
	dut_expect_read(p, text("ab"));
	dut_expect_mark(p, true);
	dut_expect_read(p, text("de"));
	dut_expect_nothing_to_read(p);
}

/* What the DUT sends. */

CASE(sent_with_a_pointer_behind_it,
     .requirement = RFC9293(MUST, 62),
     .also        = {RFC9293(MUST, 30), RFC(6093, 2), RFC(6093, 3)},
     .claim       = "data that was sent as urgent has URG and a pointer to the byte behind it, and "
		    "what follows has no URG")
{
	struct peer *p = handshaken(lab);

	dut_write_urgent(p, pattern(100));
	expect(p, ACK | URG, .seq = is(1), .urgent = is(100), .data = pattern(100),
	       .when = within(ms(500)));
	inject(p, ACK);
	dut_write(p, pattern_at(100, 100));
	expect(p, ACK, .seq = is(101), .data = pattern_at(100, 100), .when = within(ms(500)));
	inject(p, ACK);
}

CASE(sent_before_its_turn,
     .requirement = RFC9293(MUST, 30),
     .also        = {RFC9293(MUST, 62), RFC9293(MUST, 31)},
     .claim       = "urgent data that must wait behind other data is announced by the segments "
		    "before it, each with a pointer to the same place",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;
	const struct heard *heard;

	/* Data comes again at the timer only. */
	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = dial(lab);
	inject(p, SYN, .window = is(3000), .options = {opt_mss(1000)});
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .window = is(3000));
	dut_accept(p);
	dut_keeps_syns(p);
	/* What fills the window goes before anybody knows; the rest waits for the window. */
	dut_write(p, pattern(3000));
	for (uint32_t at = 0; at < 3000; at += 1000)
		expect(p, ACK, .seq = is(1 + at), .data = pattern_at(at, 1000),
		       .when = within(ms(500)));
	dut_write_urgent(p, pattern_at(3000, 2000));
	inject(p, ACK);
	for (uint32_t at = 3000; at < 5000; at += heard->len) {
		heard = expect(p, ACK | URG, .seq = is(1 + at), .urgent = is(5000 - at),
			       .len = from_to(1, 1000), .when = between(-ms(500), ms(500)));
		inject(p, ACK);
	}
}
