/*
 * PSH, and data that nobody pushes.
 *
 * RFC 9293 section 3.9.1.2: where the application cannot say PUSH, TCP must not hold data back for
 * ever (MUST-60), and must set PSH in the last segment of what there is to send (MUST-61). Data
 * that comes without PSH is data like any other.
 */
#include <lastack/case.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

FAMILY(push, "PSH");

#define SEGMENT 1000

static struct peer *opened(struct lab *lab)
{
	struct peer *p;

	/* Data comes again at the timer only. */
	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = dial(lab);
	inject(p, SYN, .options = {opt_mss(SEGMENT)});
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	dut_keeps_syns(p);
	return p;
}

struct amount {
	const char *name;
	uint32_t bytes;
};

static const struct amount amounts[] = {
	{"1_byte", 1}, {"999_bytes", 999}, {"a_segment", 1000}, {"1001_bytes", 1001},
	{"three_segments", 3000}, {"3500_bytes", 3500},
};

CASE_EACH(last_segment_has_it, struct amount, amounts,
	  .requirement = RFC9293(MUST, 61),
	  .also        = {RFC9293(MUST, 60)},
	  .claim       = "the last segment of what was written has PSH",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab);
	const struct heard *heard;

	dut_write(p, pattern(row->bytes));
	do {
		heard = expect(p, ACK, .len = from_to(1, SEGMENT),
			       .when = between(-ms(500), ms(500)));
		/* What is less than a segment may wait until all else is acknowledged. */
		inject(p, ACK);
	} while (peer_rcv_nxt(p) < 1 + row->bytes);
	check(p, heard->flags & PSH, "the last segment has no PSH");
	expect_silence(p, ms(100));
}

CASE(small_piece_is_not_held_for_ever,
     .requirement = RFC9293(MUST, 60),
     .claim       = "a byte that nothing follows is sent, and has PSH")
{
	struct peer *p = handshaken(lab);

	dut_write(p, pattern(1));
	expect(p, ACK | PSH, .seq = is(1), .data = pattern(1), .when = within(ms(500)));
	inject(p, ACK);
}

CASE(held_piece_is_not_held_for_ever,
     .requirement = RFC9293(MUST, 60),
     .also        = {RFC9293(MUST, 61)},
     .claim       = "a byte that the application has asked to hold back is sent within a second "
		    "or a timeout, and has PSH")
{
	struct peer *p = handshaken(lab);
	nanos rto = dut_timeout(p, FIRST_TIMEOUT_MAX);

	dut_set_option(p, IPPROTO_TCP, TCP_CORK, 1);
	dut_write(p, pattern(1));
	expect(p, ACK | PSH, .seq = is(1), .data = pattern(1), .when = dut_within_timeout(rto));
	inject(p, ACK);
}

struct kind {
	const char *name;
	unsigned flags;
};

static const struct kind kinds[] = {{"with_psh", ACK | PSH}, {"without_psh", ACK}};

CASE_EACH(data_is_delivered, struct kind, kinds,
	  .requirement = RFC9293(EV, SEQ_LW),
	  .claim       = "data is acknowledged and delivered, with PSH and without",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	inject(p, row->flags, .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	inject(p, row->flags, .data = pattern_at(100, 1));
	dut_expect_read(p, pattern_at(100, 1));
	expect(p, ACK, .ack = is(102), .len = is(0), .when = within(ms(500)));
}
