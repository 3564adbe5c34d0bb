/*
 * Timestamps on RST, both ways.
 *
 * RFC 7323 section 3.2 wants them on a RST of a connection that agreed on them. Section 5.2 says
 * which: the user's abort has them as any segment does; a RST that answers a segment where there is
 * no connection has a TSval of 0 and echoes what it answers. And a RST that comes is never held
 * against its timestamp: it may be from a host that has lost its clock, and RCV.NXT guards it.
 *
 * TIME-WAIT is left out there: that it ignores a RST is what RFC 1337 asks for.
 *
 * Linux 6.18 stamps the RST of an abort; one that answers a segment never has the option, also
 * where the connection was there a moment before. In SYN-RECEIVED it holds a RST against its
 * timestamp: a connection that a RST at RCV.NXT must end goes on, and sends its SYN-ACK again.
 */
#include <lastack/case.h>

FAMILY(timestamps_on_rst, "Timestamps on RST");

#define T0 100000
#define OFFER {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(T0, 0)}
#define STAMP(tsval, tsecr) {opt_nop(), opt_nop(), opt_timestamps((tsval), (tsecr))}
#define ECHOES .tsval = from_to(0, UINT32_MAX), .tsecr = from_to(T0, T0 + 600000)

static struct peer *offered(struct lab *lab)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = OFFER);
	expect(p, SYN | ACK, .ack = is(1), .tsecr = is(T0), .when = within(ms(500)));
	return p;
}

static struct peer *half_open(struct lab *lab)
{
	struct peer *p = offered(lab);

	dut_expect_state(p, SYN_RECEIVED);
	return p;
}

static struct peer *open_(struct lab *lab)
{
	struct peer *p = half_open(lab);

	inject(p, ACK);
	dut_accept(p);
	return p;
}

CASE(abort_is_stamped,
     .requirement = RFC(7323, 35),
     .also        = {RFC(7323, 24)},
     .claim       = "the RST of an application that aborts has timestamps")
{
	struct peer *p = open_(lab);

	dut_abort(p);
	expect(p, RST | ACK, .seq = is(1), ECHOES, .when = within(ms(500)));
	dut_expect_state(p, CLOSED);
}

CASE(close_with_unread_data_is_stamped,
     .requirement = RFC(7323, 35),
     .also        = {RFC(7323, 24)},
     .claim       = "the RST of an application that closes with data unread has timestamps")
{
	struct peer *p = open_(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .when = within(ms(500)));
	dut_close(p);
	expect(p, RST | ACK, .seq = is(1), ECHOES, .when = within(ms(500)));
	dut_expect_state(p, CLOSED);
}

/* The connection is there, and half closed: nobody will read what comes. */
CASE(data_after_close_is_stamped,
     .requirement = RFC(7323, 24),
     .claim       = "the RST that answers data after close() has timestamps")
{
	struct peer *p = open_(lab);
	const struct heard *fin;

	dut_close(p);
	fin = expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	inject(p, ACK | PSH, .data = pattern(100),
	       .options = STAMP(T0 + 60000, fin->options.tsval));
	expect(p, RST, .seq = is(2), .tsecr = is(T0 + 60000), .when = within(ms(500)));
}

/* A DUT that never agrees to timestamps need not know what they are. */
static void must_know_them(struct lab *lab)
{
	inject(offered(lab), RST);
}

/* Where nothing is known of the connection. */
struct stray {
	const char *name;
	unsigned flags;
	unsigned answer;
};

static const struct stray strays[] = {
	{"syn", SYN, RST | ACK},
	{"ack", ACK, RST},
	{"fin", FIN | ACK, RST},
};

CASE_EACH(closed_port_echoes, struct stray, strays,
	  .requirement = RFC(7323, 34),
	  .claim       = "the RST for a segment with timestamps to a closed port has a TSval of 0 "
			 "and echoes the segment's",
	  .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS)
{
	struct peer *p;

	must_know_them(lab);
	p = dial_closed(lab);
	inject(p, row->flags, .options = STAMP(T0, row->flags & ACK ? 1 : 0));
	expect(p, row->answer, .len = is(0), .tsval = is(0), .tsecr = is(T0),
	       .when = within(ms(500)));
}

CASE(listener_echoes,
     .requirement = RFC(7323, 34),
     .claim       = "the RST for an ACK with timestamps to a listener has a TSval of 0 and echoes "
		    "the ACK's",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS)
{
	struct peer *p;

	must_know_them(lab);
	p = dial(lab);
	inject(p, ACK, .options = STAMP(T0, 1));
	expect(p, RST, .len = is(0), .tsval = is(0), .tsecr = is(T0), .when = within(ms(500)));
}

/* How a RST is stamped that must end the connection; by is added to T0. */
struct stamp {
	const char *name;
	bool none;
	uint32_t by;
};

static const struct stamp stamps[] = {
	{"none", true, 0},
	{"as_old_as_the_syn", false, 0},
	{"older_by_1000", false, 0u - 1000},
	{"older_by_half_round", false, 0u - (UINT32_C(1) << 31) + 1},
	{"zero", false, 0u - T0},
};

static void inject_rst(struct peer *p, const struct stamp *stamp)
{
	if (stamp->none)
		inject(p, RST);
	else
		inject(p, RST, .options = STAMP(T0 + stamp->by, 0));
}

CASE_EACH(any_ends_established, struct stamp, stamps,
	  .requirement = RFC(7323, 36),
	  .also        = {RFC(5961, 2)},
	  .claim       = "a RST at RCV.NXT ends ESTABLISHED, with whatever timestamp or none")
{
	struct peer *p = open_(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .when = within(ms(500)));
	inject_rst(p, row);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

CASE_EACH(any_ends_syn_received, struct stamp, stamps,
	  .requirement = RFC(7323, 36),
	  .claim       = "a RST at RCV.NXT ends SYN-RECEIVED, with whatever timestamp or none")
{
	struct peer *p = half_open(lab);

	inject_rst(p, row);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

CASE_EACH(any_ends_fin_wait_2, struct stamp, stamps,
	  .requirement = RFC(7323, 36),
	  .claim       = "a RST at RCV.NXT ends FIN-WAIT-2, with whatever timestamp or none")
{
	struct peer *p = open_(lab);

	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	inject_rst(p, row);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

CASE_EACH(any_ends_close_wait, struct stamp, stamps,
	  .requirement = RFC(7323, 36),
	  .claim       = "a RST at RCV.NXT ends CLOSE-WAIT, with whatever timestamp or none")
{
	struct peer *p = open_(lab);

	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(2), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
	inject_rst(p, row);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}
