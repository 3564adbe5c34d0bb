/*
 * Once agreed on, timestamps are in every segment.
 * RFC 7323 section 3.2: in every segment that is no RST, for as long as the connection lives.
 *
 * Each case brings one kind of segment about, and looks for the option and for the echo of what
 * the peer sent: the peer's clock began at T0, and it ticks in ms.
 */
#include <lastack/case.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

FAMILY(timestamps_everywhere, "Timestamps in every segment");

#define T0 100000
#define STAMPED .tsval = from_to(0, UINT32_MAX), .tsecr = from_to(T0, T0 + 600000)

static void ack_of_data(struct peer *p)
{
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), STAMPED,
	       .when = within(ms(500)));
}

static void ack_of_a_duplicate(struct peer *p)
{
	ack_of_data(p);
	inject(p, ACK | PSH, .seq = is(1), .data = pattern(100));
	premise(p, RFC9293(EV, SEQ_UNACC),
		either(ACK, .seq = is(1), .ack = is(101), .len = is(0), STAMPED,
		       .when = within(ms(500))),
		NOTHING);
}

static void ack_of_data_behind_a_hole(struct peer *p)
{
	inject(p, ACK | PSH, .seq = is(101), .data = pattern(100));
	premise(p, RFC(5681, 11),
		either(ACK, .seq = is(1), .ack = is(1), .len = is(0), STAMPED,
		       .when = within(ms(500))),
		NOTHING);
}

static void challenge_ack(struct peer *p)
{
	inject(p, SYN, .seq = is(1), .options = {opt_mss(1440), opt_nop(), opt_nop(),
						 opt_timestamps(T0 + 60000, 0)});
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), STAMPED, .when = within(ms(500)));
}

static void data(struct peer *p)
{
	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .data = pattern(200), STAMPED, .when = within(ms(500)));
}

static void data_again(struct peer *p)
{
	nanos rto = dut_info(p).rto;

	dut_write(p, pattern(200));
	expect_lost(p, ACK, .seq = is(1), .data = pattern(200), STAMPED, .when = within(ms(500)));
	expect(p, ACK, .seq = is(1), .data = pattern(200), STAMPED, .when = about(rto));
	inject(p, ACK);
}

static void window_probe(struct peer *p)
{
	/* Behind the data, so that the window counts by any rule. */
	ack_of_data(p);
	inject(p, ACK, .window = is(0));
	dut_write(p, pattern(200));
	expect(p, ACK, .seq = from_to(0, 1), .len = from_to(0, 1), STAMPED,
	       .when = within(sec(2)));
}

static void keepalive_probe(struct peer *p)
{
	dut_set_option(p, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	dut_set_option(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	expect(p, ACK, .seq = is(0), .len = from_to(0, 1), STAMPED, .when = within(sec(2)));
}

static void fin(struct peer *p)
{
	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), STAMPED, .when = within(ms(500)));
}

static void fin_again(struct peer *p)
{
	nanos rto = dut_info(p).rto;

	dut_shutdown(p);
	expect_lost(p, FIN | ACK, .seq = is(1), STAMPED, .when = within(ms(500)));
	expect(p, FIN | ACK, .seq = is(1), STAMPED, .when = about(rto));
}

static void ack_of_a_fin(struct peer *p)
{
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(2), .len = is(0), STAMPED, .when = within(ms(500)));
}

static void fin_in_close_wait(struct peer *p)
{
	ack_of_a_fin(p);
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(2), STAMPED, .when = within(ms(500)));
}

static void ack_in_time_wait(struct peer *p)
{
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), STAMPED, .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	for (int i = 0; i < 2; i++) {
		inject(p, FIN | ACK, .seq = is(1));
		expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), STAMPED,
		       .when = within(ms(500)));
		dut_expect_state(p, TIME_WAIT);
	}
}

struct kind {
	const char *name;
	void (*bring)(struct peer *p);
};

static const struct kind kinds[] = {
	{"ack_of_data", ack_of_data},
	{"ack_of_a_duplicate", ack_of_a_duplicate},
	{"ack_of_data_behind_a_hole", ack_of_data_behind_a_hole},
	{"challenge_ack", challenge_ack},
	{"data", data},
	{"data_again", data_again},
	{"window_probe", window_probe},
	{"keepalive_probe", keepalive_probe},
	{"fin", fin},
	{"fin_again", fin_again},
	{"ack_of_a_fin", ack_of_a_fin},
	{"fin_in_close_wait", fin_in_close_wait},
	{"ack_in_time_wait", ack_in_time_wait},
};

CASE_EACH(passive_open, struct kind, kinds,
	  .requirement = RFC(7323, 23),
	  .also        = {RFC(7323, 20)},
	  .claim       = "after a SYN and a SYN-ACK with timestamps, every segment of the DUT has "
			 "them, and echoes the peer's",
	  .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_HOLDS)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(T0, 0)});
	expect(p, SYN | ACK, .ack = is(1), STAMPED, .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	row->bring(p);
}

CASE_EACH(active_open, struct kind, kinds,
	  .requirement = RFC(7323, 23),
	  .also        = {RFC(7323, 20)},
	  .claim       = "after the DUT's own SYN was answered with timestamps, every segment of "
			 "the DUT has them, from the third on, and echoes the peer's",
	  .filtered    = "challenge_ack")
{
	struct peer *p = answer(lab);
	const struct heard *syn;

	dut_connect(p);
	syn = expect(p, SYN, .seq = is(0), .tsval = from_to(0, UINT32_MAX),
		     .when = within(ms(500)));
	inject(p, SYN | ACK, .options = {opt_mss(1440), opt_nop(), opt_nop(),
					 opt_timestamps(T0, syn->options.tsval)});
	expect(p, ACK, .seq = is(1), .ack = is(1), STAMPED, .when = within(ms(500)));
	dut_expect_connected(p);
	row->bring(p);
}
