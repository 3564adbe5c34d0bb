/*
 * TIME-WAIT is not to be ended by a stray segment.
 *
 * RFC 9293 section 3.10.7.4 lets two segments end it before its time: a RST, and a SYN that opens a
 * new connection (section 3.6.1, RFC 6191). RFC 1337 tells what happens when old duplicates end it.
 * A SYN with a FIN is either a SYN, and then answered by SYN-ACK, or nothing.
 *
 * Linux hands such a segment to the listener as a new SYN, and gives up TIME-WAIT for it; its
 * listener drops SYN with FIN. One segment of 40 bytes, without a right acknowledgement, so ends
 * TIME-WAIT, and nothing is said: measured with 5.10, 6.1, 6.12, 6.18 and 7.2.
 */
#include <lastack/case.h>

FAMILY(time_wait_kept, "TIME-WAIT is not ended by a stray segment");

struct stray {
	const char *name;
	unsigned flags;
	uint32_t distance; /* from RCV.NXT */
};

static const struct stray strays[] = {
	{"beyond", SYN | FIN, 1000},
	{"within", SYN | FIN, 0u - 50},
};

CASE_EACH(syn_fin_does_not_end_it, struct stray, strays,
	  .requirement = RFC(1337, SYNFIN),
	  .judged_as   = LEVEL_MUST,
	  .claim       = "SYN with FIN opens a new connection or does nothing, and never ends "
			 "TIME-WAIT in silence",
	  .filtered    = "*")
{
	struct peer *p = reach(lab, TIME_WAIT);
	const struct heard *got;
	bool opened = false;

	inject(p, row->flags, .seq = is(peer_snd_nxt(p) + row->distance));
	peer_listen(p, ms(300));
	while ((got = peer_next(p))) {
		opened |= got->flags == (SYN | ACK);
		check(p, opened || (got->flags == ACK && !got->len),
		      "flags %#x: want SYN-ACK, ACK or nothing", got->flags);
	}
	dut_expect_state_until(p, opened ? SYN_RECEIVED : TIME_WAIT, 0, ms(300));
}
