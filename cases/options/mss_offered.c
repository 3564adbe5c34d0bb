/*
 * The MSS that the DUT offers, and where.
 *
 * RFC 9293 section 3.7.1, RFC 6691 section 2: the MTU less the fixed headers, 40 bytes over IPv4
 * and 60 over IPv6, whatever options the segments will carry; on segments with SYN and on no
 * other. The MTU is the one that the DUT's own socket names.
 */
#include <lastack/case.h>
#include <netinet/in.h>
#include <sys/socket.h>

FAMILY(mss_offered, "The MSS that the DUT offers");

/* IP_MTU and IPV6_MTU of linux/in.h and linux/in6.h, which do not go together with netinet/in.h. */
#define MTU_IPV4 14
#define MTU_IPV6 24

/* The socket's MTU less the fixed headers. */
static uint16_t wanted(struct peer *p)
{
	if (dut_get_option(p, SOL_SOCKET, SO_DOMAIN) == AF_INET)
		return (uint16_t)(dut_get_option(p, IPPROTO_IP, MTU_IPV4) - 40);
	return (uint16_t)(dut_get_option(p, IPPROTO_IPV6, MTU_IPV6) - 60);
}

/* The peer's SYN has these options; what the SYN-ACK offers, once the connection is open. */
static void offered_to(struct lab *lab, const struct segment *syn)
{
	struct peer *p = dial(lab);
	const struct heard *heard;
	uint16_t mss;

	peer_inject(p, syn);
	heard = expect(p, SYN | ACK, .ack = is(1), .mss = isnt(0), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	mss = wanted(p);
	check(p, heard->options.mss == mss, "want an MSS of %u, the MTU less the headers, got %u",
	      mss, heard->options.mss);
}

CASE(on_a_syn_ack,
     .requirement = RFC(6691, 1),
     .also        = {RFC9293(SHLD, 5), RFC9293(MUST, 14), RFC9293(MUST, 67), RFC9293(MAY, 3)},
     .claim       = "a SYN-ACK offers an MSS of the MTU less the fixed headers",
     .needs       = DUT_AGENT | WHOLE_MSS)
{
	offered_to(lab, &(struct segment){.flags = SYN});
}

CASE(on_a_syn_ack_without_being_asked,
     .requirement = RFC9293(SHLD, 5),
     .also        = {RFC(6691, 1), RFC9293(MAY, 3)},
     .claim       = "a SYN-ACK offers an MSS also to a SYN that offers none",
     .needs       = DUT_AGENT | WHOLE_MSS)
{
	offered_to(lab, &(struct segment){.flags = SYN, .lies = LIE_NO_OPTIONS});
}

CASE(on_a_syn_ack_with_timestamps,
     .requirement = RFC(6691, 1),
     .claim       = "the MSS of a SYN-ACK is no smaller because each segment will carry timestamps",
     .needs       = DUT_AGENT | WHOLE_MSS)
{
	offered_to(lab, &(struct segment){.flags = SYN,
		.options = {opt_mss(1400), opt_timestamps(1000, 0)}});
}

CASE(on_a_syn,
     .requirement = RFC(6691, 1),
     .also        = {RFC9293(SHLD, 5), RFC9293(MUST, 14), RFC9293(MUST, 67), RFC9293(MAY, 3)},
     .claim       = "a SYN offers an MSS of the MTU less the fixed headers",
     .needs       = DUT_AGENT | WHOLE_MSS)
{
	struct peer *p = answer(lab);
	const struct heard *heard;
	uint16_t mss;

	dut_connect(p);
	heard = expect(p, SYN, .seq = is(0), .mss = isnt(0), .when = within(ms(500)));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	mss = wanted(p);
	check(p, heard->options.mss == mss, "want an MSS of %u, the MTU less the headers, got %u",
	      mss, heard->options.mss);
}

CASE(on_no_other_segment,
     .requirement = RFC9293(MUST, 65),
     .also        = {RFC9293(MUST, 68), RFC9293(MUST, 69)},
     .claim       = "no ACK, data, FIN or RST carries an MSS")
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .data = pattern(10));
	expect(p, ACK, .ack = is(11), .without = WITHOUT(OPTION_MSS), .when = within(ms(500)));
	dut_expect_read(p, pattern(10));
	dut_write(p, pattern(10));
	expect(p, ACK, .len = is(10), .without = WITHOUT(OPTION_MSS), .when = within(ms(500)));
	inject(p, ACK);
	inject(p, SYN, .seq = is(0));
	expect(p, ACK, .ack = is(11), .len = is(0), .without = WITHOUT(OPTION_MSS),
	       .when = within(ms(500)));
	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(11), .without = WITHOUT(OPTION_MSS),
	       .when = within(ms(500)));
	inject(p, ACK);
	dut_close(p);
	inject(p, ACK | PSH, .data = pattern(10));
	expect(p, RST, .seq = is(12), .without = WITHOUT(OPTION_MSS), .when = within(ms(500)));
}
