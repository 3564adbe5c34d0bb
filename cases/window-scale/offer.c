/*
 * The window scale option is on SYNs only, and in force when both had it.
 *
 * RFC 7323 section 2.2: who can scale says so, with a shift of 0 too; a SYN-ACK has the option only
 * where the SYN had it. Section 2.3: no shift is above 14.
 */
#include <errno.h>
#include <lastack/case.h>
#include <sys/socket.h>

FAMILY(window_scale_offer, "Window scale is agreed on, or is not there");

#define NONE .without = WITHOUT(OPTION_WSCALE)
#define SHIFT_MAX 14

/* An open connection: data both ways, a repetition and the end, none of it with the option. */
static void never_again(struct peer *p)
{
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), NONE, .when = within(ms(500)));
	inject(p, ACK | PSH, .seq = is(1), .data = pattern(100));
	premise(p, RFC9293(EV, SEQ_UNACC),
		either(ACK, .seq = is(1), .ack = is(101), NONE, .when = within(ms(500))), NOTHING);
	dut_expect_read(p, pattern(100));
	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .len = is(200), NONE, .when = within(ms(500)));
	inject(p, ACK);
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(201), NONE, .when = within(ms(500)));
	inject(p, ACK);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(202), .ack = is(102), NONE, .when = within(ms(500)));
}

CASE(syn_ack_takes_it_up,
     .requirement = RFC(7323, 7),
     .also        = {RFC(7323, 4), RFC(7323, 12)},
     .claim       = "a SYN with a window scale gets a SYN-ACK with one of 0 to 14, and no later "
		    "segment has the option")
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_wscale(7)});
	expect(p, SYN | ACK, .ack = is(1), .wscale = from_to(0, SHIFT_MAX),
	       .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	never_again(p);
}

CASE(syn_ack_has_none_unasked,
     .requirement = RFC(7323, 4),
     .also        = {RFC(7323, 3)},
     .judged_as   = LEVEL_SHOULD,
     .claim       = "a SYN without a window scale gets a SYN-ACK without, and no later segment has "
		    "the option")
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), NONE, .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	never_again(p);
}

CASE(own_syn_offers_it,
     .requirement = RFC(7323, 2),
     .also        = {RFC(7323, 1), RFC(7323, 12)},
     .claim       = "the DUT's own SYN offers a window scale of 0 to 14, the same when it is sent "
		    "again, and no segment after the SYN-ACK has the option")
{
	struct peer *p = answer(lab);
	const struct heard *syn;

	dut_connect(p);
	syn = expect_lost(p, SYN, .seq = is(0), .wscale = from_to(0, SHIFT_MAX),
			  .when = within(ms(500)));
	expect(p, SYN, .seq = is(0), .wscale = is(syn->options.wscale), .when = about(sec(1)));
	inject(p, SYN | ACK, .options = {opt_mss(1440), opt_nop(), opt_wscale(2)});
	expect(p, ACK, .seq = is(1), .ack = is(1), NONE, .when = within(ms(500)));
	dut_expect_connected(p);
	never_again(p);
}

/* Its own windows need no scale then; the peer's may. */
CASE(own_syn_offers_zero,
     .requirement = RFC(7323, 2),
     .claim       = "with a receive buffer that needs no scale the DUT's own SYN offers a shift "
		    "of 0, for the peer's windows")
{
	struct peer *p = answer(lab);
	int socket = dut_socket(lab), error;

	dut_set_socket_option(lab, socket, SOL_SOCKET, SO_RCVBUF, 16384);
	error = dut_try_bind(lab, socket, peer_dut_port(p), false);
	check(p, !error, "bind() gave errno %d", error);
	error = dut_try_connect(p, socket);
	check(p, error == EINPROGRESS, "connect() gave errno %d", error);
	expect(p, SYN, .seq = is(0), .wscale = is(0), .when = within(ms(500)));
	inject(p, RST | ACK);
}
