/*
 * A peer that takes back what it offered: the right edge of its window moves left.
 *
 * RFC 9293 section 3.8.6: the DUT must survive it (MUST-34), should send nothing new until the edge
 * is where it was (SHLD-15), but should go on sending again what lies inside (SHLD-16); what lies
 * outside it may send again (MAY-7). One that shrank to nothing is probed as any closed one is
 * (MUST-35). The DUT itself should not do so (SHLD-14): receive_window.
 */
#include <lastack/case.h>
#include <string.h>

FAMILY(shrinking_window, "The peer's window shrinks");

#define SEGMENT 1000
#define FLIGHT 5 /* segments that are on their way */

/*
 * Five segments came, and the first is acknowledged with a window that ends inside of them; five
 * more have been written since.
 */
static struct peer *shrunk(struct lab *lab, uint16_t window)
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
	dut_write(p, pattern((size_t)FLIGHT * SEGMENT));
	expect(p, ACK, .seq = is(1), .len = is(SEGMENT), .when = within(ms(500)));
	/* A DUT may begin with fewer segments; it sends the first one again then, or nothing. */
	for (uint32_t i = 1; i < FLIGHT; i++)
		premise(p, RFC(6928, 1),
			either(ACK, .seq = is(1 + i * SEGMENT), .len = is(SEGMENT),
			       .when = within(ms(500))),
			either(ACK, .seq = is(1), .len = is(SEGMENT)), NOTHING);
	inject(p, ACK, .ack = is(1 + SEGMENT), .window = is(window));
	dut_write(p, pattern_at((size_t)FLIGHT * SEGMENT, (size_t)FLIGHT * SEGMENT));
	return p;
}

/* All is acknowledged that came, the window opens, and the rest comes. */
static void goes_on(struct peer *p)
{
	uint32_t end = 1 + 2 * FLIGHT * SEGMENT, next = 1 + FLIGHT * SEGMENT;

	inject(p, ACK, .ack = is(next));
	while (next < end) {
		const struct heard *heard = expect(p, ACK, .seq = is(next),
						   .len = from_to(1, SEGMENT),
						   .when = between(-ms(500), sec(1)));

		check(p, !memcmp(heard->data,
				 (const char *)pattern(2 * FLIGHT * SEGMENT).at + next - 1,
				 heard->len), "the data from %u on is not what was written", next);
		next += heard->len;
		inject(p, ACK, .ack = is(next));
	}
	expect_silence(p, ms(100));
	dut_expect_state(p, ESTABLISHED);
}

struct edge {
	const char *name;
	uint16_t window;
};

static const struct edge edges[] = {
	{"at_what_is_acknowledged", 0}, {"by_a_byte", 4 * SEGMENT - 1},
	{"inside_a_segment", SEGMENT / 2}, {"behind_a_segment", SEGMENT},
};

CASE_EACH(nothing_new_is_sent, struct edge, edges,
	  .requirement = RFC9293(SHLD, 15),
	  .also        = {RFC9293(MUST, 34), RFC9293(MAY, 7), RFC(7323, 14), RFC(7323, 17)},
	  .claim       = "while the window has shrunk no new data is sent, and when it opens again "
			 "all is",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = shrunk(lab, row->window);
	uint32_t end = peer_rcv_nxt(p);
	const struct heard *heard;

	peer_listen(p, ms(800));
	while ((heard = peer_next(p)))
		check(p, heard->seq + heard->len <= end,
		      "a segment ends at %u, and what was sent before at %u",
		      heard->seq + heard->len, end);
	goes_on(p);
}

CASE(what_lies_inside_is_sent_again,
     .requirement = RFC9293(SHLD, 16),
     .also        = {RFC9293(MUST, 34), RFC(7323, 14)},
     .claim       = "unacknowledged data that lies inside the shrunk window is sent again",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = shrunk(lab, SEGMENT);

	expect(p, ACK, .seq = is(1 + SEGMENT), .data = pattern_at(SEGMENT, SEGMENT),
	       .when = within(sec(1)));
	goes_on(p);
}

CASE(what_crosses_the_edge_is_sent_again,
     .requirement = RFC9293(SHLD, 16),
     .also        = {RFC9293(MUST, 34), RFC(7323, 18)},
     .claim       = "of a segment that crosses the shrunk window's edge at least the part inside "
		    "is sent again",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = shrunk(lab, SEGMENT / 2);
	const struct heard *heard;

	heard = expect(p, ACK, .seq = is(1 + SEGMENT), .len = from_to(SEGMENT / 2, SEGMENT),
		       .when = within(sec(1)));
	check(p, !memcmp(heard->data, pattern_at(SEGMENT, SEGMENT).at, heard->len),
	      "the data is not what was written");
	goes_on(p);
}

CASE(one_that_shrank_to_nothing_is_probed,
     .requirement = RFC9293(MUST, 35),
     .also        = {RFC9293(MUST, 34), RFC9293(MUST, 36)},
     .claim       = "a window that shrank to zero is probed, and the connection goes on when it "
		    "opens",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = shrunk(lab, 0);

	/* Old data, a byte, or a segment without any whose number is used already. */
	expect(p, ACK, .seq = from_to(SEGMENT, 1 + SEGMENT), .len = from_to(0, SEGMENT),
	       .when = within(sec(2)));
	goes_on(p);
}
