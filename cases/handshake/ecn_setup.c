/*
 * ECN is agreed on by two flags of the SYN and one of the SYN-ACK.
 *
 * RFC 9293 section 3.8.2 recommends ECN (SHLD-8); RFC 3168 section 6.1.1: a SYN with ECE and CWR
 * asks for it, a SYN-ACK with ECE alone agrees, and one for any other SYN has neither. Every lab
 * has Linux's default, tcp_ecn = 2: it agrees, and does not ask. A DUT whose ECN is switched off
 * may implement it all the same, so that one which refuses the first SYN is not judged.
 */
#include <lastack/case.h>

FAMILY(ecn_setup, "Who asks for ECN gets it");

static void opens(struct peer *p)
{
	inject(p, ACK);
	dut_accept(p);
	dut_expect_state(p, ESTABLISHED);
}

CASE(is_agreed_on,
     .requirement = RFC9293(SHLD, 8),
     .claim       = "a SYN with ECE and CWR is answered by a SYN-ACK with ECE, and without CWR, "
		    "and so is that of the next connection",
     .needs       = BLACK_BOX | SERVICE_WAITS)
{
	struct peer *p = dial(lab);

	inject(p, SYN | ECE | CWR);
	if (expect_any(p, NULL, either(SYN | ACK | ECE, .ack = is(1), .when = within(ms(500))),
		       either(SYN | ACK, .ecn = true, .ack = is(1), .when = within(ms(500)))))
		not_judged(p, "the DUT does not agree to ECN");
	opens(p);
	p = dial(lab);
	inject(p, SYN | ECE | CWR);
	expect(p, SYN | ACK | ECE, .ack = is(1), .when = within(ms(500)));
	opens(p);
}

/*
 * A server that implements AccECN takes a SYN with some other of the three flags for a version of
 * AccECN that is still to come, and agrees as if all three were there (RFC 9768 section 3.1.3). It
 * says so by CWR alone, as it does when all three are set.
 */
static bool knows_accecn(struct lab *lab)
{
	struct peer *p = dial(lab);
	const struct heard *got;

	inject(p, SYN | AE | CWR | ECE);
	got = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, RST);
	return (got->flags & ECN_FLAGS) == CWR;
}

struct unasked {
	const char *name;
	unsigned flags;
};

static const struct unasked unasked[] = {
	{"none", SYN},
	{"ece_alone", SYN | ECE},
	{"cwr_alone", SYN | CWR},
};

CASE_EACH(is_not_agreed_on, struct unasked, unasked,
	  .requirement = RFC(3168, 4),
	  .claim       = "a SYN with one of ECE and CWR, or none, gets a SYN-ACK with neither, or "
			 "from a server that knows AccECN one with CWR to the former",
	  .needs       = BLACK_BOX | SERVICE_WAITS)
{
	bool newer = row->flags != SYN && knows_accecn(lab);
	struct peer *p = dial(lab);

	inject(p, row->flags);
	expect(p, SYN | ACK | (newer ? CWR : 0u), .ecn = true, .ack = is(1),
	       .when = within(ms(500)));
	opens(p);
}
